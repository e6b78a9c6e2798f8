"""Does the verifier point at the regions that the writer named?"""

from collections.abc import Sequence

from quality.rubric.judgement import Judgement
from schemas.verdict import Verdict
from transforms.sheet import FactSheet

GATE = "rubric_region"


def judge_pointing(sheet: FactSheet, named: Sequence[str], judgement: Judgement) -> list[Verdict]:
    """One verdict on a supported text that names regions; none on others.

    A text may rest on facts of the image, or on the picture alone, and then points nowhere. It fails
    where all the regions that its evidence is about are others than those named, and none of them holds
    one: the words are true, and bound to the wrong place.
    """
    if not named or not judgement.supported:
        return []
    pointed = _regions(sheet, judgement.evidence.ids)
    near = {up for i in named for up in _lineage(sheet, i)}
    astray = bool(pointed) and not near & set(pointed)
    reason = "wrong_region" if astray else None
    return [Verdict(GATE, not astray, ", ".join(pointed) or "the image", ", ".join(named), reason)]


def _regions(sheet: FactSheet, ids: Sequence[str]) -> list[str]:
    """Regions among the ids, and those that facts among the ids are about."""
    facts = [sheet.by_id[i] for i in ids if i in sheet.by_id]
    about = [i for f in facts for i in (f.subject, f.object) if i]
    return [i for i in dict.fromkeys([*ids, *about]) if i in sheet.region]


def _lineage(sheet: FactSheet, id: str) -> list[str]:
    """The region and all that it lies in, by `parent`."""
    found: list[str] = []
    now: str | None = id
    while now is not None and now not in found:
        found.append(now)
        region = sheet.region.get(now)
        now = region.parent if region else None
    return found
