"""Questions over eleven sheets and many image ids: keys, options, twins, numbers, and what is not asked."""

import re
from collections import Counter
from itertools import pairwise
from types import ModuleType

import pytest

from schemas.question import FACT_TYPES, Question
from schemas.vocabulary import findings
from transforms.questions.ask import ask
from transforms.sheet import FactSheet

IDS = range(8)
CASES = ("chest_xray", "breast_ultrasound", "abdominal_ct", "fundus", "dermoscopy", "blood_smear",
         "nuclei", "pet", "ms_lesions", "bare", "two_nodules")  # fmt: skip
TWO_WAYS = {"finding_present", "larger_of_two"}


def every(sheets: ModuleType, case: str, ids: range = IDS) -> list[tuple[FactSheet, Question]]:
    made = [sheets.SHEETS[case](f"{case}{i}") for i in ids]
    return [(sheet, q) for sheet in made for q in ask(sheet, limit=99)]


def without(sheet: FactSheet, *kinds: str) -> FactSheet:
    return FactSheet(sheet.image, sheet.regions, [f for f in sheet.facts if f.kind not in kinds])


def kinds(sheet: FactSheet) -> set[str]:
    return {q.question_type for q in ask(sheet, limit=99)}


@pytest.mark.parametrize("case", CASES)
def test_rows_are_sound(case: str, sheets: ModuleType) -> None:
    for sheet, q in every(sheets, case):
        assert q.question_type in FACT_TYPES
        assert q.image_id == sheet.image.id
        assert q.question.endswith("?")
        assert q.question[0].isupper()
        assert q.fact_ids
        assert set(q.fact_ids) <= set(sheet.by_id)
        assert set(q.region_ids) <= set(sheet.region)
        assert q.rationale is not None
        assert q.rationale.endswith(".")
        assert not re.search(r"caption|mask|annotat|label|dataset|according", q.question.lower())
        if q.options:
            assert len(q.options) in ({2} if q.question_type in TWO_WAYS else {4, 5})
            assert len({o.lower() for o in q.options}) == len(q.options)
            assert q.answer_index is not None
            assert q.options[q.answer_index] == q.answer
        else:
            assert q.question_type in ("how_many", "how_large")


def test_all_twelve_types_are_asked(sheets: ModuleType) -> None:
    asked = {q.question_type for case in CASES for _, q in every(sheets, case)}
    assert asked == set(FACT_TYPES)


@pytest.mark.parametrize("case", CASES)
def test_no_distractor_is_true(case: str, sheets: ModuleType) -> None:
    for sheet, q in every(sheets, case):
        wrong = set(q.options) - {q.answer}
        if q.question_type == "which_finding":
            true = set(sheet.present)
            for name in sheet.present:  # what is a kind of a true thing's kind is true as well
                term = findings().get(name)
                while term is not None and term.broader:
                    true.add(term.broader)
                    term = findings().get(term.broader)
            assert not wrong & true
            answer = findings().get(q.answer)
            assert {findings().get(o).kind for o in wrong} == {answer.kind}  # type: ignore[union-attr]
        if q.question_type == "where_position":
            assert q.answer == sheet.region[q.region_ids[0]].position
        if q.question_type == "where_side":
            facts = [sheet.by_id[f] for f in q.fact_ids]
            (side,) = [f.value for f in facts if f.kind in ("side", "image_side")]
            assert q.answer == f"the {side} side"


@pytest.mark.parametrize("case", CASES)
def test_yes_and_no_are_twins_of_one_kind(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        asked = {q.id: q for q in ask(sheets.SHEETS[case](f"{case}{i}"), limit=99)}
        pairs = [q for q in asked.values() if q.question_type == "finding_present"]
        assert Counter(q.answer for q in pairs)["yes"] * 2 == len(pairs)
        for q in pairs:
            twin = asked[q.twin_id or ""]
            assert twin.twin_id == q.id
            assert {q.answer, twin.answer} == {"yes", "no"}
            frame = re.sub(r"\w+", "", q.question)  # the same stem but for the thing
            assert q.question.split()[0] == twin.question.split()[0]
            assert frame[-1] == "?"


def test_no_without_support_is_not_asked(sheets: ModuleType) -> None:
    sheet = sheets.abdominal_ct()
    assert "finding_present" in kinds(sheet)
    assert "finding_present" not in kinds(without(sheet, "complete"))
    assert "finding_present" not in kinds(sheets.dermoscopy())  # a no alone tells by its asking


def test_counts_need_completeness(sheets: ModuleType) -> None:
    sheet = sheets.blood_smear()
    assert {"how_many", "where_position"} <= kinds(sheet)
    assert not {"how_many", "where_position"} & kinds(without(sheet, "complete"))


def test_one_of_several_is_not_called_by_name(sheets: ModuleType) -> None:
    for q in ask(sheets.ms_lesions(), limit=99):
        if q.question_type in ("where_position", "how_large"):
            pytest.fail(q.question)


def test_millimeters_are_asked_with_the_size_of_a_pixel_or_not_at_all(sheets: ModuleType) -> None:
    sheet = sheets.abdominal_ct()
    asked = [q for q in ask(sheet, limit=99) if q.question_type == "how_large"]
    assert asked
    assert all("0.78 mm" in q.question for q in asked)
    sheet.image.spacing_mm = None
    assert not [q for q in ask(sheet, limit=99) if q.unit == "mm"]


def test_a_mirrored_picture_has_no_side(sheets: ModuleType) -> None:
    sheet = sheets.chest_xray()
    assert "where_side" in kinds(sheet)
    sheet.image.flags.append("augmented copy")
    assert "where_side" not in kinds(sheet)


@pytest.mark.parametrize("case", CASES)
def test_numbers(case: str, sheets: ModuleType) -> None:
    """Tolerance max(one pixel diagonal, 5 %), rounding below a quarter of it, options apart."""
    for sheet, q in every(sheets, case):
        if q.question_type != "how_large":
            continue
        assert q.answer_value is not None
        assert q.tolerance is not None
        diagonal = {"px": 2**0.5, "mm": 0.78 * 2**0.5, "%": 0.0}[q.unit or ""]
        share = 0.1 if q.unit == "%" else 0.05
        assert q.tolerance == pytest.approx(max(diagonal, share * q.answer_value), abs=1e-5)
        shown = float(re.match(r"[\d.]+", q.answer)[0])  # type: ignore[index]
        assert abs(shown - q.answer_value) < q.tolerance / 4
        numbers = [float(re.match(r"[\d.]+", o)[0]) for o in q.options]  # type: ignore[index]
        assert all(b >= 1.25 * a for a, b in pairwise(numbers))
        assert sheet.by_id[q.fact_ids[-1]].kind in ("major_axis", "area_fraction")


def test_the_place_of_the_key_tells_nothing(sheets: ModuleType) -> None:
    places: dict[str, Counter[int]] = {}
    for case in CASES:
        for _, q in every(sheets, case, range(40)):
            if q.options and q.question_type != "finding_present" and len(q.options) == 4:
                places.setdefault("4", Counter())[q.answer_index or 0] += 1
            if q.question_type == "larger_of_two":
                places.setdefault("2", Counter())[q.answer_index or 0] += 1
            if q.question_type == "how_large" and q.options:
                places.setdefault("rising", Counter())[q.answer_index or 0] += 1
    for name, counts in places.items():
        for at, n in counts.items():
            share = n / sum(counts.values())
            assert abs(share - 1 / len(counts)) < 0.1, (name, at, share)


def test_the_options_do_not_give_a_position_away(sheets: ModuleType) -> None:
    """One set of options has every one of its members as key, as positions go."""
    keys: dict[frozenset[str], set[str]] = {}
    for place in ("upper left", "center", "lower right", "upper center", "middle left"):
        for i in IDS:
            m = sheets.Maker(f"{place}{i}", modality="ES", anatomy="colon").says("modality", "ES")
            m.region("polyp", (10, 20, 60, 80), place)
            for q in ask(m.all_of("polyp").sheet(), limit=99):
                if q.question_type == "where_position":
                    keys.setdefault(frozenset(q.options), set()).add(q.answer)
    assert sorted(len(k) for k in keys.values()) == [2, 3]  # edges: 2 of those made; corners: 3


def test_a_limit_keeps_many_types_and_twins_together(sheets: ModuleType) -> None:
    for i in IDS:
        sheet = sheets.abdominal_ct(f"ct{i}")
        for limit in (0, 1, 5, 12):
            asked = ask(sheet, limit=limit)
            assert len(asked) <= limit
            ids = {q.id for q in asked}
            assert all(q.twin_id in ids for q in asked if q.twin_id)
            if limit == 5:
                assert len({q.question_type for q in asked}) >= 4
    with pytest.raises(ValueError, match="negative"):
        ask(sheets.bare(), limit=-1)


def test_the_same_sheet_gives_the_same_questions(sheets: ModuleType) -> None:
    sheet = sheets.abdominal_ct()
    turned = FactSheet(sheet.image, sheet.regions, sheet.facts[::-1])
    first = {q.id for q in ask(sheet, limit=99)}
    assert {q.id for q in ask(sheets.abdominal_ct(), limit=99)} == first
    assert {q.question for q in ask(turned, limit=99)} == {q.question for q in ask(sheet, limit=99)}
