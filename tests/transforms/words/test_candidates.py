"""What experts found: candidates by name on every mention, and nothing claimed beside it."""

import re
from dataclasses import replace
from types import ModuleType

import pytest

from schemas.fact import fact
from schemas.passage import Passage
from transforms.sheet import FactSheet
from transforms.words.bank import bank
from transforms.words.describe import describe
from transforms.words.nouns import noun_of

IDS = range(12)
CASES = ("chest_xray", "breast_ultrasound", "abdominal_ct", "fundus", "blood_smear", "nuclei", "ms_lesions",
         "two_nodules")  # fmt: skip


def told(sheet: FactSheet) -> str:
    return " ".join(s.text for s in describe(sheet, []))


@pytest.mark.parametrize(
    ("label", "first", "many"),
    [
        ("polyp", "a polyp candidate", "polyp candidates"),
        ("optic disc", "an optic disc candidate", "optic disc candidates"),
        ("left lung", "a left lung candidate", "left lung candidates"),
        ("nucleus", "a nucleus candidate", "nucleus candidates"),
        ("consolidation", "a consolidation candidate", "consolidation candidates"),
        ("zone_b", 'a candidate region termed "zone_b"', 'candidate regions termed "zone_b"'),
    ],
)
def test_nouns_of_candidates(label: str, first: str, many: str) -> None:
    noun = noun_of(label, candidate=True)
    assert (noun.first(), noun.many) == (first, many)
    assert noun.again() == f"the {noun.one}"


@pytest.mark.parametrize("case", CASES)
def test_every_mention_says_candidate(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        sheet = sheets.found(sheets.SHEETS[case](f"{case}{i}"))
        for s in describe(sheet, []):
            regions = [sheet.region[r] for r in s.region_ids]
            for label in {r.label for r in regions}:
                noun = noun_of(label, candidate=True)
                left = s.text.lower().replace(noun.many, "").replace(noun.one, "")
                assert not re.search(rf"\b{label.lower()}", left), s.text
            pronoun = re.search(
                r"\b(?:it|they|their)\b|^(?:Longest|Sizes|The smallest)", s.text, re.I
            )
            assert not regions or "candidate" in s.text or pronoun or "all structures" in s.text


@pytest.mark.parametrize("case", CASES)
def test_what_is_said_can_be_read_back(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        for candidate in (True, False):
            sheet = sheets.found(sheets.SHEETS[case](f"{case}{i}"), candidate=candidate)
            for s in describe(sheet, []):
                assert len(bank().read(s.text)) == 1, s.text


@pytest.mark.parametrize("candidate", [True, False])
@pytest.mark.parametrize("case", CASES)
def test_automatic_is_said_of_every_thing_once(
    case: str, candidate: bool, sheets: ModuleType
) -> None:
    for i in IDS:
        sheet = sheets.found(sheets.SHEETS[case](f"{case}{i}"), candidate=candidate)
        automatic = [s for s in describe(sheet, []) if re.search("automatic", s.text, re.I)]
        held = [r for s in automatic for r in s.region_ids]
        assert sorted(held) == sorted(sheet.region)
        assert not re.search("finder|model|network", told(sheet))


def test_automatic_is_not_said_of_what_a_source_drew(sheets: ModuleType) -> None:
    for i in IDS:
        sheet = sheets.found(sheets.chest_xray(f"x{i}"), ["left lung"], candidate=False)
        automatic = [s for s in describe(sheet, []) if re.search("automatic", s.text, re.I)]
        assert [[sheet.region[r].label for r in s.region_ids] for s in automatic] == [["left lung"]]
    assert not re.search("automatic", told(sheets.chest_xray()), re.I)


def test_boxes_are_marked_and_masks_outlined(sheets: ModuleType) -> None:
    assert "marked" in told(sheets.found(sheets.blood_smear()))
    assert "outlined" in told(sheets.found(sheets.nuclei()))


def test_what_experts_count_is_no_bound(sheets: ModuleType) -> None:
    """An expert splits and joins: its 90 are neither all nor at least so many."""
    for candidate, thing in ((True, "nucleus candidates"), (False, "nuclei")):
        words = told(sheets.found(sheets.nuclei(), candidate=candidate))
        assert re.search(rf"90 (?:automatically outlined )?{thing}", words)
        assert not re.search("at least|or more|total of", words, re.I)
    assert "candidates" in told(sheets.found(sheets.two_nodules()))


def test_candidates_and_what_is_there_are_told_apart(sheets: ModuleType) -> None:
    sheet = sheets.two_nodules()
    one = replace(sheet.regions[1], candidate=True, producer="finder@1")
    facts = [f for f in sheet.facts if f.kind != "complete"]
    both = FactSheet(sheet.image, [sheet.regions[0], one, *sheet.regions[2:]], facts)
    placed = [s for s in describe(both, []) if s.attribute == "roi_position"]
    assert any("nodule candidate" in s.text and s.region_ids == [one.id] for s in placed)
    assert any("candidate" not in s.text and sheet.regions[0].id in s.region_ids for s in placed)


def test_no_background_on_a_candidate(sheets: ModuleType) -> None:
    text = "An endotracheal tube is a hollow pipe that keeps the airway open during anesthesia."
    passage = Passage("p", "hand", "CC0-1.0", text, concept="endotracheal tube")
    assert any(s.attribute == "knowledge" for s in describe(sheets.chest_xray(), [passage]))
    proposed = sheets.found(sheets.chest_xray(), ["endotracheal tube"])
    assert not any(s.attribute == "knowledge" for s in describe(proposed, [passage]))


def test_what_a_source_denies_and_an_expert_proposes_is_not_denied(sheets: ModuleType) -> None:
    m = sheets.Maker("colon", modality="ES", anatomy="colon").says("modality", "ES")
    m.says("finding", "polyp", polarity="absent").region("polyp", (10, 20, 60, 90), "upper left")
    sheet = m.sheet()
    assert sheet.present == {"polyp"}
    proposed = sheets.found(sheet)
    assert (proposed.present, proposed.possible, proposed.absent) == (set(), {"polyp"}, {})
    assert not re.search(r"\bno\b|negative|free of", told(proposed), re.I)


def test_many_structures_are_told_as_one(sheets: ModuleType) -> None:
    m = sheets.Maker("ct", modality="CT", anatomy="abdomen").says("modality", "CT")
    for n, label in enumerate(("liver", "spleen", "stomach", "pancreas", "aorta", "duodenum")):
        m.region(label, (10 + 40 * n, 20, 40 + 40 * n, 60), "upper left", kind="organ")
    words = told(sheets.found(m.sheet(), candidate=False))
    assert "all structures shown" in words.lower()
    part = told(sheets.found(m.sheet(), ["liver"], candidate=False))
    assert "all structures" not in part.lower()


def test_an_outline_of_what_a_source_boxed_is_not_told_twice(sheets: ModuleType) -> None:
    sheet = sheets.two_nodules()
    box = sheet.regions[0]
    mask = replace(box, id="reg-mask", producer="refiner@1", candidate=True)
    label = next(f for f in sheet.facts if f.subject == box.id and f.kind == "label")
    said = [
        fact("reg-mask", "label", value=box.label, origin="expert_model"),
        fact("reg-mask", "position", value=box.position),
        fact("reg-mask", "support", value=box.producer, number=0.8, unit="1", object=box.id),
    ]
    both = FactSheet(sheet.image, [*sheet.regions, mask], [*sheet.facts, *said])
    assert label in both.facts
    assert told(both) == told(sheet)
    apart = FactSheet(sheet.image, both.regions, [f for f in both.facts if f.kind != "support"])
    assert "candidate" in told(apart)


def test_that_all_lies_in_what_bounds_the_picture_goes_without_saying(sheets: ModuleType) -> None:
    m = sheets.Maker("ct", modality="CT", anatomy="abdomen").says("modality", "CT")
    body = m.region("external body contour", (2, 2, 500, 500), "center", kind="structure", hu=11)
    liver = m.region(
        "liver", (10, 20, 90, 99), "middle left", kind="organ", hu=88, brightness="brighter"
    )
    m.relates(liver, "inside", body).relates(body, "larger_than", liver)
    drawn = m.sheet()
    for one in (drawn, sheets.found(drawn, ["external body contour"], candidate=False)):
        said = describe(one, [])
        told_of = [s for s in said if "body contour" in s.text]
        assert [s.attribute for s in told_of] == ["roi_position"]
        assert not re.search("center|HU|larger|inside|\\d%", told_of[0].text)
        assert any("liver" in s.text and s.attribute == "roi_appearance" for s in said)


def test_tissue_covers_and_lies_nowhere(sheets: ModuleType) -> None:
    for i in IDS:
        m = sheets.Maker(f"tile{i}", modality="SM", anatomy="tissue section").says("modality", "SM")
        tissue = m.region("slide tissue", (0, 0, 500, 400), "center", kind="tissue", area=0.46)
        gland = m.region("gland", (10, 20, 90, 99), "middle left", kind="structure")
        m.relates(gland, "inside", tissue)
        words = told(sheets.found(m.sheet(), ["slide tissue"], candidate=False))
        assert "46%" in words
        assert not re.search(r"slide tissue|\ban? tissue|inside|center", words), words


def test_stuff_that_an_expert_proposes_lies_nowhere(sheets: ModuleType) -> None:
    m = sheets.Maker("ct", modality="CT", anatomy="abdomen").says("modality", "CT")
    bone = m.region("cortical bone", (2, 2, 500, 500), "center", kind="tissue", area=0.12, hu=420)
    liver = m.region("liver", (10, 20, 90, 99), "middle left", kind="organ")
    m.relates(liver, "distance", bone, number=6.7, unit="mm")
    words = told(sheets.found(m.sheet(), ["cortical bone"])).lower()
    assert re.search("candidate cortical bone", words)
    assert "12%" in words
    assert "420 hu" in words
    assert not re.search("6.7|bone candidate|a candidate|center", words)


def test_what_the_picture_is_of_holds_everything(sheets: ModuleType) -> None:
    m = sheets.Maker("mr", modality="MR", anatomy="brain").says("modality", "MR")
    brain = m.region("brain", (2, 2, 500, 500), "center", kind="organ", brightness="brighter")
    lesion = m.region("multiple sclerosis lesion", (10, 20, 90, 99), "middle left")
    m.relates(lesion, "inside", brain)
    said = describe(sheets.found(m.sheet(), ["brain"]), [])
    assert not any("brain candidate" in s.text and s.attribute != "roi_position" for s in said)


def test_a_tile_says_its_pixels_and_its_scan(sheets: ModuleType) -> None:
    for i in IDS:
        m = sheets.Maker(f"tile{i}", modality="SM").says("modality", "SM")
        m.says("resolution", number=0.499, unit="um/px").says("magnification", number=20, unit="1")
        said = [s for s in describe(m.sheet(), []) if "0.50 µm per pixel" in s.text]
        assert ["20x" in s.text for s in said] == [True]
