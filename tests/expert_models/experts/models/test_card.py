"""A card is refused with file, field, what was found, what was expected and what to do."""

import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from expert_models.experts.models.card import (
    CardError,
    ModelCard,
    describe_card,
    expert_of,
    load_card,
)
from expert_models.experts.models.card_input import Input, Scale
from expert_models.experts.models.card_output import Boxes, Instances, Scores, Semantic
from tests.expert_models.experts.models.makers import card_at, card_fields


def refused(folder: Path, **fields: Any) -> str:
    """The one fault of a card."""
    with pytest.raises(CardError) as told:
        card_at(folder, **fields)
    assert len(told.value.faults) == 1, told.value.faults
    return told.value.faults[0]


def test_a_good_card_gives_the_face_that_the_rest_sees(tmp_path: Path) -> None:
    card = card_at(
        tmp_path,
        classes={0: None, 1: "polyp"},
        anatomies=["colon"],
        batch=4,
        candidate=True,
        input={"fit": "tile", "size": [32, 64], "spacing_mm": [0.5, 1]},
        output={"kind": "semantic", "threshold": {1: 0.25}},
        options={"depth": 3, "rate": "1e-3", "names": ["a", "7"]},
    )
    face = card.expert_card
    assert face.producer == "bright@1"
    assert face.labels == ("polyp",)
    assert (face.modalities, face.anatomies) == (("ES",), ("colon",))
    assert (face.input_side, face.batch, face.dimensions) == (64, 4, 2)
    assert (face.candidate, face.needs_spacing, face.needs) == (True, True, "experts")
    assert face.weights_sha256 == "0" * 64
    assert face.parameters["output"]["threshold"] == {"1": 0.25}
    assert card.options == {"depth": 3, "rate": 0.001, "names": ["a", 7]}
    assert pickle.loads(pickle.dumps(card)) == card


def test_a_changed_threshold_changes_what_the_card_says_of_itself(tmp_path: Path) -> None:
    one = card_at(tmp_path, output={"kind": "semantic", "threshold": 0.5})
    other = card_at(tmp_path, output={"kind": "semantic", "threshold": 0.4})
    assert one.expert_card.parameters != other.expert_card.parameters


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        ({"classes": {0: "polypp"}}, ["classes > 0]", "'polypp'", "findings.yaml", "mean 'polyp'"]),
        ({"modalities": ["EZ"]}, ["modalities[0]]", "'EZ'", "modalities.yaml"]),
        ({"anatomies": ["colonn"]}, ["anatomies[0]]", "'colonn'", "anatomy.yaml", "'colon'"]),
        ({"license_weights": "CC-BY-4"}, ["license_weights]", "'CC-BY-4'", "SPDX", "CC-BY-4.0"]),
        ({"backend": "onx"}, ["backend]", "'onx'", "one of onnx", "mean 'onnx'"]),
        ({"bacth": 2}, ["bacth]", "a key that a card has not", "mean 'batch'"]),
        ({"method": None}, ["method]", "found nothing", "add it"]),
        ({"batch": 0}, ["batch]", "'0'", "greater than or equal to 1"]),
        ({"kind": "oracle"}, ["kind]", "'oracle'", "'segmenter'"]),
        ({"weights_sha256": "abc"}, ["weights_sha256]", "'abc'"]),
        ({"weights_sha256": None}, ["weights_sha256]", "64 hex digits", "models.weights PATH"]),
        ({"weights": None}, ["weights]", "a file, a folder or a Hub id"]),
        ({"revision": "main"}, ["revision]", "'main'"]),
        ({"revision": "a" * 40}, ["weights]", "'net.onnx'", "owner/name"]),
        ({"files": ["../x"]}, ["files[0]]", "'../x'", "inside the folder"]),
        ({"classes": {1: "polyp"}}, ["classes]", "[1]", "without a gap", "write null"]),
        ({"architecture": {"name": "monai:UNet"}}, ["architecture]", "onnx holds the network"]),
        ({"backend": "safetensors"}, ["architecture]", "None", "these weights belong to"]),
        ({"input": None}, ["input]", "a mapping with onnx"]),
        ({"output": None}, ["output]", "a mapping with onnx"]),
        ({"input": {"fit": "resize"}}, ["input]", "found size None", "add or take out `size`"]),
        ({"input": {"size": [64]}}, ["input > size]", "[64]", "2 numbers"]),
        ({"input": {"size": [64, 64], "spacing_mm": [1, 1]}}, ["input > fit]", "'resize'", "tile"]),
        ({"input": {"fit": "box"}}, ["input > fit]", "'box'", "'letterbox'"]),
        ({"input": {"fit": "whole", "axes": "RAS"}}, ["input > axes]", "pictures have rows"]),
        (
            {"input": {"fit": "whole", "scale": {"kind": "window", "low": 3, "high": 1}}},
            ["input > scale]", "low 3.0, high 1.0", "low below high"],
        ),
        (
            {"input": {"fit": "whole", "reads": "native", "channels": "gray"}},
            ["input > scale > kind]", "'unit'", "another scale"],
        ),
        ({"output": {"kind": "semantik"}}, ["output]", "'semantik'", "'semantic'"]),
        (
            {"output": {"kind": "semantic", "thresold": 1}},
            ["output > semantic > thresold]", "mean 'threshold'"],
        ),
        (
            {"output": {"kind": "semantic", "threshold": {2: 0.1}}},
            ["output > threshold > 2]", "a number of `classes`"],
        ),
        (
            {"input": {"fit": "tile", "size": [8, 8]}, "output": {"kind": "scores"}},
            ["input > fit]", "'tile'", "with output scores"],
        ),
        ({"dimensions": 3}, ["input > channels]", "'rgb'", "gray"]),
    ],
)  # fmt: skip
def test_a_bad_card_says_where_what_and_what_to_do(
    tmp_path: Path, fields: dict[str, Any], parts: list[str]
) -> None:
    if fields == {"dimensions": 3}:
        fields = {**fields, "input": {"fit": "whole", "scale": {"kind": "none"}}}
    fault = refused(tmp_path, **fields)
    assert fault.startswith("[card.yaml > ")
    for part in parts:
        assert part in fault


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(CardError) as told:
        card_at(tmp_path, classes={0: "nothing such"}, modalities=["XX"], license_code="mine")
    assert len(told.value.faults) == 3
    assert pickle.loads(pickle.dumps(told.value)).faults == told.value.faults


@pytest.mark.parametrize("text", ["- a list", "name: [", "name: x\nname: y", "file: /etc/passwd"])
def test_what_is_no_card_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(text)
    with pytest.raises(CardError, match=r"card\.yaml"):
        load_card(path)


def test_an_absent_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"none\.yaml.*No such file"):
        load_card(tmp_path / "none.yaml")


def test_nothing_heavy_is_imported_before_load(tmp_path: Path) -> None:
    import subprocess

    path = tmp_path / "card.yaml"
    path.write_text(yaml.safe_dump(card_fields()))
    code = (
        "import sys; from expert_models.experts.models.card import load_card, expert_of;"
        f"expert_of(load_card({str(path)!r}));"
        "print([m for m in ('torch', 'onnxruntime', 'monai', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_precision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"float8.*float32, bfloat16"):
        expert_of(card_at(tmp_path), precision="float8")


def test_a_card_is_told_in_plain_data(tmp_path: Path) -> None:
    told = describe_card(card_at(tmp_path, candidate=True))
    assert told["producer"] == "bright@1"
    assert told["candidate"] is True
    assert "refines" not in told
    assert "file" not in told


PAGE = Path(__file__).resolve().parents[4] / "docs" / "model-experts.md"


def test_the_example_of_the_page_is_a_good_card(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    (tmp_path / "polyp.yaml").write_text(text)
    card = load_card(tmp_path / "polyp.yaml")
    assert card.expert_card.labels == ("polyp",)


@pytest.mark.parametrize("part", [ModelCard, Input, Scale, Semantic, Instances, Boxes, Scores])
def test_every_field_is_on_the_page(part: type[BaseModel]) -> None:
    text = PAGE.read_text("utf-8")
    missing = [name for name in part.model_fields if f"`{name}`" not in text and f"{name}:" not in text]  # fmt: skip
    assert missing in ([], ["mean", "std"], ["file"])
