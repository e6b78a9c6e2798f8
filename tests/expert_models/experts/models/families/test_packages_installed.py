"""Our calls held to the real packages, where they are installed; skipped, by name, where they are not.

TotalSegmentator, cellpose and tiatoolbox are no dependencies of medgrain. These tests were run with the
versions that docs/model-experts.md names.
"""

import inspect
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Scan


def test_totalsegmentator_takes_what_we_give() -> None:
    api = pytest.importorskip(
        "totalsegmentator.python_api", reason="TotalSegmentator is not installed"
    )
    from totalsegmentator.config import set_config_key, setup_totalseg
    from totalsegmentator.map_to_binary import class_map, commercial_models

    from expert_models.experts.models.totalsegmentator import TotalSegmentatorOptions, numbers_of

    inspect.signature(api.totalsegmentator).bind(
        object(), ml=True, task="total", fast=False, device="cpu", quiet=True, nr_thr_resamp=1,
        nr_thr_saving=1, skip_saving=True,
    )  # fmt: skip
    inspect.signature(set_config_key).bind("send_usage_stats", False)
    inspect.signature(setup_totalseg).bind()
    for device in ("cpu", "gpu", "gpu:1"):
        assert api.validate_device_type_api(device) == device
    options = TotalSegmentatorOptions(package="", structures={"spleen": "spleen"})
    assert numbers_of(options, class_map, set(commercial_models)) == {"spleen": [1]}
    closed = TotalSegmentatorOptions(
        package="", task="tissue_types", structures={"skeletal_muscle": "muscle"}
    )
    with pytest.raises(ValueError, match="licence"):
        numbers_of(closed, class_map, set(commercial_models))


def test_cellpose_takes_what_we_give() -> None:
    models = pytest.importorskip("cellpose.models", reason="cellpose is not installed")
    new = int(version("cellpose").split(".")[0]) >= 4
    made = {"device": None, "gpu": False, "pretrained_model": "x"}
    asked = {
        "diameter": None, "flow_threshold": 0.4, "cellprob_threshold": 0.0, "min_size": 15,
        "channel_axis": -1,
    }  # fmt: skip
    made |= {"use_bfloat16": False} if new else {"model_type": "cyto3"}
    asked |= {} if new else {"channels": [0, 0]}
    inspect.signature(models.CellposeModel).bind(**made)
    inspect.signature(models.CellposeModel.eval).bind(object(), object(), **asked)


def test_cellpose_3_runs_with_weights_of_ours(made: Callable[..., Any], tmp_path: Path) -> None:
    pytest.importorskip("cellpose.models", reason="cellpose is not installed")
    found = version("cellpose")
    if int(found.split(".")[0]) != 3:
        pytest.skip(f"cellpose {found} is installed: its only network has 300 million weights")
    import torch
    from cellpose.resnet_torch import CPnet

    torch.manual_seed(1)
    CPnet([2, 32, 64, 128, 256], 3, 3, diam_mean=30.0).save_model(str(tmp_path / "tiny"))
    (tmp_path / "tiny").rename(tmp_path / "tiny.pt")
    expert = made(
        tmp_path / "tiny.pt", "cellpose", kind="segmenter", modalities=["GM-FL"],
        labels=["nucleus"], allow_pickle=True, options={"package": found, "cell_threshold": -6.0},
    )  # fmt: skip
    display = np.random.default_rng(0).integers(0, 255, (90, 140), dtype=np.uint8)
    (said,) = expert.predict([Scan("c", display, "GM-FL")])
    assert isinstance(said, list)
    assert all(one.mask.shape == (90, 140) for one in said)


@pytest.mark.parametrize(("mode", "types"), [("fast", 3), ("original", None)])
def test_hovernet_runs_with_weights_of_ours(
    mode: str, types: int | None, made: Callable[..., Any], tmp_path: Path
) -> None:
    """The heads reach our canvas as the package's own function gives them, and its reader takes that."""
    architecture = pytest.importorskip(
        "tiatoolbox.models.architecture.hovernet", reason="tiatoolbox is not installed"
    )
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(2)
    network = architecture.HoVerNet(num_types=types, mode=mode).eval()
    weights = tmp_path / "hovernet.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, weights)
    expert = made(
        weights, "hovernet", kind="segmenter", modalities=["SM"],
        classes={1: "nucleus"} if types is None else {0: None, 1: "nucleus", 2: "nucleus"},
        options={"package": version("tiatoolbox"), "mode": mode, **({"types": types} if types else {})},
    )  # fmt: skip
    window, answer = {"fast": (256, 164), "original": (270, 80)}[mode]
    display = np.random.default_rng(1).integers(0, 255, (answer, answer - 9, 3), dtype=np.uint8)
    expert.load()
    job = expert._network.job(Scan("h", display, "SM"))
    (given,) = job.inputs()
    assert given.shape == (window, window, 3)
    (output,) = expert._network.run([given])
    job.add(0, output)
    theirs = network.infer_batch(network, torch.from_numpy(given.copy())[None], device="cpu")
    assert len(theirs) == (2 if types is None else 3)
    for ours, head in zip(job._maps, theirs, strict=True):
        assert ours == pytest.approx(head[0], abs=1e-4)
    said = job.prediction()
    for one in said:
        assert one.mask.shape == display.shape[:2]
        assert one.label == "nucleus"
