"""Which half of a source an item is in: constants are chosen on one and reported on the other."""

import hashlib
from typing import Literal

Half = Literal["tune", "report", "all"]

HALVES: tuple[Half, Half] = ("report", "tune")


def half_of(name: str) -> Half:
    """By the sha256 of a name: even is `tune`, odd is `report`. No seed, no list to keep."""
    digest = hashlib.sha256(name.encode()).digest()
    return "report" if digest[-1] % 2 else "tune"


def name_in_half(item: str, key: str, frame: int | None) -> str:
    """What is halved: an item by its name; of a volume each slice, since a source may hold but one."""
    return item if frame is None else f"{item}/{key}"
