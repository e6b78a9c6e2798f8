"""Which half of a source an item is in: constants are chosen on one and reported on the other."""

import hashlib
from typing import Literal

Half = Literal["tune", "report", "all"]


def half_of(item: str) -> Half:
    """By the sha256 of the item's name: even is `tune`, odd is `report`. No seed, no list to keep."""
    digest = hashlib.sha256(item.encode()).digest()
    return "report" if digest[-1] % 2 else "tune"
