"""One person has one key: inside a source, and across sources that name the same people alike."""

from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest

from pipelines.build import Order, build
from pipelines.engines.inline import InlineEngine
from pipelines.progress import Progress
from pipelines.recipe import Recipe

SOURCE = """
name: {name}
version: "1"
title: Pictures of known people
home: https://example.org/people
license: CC0-1.0
citation: none
folder: {name}
modality: CR
anatomy: chest
{scope}
split_of_origin: none stated
known_issues: []
images: [{{glob: "*.png", pattern: "(?P<person>p\\\\d+)_"}}]
columns: {{patient: "{{person}}"}}
"""


def write(root: Path, name: str, scope: str, seed: int) -> None:
    (root / name).mkdir(exist_ok=True)
    (root / f"{name}.yaml").write_text(SOURCE.format(name=name, scope=scope))
    rng = np.random.default_rng(seed)
    for person in ("p1", "p1", "p2"):
        number = len(list((root / name).glob("*.png")))
        pixels = rng.integers(0, 255, (40, 40), dtype=np.uint8)
        cv2.imwrite(str(root / name / f"{person}_{number}.png"), pixels)


@pytest.mark.parametrize(("scope", "people"), [("patient_scope: cohort", 2), ("", 4)])
def test_sources_of_one_scope_share_their_people(tmp_path: Path, scope: str, people: int) -> None:
    for seed, name in enumerate(("first", "second")):
        write(tmp_path, name, scope, seed)
    recipe = Recipe.model_validate({"name": "people", "sources": ["first.yaml", "second.yaml"]})
    out = tmp_path / "out"
    order = Order(recipe, tmp_path, out, tmp_path)
    build(order, InlineEngine(1), Progress(out, quiet=True))
    paths = sorted((out / "corpus" / "data" / "images").glob("*.parquet"))
    rows = [
        r for p in paths for r in pq.read_table(p, columns=["patient_key", "split"]).to_pylist()
    ]
    assert len(rows) == 6
    assert len({row["patient_key"] for row in rows}) == people
    assert len({(row["patient_key"], row["split"]) for row in rows}) == people
    assert not any("p1" in row["patient_key"] for row in rows)
