"""Networks of three dimensions: spacing, axes and windows, there and back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Refusal
from expert_models.experts.models.card import ModelCard, expert_of
from tests.expert_models.experts.models.makers import bright_onnx, card_at, volume

WINDOW = {"kind": "window", "low": 0, "high": 200}  # the networks say yes above 100


def phantom() -> np.ndarray:
    """[S, H, W]: a block that lies otherwise along every axis, and a thin one."""
    values = np.full((9, 20, 14), -50, np.float32)
    values[2:5, 11:18, 1:6] = 180
    values[7, 3:5, 9:13] = 150
    return values


def seen(tmp_path: Path, **given: Any) -> ModelCard:
    net = bright_onnx(tmp_path / "net.onnx", channels=1, size=tuple(given.get("size", "DHW")))
    fields = {"fit": "whole", "channels": "gray", "scale": WINDOW} | given
    return card_at(
        tmp_path,
        net,
        dimensions=3,
        classes={0: "pulmonary nodule"},
        modalities=["CT"],
        input=fields,
    )


def masks(card: ModelCard, values: np.ndarray, **fields: Any) -> list[np.ndarray]:
    (found,) = expert_of(card, device="cpu").predict([volume(values, **fields)])
    assert isinstance(found, list), found
    assert all(one.box is None for one in found)
    return [one.mask for one in found]


@pytest.mark.parametrize("axes", [None, "RAS", "LPS", "ASR"])
@pytest.mark.parametrize("fit", ["whole", "tile"])
def test_a_volume_comes_back_on_its_own_grid(tmp_path: Path, axes: str | None, fit: str) -> None:
    given: dict[str, Any] = {"axes": axes} if axes else {}
    tiles = {"fit": "tile", "size": [8, 10, 12], "overlap": 0.25}
    given |= tiles if fit == "tile" else {"multiple": 4}
    (mask,) = masks(seen(tmp_path, **given), phantom())
    assert np.array_equal(mask, phantom() > 100)


def test_the_network_sees_its_own_spacing(tmp_path: Path) -> None:
    """Slices 5 mm apart become 2.5 mm, rows of 1 mm become 2 mm: a network of 2.5 x 2 x 2 mm."""
    card = seen(tmp_path, spacing_mm=[2.5, 2.0, 2.0])
    values = np.zeros((6, 20, 14), np.float32)
    values[2:4, 4:12, 3:9] = 200
    (mask,) = masks(card, values, spacing_mm=(5.0, 1.0, 2.0))
    assert np.array_equal(mask, values > 100)


def test_spacing_follows_the_axes(tmp_path: Path) -> None:
    from expert_models.experts.models.pre import ready

    card = seen(tmp_path, axes="RAS", spacing_mm=[1.0, 1.0, 2.5])
    assert card.input is not None
    made = ready(card.input, volume(phantom(), spacing_mm=(5.0, 0.5, 2.0)))
    assert made.fitted.shape == (14, 20, 9)
    assert made.fitted.content == (28, 10, 18)


@pytest.mark.parametrize(
    ("given", "fields"),
    [({"spacing_mm": [1.0, 1.0, 1.0]}, {"spacing_mm": None}), ({"axes": "RAS"}, {"placed": False})],
)
def test_what_a_volume_lacks_is_refused(
    tmp_path: Path, given: dict[str, Any], fields: dict[str, Any]
) -> None:
    card = seen(tmp_path, **given)
    (made,) = expert_of(card, device="cpu").predict([volume(phantom(), **fields)])
    assert isinstance(made, Refusal)
    assert made.reason == "expert_input_missing"


def test_parts_of_a_volume(tmp_path: Path) -> None:
    net = bright_onnx(tmp_path / "net.onnx", channels=1, size=("D", "H", "W"))
    card = card_at(
        tmp_path, net, dimensions=3, classes={0: "pulmonary nodule"}, modalities=["CT"],
        input={"fit": "whole", "channels": "gray", "scale": WINDOW},
        output={"kind": "semantic", "activation": "sigmoid", "split": True},
    )  # fmt: skip
    made = masks(card, phantom())
    assert [int(mask.sum()) for mask in made] == [3 * 7 * 5, 2 * 4]
    assert masks(card, np.full((3, 4, 5), -50, np.float32)) == []
