"""What is asked of things that experts found: where and how, never whether, how many or what."""

from types import ModuleType

import pytest

from schemas.question import Question
from transforms.questions.ask import ask
from transforms.questions.terms import rivals
from transforms.sheet import FactSheet
from transforms.words.nouns import noun_of

CASES = ("chest_xray", "breast_ultrasound", "abdominal_ct", "fundus", "blood_smear", "nuclei", "ms_lesions",
         "two_nodules")  # fmt: skip
IDS = range(8)


def about_regions(sheet: FactSheet) -> list[Question]:
    return [q for q in ask(sheet, limit=99) if q.region_ids]


@pytest.mark.parametrize("case", CASES)
def test_a_candidate_is_only_measured_and_by_its_corners(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        sheet = sheets.found(sheets.SHEETS[case](f"{case}{i}"))
        for q in about_regions(sheet):
            assert q.question_type in ("appearance", "relation")
            assert q.options
            assert "candidate with pixel corners" in q.question


@pytest.mark.parametrize("case", CASES)
def test_no_other_question_names_a_candidate(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        sheet = sheets.found(sheets.SHEETS[case](f"{case}{i}"))
        named = {noun_of(r.label).one for r in sheet.regions} - {sheet.image.anatomy}
        for q in ask(sheet, limit=99):
            if not q.region_ids and q.question_type != "which_finding":
                assert not any(f" {n} " in f" {q.question} " for n in named), q.question


def test_a_candidate_may_lie_in_what_is_there(sheets: ModuleType) -> None:
    sheet = sheets.found(sheets.chest_xray(), ["ground-glass opacity"])
    related = [q for q in ask(sheet, limit=99) if q.question_type == "relation"]
    assert any("opacity candidate with pixel corners" in q.question for q in related)
    assert all("right lung" in q.question for q in related if "candidate" in q.question)


@pytest.mark.parametrize("case", CASES)
def test_what_experts_outline_is_neither_counted_nor_measured(
    case: str, sheets: ModuleType
) -> None:
    for i in IDS:
        sheet = sheets.found(sheets.SHEETS[case](f"{case}{i}"), candidate=False)
        kinds = {q.question_type for q in ask(sheet, limit=99)}
        assert not kinds & {"how_many", "how_large"}


def test_a_confident_expert_is_asked_about_and_its_silence_is_not(sheets: ModuleType) -> None:
    plain = sheets.abdominal_ct()
    asked = [
        q
        for i in range(20)
        for q in ask(
            sheets.found(sheets.abdominal_ct(f"ct{i}"), ["liver", "aorta"], candidate=False),
            limit=99,
        )
    ]
    polar = [q for q in asked if q.question_type == "finding_present"]
    assert any(q.answer == "yes" and "liver" in q.question for q in polar)
    denied = {
        name for q in polar if q.answer == "no" for name in plain.absent if name in q.question
    }
    assert denied  # by annotation that is complete
    assert not any(
        q.answer == "no" and ("liver" in q.question or "aorta" in q.question) for q in polar
    )


def test_a_candidate_is_no_wrong_answer(sheets: ModuleType) -> None:
    from schemas.vocabulary import findings

    m = sheets.Maker("colon", modality="ES", anatomy="colon").says("modality", "ES")
    m.region("polyp", (10, 20, 60, 90), "upper left")
    m.region("ulcer", (300, 320, 360, 390), "lower right")
    polyp = findings().get("polyp")
    assert polyp is not None
    assert "ulcer" not in rivals(polyp, sheets.found(m.sheet(), ["ulcer"]))
    m2 = sheets.Maker("colon2", modality="ES", anatomy="colon").says("modality", "ES")
    m2.region("polyp", (10, 20, 60, 90), "upper left")
    assert "ulcer" in rivals(polyp, m2.sheet())
