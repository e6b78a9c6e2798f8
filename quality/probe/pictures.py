"""Pixels of the probe's material, fetched by image id only when a verifier is to see them."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from quality.probe.scenes import drawn_id, drawn_picture
from transforms.encode import encode

Pictures = Callable[[str], bytes]
"""PNG of an image, by its id. Raises KeyError on an id that the material does not hold."""

HELD = 4  # row groups kept in memory


def drawn_pictures(count: int, seed: int) -> Pictures:
    """Of the built-in material `drawn_items(count, seed)`: each is drawn again when asked for."""
    numbers = {drawn_id(number, seed): number for number in range(count)}

    def png(id: str) -> bytes:
        return encode(drawn_picture(numbers[id], seed)).png

    return png


def released_pictures(corpus: Path) -> Pictures:
    """Of a released corpus (see `quality.probe.corpus.sheets_of`): row groups are read as asked for."""
    folder = corpus / "corpus" if (corpus / "corpus").is_dir() else corpus
    places: dict[str, tuple[Path, int, int]] = {}
    for path in sorted((folder / "data" / "triplets").glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                ids = file.read_row_group(group, columns=["id"])["id"].to_pylist()
                places |= {id: (path, group, row) for row, id in enumerate(ids)}
    held: OrderedDict[tuple[Path, int], Any] = OrderedDict()

    def png(id: str) -> bytes:
        path, group, row = places[id]
        if (path, group) not in held:
            with pq.ParquetFile(path) as file:
                held[path, group] = file.read_row_group(group, columns=["image"])["image"]
            if len(held) > HELD:
                held.popitem(last=False)
        held.move_to_end((path, group))
        data: bytes = held[path, group][row].as_py()["bytes"]
        return data

    return png
