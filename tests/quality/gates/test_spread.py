""" "Over the whole image" of crowds: refused where a third of the width or height is all but empty."""

import random

import pytest

from quality.judging import judge_sentences
from schemas.fact import fact
from schemas.region import POSITIONS
from schemas.sentence import Sentence
from tests.quality.conftest import image, region
from transforms.sheet import FactSheet
from transforms.words.crowd import spread
from transforms.words.groups import groups_of


def crowd(grid: tuple[int, ...]) -> FactSheet:
    """Nuclei, so many at each of the nine places, row by row."""
    places = [p for p, n in zip(POSITIONS, grid, strict=True) for _ in range(n)]
    regions = [
        region(f"n{i}", "nucleus", "cell", [i, 0, i + 1, 1], place)
        for i, place in enumerate(places)
    ]
    facts = [fact(r.id, "label", value="nucleus") for r in regions]
    facts += [fact(r.id, "position", value=r.position) for r in regions]
    return FactSheet(image(modality="SM", anatomy=None, plane=None, window=None), regions, facts)


def passes(sheet: FactSheet, text: str) -> bool:
    ids = [r.id for r in sheet.regions]
    row = Sentence(text, "roi_position", ids, [f.id for f in sheet.facts])
    return all(v.passed for v in judge_sentences(sheet, [row], [])[0])


@pytest.mark.parametrize(
    ("grid", "true"),
    [
        ((30, 30, 2, 30, 30, 1, 25, 23, 1), False),  # 4 of 172 in the right third
        ((30, 30, 30, 30, 25, 23, 1, 2, 1), False),  # the same of the lower third
        ((1, 30, 30, 2, 30, 30, 1, 25, 23), False),
        ((30, 30, 6, 30, 30, 6, 25, 9, 6), True),
        ((4, 0, 4, 0, 4, 0, 4, 0, 4), True),  # five places, the least
        ((4, 0, 0, 0, 4, 4, 0, 4, 0), False),  # four
    ],
)
def test_over_the_whole_image(grid, true):
    text = "The nuclei lie over the whole image."
    assert passes(crowd(grid), text) is true


def test_what_is_generated_is_never_refused():
    rng = random.Random(4)
    said = 0
    for _ in range(60):
        grid = tuple(rng.choice((0, 1, 1, 2, 6, 9)) for _ in range(9))
        if sum(grid) < 7:
            continue
        sheet = crowd(grid)
        text = spread(groups_of(sheet)[0])
        said += text == "over the whole image"
        assert passes(sheet, f"The nuclei lie {text}."), (grid, text)
    assert said > 10
