"""Reject: what did not make it, where, and why. Nothing is dropped without one."""

from dataclasses import dataclass

import pyarrow as pa

from schemas.reasons import REASONS

REJECT = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # of the row, else of the item
        pa.field("source", pa.string(), nullable=False),
        pa.field("item", pa.string(), nullable=False),
        pa.field("phase", pa.string(), nullable=False),
        pa.field("gate", pa.string(), nullable=False),  # the gate or the reading step
        pa.field("reason", pa.string(), nullable=False),  # a code of schemas.reasons
        pa.field("detail", pa.string(), nullable=False),  # never patient text, never a full path
        pa.field("attempts", pa.int32(), nullable=False),
        pa.field("scope", pa.string(), nullable=False),  # item, image, region, ...
    ],
    metadata={"schema": "reject", "version": "1"},
)


@dataclass(frozen=True)
class Reject:
    """One row of REJECT. Raises ValueError on a reason that schemas.reasons does not define."""

    id: str
    source: str
    item: str
    phase: str
    gate: str
    reason: str
    detail: str
    attempts: int = 1
    scope: str = "item"

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError(f"reason {self.reason!r} is unknown; add it to schemas.reasons")


class Fault(Exception):
    """A row that cannot be used. Readers raise it; the phase turns it into a `Reject`.

    It is the one exception that bad *data* may raise, and it carries a reason code.
    `detail` names what was found and what was expected, never header values or host paths.
    `scope` is what is lost: "item" (or the picture being read), or "region" where one annotation
    cannot be used and the image stays, without it.
    """

    def __init__(self, reason: str, detail: str, scope: str = "item") -> None:
        if reason not in REASONS:
            raise ValueError(f"reason {reason!r} is unknown; add it to schemas.reasons")
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.scope = scope

    def __reduce__(self) -> tuple[type["Fault"], tuple[str, str, str]]:
        """So that it survives a process boundary."""
        return Fault, (self.reason, self.detail, self.scope)
