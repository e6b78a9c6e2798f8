"""A model expert of a recipe: a card file, weights made on the spot, and the real loading code."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pipelines.errors import StoppedError
from pipelines.grounding.asking import _models
from pipelines.grounding.choice import GroundingChoice
from pipelines.grounding.comparing import mask_of_region
from pipelines.grounding.routes import resolve_grounding
from pipelines.grounding.steps import ground_options, where_of
from schemas.ids import digest
from tests.expert_models.experts.models.makers import bright_onnx, card_fields
from tests.pipelines.grounding.scene import disc, picture

BLOB = (20, 40, 9)
CHOICE = {
    "routes": [{"expert": "mine"}],
    "experts": {"mine": {"card": "card.yaml"}},
    "device": "cpu",
}


def write_card(folder: Path, **fields: Any) -> None:
    weights = fields.pop("weights", None) or bright_onnx(folder / "net.onnx")
    made = card_fields(weights, **fields) | {"weights": "net.onnx"}
    (folder / "card.yaml").write_text(yaml.safe_dump(made, sort_keys=False))


def test_it_finds_through_the_phase_what_it_finds_alone(rows) -> None:
    write_card(rows.out, candidate=True)
    ids = [rows.add(picture((20, 30 + n, 9))) for n in range(3)]
    out = rows.ground(**CHOICE)
    for n, id in enumerate(ids):
        [region] = out.found(id)
        assert (region.producer, region.candidate, region.label) == ("bright@1", True, "polyp")
        np.testing.assert_array_equal(mask_of_region(region), disc(20, 30 + n, 9))
    assert out.rejects() == []


def test_it_is_loaded_once_a_process(rows) -> None:
    write_card(rows.out)
    rows.add(picture(BLOB))
    rows.ground(**CHOICE)
    before = len(_models)
    rows.ground(**CHOICE)
    assert len(_models) == before


def test_a_step_rests_on_card_and_weights_and_not_on_where_they_lie(tmp_path: Path) -> None:
    def key(name: str, **fields: Any) -> str:
        folder = tmp_path / name
        folder.mkdir()
        write_card(folder, **fields)
        return digest(ground_options(resolve_grounding(GroundingChoice(**CHOICE), folder), 4))

    assert key("one") == key("two")
    other = tmp_path / "other"
    other.mkdir()
    keys = [
        key("gain", weights=bright_onnx(tmp_path / "gain.onnx", gain=20)),
        key("version", version="2"),
        key("output", output={"kind": "semantic", "activation": "sigmoid", "threshold": 0.7}),
        key("three"),
    ]
    assert len(set(keys)) == 4


def test_a_gpu_and_its_precision_are_keyed_and_a_cpu_is_one_like_another(tmp_path: Path) -> None:
    write_card(tmp_path)

    def key(**choice: Any) -> str:
        grounding = resolve_grounding(GroundingChoice(**(CHOICE | choice)), tmp_path)
        return digest(ground_options(grounding, 4))

    assert key() == key(precision="float16")
    assert len({key(), key(device="cuda"), key(device="cuda", precision="float16")}) == 3
    assert key(device="cuda:1") == key(device="cuda")
    there = resolve_grounding(GroundingChoice(**(CHOICE | {"device": "cuda:1"})), tmp_path)
    assert where_of(there, there.pictures)["device"] == "cuda:1"


def test_other_weights_than_the_card_names_stop_the_build(rows) -> None:
    write_card(rows.out)
    bright_onnx(rows.out / "net.onnx", gain=3)
    rows.add(picture(BLOB))
    with pytest.raises(StoppedError, match="'mine' cannot be had"):
        rows.ground(**CHOICE)
