"""What a description says, and what it rests on, over eleven sheets and many image ids."""

import re
from types import ModuleType

import pytest

from schemas.sentence import ATTRIBUTES, Sentence
from transforms.sheet import FactSheet, sheet_of
from transforms.words.bank import bank
from transforms.words.describe import describe

IDS = range(12)
CASES = ("chest_xray", "breast_ultrasound", "abdominal_ct", "fundus", "dermoscopy", "blood_smear",
         "nuclei", "pet", "ms_lesions", "bare", "two_nodules")  # fmt: skip


def text(sentences: list[Sentence]) -> str:
    return " ".join(s.text for s in sentences)


def told(sheet: FactSheet) -> str:
    return text(describe(sheet, []))


@pytest.mark.parametrize("case", CASES)
def test_every_sentence_is_sound(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        sheet = sheets.SHEETS[case](f"{case}{i}")
        sentences = describe(sheet, [])
        assert sentences
        order = [ATTRIBUTES.index(s.attribute) for s in sentences]
        assert order == sorted(order)
        assert len({s.text for s in sentences}) == len(sentences)
        for s in sentences:
            assert set(s.fact_ids) <= set(sheet.by_id)
            assert set(s.region_ids) <= set(sheet.region)
            assert s.fact_ids
            assert s.text.endswith(".")
            assert not re.search(
                r"None|\bnan\b|[{}\[\]|]|\s\s|\b(\w+) \1\b|\ba [aeio]\w", s.text
            ), s.text


@pytest.mark.parametrize("case", CASES)
def test_every_sentence_is_read_back_as_one_family(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        for s in describe(sheets.SHEETS[case](f"{case}{i}"), []):
            assert len(bank().read(s.text)) == 1, s.text


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_those_of_the_cited_facts(case: str, sheets: ModuleType) -> None:
    for i in IDS:
        sheet = sheets.SHEETS[case](f"{case}{i}")
        for s in describe(sheet, []):
            facts = [sheet.by_id[f] for f in s.fact_ids]
            known = {len(s.region_ids)}  # counts are of the regions named
            known |= {n for f in facts if f.number is not None for n in (f.number, 100 * f.number)}
            for digits in re.findall(r"(?<![\w-])-?\d+(?:\.\d+)?(?=[ %-])", s.text):
                value = float(digits)
                step = 10.0 ** -len(digits.partition(".")[2]) if "." in digits else 1.0
                alike = sum(f.value == v for f in facts for v in ("round", "oval"))
                assert value <= alike or any(abs(value - k) <= step / 2 + 1e-9 for k in known), (
                    s.text
                )


@pytest.mark.parametrize("case", CASES)
def test_a_sentence_falls_or_changes_with_any_fact_it_cites(case: str, sheets: ModuleType) -> None:
    """No citation is padding: without the fact the same words are not said."""
    sheet = sheets.SHEETS[case](case)
    for s in describe(sheet, []):
        if re.search(r"mirrored|warped|altered|unreliable", s.text, re.IGNORECASE):
            continue  # a flag's sentence rests on what the flag casts doubt on
        for cited in s.fact_ids[:3] + s.fact_ids[-3:]:
            if len(s.region_ids) > 2 and sheet.by_id[cited].kind == "label":
                continue  # one of a crowd less may leave the range of sizes as it is
            less = FactSheet(sheet.image, sheet.regions, [f for f in sheet.facts if f.id != cited])
            assert s.text not in [t.text for t in describe(less, [])], (s.text, sheet.by_id[cited])


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_facts_does_not_matter(case: str, sheets: ModuleType) -> None:
    sheet = sheets.SHEETS[case](case)
    turned = FactSheet(sheet.image, sheet.regions, sheet.facts[::-1])
    lists = {"finding"}  # told in stored order
    if not lists & {f.kind for f in sheet.facts}:
        assert told(turned) == told(sheet)
    assert told(sheet_of(sheet.image, sheet.regions, sheet.facts)) == told(sheet)


def test_six_ways_to_say_each_attribute(sheets: ModuleType) -> None:
    ways: dict[str, set[str]] = {}
    for i in range(150):
        for s in describe(sheets.chest_xray(f"x{i}"), []):
            ways.setdefault(s.attribute, set()).add(s.text)
    assert {a: len(w) >= 6 for a, w in ways.items()} == dict.fromkeys(ATTRIBUTES[:5], True)


def test_one_lesion_is_told_in_all_five_attributes(sheets: ModuleType) -> None:
    sentences = describe(sheets.breast_ultrasound(), [])
    assert {s.attribute for s in sentences} == set(ATTRIBUTES[:5])
    for word in ("ultrasound", "left breast", "210 x 143 px", "center", "darker", "heterogeneous",
                 "irregular", "oval", "9.1%"):  # fmt: skip
        assert word in text(sentences)


def test_labels_of_the_whole_image_are_said_to_have_no_place(sheets: ModuleType) -> None:
    whole = [s for s in describe(sheets.breast_ultrasound(), []) if "cancerous" in s.text]
    assert len(whole) == 1
    assert re.search(
        r"without a location|no location|not tied|not localized|no site", whole[0].text
    )
    assert whole[0].region_ids == []


def test_a_finding_that_has_a_region_is_not_called_unlocated(sheets: ModuleType) -> None:
    sheet = sheets.ms_lesions()
    assert "multiple sclerosis lesion" in {f.value for f in sheet.of_image("finding")}
    assert "as a whole" not in told(sheet)


def test_silence_is_not_told_as_absence(sheets: ModuleType) -> None:
    """The spleen is exhaustively annotated and not there; nobody asserted it, so nobody says it."""
    sheet = sheets.abdominal_ct()
    assert "spleen" in sheet.absent
    assert "spleen" not in told(sheet)


def test_asserted_absence_is_told(sheets: ModuleType) -> None:
    assert re.search(
        r"\b(?:no|free of|negative for)\b.*melanoma|No evidence", told(sheets.dermoscopy())
    )


def test_many_are_counted_once_and_not_listed(sheets: ModuleType) -> None:
    sentences = describe(sheets.nuclei(), [])
    assert len(sentences) <= 7
    assert sum("90" in s.text for s in sentences) == 1
    assert len(text(sentences)) < 700


def test_not_all_known_is_said_as_at_least(sheets: ModuleType) -> None:
    sheet = sheets.blood_smear()
    facts = [f for f in sheet.facts if f.kind != "complete"]
    words = told(FactSheet(sheet.image, sheet.regions, facts))
    assert re.search(r"(?:at least 20|20 or more|20 red blood cells or more)", words, re.IGNORECASE)
    assert not re.search(r"at least|or more", told(sheet))


def test_a_count_that_disagrees_with_the_regions_is_not_told_as_all(sheets: ModuleType) -> None:
    sheet = sheets.blood_smear()
    gone = sheet.labelled("red blood cell")[0]
    rest = [r for r in sheet.regions if r.id != gone.id]
    assert re.search(r"19", words := told(FactSheet(sheet.image, rest, sheet.facts)))
    assert re.search(r"at least|or more", words, re.IGNORECASE)


def test_ages_from_ninety_are_never_said(sheets: ModuleType) -> None:
    for i in IDS:
        assert not re.search(r"\d+-year", told(sheets.dermoscopy(f"d{i}")))  # its age is 90
        assert "63-year-old woman" in told(sheets.chest_xray(f"c{i}"))


def test_sides_of_the_patient_only_from_facts(sheets: ModuleType) -> None:
    sheet = sheets.ms_lesions()
    sided = [f for f in sheet.facts if f.kind == "side"]
    assert sided
    bare = FactSheet(sheet.image, sheet.regions, [f for f in sheet.facts if f.kind != "side"])
    assert "patient's" not in told(bare)
    assert "on the patient's right" in told(sheets.two_nodules())


def test_doubts_are_said_aloud(sheets: ModuleType) -> None:
    for i in IDS:
        assert re.search(r"mirrored|mirroring|altered", told(sheets.pet(f"p{i}")), re.IGNORECASE)


def test_a_wide_region_has_a_share_instead_of_a_place(sheets: ModuleType) -> None:
    sentences = [s for s in describe(sheets.fundus(), []) if "vessel" in s.text]
    place = next(s for s in sentences if s.attribute == "roi_position")
    assert "8.3%" in place.text
    assert not re.search(r"\b(?:left|right|center)\b", place.text)


def test_a_word_no_vocabulary_holds_is_quoted(sheets: ModuleType) -> None:
    m = sheets.Maker("odd", modality="MR").says("modality", "MR")
    m.region("zone_b", (1, 2, 30, 40), "upper left", kind="unknown", size=(30.2, 20.1))
    assert 'termed "zone_b"' in told(m.sheet())


def test_a_sheet_of_modality_alone(sheets: ModuleType) -> None:
    sentences = describe(sheets.bare(), [])
    assert len(sentences) == 1
    assert "an MRI slice" in sentences[0].text.lower().replace("mri", "MRI")
