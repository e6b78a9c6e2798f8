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
from pipelines.grounding.sparing import spared
from pipelines.grounding.steps import ground_options, where_of
from schemas.ids import digest
from tests.expert_models.experts.models.makers import bright_onnx, card_fields
from tests.pipelines.grounding.scene import Level, disc, picture

BLOB = (20, 40, 9)
CHOICE = {
    "routes": [{"expert": "mine"}],
    "experts": {"mine": {"card": "card.yaml"}},
    "device": "cpu",
}


def write_card(folder: Path, **fields: Any) -> None:
    weights = folder / "net.onnx"
    bright_onnx(weights, **{k: fields.pop(k) for k in ("gain",) if k in fields})
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
        key("gain", gain=20),
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


def test_weights_that_change_after_the_plan_stop_the_worker(rows, monkeypatch) -> None:
    write_card(rows.out)
    bright_onnx(rows.out / "net.onnx", gain=3)
    rows.add(picture(BLOB))
    monkeypatch.setattr("tests.pipelines.grounding.scene.spared", lambda grounding: grounding)
    with pytest.raises(StoppedError, match="'mine' cannot be had"):
        rows.ground(**CHOICE)


SPARE = CHOICE | {"routes": [{"expert": "mine", "fallback": "spare"}]}


@pytest.mark.parametrize("fault", ["differ", "absent"])
def test_a_fallback_looks_alone_where_the_weights_cannot_be_had(register, rows, fault) -> None:
    register(Level("spare"))
    write_card(rows.out)
    id = rows.add(picture(BLOB))
    there = rows.ground(**SPARE)
    assert [r.producer for r in there.found(id)] == ["bright@1"]
    if fault == "differ":
        bright_onnx(rows.out / "net.onnx", gain=3)
    else:
        (rows.out / "net.onnx").unlink()
    out = rows.ground(**SPARE)
    assert [r.producer for r in out.found(id)] == ["spare@1"]
    assert out.rejects() == [(id, "mine", "expert_unavailable")]
    assert str(rows.out) not in out.outcome.rejects[0].detail


def test_a_step_that_a_fallback_made_alone_is_run_again_once_the_expert_is_there(
    register, tmp_path: Path
) -> None:
    def key() -> str:
        grounding = spared(resolve_grounding(GroundingChoice.model_validate(SPARE), tmp_path))
        return digest(ground_options(grounding, 4))

    register(Level("spare"))
    write_card(tmp_path)
    with_it = key()
    kept = (tmp_path / "net.onnx").rename(tmp_path / "elsewhere")
    assert key() != with_it
    kept.rename(tmp_path / "net.onnx")
    assert key() == with_it


def test_workers_without_the_device_that_the_plan_names_stop_the_build(rows) -> None:
    """What the key says is what is computed on: a step planned for a GPU is never made on a CPU."""
    import onnxruntime

    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine has what the test needs to be without")
    write_card(rows.out)
    rows.add(picture(BLOB))
    with pytest.raises(StoppedError, match="cannot be had on this worker"):
        rows.ground(**(CHOICE | {"device": "cuda"}))


def test_a_plan_without_a_gpu_keeps_workers_with_one_on_their_cpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_card(tmp_path)

    def planned(present: str) -> tuple[str, dict[str, Any]]:
        monkeypatch.setattr("pipelines.grounding.devices._present", lambda: present)
        auto = GroundingChoice.model_validate(CHOICE | {"device": "auto"})
        grounding = resolve_grounding(auto, tmp_path)
        return where_of(grounding, grounding.pictures)["device"], ground_options(grounding, 4)

    assert planned("cpu")[0] == "cpu"
    assert planned("cuda")[0] == "cuda"
    assert planned("cpu")[1] != planned("cuda")[1]
