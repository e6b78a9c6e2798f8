"""The vocabularies: no word of two meanings, no dangling reference, groups large enough to ask from."""

from collections import Counter
from pathlib import Path

import pytest

from schemas.declaration.safe_yaml import read_yaml
from schemas.vocabulary import findings, modalities, organs

LABELS = Path(__file__).resolve().parents[2] / "pipelines" / "sources" / "labels"


@pytest.mark.parametrize("vocabulary", [findings, organs], ids=["findings", "organs"])
def test_no_word_stands_for_two_terms(vocabulary: object) -> None:
    words = Counter()
    for term in vocabulary():
        own = {term.name.lower(), *(s.lower() for s in term.synonyms)}
        if hasattr(term, "many"):
            own.add(term.many().lower())
        words.update(own)
    assert [w for w, n in words.items() if n > 1] == []


def test_references_hold() -> None:
    names = {f.name for f in findings()}
    body, codes = {o.name for o in organs()}, {m.name for m in modalities()}
    for term in findings():
        assert term.broader is None or term.broader in names, term.name
        assert set(term.organs) <= body, term.name
        assert set(term.modalities) <= codes, term.name


def test_broader_terms_end() -> None:
    for term in findings():
        chain = [term.name]
        while (broader := findings().get(chain[-1]).broader) is not None:
            assert broader not in chain
            chain.append(broader)


def test_every_group_offers_distractors() -> None:
    groups = Counter(f.group for f in findings())
    assert {g: n for g, n in groups.items() if n < 5} == {}


def test_sides() -> None:
    """A term that begins with a side has it, the other one of the pair exists, and both are broader alike."""
    by_name = {f.name: f for f in findings()}
    parts_of_the_heart = "atrium", "ventricle", "atrial appendage"
    for term in findings():
        first = term.name.split()[0]
        if first not in ("left", "right") or term.name.endswith(parts_of_the_heart):
            continue
        other = {"left": "right", "right": "left"}[first]
        pair = by_name[term.name.replace(first, other, 1)]
        assert (term.side, pair.side) == (first, other)
        assert term.broader is not None
        assert pair.broader in (term.broader, term.broader.replace(first, other))


def test_plurals() -> None:
    wanted = {"nucleus": "nuclei", "polyp": "polyps", "S1 vertebra": "S1 vertebrae", "airways": "airways",
              "left iliac artery": "left iliac arteries", "melanocytic nevus": "melanocytic nevi",
              "ground-glass opacity": "ground-glass opacities", "kidney": "kidneys",
              "upper lobe of the left lung": "upper lobes of the left lung"}  # fmt: skip
    assert {n: findings().get(n).many() for n in wanted} == wanted
    irregular = ("us", "is", "x", "sh", "um")  # endings whose plural is never just an added s
    slips = [f.name for f in findings() if not f.plural and f.name.endswith(irregular)]
    assert slips == []
    slips = [
        f.name
        for f in findings()
        if not f.plural and f.name.endswith("y") and f.name[-2] not in "aeou"
    ]
    assert slips == []


@pytest.mark.parametrize(
    ("name", "count"), [("totalsegmentator_total", 117), ("totalsegmentator_total_mr", 50)]
)
def test_totalsegmentator_lists(name: str, count: int) -> None:
    content = read_yaml(LABELS / f"{name}.yaml")
    assert sorted(map(int, content["values"])) == list(range(1, count + 1))
    assert set(content["values"].values()) == set(content["labels"])
    assert len(set(content["labels"].values())) == count
    for label, term in content["labels"].items():
        for side in ("left", "right"):
            word = f"_{side}" in label
            assert not word or side in term, label
