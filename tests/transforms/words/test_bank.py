"""Every phrasing is rendered and read back: the same family, the same slots."""

import re

import pytest

from transforms.words.bank import Bank, Phrase, bank

ADMISSIBLE = {
    "picture": "an axial computed tomography (CT) slice in a lung window",
    "part": "the chest of a 63-year-old woman",
    "structures": "the liver, five left ribs and further structures",
    "findings": "pneumonia and a cancerous breast lesion",
    "thing": "an area of consolidation",
    "named": "the liver",
    "what": "seven pulmonary nodules",
    "others": "a chest tube, two surgical clips and platelets",
    "things": "pulmonary nodules",
    "where": "in the upper left of the image, on the patient's right",
    "first": "the liver and the spleen",
    "place": "middle right",
    "rest": "the stomach in the upper center and the aorta in the center",
    "volumes": "152 mL for the liver and 4.2 mL for the spleen",
    "total": "seven",
    "items": "one of 12 x 8.1 mm in the upper left of the image and two in the center",
    "spread": "mostly in the lower left and center of the image",
    "size": "12 x 8.1 mm",
    "share": "9.1%",
    "low": "3.2",
    "high": "15 mm",
    "subject": "the pulmonary nodule",
    "other": "the right lung",
    "gap": "64 µm",
    "step": "0.50 µm",
    "power": "20x",
    "count": "12",
    "tone": "darker than its immediate surroundings and heterogeneous",
    "form": "an irregular outline and an oval shape",
    "look": "brighter than their immediate surroundings and oval",
    "tally": "14 are round and five oval; all are darker than their immediate surroundings",
    "how": "outlined",
    "topic": "pulmonary nodules",
    "quote": "A nodule is a small, round mass; most are benign.",
}
PHRASES = [p for phrases in bank().families.values() for p in phrases]


@pytest.mark.parametrize("plural", [False, True])
@pytest.mark.parametrize("phrase", PHRASES, ids=lambda p: f"{p.family}: {p.text[:40]}")
def test_read_back(phrase: Phrase, plural: bool) -> None:
    slots = {name: ADMISSIBLE[name] for name in phrase.slots}
    text = phrase.render(plural, **slots)
    assert not re.search(r"[{}\[\]|]|\s\s|\s[.,;]", text)
    assert text[0].isupper() or text[0].isdigit()
    assert bank().read(text) == [(phrase.family, slots)]


@pytest.mark.parametrize("family", sorted(bank().families))
def test_six_phrasings_that_differ_in_more_than_commas(family: str) -> None:
    bare = {re.sub(r"[^a-z{}]+", " ", p.text.lower()).strip() for p in bank()[family]}
    assert len(bare) == len(bank()[family]) >= 6


def test_missing_spare_and_empty_slots_are_errors() -> None:
    phrase = Phrase("f", "{subject} [is|are] {tone}.")
    assert phrase.render(True, subject="they", tone="dark") == "They are dark."
    for wrong in ({"subject": "it"}, {"subject": "it", "tone": "x", "spare": "y"},
                  {"subject": "it", "tone": ""}):  # fmt: skip
        with pytest.raises(ValueError, match="wants"):
            phrase.render(False, **wrong)


def test_a_family_takes_one_set_of_slots() -> None:
    with pytest.raises(ValueError, match="different slots"):
        Bank({"f": ["{a} is {b}.", "{a} is."]})


def test_no_word_of_the_records_making() -> None:
    banned = re.compile(r"\b(caption|mask|annotat\w+|label\w*|dataset|metadata|according to)\b")
    assert [p.text for p in PHRASES if banned.search(p.text.lower())] == []
