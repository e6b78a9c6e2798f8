"""Drawn scans for experts of which no sample may be shown: three plain ones and three hard ones each.

They show what a method does, not how well it does: nothing is measured on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from expert_models.experts.base import Scan, VolumeScan

COUNT = 6  # the last three are hard


@dataclass(frozen=True)
class Phantom:
    """A scan and where the parts of it lie, by label."""

    scan: Scan | VolumeScan
    truth: dict[str, np.ndarray]

    @property
    def hard(self) -> bool:
        return int(self.scan.id.rsplit(" ", 1)[1]) > COUNT // 2


def phantoms() -> Iterator[Phantom]:
    """All of them, one at a time."""
    for number in range(1, COUNT + 1):
        yield colon(number)
        yield film(number)
        whole = chest(number)
        yield whole
        yield section(whole, number)
        yield head(number)


def colon(number: int) -> Phantom:
    """A colonoscopy frame: mucosa, a cut-off corner, highlights, a polyp. Hard: a faint polyp among folds."""
    from scipy.ndimage import gaussian_filter

    random, hard = np.random.default_rng(number), number > COUNT // 2
    shape = (240, 300)
    down, right = np.indices(shape)
    light = 1.0 - 0.5 * np.hypot((down - 120) / 160, (right - 150) / 200)
    light = light + 0.10 * _cloud(random, shape, 18)
    if hard:
        light = light + 0.16 * np.sin(np.hypot(down - 300, right - 40 * number) / 9.0)
    polyp = _ellipse(
        down,
        right,
        random.uniform(90, 150),
        random.uniform(110, 200),
        34 - 2 * number,
        42 - 3 * number,
    )
    bump = gaussian_filter(polyp.astype(float), 5)
    gain = 0.07 if hard else 0.42
    rgb = np.stack(
        [0.78 * light + gain * bump, 0.38 * light + 0.6 * gain * bump, 0.30 * light], axis=-1
    )
    bright = np.zeros(shape, bool)
    for _ in range(4 if not hard else 14):
        row, column = random.uniform(60, 180), random.uniform(70, 230)
        bright |= _ellipse(down, right, row, column, random.uniform(1.5, 5), random.uniform(2, 7))
    rgb[bright] = 0.97
    field = (np.abs(down - 120) < 108) & (np.abs(right - 150) + 0.7 * np.abs(down - 120) < 175)
    rgb[~field] = 0.02
    rgb = rgb + random.normal(0, 0.015, rgb.shape)
    display = (np.clip(gaussian_filter(rgb, (0.6, 0.6, 0)), 0, 1) * 255).astype(np.uint8)
    truth = {"polyp": polyp & field, "specular highlight": bright & field, "camera aperture": field}
    return Phantom(Scan(f"phantom colon {number}", display, "ES", "colon"), truth)


def film(number: int) -> Phantom:
    """A frontal chest film. Hard: a white lung, a turned patient, a wide heart."""
    from scipy.ndimage import gaussian_filter, rotate

    random, hard = np.random.default_rng(40 + number), number > COUNT // 2
    shape = (300, 300)
    down, right = np.indices(shape)
    truth = {
        "right lung": _ellipse(down, right, 140, 92, 108, 50) & (down < 225),
        "left lung": _ellipse(down, right, 145, 212, 104, 46) & (down < 232),
        "heart": _ellipse(down, right, 190, 162, 48, 52 if not hard else 74, 0.3),
    }
    gray = np.full(shape, 175.0)
    gray[truth["right lung"] | truth["left lung"]] = 80
    gray[truth["heart"]] = 178
    ribs = np.abs((down + 0.35 * np.abs(right - 150)) % 30 - 15) < 4
    gray[ribs & (truth["right lung"] | truth["left lung"]) & ~truth["heart"]] += 22
    if number == 4:
        gray[truth["right lung"] & (down > 110)] = 165
    if number == 6:
        gray[truth["left lung"]] += 60
    gray = gaussian_filter(gray, 2.0) + random.normal(0, 5, shape) + 8 * _cloud(random, shape, 30)
    if number == 5:
        gray = rotate(gray, 14, reshape=False, mode="nearest")
        truth = {k: rotate(v.astype(float), 14, reshape=False) > 0.5 for k, v in truth.items()}
    for side in ("right lung", "left lung"):
        truth[side] = truth[side] & ~truth["heart"]
    display = np.clip(gray, 0, 255).astype(np.uint8)
    return Phantom(Scan(f"phantom film {number}", display, "CR", "chest", view="PA"), truth)


def chest(number: int) -> Phantom:
    """A chest in HU. Hard: thick slices, a leak in a bronchus, a consolidation against the chest wall."""
    random, hard = np.random.default_rng(80 + number), number > COUNT // 2
    spacing = (5.0 if number == 4 else 3.0, 2.5, 2.5)
    shape = (round(252 / spacing[0]), 88, 120)
    up, back, left = np.indices(shape, dtype=np.float32)
    up, back, left = up * spacing[0], back * spacing[1], left * spacing[2]
    at = (up, back, left)
    section = ((back - 105) / 90) ** 2 + ((left - 150) / 135) ** 2
    fork = (165.0, 100.0, 152.0)
    right_end, left_end = (140.0, 104.0, 112.0), (138.0, 106.0, 196.0)
    truth = {
        "right lung": _ball(at, (165, 100, 80), (110, 66, 51)) & (section < 0.83) & (up > 60),
        "left lung": _ball(at, (170, 108, 223), (105, 60, 47)) & (section < 0.83) & (up > 70),
        "trachea": _tube(at, fork, (260.0, 95.0, 152.0), 8.0),
    }
    truth["airways"] = (
        truth["trachea"] | _tube(at, fork, right_end, 6.0) | _tube(at, fork, left_end, 5.5)
    )
    walls = _tube(at, fork, right_end, 9.0) | _tube(at, fork, left_end, 8.5)
    nodule = _ball(at, (120 + 15 * number, 90, 80), (6.0 + number,) * 3)
    if hard:
        nodule = _ball(at, (190, 110, 40), (18, 14, 14))
    bones = (section < 0.93) & (section > 0.86) & (up % 24 < 8)
    bones |= ((back - 165) / 18) ** 2 + ((left - 150) / 20) ** 2 <= 1
    truth |= {"cortical bone": bones, "external body contour": section <= 1}
    hu = np.full(shape, -1000.0, np.float32)
    hu[(np.abs(back - 205) < 6) & (np.abs(left - 150) < 120)] = 150  # a table
    hu[section <= 1] = 40
    hu[truth["right lung"] | truth["left lung"]] = -850
    hu[bones] = 400
    if hard:  # contrast medium in the aorta
        hu[_tube(at, (0, 135, 172), (252, 130, 168), 11.0)] = 360
    hu[walls | _tube(at, fork, (260.0, 95.0, 152.0), 10.0)] = 20
    hu[truth["airways"]] = -990
    if number == 5:
        hu[_tube(at, right_end, (140.0, 104.0, 80.0), 6.0)] = -940
    vessels = _tube(at, (150, 120, 60), (215, 125, 62), 2.2)
    hu[(vessels | nodule) & (section < 0.83)] = 30
    hu += random.normal(0, 25 if not hard else 60, shape).astype(np.float32)
    truth["lung opacity"] = nodule & (section < 0.83)
    for side in ("right lung", "left lung"):
        truth[side] &= ~walls & ~truth["airways"]
    scan = VolumeScan(f"phantom chest {number}", hu, "CT", "chest", "HU", spacing, True)
    return Phantom(scan, truth)


def section(whole: Phantom, number: int) -> Phantom:
    """An axial slice of a chest, through its nodule."""
    assert isinstance(whole.scan, VolumeScan)
    opacity = whole.truth["lung opacity"]
    index = int(opacity.sum(axis=(1, 2)).argmax())
    hu = whole.scan.values[index]
    assert whole.scan.spacing_mm is not None
    scan = Scan(
        f"phantom section {number}",
        (np.clip((hu + 1000) / 1500, 0, 1) * 255).astype(np.uint8),
        "CT",
        "chest",
        native=hu,
        unit="HU",
        spacing_mm=whole.scan.spacing_mm[1:],
        plane="axial",
        orientation="L\\P",
    )
    kept = ("right lung", "left lung", "lung opacity")
    return Phantom(scan, {label: whole.truth[label][index] for label in kept})


def head(number: int) -> Phantom:
    """A head, T1-weighted. Hard: thin bone that lets scalp and brain touch, noise, a shaded coil."""
    random, hard = np.random.default_rng(120 + number), number > COUNT // 2
    spacing, shape = (3.0, 2.5, 2.5), (62, 88, 76)
    up, back, left = np.indices(shape, dtype=np.float32)
    at = (up * spacing[0], back * spacing[1], left * spacing[2])
    wide = 58.0 + number
    brain = _ball(at, (110, 112, 95), (60, 76, wide))
    values = np.zeros(shape, np.float32)
    values[_ball(at, (104, 110, 95), (82, 98, 83))] = 220
    gap = 2.0 if number == 4 else 9.0
    values[_ball(at, (109, 112, 95), (60 + gap, 76 + gap, wide + gap))] = 25
    values[brain] = 140
    values[_ball(at, (82, 28, 65), (11, 11, 11)) | _ball(at, (82, 28, 125), (11, 11, 11))] = 90
    if hard:
        values[_tube(at, (70, 90, 95), (10, 100, 95), 16.0)] = 130  # muscle below the base
    values[_ball(at, (105, 105, 80), (8, 30, 5)) | _ball(at, (105, 105, 110), (8, 30, 5))] = 40
    if number == 5:
        values *= 0.35 + 0.9 * at[2] / 190
    values = np.abs(values + random.normal(0, 6 if not hard else 16, shape).astype(np.float32))
    scan = VolumeScan(f"phantom head {number}", values, "MR", "head", None, spacing, True)
    return Phantom(scan, {"brain": brain})


def _cloud(random: np.random.Generator, shape: tuple[int, int], width: float) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    cloud = gaussian_filter(random.normal(size=shape), width)
    return np.asarray(cloud / (cloud.std() + 1e-9))


def _ellipse(
    down: np.ndarray, right: np.ndarray, row: float, column: float, tall: float, wide: float,
    turn: float = 0.0,
) -> np.ndarray:  # fmt: skip
    x, y = right - column, down - row
    along, across = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
    return np.asarray((along / wide) ** 2 + (across / tall) ** 2 <= 1)


def _ball(
    at: tuple[np.ndarray, ...], center: tuple[float, ...], half: tuple[float, ...]
) -> np.ndarray:
    return np.asarray(sum(((at[a] - center[a]) / half[a]) ** 2 for a in range(3)) <= 1)


def _tube(
    at: tuple[np.ndarray, ...], one: tuple[float, ...], other: tuple[float, ...], mm: float
) -> np.ndarray:
    """All within `mm` of the line between two points."""
    way = np.array(other, float) - np.array(one, float)
    along = sum((at[a] - one[a]) * way[a] for a in range(3)) / float((way**2).sum())
    along = np.clip(along, 0, 1)
    return np.asarray(sum((at[a] - one[a] - along * way[a]) ** 2 for a in range(3)) <= mm**2)
