"""What is encoded is what is released, to the last pixel."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from transforms.encode import cap_side, encode
from transforms.picture import Annotation, Picture

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("shape", [(13, 29), (13, 29, 3)])
def test_png_holds_the_same_pixels_in_rgb_order(shape: tuple[int, ...]) -> None:
    pixels = RNG.integers(0, 256, shape, dtype=np.uint8)
    encoded = encode(pixels)
    read = np.asarray(Image.open(io.BytesIO(encoded.png)))  # an independent decoder
    assert np.array_equal(read, pixels)
    assert (encoded.width, encoded.height) == (29, 13)


def test_digest_is_over_shape_and_pixels() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert encode(pixels).pixel_sha256 == hashlib.sha256(b"3x4\0" + bytes(range(12))).hexdigest()
    assert encode(pixels).pixel_sha256 != encode(pixels.reshape(4, 3)).pixel_sha256


def test_perceptual_hash_survives_scaling_and_not_mirroring() -> None:
    y, x = np.mgrid[:256, :256]
    scene = (x * 0.6 + 60 * ((x - 60) ** 2 + (y - 190) ** 2 < 2500)).astype(np.uint8)
    distance = lambda a, b: bin(int(a, 16) ^ int(b, 16)).count("1")  # noqa: E731
    plain = encode(scene).phash
    assert len(plain) == 16
    assert distance(plain, encode(scene[::2, ::2].copy()).phash) <= 4
    assert distance(plain, encode(scene[:, ::-1].copy()).phash) > 16


@pytest.mark.parametrize(
    "bad", [np.zeros((2, 2), np.uint16), np.zeros((2, 2, 4), np.uint8)[..., 0:0]]
)
def test_other_arrays_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="cannot encode"):
        encode(bad)


def test_cap_scales_pixels_spacing_masks_and_boxes_together() -> None:
    mask = np.zeros((100, 200), bool)
    mask[20:40, 100:180] = True
    picture = Picture("", np.zeros((100, 200), np.uint8), spacing_mm=(0.5, 0.25),
                      annotations=[Annotation("a", mask=mask), Annotation("b", box=(10, 20, 30, 60))])  # fmt: skip
    capped = cap_side(picture, 50)
    assert capped.display.shape == (25, 50)
    assert capped.spacing_mm == (2.0, 1.0)
    ys, xs = np.nonzero(capped.annotations[0].mask)
    assert (xs.min(), xs.max() + 1, ys.min(), ys.max() + 1) == (25, 45, 5, 10)
    assert capped.annotations[1].box == (2.5, 5.0, 7.5, 15.0)
    assert capped.steps[-1]["step"] == "scale"
    assert not picture.steps
    assert cap_side(picture, 200) is picture
