"""Does the verifier point at the regions that the writer named?"""

from collections.abc import Sequence

from quality.rubric.judgement import Judgement
from schemas.verdict import Verdict
from transforms.sheet import FactSheet

GATE = "rubric_region"


def judge_pointing(sheet: FactSheet, named: Sequence[str], judgement: Judgement) -> list[Verdict]:
    """One verdict on a supported text that names regions; none on others.

    A text may rest on facts of the image, or on the picture alone, and then points nowhere. It fails
    where all the regions that its evidence is about are others than those named: the words are true,
    and bound to the wrong place. What holds a named region is another region too: a sentence on the
    lung that names the nodule in it is bound wrongly.
    """
    if not named or not judgement.supported:
        return []
    pointed = _regions(sheet, judgement.evidence.ids)
    astray = bool(pointed) and not set(named) & set(pointed)
    reason = "wrong_region" if astray else None
    return [Verdict(GATE, not astray, ", ".join(pointed) or "the image", ", ".join(named), reason)]


def _regions(sheet: FactSheet, ids: Sequence[str]) -> list[str]:
    """Regions among the ids, and those that facts among the ids are about."""
    facts = [sheet.by_id[i] for i in ids if i in sheet.by_id]
    about = [i for f in facts for i in (f.subject, f.object) if i]
    return [i for i in dict.fromkeys([*ids, *about]) if i in sheet.region]
