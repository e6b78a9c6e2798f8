"""Every stem is rendered and read back: one stem, one predicate."""

import re

import pytest

from transforms.questions.draft import PACKAGE
from transforms.words.bank import Phrase, bank

ADMISSIBLE = {
    "target": "the pulmonary nodule",
    "targets": "pulmonary nodules",
    "corners": "pixel corners (80, 120) and (110, 148)",
    "part": "breast",
    "unit": "millimeters",
    "pixel": "0.78 mm",
    "one": "the liver",
    "two": "the right kidney",
}
STEMS = [p for n, ps in bank(PACKAGE).families.items() if not n.startswith("why_") for p in ps]


@pytest.mark.parametrize("phrase", STEMS, ids=lambda p: f"{p.family}: {p.text[:40]}")
def test_read_back(phrase: Phrase) -> None:
    slots = {name: ADMISSIBLE[name] for name in phrase.slots}
    found = [f for f in bank(PACKAGE).read(phrase.render(False, **slots)) if f[0][:4] != "why_"]
    assert found == [(phrase.family, slots)]


def test_three_stems_a_family() -> None:
    families = {n: ps for n, ps in bank(PACKAGE).families.items() if not n.startswith("why_")}
    assert {n: len(ps) for n, ps in families.items() if len(ps) < 3} == {}


def test_no_word_of_the_records_making() -> None:
    banned = re.compile(r"caption|mask|annotat|label|dataset|metadata|according to")
    assert [p.text for p in STEMS if banned.search(p.text.lower())] == []
