"""Bundles written on the spot with MONAI's own parts: geometry, channels, trust."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Refusal, Scan, VolumeScan
from expert_models.experts.models.card_errors import CardError
from expert_models.experts.models.weights import WeightsDiffer

torch = pytest.importorskip("torch")
pytest.importorskip("monai")

CLASSES = {0: None, 1: "liver", 2: "spleen"}


def bundle(
    folder: Path,
    dimensions: int,
    *,
    before: list[dict[str, Any]] | None = None,
    after: list[dict[str, Any]] | None = None,
    channels: int = 1,
    **config: Any,
) -> Path:
    """A bundle whose network is a 1 x 1 convolution: class 1 from value 0.5, class 2 from 1.5."""
    from monai.networks.blocks import Convolution

    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    network = {"spatial_dims": dimensions, "in_channels": channels, "out_channels": 3}
    network |= {"kernel_size": 1, "conv_only": True}
    keys = {"keys": "image"}
    said: dict[str, Any] = {
        "bundle_root": ".",
        "device": "$torch.device('cuda:0')",  # as published ones say; the setting decides
        "network_def": {"_target_": "monai.networks.blocks.Convolution", **network},
        "preprocessing": {
            "_target_": "Compose",
            "transforms": [
                {"_target_": "LoadImaged", **keys, "image_only": True},
                {"_target_": "EnsureChannelFirstd", **keys},
                *(before or []),
                {"_target_": "EnsureTyped", **keys},
            ],
        },
        "inferer": {
            "_target_": "SlidingWindowInferer",
            "roi_size": [16] * dimensions,
            "overlap": 0.25,
        },
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [
                {"_target_": "Activationsd", "keys": "pred", "softmax": True},
                *(after or []),
                {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
                {"_target_": "SaveImaged", "keys": "pred", "output_dir": "$@bundle_root + '/eval'"},
            ],
        },
        **config,
    }
    (folder / "configs" / "inference.json").write_text(json.dumps(said), encoding="utf-8")
    stated = {"0": "background", "1": "liver", "2": "spleen"}
    meta = {"network_data_format": {"outputs": {"pred": {"channel_def": stated}}}}
    (folder / "configs" / "metadata.json").write_text(json.dumps(meta), encoding="utf-8")
    made = Convolution(**network)
    with torch.no_grad():
        # upper envelope of 0, 20 x - 10, 60 x - 70: crossings at 0.5 and 1.5
        slopes = torch.tensor([0.0, 20.0, 60.0]) / channels
        made.conv.weight.copy_(
            slopes.reshape(3, *[1] * (dimensions + 1)).expand_as(made.conv.weight)
        )
        made.conv.bias.copy_(torch.tensor([0.0, -10.0, -70.0]))
    torch.save(made.state_dict(), folder / "models" / "model.pt")
    return folder


ORIENTED = [
    {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
    {
        "_target_": "Spacingd",
        "keys": "image",
        "pixdim": [1.0, 1.0, 1.0],
        "mode": "nearest",
    },
]
INVERTED = [
    {
        "_target_": "Invertd",
        "keys": "pred",
        "transform": "@preprocessing",
        "orig_keys": "image",
        "nearest_interp": False,
        "to_tensor": True,
    }
]


@pytest.fixture
def bundled(made: Callable[..., Any]) -> Callable[..., Any]:
    def make(folder: Path, **fields: Any) -> Any:
        given = {
            "kind": "segmenter", "classes": CLASSES, "modalities": ["CT", "ES"],
            "dimensions": 3, "allow_pickle": True, **fields,
        }  # fmt: skip
        return made(folder, "monai-bundle", **given)

    return make


@pytest.fixture
def phantom() -> VolumeScan:
    """Foot to head, front to back, right to left: a liver and a spleen of unlike corners, 3 x 1 x 2 mm."""
    values = np.zeros((9, 20, 14), np.float32)
    values[1:4, 2:9, 1:5] = 1.0
    values[5:8, 12:18, 9:13] = 2.0
    values[7, 17, 12] = 1.0  # a corner of its own
    return VolumeScan("v", values, "CT", unit="HU", spacing_mm=(3.0, 1.0, 2.0), placed=True)


def test_a_volume_comes_back_voxel_for_voxel(
    bundled: Callable[..., Any], phantom: VolumeScan, tmp_path: Path
) -> None:
    expert = bundled(bundle(tmp_path / "b", 3))
    liver, spleen = expert.predict([phantom])[0]
    assert (liver.label, spleen.label) == ("liver", "spleen")
    assert np.array_equal(liver.mask, phantom.values == 1)
    assert np.array_equal(spleen.mask, phantom.values == 2)
    assert not (tmp_path / "b" / "eval").exists()  # what a bundle would save is not saved


@pytest.mark.parametrize("after", [INVERTED, []], ids=["inverted", "by place"])
def test_a_volume_that_the_bundle_turns_and_resamples(
    after: list[dict[str, Any]], bundled: Callable[..., Any], phantom: VolumeScan, tmp_path: Path
) -> None:
    """Turned to RAS and resampled from 3 x 1 x 2 mm to 1 mm; with Invertd, and without."""
    expert = bundled(bundle(tmp_path / "b", 3, before=ORIENTED, after=after))
    liver, spleen = expert.predict([phantom])[0]
    for one, value in ((liver, 1), (spleen, 2)):
        truth = phantom.values == value
        both = (one.mask & truth).sum()
        assert 2 * both / (one.mask.sum() + truth.sum()) > 0.9
    assert liver.mask[7, 17, 12]


def test_a_picture_comes_back_pixel_for_pixel(bundled: Callable[..., Any], tmp_path: Path) -> None:
    """MONAI reads pictures columns first; the mask must be rows first again."""
    scale = {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": 0.0, "a_max": 100.0}
    scale |= {"b_min": 0.0, "b_max": 1.0}
    expert = bundled(bundle(tmp_path / "b", 2, before=[scale]), dimensions=2)
    for side in (40, 24):  # not square, and square
        display = np.zeros((24, side), np.uint8)
        display[2:9, 5:20] = 100
        display[15:22, 1:4] = 200
        liver, spleen = expert.predict([Scan("p", display, "ES")])[0]
        assert np.array_equal(liver.mask, display == 100)
        assert np.array_equal(spleen.mask, display == 200)


def test_a_real_unet_in_colour(
    bundled: Callable[..., Any], tmp_path: Path, scan: Callable[..., Scan]
) -> None:
    from monai.networks.nets import UNet

    shape = {
        "spatial_dims": 2, "in_channels": 3, "out_channels": 3, "channels": [4, 8], "strides": [2],
    }  # fmt: skip
    folder = bundle(tmp_path / "b", 2, channels=3, network_def={"_target_": "UNet", **shape})
    torch.manual_seed(12)
    torch.save(UNet(**shape).state_dict(), folder / "models" / "model.pt")
    expert = bundled(folder, dimensions=2)
    one, other = expert.predict([scan(), scan()])
    assert [found.label for found in one] == [found.label for found in other]
    for found, same in zip(one, other, strict=True):
        assert found.mask.shape == (40, 100)
        assert np.array_equal(found.mask, same.mask)


def test_torchscript_weights_need_no_network_def(
    bundled: Callable[..., Any], phantom: VolumeScan, tmp_path: Path
) -> None:
    from monai.networks.blocks import Convolution

    folder = bundle(tmp_path / "b", 3)
    network = Convolution(3, 1, 3, kernel_size=1, conv_only=True)
    network.load_state_dict(torch.load(folder / "models" / "model.pt"))
    torch.jit.trace(network, torch.zeros(1, 1, 4, 4, 4)).save(str(folder / "models" / "model.ts"))
    (folder / "models" / "model.pt").unlink()
    liver, _ = bundled(folder).predict([phantom])[0]
    assert np.array_equal(liver.mask, phantom.values == 1)


def test_a_bundle_is_trusted_by_the_recipe_and_held_to_its_digest(
    bundled: Callable[..., Any], tmp_path: Path
) -> None:
    folder = bundle(tmp_path / "b", 3)
    with pytest.raises(ValueError, match="allow_pickle"):
        bundled(folder, allow_pickle=False).load()
    expert = bundled(folder)
    config = folder / "configs" / "inference.json"
    config.write_text(config.read_text().replace("0.25", "0.26"), encoding="utf-8")
    with pytest.raises(WeightsDiffer):
        expert.load()
    with pytest.raises(CardError, match="whole bundle"):
        bundled(folder, files=["models/model.pt"])


def test_no_code_of_a_bundle_runs_before_it_is_trusted(
    bundled: Callable[..., Any], tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    folder = bundle(tmp_path / "b", 3, inferer=f"$__import__('pathlib').Path('{mark}').touch()")
    with pytest.raises(ValueError, match="allow_pickle"):
        bundled(folder, allow_pickle=False).load()
    with pytest.raises(WeightsDiffer):
        bundled(folder, weights_sha256="0" * 64).load()
    assert not mark.exists()
    bundled(folder).load()
    assert mark.exists()  # the test can fail: trusted, it does run


def test_what_does_not_fit(
    bundled: Callable[..., Any], phantom: VolumeScan, tmp_path: Path
) -> None:
    from dataclasses import replace

    folder = bundle(tmp_path / "b", 3)
    with pytest.raises(ValueError, match=r"classes \[9\] are none of the bundle's channels"):
        bundled(folder, classes={9: "liver"}).load()
    expert = bundled(folder)
    unplaced, unscaled = expert.predict(
        [replace(phantom, placed=False), replace(phantom, spacing_mm=None)]
    )
    assert isinstance(unplaced, Refusal)
    assert "which way the patient lies" in unplaced.detail
    assert isinstance(unscaled, Refusal)
    assert unscaled.reason == "expert_input_missing"
