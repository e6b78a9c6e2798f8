"""ONNX graphs made on the spot, through the real session."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Prediction, Refusal
from expert_models.experts.models.card import ModelCard, expert_of
from expert_models.experts.models.onnx import OnnxSession, onnx_device
from expert_models.experts.models.resident import cores
from tests.expert_models.experts.models.makers import (
    bright,
    bright_onnx,
    card_at,
    picture,
    scan,
)


def predicted(card: ModelCard, *displays: np.ndarray, **fields: Any) -> list[Prediction]:
    return expert_of(card, device="cpu").predict([scan(one, **fields) for one in displays])


def test_what_is_bright_is_found_to_the_pixel(tmp_path: Path) -> None:
    card = card_at(tmp_path, bright_onnx(tmp_path / "net.onnx"))
    ((found,),) = predicted(card, picture())
    assert found.label == "polyp"
    assert np.array_equal(found.mask, bright(picture()))
    assert found.score > 0.99
    assert found.quality == 1.0


def test_two_channels_and_a_softmax(tmp_path: Path) -> None:
    card = card_at(
        tmp_path,
        bright_onnx(tmp_path / "net.onnx", outputs=2, size=(48, 64)),
        classes={0: None, 1: "ulcer"},
        input={"size": [48, 64], "fit": "letterbox"},
        output={"kind": "semantic", "activation": "softmax"},
    )
    ((found,),) = predicted(card, picture(96, 128))  # halved: edges at whole px stay
    truth = bright(picture(96, 128))
    assert found.label == "ulcer"
    assert (found.mask & truth).sum() / (found.mask | truth).sum() > 0.97


def test_tiles_of_a_picture_are_as_good_as_the_whole(tmp_path: Path) -> None:
    card = card_at(
        tmp_path,
        bright_onnx(tmp_path / "net.onnx", size=(16, 24)),
        input={"size": [16, 24], "fit": "tile", "overlap": 0.3},
        batch=4,
    )
    ((found,),) = predicted(card, picture())
    assert np.array_equal(found.mask, bright(picture()))
    ((small,),) = predicted(card, picture()[20:31, 2:20])  # less than a tile
    assert np.array_equal(small.mask, bright(picture())[20:31, 2:20])


def test_a_dark_picture_holds_nothing(tmp_path: Path) -> None:
    card = card_at(tmp_path, bright_onnx(tmp_path / "net.onnx"))
    assert predicted(card, np.zeros((9, 12, 3), np.uint8)) == [[]]


def test_gray_pictures_and_gray_networks(tmp_path: Path) -> None:
    gray = picture()[..., 0]
    rgb = card_at(tmp_path, bright_onnx(tmp_path / "net.onnx"))
    ((found,),) = predicted(rgb, gray)
    assert np.array_equal(found.mask, bright(gray))
    one = card_at(
        tmp_path,
        bright_onnx(tmp_path / "one.onnx", channels=1),
        input={"fit": "whole", "channels": "gray"},
    )
    ((found,),) = predicted(one, picture())
    assert np.array_equal(found.mask, bright(picture()))


def test_stored_values_in_a_window(tmp_path: Path) -> None:
    card = card_at(
        tmp_path,
        bright_onnx(tmp_path / "net.onnx", channels=1),
        modalities=["CT"],
        input={
            "fit": "whole", "channels": "gray", "reads": "native",
            "scale": {"kind": "window", "low": -100, "high": 300},
        },
    )  # fmt: skip
    stored = np.linspace(-1000, 1000, 11 * 17, dtype=np.float32).reshape(11, 17)
    display = np.zeros((11, 17), np.uint8)
    ((found,),) = predicted(card, display, native=stored, unit="HU", modality="CT")
    assert np.array_equal(found.mask, stored > 100)
    (refusal,) = predicted(card, display, modality="CT")
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "expert_input_missing"


def test_a_spacing_is_resampled_and_brought_back(tmp_path: Path) -> None:
    """Rows of 2 mm, columns of 1 mm, a network for 1 mm: the mask is of the picture's own pixels."""
    card = card_at(
        tmp_path,
        bright_onnx(tmp_path / "net.onnx"),
        input={"fit": "whole", "spacing_mm": [1.0, 1.0], "multiple": 8},
    )
    ((found,),) = predicted(card, picture(), spacing_mm=(2.0, 1.0))
    assert np.array_equal(found.mask, bright(picture()))


def test_on_a_cpu_each_input_is_a_pass_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what is asked together cannot change last bits, whatever ONNX Runtime does with a batch."""
    passes: list[tuple[int, ...]] = []
    real = OnnxSession._pass

    def noted(self: OnnxSession, batch: np.ndarray) -> dict[str, np.ndarray]:
        passes.append(batch.shape)
        return real(self, batch)

    monkeypatch.setattr(OnnxSession, "_pass", noted)
    card = card_at(tmp_path, bright_onnx(tmp_path / "net.onnx"), batch=4)
    assert len(predicted(card, *[picture()] * 5)) == 5
    assert passes == [(1, 3, 256, 256), *[(1, 3, 37, 53)] * 5]


@pytest.mark.parametrize(
    ("graph", "fields", "told"),
    [
        ({"channels": 1}, {}, r"input: found shape \['N', 1, 'H', 'W'\].*expected \[N, 3, any, any\]"),
        ({"size": (32, 48)}, {"input": {"size": [48, 32]}}, r"expected \[N, 3, 48, 32\]"),
        ({"outputs": 2}, {}, "found 2 channels.*expected 1, one for each line of `classes`"),
        ({}, {"input": {"fit": "whole", "name": "picture"}}, "found inputs image.*expected picture"),
        ({}, {"output": {"kind": "semantic", "name": "mask"}}, "found logits; expected mask"),
        ({"size": ("D", "H", "W")}, {}, "found shape.*mend `channels`"),
        ({}, {"output": {"kind": "scores"}}, r"found an array of shape \(1, 1, 256, 256\)"),
        ({}, {"input": {"fit": "whole", "layout": "channels-last"}}, "network and card disagree"),
    ],
)  # fmt: skip
def test_card_and_graph_are_held_together_on_load(
    tmp_path: Path, graph: dict[str, Any], fields: dict[str, Any], told: str
) -> None:
    card = card_at(tmp_path, bright_onnx(tmp_path / "net.onnx", **graph), **fields)
    with pytest.raises(ValueError, match=told):
        expert_of(card, device="cpu").load()


def test_a_file_that_is_no_graph(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"no protobuf at all")
    card = card_at(tmp_path, tmp_path / "net.onnx")
    with pytest.raises(ValueError, match=r"bright: weights do not load: .*protobuf"):
        expert_of(card, device="cpu").load()


def test_a_graph_with_weights_beside_it(tmp_path: Path) -> None:
    import onnx

    from expert_models.experts.models.weights_digest import digest_of

    folder = tmp_path / "model"
    folder.mkdir()
    graph = onnx.load(bright_onnx(tmp_path / "one.onnx"))
    onnx.save(graph, folder / "net.onnx", save_as_external_data=True, location="net.data", size_threshold=0)  # fmt: skip
    assert (folder / "net.data").exists()
    card = card_at(tmp_path, "model", weights_sha256=digest_of(folder))
    ((found,),) = predicted(card, picture())
    assert np.array_equal(found.mask, bright(picture()))


def test_a_graph_of_fixed_batch_and_half_precision(tmp_path: Path) -> None:
    import onnx
    from onnx import numpy_helper

    model = onnx.load(bright_onnx(tmp_path / "one.onnx", batch=1))
    for one in model.graph.initializer:
        one.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(one).astype(np.float16), one.name))  # fmt: skip
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    (tmp_path / "half.onnx").write_bytes(model.SerializeToString())
    made = predicted(card_at(tmp_path, tmp_path / "half.onnx", batch=8), *[picture()] * 3)
    assert all(np.array_equal(one[0].mask, bright(picture())) for one in made)


def test_devices() -> None:
    cpu, gpu = ["CPUExecutionProvider"], ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert onnx_device("auto", cpu) == "cpu"
    assert onnx_device("auto", gpu) == "cuda"
    assert onnx_device("cuda:1", gpu) == "cuda:1"
    for wrong in ("cuda", "tpu"):
        with pytest.raises(ValueError, match=f"found '{wrong}'.*expected auto, cpu"):
            onnx_device(wrong, cpu)


def test_a_worker_of_one_core_runs_one_pass_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert cores() == 1
    monkeypatch.setenv("OMP_NUM_THREADS", "100000")
    assert cores() >= 1
    monkeypatch.setenv("OMP_NUM_THREADS", "4,2")
    assert cores() >= 1
