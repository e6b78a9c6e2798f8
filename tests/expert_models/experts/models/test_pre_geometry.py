"""There and back: letterbox, spacing, tiles and axes, against other implementations."""

import itertools

import numpy as np
import pytest

from expert_models.experts.models.card_input import Input
from expert_models.experts.models.pre import ready, with_channels
from expert_models.experts.models.pre_axes import turned
from expert_models.experts.models.pre_geometry import Fitted, fitted
from expert_models.experts.models.pre_resample import centres, resized, sampled
from expert_models.experts.models.pre_windows import corners, weights, window_at
from tests.expert_models.experts.models.makers import scan, volume

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("shape", [(31, 90), (64, 17), (20, 40)])
def test_linear_is_that_of_torch_and_opencv(shape: tuple[int, int]) -> None:
    import torch

    given = RNG.random((20, 40), dtype=np.float32)
    ours = sampled(given, [centres(n, o) for n, o in zip(shape, given.shape, strict=True)], nearest=False)  # fmt: skip
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(given)[None, None], size=shape, mode="bilinear", align_corners=False
    )[0, 0].numpy()
    assert np.allclose(ours, theirs, atol=1e-5)
    assert np.allclose(resized(given, shape, "linear"), theirs, atol=1e-5)


def test_nearest_is_that_of_torch() -> None:
    import torch

    given = np.arange(20 * 9, dtype=np.int64).reshape(20, 9)
    for shape in [(7, 30), (40, 5)]:
        ours = sampled(given, [centres(n, o) for n, o in zip(shape, (20, 9), strict=True)], nearest=True)  # fmt: skip
        theirs = torch.nn.functional.interpolate(
            torch.from_numpy(given).double()[None, None], size=shape, mode="nearest-exact"
        )[0, 0].numpy()
        assert np.array_equal(ours, theirs)


def test_antialias_is_that_of_torch_where_it_shrinks() -> None:
    import torch

    given = RNG.random((60, 40, 3), dtype=np.float32)
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(given).permute(2, 0, 1)[None], size=(17, 9), mode="bilinear",
        align_corners=False, antialias=True,
    )[0].permute(1, 2, 0).numpy()  # fmt: skip
    assert np.allclose(resized(given, (17, 9), "antialias"), theirs, atol=1e-4)
    assert np.abs(resized(given, (17, 9), "linear") - theirs).max() > 0.1


def test_a_spacing_is_resampled_as_simpleitk_does() -> None:
    import SimpleITK as sitk

    values = RNG.random((6, 10, 8), dtype=np.float32)
    seen = Input(fit="whole", channels="gray", spacing_mm=(2.5, 2.0, 1.0), scale={"kind": "none"})
    made = ready(seen, volume(values, spacing_mm=(5.0, 1.0, 2.0)))
    assert made.fitted.content == (12, 5, 16)

    image = sitk.GetImageFromArray(values)
    image.SetSpacing((2.0, 1.0, 5.0))
    wanted = sitk.Image(16, 5, 12, sitk.sitkFloat32)
    wanted.SetSpacing((1.0, 2.0, 2.5))
    # edges stay: the first centre moves by half the difference of the spacings
    wanted.SetOrigin(tuple((new - old) / 2 for new, old in ((1, 2), (2, 1), (2.5, 5))))
    grown = sitk.Resample(sitk.ConstantPad(image, [1] * 3, [1] * 3), wanted)  # 0 beyond the edge
    inner = (slice(1, -1), slice(None), slice(1, -1))
    theirs = sitk.GetArrayFromImage(grown)
    assert np.allclose(made.canvas[0][inner], theirs[inner], atol=1e-5)


@pytest.mark.parametrize("align", ["centre", "corner"])
def test_a_letterbox_keeps_the_shape_and_comes_back(align: str) -> None:
    seen = Input(size=(64, 64), fit="letterbox", align=align, channels="gray", pad=255.0)
    place = fitted(seen, (30, 50))
    assert place.content == (38, 64)
    assert place.offset == ((13, 0) if align == "centre" else (0, 0))
    made = ready(seen, scan(np.zeros((30, 50), np.uint8)))
    assert made.canvas[0, place.inside[0]].max() == 0
    assert np.all(made.canvas[0, place.offset[0] + 38 :] == 1)
    edges = np.array([0.0, 15.0, 30.0])
    forth = edges * 38 / 30 + place.offset[0]
    assert np.allclose(place.point_back(forth, 0), edges)
    assert place.point_back(np.array([-9.0, 99.0]), 0).tolist() == [0.0, 30.0]


@pytest.mark.parametrize("stride", [1, 2, 4])
def test_a_ramp_comes_back_where_it_was(stride: int) -> None:
    """A picture of its own coordinates, seen through a letterbox and answered at a stride."""
    seen = Input(size=(96, 64), fit="letterbox", channels="gray", scale={"kind": "none"}, pad=-1000)
    rows, columns = np.indices((30, 50)).astype(np.float32)
    place = fitted(seen, (30, 50))
    for axis, ramp in enumerate((rows, columns)):
        there = resized(ramp, place.content, "linear")
        canvas = np.full(place.canvas, -1000, np.float32)
        canvas[place.inside] = there
        coarse = canvas[stride // 2 :: stride, stride // 2 :: stride] if stride > 1 else canvas
        if stride > 1:  # mean of the middle pixels: the value at the cell's centre
            coarse = (canvas[stride // 2 - 1 :: stride, stride // 2 - 1 :: stride] + coarse) / 2
        back = sampled(coarse, place.back(coarse.shape), nearest=False)
        inner = (slice(6, -6), slice(6, -6))
        assert np.allclose(back[inner], ramp[inner], atol=0.02), axis


def test_what_is_said_of_padding_never_reaches_the_picture() -> None:
    """The picture is twice its content, so its outer pixels lie beyond the content's outer centres."""
    place = Fitted(shape=(40, 60), content=(20, 30), offset=(10, 1), canvas=(40, 32))
    said = np.full((40, 32), 7.0, np.float32)
    said[place.inside] = 1.0
    assert np.all(sampled(said, place.back(said.shape), nearest=False) == 1.0)


@pytest.mark.parametrize("axes", ["RAS", "LPS", "SPL", "ASR", None])
def test_axes_turn_as_nibabel_turns_them(axes: str | None) -> None:
    from nibabel.orientations import apply_orientation, axcodes2ornt, ornt_transform

    values = RNG.random((3, 4, 5))
    turn = turned(axes)
    change = ornt_transform(axcodes2ornt("SPL"), axcodes2ornt(axes or "SPL"))
    assert np.array_equal(turn.forth(values), apply_orientation(values, change))
    assert np.array_equal(turn.back(turn.forth(values)), values)
    sides = {"S": 3.0, "I": 3.0, "P": 4.0, "A": 4.0, "L": 5.0, "R": 5.0}
    assert turn.lengths((3.0, 4.0, 5.0)) == tuple(sides[a] for a in axes or "SPL")


@pytest.mark.parametrize(
    ("canvas", "overlap", "starts"),
    [
        ((50, 33), 0.5, [(0, 0), (0, 1), (16, 0), (16, 1), (18, 0), (18, 1)]),
        ((32, 64), 0.25, [(0, 0), (0, 24), (0, 32)]),
        ((40, 32), 0, [(0, 0), (8, 0)]),
    ],
)
def test_windows_lie_where_monai_puts_them(
    canvas: tuple[int, int], overlap: float, starts: list[tuple[int, int]]
) -> None:
    """starts: of monai.data.utils.dense_patch_slices 1.6.1, whose import takes 20 s."""
    assert corners(canvas, (32, 32), overlap) == starts


def test_the_middle_of_a_window_counts_most() -> None:
    from scipy.ndimage import gaussian_filter

    spike = np.zeros((25, 9))
    spike[12, 4] = 1
    wanted = gaussian_filter(spike, (25 / 8, 9 / 8), mode="constant", truncate=9)
    made = weights((25, 9), "gaussian")
    assert np.allclose(made, np.maximum(wanted / wanted.max(), 1e-3), atol=1e-6)
    assert weights((99, 99), "gaussian").min() == pytest.approx(1e-3)  # not exp(-16)
    assert np.all(weights((24, 10), "mean") == 1)


def test_windows_cover_everything() -> None:
    for canvas, overlap in itertools.product([(8, 9), (31, 8), (17, 23)], [0, 0.3, 0.9]):
        seen = np.zeros(canvas, int)
        for corner in corners(canvas, (8, 8), overlap):
            seen[window_at(corner, (8, 8))] += 1
        assert seen.min() > 0


def test_channels() -> None:
    colour = np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)
    gray = np.array([[10, 20]], np.uint8)
    assert np.allclose(with_channels(colour, "gray"), [[76.245, 149.685]])
    assert with_channels(colour, "bgr")[0, 0].tolist() == [0, 0, 255]
    assert with_channels(gray, "rgb")[0, 1].tolist() == [20, 20, 20]
