import numpy as np
import pytest

from expert_models.experts.models.card_input import Input, Scale
from expert_models.experts.models.pre import ready
from expert_models.experts.models.pre_scale import scaling
from tests.expert_models.experts.models.makers import scan

GIVEN = np.array([[[0.0, 51.0], [102.0, 255.0]]], np.float32)


@pytest.mark.parametrize(
    ("scale", "stored", "expected"),
    [
        ({"kind": "none"}, False, [0, 51, 102, 255]),
        ({"kind": "unit"}, False, [0, 0.2, 0.4, 1]),
        ({"kind": "mean-std", "mean": [0.2], "std": [0.4]}, False, [-0.5, 0, 0.5, 2]),
        ({"kind": "mean-std", "mean": [51], "std": [102]}, True, [-0.5, 0, 0.5, 2]),
        ({"kind": "window", "low": 51, "high": 153}, True, [0, 0, 0.5, 1]),
        ({"kind": "percentile", "low": 0, "high": 100}, False, [0, 0.2, 0.4, 1]),
    ],
)
def test_scales(scale: dict[str, object], stored: bool, expected: list[float]) -> None:
    made = scaling(Scale.model_validate(scale), GIVEN, stored=stored)(GIVEN)
    assert made.dtype == np.float32
    assert np.allclose(made.ravel(), expected, atol=1e-6)


def test_z_score_is_of_the_one_picture() -> None:
    made = scaling(Scale(kind="z-score"), GIVEN, stored=True)(GIVEN)
    assert abs(made.mean()) < 1e-6
    assert abs(made.std() - 1) < 1e-6


@pytest.mark.parametrize("kind", ["z-score", "percentile"])
def test_a_constant_picture_becomes_zeros(kind: str) -> None:
    flat = np.full((1, 3, 4), 9, np.float32)
    limits = {"low": 1, "high": 99} if kind == "percentile" else {}
    assert not scaling(Scale(kind=kind, **limits), flat, stored=True)(flat).any()


def test_padding_is_scaled_and_not_counted() -> None:
    """Percentiles of the picture alone: a black border would move them."""
    seen = Input(
        fit="whole", multiple=16, channels="gray", align="corner", pad=100.0,
        scale={"kind": "percentile", "low": 0, "high": 100},
    )  # fmt: skip
    display = np.linspace(100, 200, 11 * 7).reshape(11, 7).round().astype(np.uint8)
    canvas = ready(seen, scan(display)).canvas[0]
    assert canvas.shape == (16, 16)
    assert (canvas[0, 0], canvas[10, 6]) == (0, 1)
    assert np.all(canvas[11:] == 0)


def test_each_channel_has_its_mean() -> None:
    seen = Input(fit="whole", scale={"kind": "mean-std", "mean": [0, 0.5, 1], "std": [1, 0.5, 2]})
    white = np.full((2, 3, 3), 255, np.uint8)
    assert ready(seen, scan(white)).canvas[:, 0, 0].tolist() == pytest.approx([1, 1, 0])
