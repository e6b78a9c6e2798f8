"""Every id a row names exists on its sheet."""

from quality.gates.case import Case
from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "ids"


def judge(case: Case) -> Verdict:
    """Region and fact ids exist on the sheet, passage ids among the passages."""
    sheet, sentence = case.world.sheet, case.sentence
    unknown = [i for i in sentence.region_ids if i not in sheet.region]
    unknown += [i for i in sentence.fact_ids if i not in sheet.by_id]
    unknown += [i for i in sentence.passage_ids if i not in case.passages]
    return judged(GATE, unknown, "id_unknown")
