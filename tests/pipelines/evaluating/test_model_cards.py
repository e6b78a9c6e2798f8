"""Models by their card files: listed, shown, and measured on a small source drawn on the spot."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import MedgrainError, UsageError
from pipelines.evaluating import run
from tests.expert_models.experts.models.makers import bright_onnx, card_at

DECLARATION = """
name: drawn
version: "1"
title: Drawn polyps
home: https://example.org/drawn
license: CC0-1.0
citation: none
endpoints: public
folder: drawn
modality: ES
anatomy: colon
split_of_origin: none stated
known_issues: []
images: [{glob: images/*.png}]
annotations:
  - reader: mask
    file: masks/{file}
    label: polyp
    threshold: 128
    labels: {polyp: polyp}
    by: expert
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    card_at(tmp_path, bright_onnx(tmp_path / "net.onnx"))
    return tmp_path / "card.yaml"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("images", "masks"):
        (tmp_path / "drawn" / folder).mkdir(parents=True)
    drawn = np.full((40, 64, 3), 30, np.uint8)
    drawn[5:15, 8:30] = 220
    Image.fromarray(drawn).save(tmp_path / "drawn/images/a.png")
    Image.fromarray((drawn[..., 0] > 100).astype(np.uint8) * 255).save(
        tmp_path / "drawn/masks/a.png"
    )
    path = tmp_path / "drawn.yaml"
    path.write_text(DECLARATION)
    monkeypatch.setattr(run, "shipped", lambda: {"drawn": path})
    return tmp_path


def call(*words: str) -> str:
    result = CliRunner().invoke(app, ["experts", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_card_file_is_listed_and_shown(card: Path) -> None:
    listed = {
        row["name"]: row for row in json.loads(call("list", "--experts", str(card), "--json"))
    }
    assert listed["bright"]["license_weights"] == "CC0-1.0"
    assert "ct-lungs-3d" in listed
    assert "segmenter 3-D" in call("list")
    assert json.loads(call("show", str(card), "--json"))["labels"] == ["polyp"]


def test_a_model_is_measured_by_its_card(card: Path, data: Path) -> None:
    words = ("--data-root", str(data), "--half", "all", "--json")
    for named in ((str(card),), ("--experts", str(card))):
        rows = json.loads(call("evaluate", *named, *words))
        dice = next(row for row in rows if row["metric"] == "Dice")
        assert (dice["expert"], dice["value"]) == ("bright", 1.0)


def test_a_faulty_card_and_absent_weights_are_told(card: Path, data: Path) -> None:
    (data / "net.onnx").write_bytes(b"other weights")
    words = ["experts", "evaluate", str(card), "--data-root", str(data)]
    with pytest.raises(MedgrainError, match="does not load"):
        CliRunner().invoke(app, words, catch_exceptions=False)
    card.write_text("name: bright\n")
    with pytest.raises(UsageError, match=r"card\.yaml"):
        CliRunner().invoke(app, words, catch_exceptions=False)
