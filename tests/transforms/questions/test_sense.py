"""Questions that a picture cannot answer, or that need no picture, are not asked."""

import re
from itertools import pairwise
from types import ModuleType

import pytest

from schemas.image import TEMPLATE_FLAG
from schemas.question import Question
from schemas.vocabulary import modalities
from transforms.questions.ask import ask
from transforms.sheet import FactSheet

BESIDE = {"upper limb", "wrist", "hand", "shoulder", "hip", "lower limb"}


def asked(sheet: FactSheet, kind: str) -> list[Question]:
    return [q for q in ask(sheet, limit=99) if q.question_type == kind]


def test_of_a_template_only_the_template_is_asked(sheets: ModuleType) -> None:
    sheet = sheets.ms_lesions()
    assert asked(sheet, "how_many")
    sheet.image.flags.append(TEMPLATE_FLAG)
    assert {q.question_type for q in ask(sheet, limit=99)} == {"modality", "plane", "anatomy"}


def test_a_localizer_does_not_show_its_modality(sheets: ModuleType) -> None:
    sheet = sheets.abdominal_ct()
    assert asked(sheet, "modality")
    sheet.image.flags.append("localizer")
    assert not asked(sheet, "modality")


def test_the_side_of_the_organ_comes_first_and_a_chest_has_none(sheets: ModuleType) -> None:
    for i in range(6):
        (q,) = asked(sheets.fundus(f"op{i}"), "where_side")
        assert "retina" in q.question
        assert "vessel" not in q.question
    m = sheets.Maker("dx", modality="DX", anatomy="chest").says("modality", "DX")
    assert not asked(m.says("anatomy", "chest").says("image_side", "left").sheet(), "where_side")


@pytest.mark.parametrize(("small", "count"), [(0.05, 1), (0.02, 0), (0.11, 0)])
def test_the_larger_of_two_is_not_obvious(small: float, count: int, sheets: ModuleType) -> None:
    m = sheets.Maker("two", modality="CT", anatomy="abdomen").says("modality", "CT")
    liver = m.region("liver", (10, 40, 150, 200), "middle left", kind="organ", area=0.12)
    spleen = m.region("spleen", (300, 40, 400, 90), "upper right", kind="organ", area=small)
    if small < 0.1:  # the fact is told from a fifth more area on
        m.relates(liver, "larger_than", spleen)
    assert len(asked(m.sheet(), "larger_of_two")) == count


def test_two_organs_apart_are_not_asked_about_but_a_lesion_apart_is(sheets: ModuleType) -> None:
    def pair(label: str, kind: str, contact: str) -> FactSheet:
        m = sheets.Maker("pair", modality="CT", anatomy="chest").says("modality", "CT")
        lung = m.region("left lung", (300, 40, 450, 400), "middle right", kind="organ")
        other = m.region(label, (40, 40, 90, 90), "upper left", kind=kind)
        return m.relates(other, contact, lung, number=30.0, unit="px").all_of(label).sheet()

    assert not asked(pair("right lung", "organ", "distance"), "relation")
    assert asked(pair("right lung", "organ", "adjacent"), "relation")
    assert asked(pair("pulmonary nodule", "lesion", "distance"), "relation")


def test_what_is_too_thin_to_see_is_not_pointed_at(sheets: ModuleType) -> None:
    def sheet(width: int) -> FactSheet:
        m = sheets.Maker("thin", modality="CT", anatomy="chest").says("modality", "CT")
        m.region("left lung", (40, 50, 40 + width, 61), "upper left", kind="organ", side="left")
        return m.all_of("left lung").all_of("heart").sheet()

    types = {"which_finding", "where_side", "where_position", "finding_present"}
    assert {q.question_type for q in ask(sheet(40), limit=99)} >= types - {"which_finding"}
    assert not {q.question_type for q in ask(sheet(2), limit=99)} & types


def test_arms_lie_beside_the_trunk(sheets: ModuleType) -> None:
    for i in range(40):
        (q,) = asked(sheets.abdominal_ct(f"ct{i}"), "anatomy")
        assert not set(q.options) & (BESIDE - {"shoulder", "lower limb"})


def test_distractors_of_modality_are_used_on_that_part(sheets: ModuleType) -> None:
    """CT beside MR, fluorescence beside bright field; no microscope where a body is looked into."""
    family = {m.title: m.family for m in modalities()}
    for i in range(20):
        (ct,) = asked(sheets.abdominal_ct(f"ct{i}"), "modality")
        assert not {family[o] for o in ct.options} & {"microscopy", "eye", "optical"}
        (bare,) = asked(sheets.bare(f"b{i}"), "modality")
        assert not {family[o] for o in bare.options} & {"microscopy", "eye", "optical"}
    options = {
        o for i in range(20) for o in asked(sheets.blood_smear(f"s{i}"), "modality")[0].options
    }
    assert "fluorescence microscopy" in options
    assert "microscopy" not in options
    assert "slide microscopy" not in options  # a smear under a microscope is one


def test_a_share_is_asked_with_options(sheets: ModuleType) -> None:
    for i in range(20):
        for q in asked(sheets.fundus(f"op{i}"), "how_large"):
            if q.unit == "%":
                numbers = [float(re.match(r"[\d.]+", o)[0]) for o in q.options]  # type: ignore[index]
                assert len(numbers) == 4
                assert all(b >= 1.25 * a for a, b in pairwise(numbers))


def test_an_opacity_has_no_outline_to_ask_for(sheets: ModuleType) -> None:
    for i in range(12):
        for q in asked(sheets.chest_xray(f"x{i}"), "appearance"):
            assert not re.search(r"shape|outline", q.question)


@pytest.mark.parametrize(("number", "tolerance"), [(7, 0.0), (10, 0.0), (17, 1.0), (90, 9.0)])
def test_small_counts_are_exact(number: int, tolerance: float, sheets: ModuleType) -> None:
    m = sheets.Maker(f"n{number}", modality="GM-FL").says("modality", "GM-FL")
    for k in range(number):
        m.region("nucleus", (5 * k, 5, 5 * k + 4, 9), "center", kind="cell")
    (q,) = asked(m.all_of("nucleus").sheet(), "how_many")
    assert q.answer == str(number)
    assert q.tolerance == tolerance


def test_histology_is_not_read_off_a_pet_nor_a_zone_told_from_the_fovea(
    sheets: ModuleType,
) -> None:
    assert not asked(sheets.pet(), "which_finding")
    m = sheets.Maker("faz", modality="OPT-A", anatomy="retina").says("modality", "OPT-A")
    m.region("foveal avascular zone", (200, 200, 290, 280), "center", kind="structure")
    assert not asked(m.all_of("foveal avascular zone").sheet(), "which_finding")


def test_what_looks_the_same_is_no_wrong_answer(sheets: ModuleType) -> None:
    """A box around consolidation could be called atelectasis by the next reader, never a cavity."""
    m = sheets.Maker("cxr", modality="CR", anatomy="chest").says("modality", "CR")
    m.region("consolidation", (40, 300, 190, 420), "lower left")
    (q,) = asked(m.sheet(), "which_finding")
    assert not set(q.options) & {
        "atelectasis",
        "ground-glass opacity",
        "lung mass",
        "pleural effusion",
    }
    assert {"pneumothorax", "pulmonary cavity", "pulmonary nodule"} <= set(q.options)
    assert not asked(sheets.ms_lesions(), "which_finding")  # one slice: infarct, metastasis, ...


def test_the_lesion_is_asked_about_before_the_organs(sheets: ModuleType) -> None:
    m = sheets.Maker("order", modality="CR", anatomy="chest").says("modality", "CR")
    for at, name in enumerate(("cardiomediastinum", "airways", "diaphragm")):
        m.region(name, (90 * at, 9, 90 * at + 80, 200), "center", kind="structure", area=0.2)
    m.region("pleural effusion", (40, 400, 190, 480), "lower left", area=0.01)
    named = [q.answer for q in asked(m.sheet(), "which_finding")]
    assert named[0] == "pleural effusion"
    assert len(named) == 2


def test_a_radiograph_shows_no_depth_of_a_tube(sheets: ModuleType) -> None:
    def sheet(modality: str) -> FactSheet:
        m = sheets.Maker("tube", modality=modality, anatomy="chest").says("modality", modality)
        lung = m.region("right lung", (40, 90, 230, 400), "middle left", kind="organ", area=0.2)
        line = m.region("central venous line", (180, 90, 200, 300), "upper center", kind="device")
        return m.relates(line, "inside", lung).all_of("central venous line").sheet()

    assert asked(sheet("CT"), "relation")
    assert not asked(sheet("CR"), "relation")


def test_a_single_one_is_counted_now_and_then(sheets: ModuleType) -> None:
    def counts(number: int) -> float:
        found = 0
        for i in range(100):
            m = sheets.Maker(f"p{i}", modality="ES", anatomy="colon").says("modality", "ES")
            for k in range(number):
                m.region("polyp", (90 * k, 20, 90 * k + 60, 80), "center")
            found += len(asked(m.all_of("polyp").sheet(), "how_many"))
        return found / 100

    assert counts(2) == 1
    assert 0.1 < counts(1) < 0.4
