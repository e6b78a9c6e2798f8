"""Which places of a slide's grid are worth reading: judged on the overview, before any tile is read."""

from dataclasses import dataclass

import numpy as np

from transforms.slides.folds import fold_mask
from transforms.slides.grid import Grid
from transforms.slides.ink import ink_mask
from transforms.slides.overview import Overview
from transforms.slides.tissue import tissue_mask

MOST_INK = 0.05  # share of a tile
MOST_FOLD = 0.2  # share of a tile


@dataclass(frozen=True)
class Ground:
    """What an overview shows: bool masks [H, W]. Ink is no tissue."""

    tissue: np.ndarray
    ink: np.ndarray
    fold: np.ndarray


def ground_of(image: np.ndarray, checks: list[str]) -> Ground:
    """Tissue, ink and folds of an overview [H, W, 3] uint8; of the last two only what is to be checked."""
    nothing = np.zeros(image.shape[:2], bool)
    ink = ink_mask(image) if "pen" in checks else nothing
    tissue = tissue_mask(image)[0] & ~ink
    fold = fold_mask(image, tissue) if "fold" in checks else nothing
    return Ground(tissue, ink, fold)


@dataclass(frozen=True)
class Places:
    """Judged places of a grid.

    good     [N] flat numbers (row times columns + column) of places worth reading
    refused  reason: how many places it took; a place is refused for the first reason that holds
    """

    good: np.ndarray
    refused: dict[str, int]


def judge_places(view: Overview, ground: Ground, grid: Grid, least_tissue: float) -> Places:
    """Every place of the grid: unreadable, ink, too little tissue, fold, or good."""
    share = {
        name: view.share(mask, grid.x, grid.y, grid.size)
        for name, mask in (
            ("unread", view.unread),
            ("ink", ground.ink),
            ("tissue", ground.tissue),
            ("fold", ground.fold),
        )
    }
    left = np.ones((len(grid.y), len(grid.x)), bool)
    refused = {}
    for reason, bad in (
        ("tile_unreadable", share["unread"] > 0),
        ("tile_pen", share["ink"] > MOST_INK),
        ("tile_background", share["tissue"] < least_tissue),
        ("tile_fold", share["fold"] > MOST_FOLD),
    ):
        if taken := int((left & bad).sum()):
            refused[reason] = taken
        left &= ~bad
    return Places(np.flatnonzero(left), refused)
