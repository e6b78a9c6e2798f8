"""Making verdicts."""

from collections.abc import Iterable

from schemas.reasons import REASONS
from schemas.verdict import Verdict


def judged(
    gate: str, faults: Iterable[str], reason: str, *, measured: str = "", limit: str = ""
) -> Verdict:
    """Failed when there is a fault; then `measured` is the first few of them."""
    found = list(dict.fromkeys(faults))
    if reason not in REASONS:
        raise ValueError(f"reason {reason!r} is unknown; add it to schemas.reasons")
    if found:
        return Verdict(gate, False, "; ".join(found[:4]), limit or None, reason)
    return Verdict(gate, True, measured or None, limit or None, None)
