"""What a radiologist would stumble over: whose "it" is, forms of what has none, trivia, disease."""

import re
from itertools import pairwise
from types import ModuleType

import pytest

from schemas.passage import Passage
from transforms.sheet import FactSheet
from transforms.words.describe import describe

IDS = range(12)


def told(sheet: FactSheet) -> str:
    return " ".join(s.text for s in describe(sheet, []))


@pytest.mark.parametrize(
    "case", ["chest_xray", "breast_ultrasound", "abdominal_ct", "fundus", "pet", "two_nodules"]
)
def test_it_is_the_one_thing_that_the_sentence_before_was_about(
    case: str, sheets: ModuleType
) -> None:
    seen = 0
    for i in IDS:
        sentences = describe(sheets.SHEETS[case](f"{case}{i}"), [])
        for before, s in pairwise(sentences):
            if re.search(r"\b(?:it|they) (?!a |is shown)", s.text, re.IGNORECASE) and not re.search(
                r"what is more", s.text
            ):
                seen += 1
                assert before.region_ids == s.region_ids[:1], (before.text, s.text)
    assert seen or case in ("abdominal_ct", "two_nodules")


def test_an_opacity_has_no_form_and_no_size(sheets: ModuleType) -> None:
    """Its outline is that of a pen; its brightness is its own."""
    for i in IDS:
        text = told(sheets.chest_xray(f"x{i}"))
        assert "opacity" in text
        assert not re.search(r"oval|irregular|181|122", text)
        assert "brighter" in text
    m = sheets.Maker("two", modality="CT", anatomy="chest").says("modality", "CT")
    for at in (20, 220):
        m.region("consolidation", (at, 40, at + 90, 130), "upper left" if at < 99 else "center",
                 size=(77.0, 66.0), shape="round", outline="smooth")  # fmt: skip
    assert not re.search(r"77|66|round|smooth", told(m.sheet()))


def test_gas_and_content_have_no_common_ct_number(sheets: ModuleType) -> None:
    m = sheets.Maker("gut", modality="CT", anatomy="abdomen").says("modality", "CT")
    m.region("liver", (10, 40, 150, 200), "middle left", kind="organ", hu=55.2)
    m.region("colon", (300, 40, 420, 90), "upper right", kind="organ", hu=-501.0)
    assert "55 HU" in told(m.sheet())
    assert "501" not in told(m.sheet())


def test_touching_is_counted_only_where_all_are_compared(sheets: ModuleType) -> None:
    """Of ninety nuclei only the largest are compared pair by pair: the rest may touch as well."""
    assert not re.search(r"touch|neighbor|contact|next to", told(sheets.nuclei()), re.IGNORECASE)
    m = sheets.Maker("few", modality="GM-FL").says("modality", "GM-FL")
    ids = [m.region("nucleus", (at, 9, at + 30, 40), "center", kind="cell") for at in (9, 39, 200)]
    m.relates(ids[0], "adjacent", ids[1])
    assert not re.search(r"two of the nuclei", told(m.sheet()))  # there may be more nuclei
    assert re.search(r"two of the nuclei", told(m.all_of("nucleus").sheet()), re.IGNORECASE)


def test_a_disease_is_the_patients_not_what_the_image_shows(sheets: ModuleType) -> None:
    ways = set()
    for i in range(60):
        (s,) = [s for s in describe(sheets.chest_xray(f"x{i}"), []) if "neumonia" in s.text]
        ways.add(s.text)
        assert re.search(r"\b(?:case|patient)\b", s.text)
        assert re.search(r"without a location|no location|no site", s.text)
        assert s.region_ids == []
    assert len(ways) >= 6
    m = sheets.Maker("skin", modality="DMS").says("modality", "DMS").says("finding", "melanoma")
    assert (
        "as a whole" in told(m.sheet())
        or "whole image" in told(m.sheet())
        or ("overall" in told(m.sheet()))
    )  # a lesion is something to be seen


def test_a_localizer_is_no_slice(sheets: ModuleType) -> None:
    plain = sheets.Maker("ct", modality="CT").says("modality", "CT").sheet()
    scout = sheets.Maker("ct", modality="CT", flags=["localizer"]).says("modality", "CT").sheet()
    assert "computed tomography (CT) slice" in told(plain)
    assert "slice" not in told(scout)
    assert "computed tomography (CT) projection image" in told(scout)


def test_what_every_body_has_is_told_now_and_then(sheets: ModuleType) -> None:
    liver = Passage("a", "demo", "CC0-1.0", "The liver is the largest gland of the human body.",
                    concept="liver")  # fmt: skip
    sheet_of = [sheets.abdominal_ct(f"c{i}") for i in range(200)]
    share = sum("largest gland" in describe(s, [liver])[-1].text for s in sheet_of) / 200
    assert 0.15 < share < 0.35


def test_vessels_are_many(sheets: ModuleType) -> None:
    for i in IDS:
        text = told(sheets.fundus(f"op{i}"))
        assert re.search(r"retinal blood vessels", text, re.IGNORECASE)
        assert not re.search(r"retinal blood vessels? (?:is|has|covers|takes|appears)\b", text)


@pytest.mark.parametrize(("modality", "said"), [("CR", False), ("DX", False), ("CT", True)])
def test_a_radiograph_shows_no_depth_of_a_line(
    modality: str, said: bool, sheets: ModuleType
) -> None:
    for lines in (1, 2):
        m = sheets.Maker("line", modality=modality, anatomy="chest").says("modality", modality)
        lung = m.region("right lung", (40, 90, 230, 400), "middle left", kind="organ", area=0.2)
        for k in range(lines):
            at = 60 + 60 * k
            one = m.region("central venous line", (at, 90, at + 20, 300), "middle left",
                           kind="device")  # fmt: skip
            m.relates(one, "inside", lung)
        related = [s for s in describe(m.sheet(), []) if s.attribute == "relation"]
        told_inside = any({lung, one} <= set(s.region_ids) for s in related)
        assert told_inside == said
