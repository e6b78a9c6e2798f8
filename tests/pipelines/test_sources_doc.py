"""docs/declare-a-source.md: its key table is the models', and its examples work as printed."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from schemas.declaration import load_declaration
from schemas.declaration.annotations import READERS
from schemas.declaration.reference import renew
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item

PAGE = Path(__file__).resolve().parents[2] / "docs" / "declare-a-source.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLE, LAYOUTS = TEXT.split("## Things to know")[0], TEXT.split("## Five layouts")[1]
HEAD = """name: x
version: "1"
title: X
home: https://example.org
license: MIT
citation: X
folder: x
split_of_origin: none stated
known_issues: []
"""


def blocks(text: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", text, flags=re.S)


def test_the_key_table_is_up_to_date() -> None:
    stale = "run: python -m schemas.declaration.reference docs/declare-a-source.md"
    assert renew(TEXT) == TEXT, stale


def test_every_reader_and_key_is_told() -> None:
    for name, model in READERS.items():
        assert f"### reader: {name}\n" in TEXT
        for key in model.model_fields:
            assert f"| `{key}` |" in TEXT
    rows = [line for line in TEXT.splitlines() if line.startswith("| `") and line.count(" | ") == 3]
    assert len(rows) > 90
    assert [row for row in rows if row.endswith("|  |")] == []  # no key without a meaning


def test_the_worked_example_works(tmp_path: Path) -> None:
    path = tmp_path / "thyroid-us.yaml"
    path.write_text("\n".join(blocks(EXAMPLE)), "utf-8")
    declaration = load_declaration(path)
    root = tmp_path / "thyroid_us"
    (root / "scans").mkdir(parents=True)
    (root / "outlines").mkdir()
    (root / "readme.txt").write_text("not an image")
    rows = "case;side;age;sex;diagnosis\n0007;L;51;f;cancer\n0008;R;n/a;m;benign\n"
    (root / "cases.csv").write_text(rows.replace("n/a", ""), "latin-1")
    mask = np.zeros((40, 60), np.uint8)
    mask[10:20, 30:50] = 255
    for name in ("0007_L_1", "0008_R_1"):
        Image.fromarray(mask[::-1].copy()).save(root / f"scans/{name}.png")
        Image.fromarray(mask).save(root / f"outlines/{name}.jpg", quality=85)
    listing = list_items(declaration, root)
    assert [i.columns["case"] for i in listing.items] == ["0007", "0008"]
    assert not listing.faults
    (first,) = read_item(listing.items[0], declaration, root, Cut())
    means = meaning(first, listing.items[0], declaration)
    assert (means.patient, means.side, means.labels) == ("0007", "left", ["thyroid cancer"])
    assert abs(int(first.annotations[0].mask.sum()) - 200) <= 4
    assert means.complete == {"nodule"}
    (second,) = read_item(listing.items[1], declaration, root, Cut())
    said = meaning(second, listing.items[1], declaration).statements
    assert [(s.value, s.polarity) for s in said if s.kind == "finding"] == [
        ("thyroid cancer", "absent")
    ]
    assert "age" not in [s.kind for s in said]


@pytest.mark.parametrize("block", blocks(LAYOUTS))
def test_the_five_layouts_load(tmp_path: Path, block: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(HEAD + ("" if "modality:" in block else "modality: CR\n") + block, "utf-8")
    assert load_declaration(path).images


def test_five_layouts() -> None:
    assert len(blocks(LAYOUTS)) == 5
