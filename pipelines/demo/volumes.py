"""NIfTI phantoms: chest CT with one label volume, brain MR with one file per structure.

Layouts: <patient>/ct.nii.gz with labels.nii.gz and nodule.nii.gz beside it (the nodule lies in the
lung, so one label volume cannot hold both; the last patient has neither), and <patient>/flair.nii.gz with structures/*.nii.gz. The CT is stored with columns to the left and rows to the back, the MR in
RAS+, so that a reader that ignores the affine mirrors one of them.
Arrays are built [slice, row, column] as shown (rows to the back, columns to the patient's left).
"""

from pathlib import Path

import numpy as np

from pipelines.demo.shapes import blob, soften, texture
from pipelines.demo.truth import Phantom

CT_LABELS = {1: "right lung", 2: "left lung", 3: "heart"}
CT_SIZE, CT_SLICES, CT_MM = (144, 184), 20, (6.0, 2.0, 2.0)
MR_SIZE, MR_SLICES, MR_MM = (160, 136), 16, (5.0, 1.25, 1.25)
NODULE_HU = 60.0

Nodule = tuple[float, float, float, float]  # slice, row, column, radius in mm
NODULES: tuple[Nodule | None, ...] = ((11, 66, 44, 13), (7, 84, 60, 9), None, (13, 50, 52, 11))
"""One nodule at most, always left of the middle as shown: the right lung of the patient."""


def write_chest_ct(root: Path) -> list[Phantom]:
    """Write one CT per entry of NODULES. The nodule is 60 HU, the lungs about -850 HU."""
    return [_write_ct(root, number, nodule) for number, nodule in enumerate(NODULES)]


def _write_ct(root: Path, number: int, nodule: Nodule | None) -> Phantom:
    hu, labels, place = draw_ct(number, nodule)
    patient = f"ct{number + 1:02d}"
    steps = (-CT_MM[2], -CT_MM[1], CT_MM[0])
    _store(root / patient / "ct.nii.gz", np.rint(hu).astype(np.int16), steps)
    if number + 1 < len(NODULES):
        _store(root / patient / "labels.nii.gz", labels, steps)
        _store(root / patient / "nodule.nii.gz", place.astype(np.uint8), steps)
    masks = {name: labels == value for value, name in CT_LABELS.items()} | {"lung nodule": place}
    volumes = _millilitres(masks, CT_MM)
    return Phantom(
        f"{patient}/ct.nii.gz", patient, [CT_SIZE[1], CT_SIZE[0], CT_SLICES], [], volumes
    )


def draw_ct(number: int, nodule: Nodule | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """HU, values of CT_LABELS and the nodule as bool, all [slice, row, column]."""
    rng = np.random.default_rng([17, number])
    shape = (CT_SLICES, *CT_SIZE)
    hu, labels = np.full(shape, -1000.0, np.float32), np.zeros(shape, np.uint8)
    for k in range(CT_SLICES):
        _ct_slice(k, hu[k], labels[k], rng)
    place = np.zeros(shape, bool) if nodule is None else _ball(shape, nodule, CT_MM)
    hu[place] = NODULE_HU
    hu += rng.normal(0, 12, shape)
    return hu, labels, place


def _ct_slice(k: int, hu: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> None:
    """Body, ribs, lungs, heart (mostly in the left half of the patient), vertebra, aorta."""
    t = k / (CT_SLICES - 1)  # 0 is the bottom slice
    body = blob(CT_SIZE, (72, 92), (60, 84))
    hu[body] = 40 + 6 * texture(rng, CT_SIZE, 4)[body]
    hu[body & ~blob(CT_SIZE, (72, 92), (54, 78))] = -95  # fat under the skin
    ring = blob(CT_SIZE, (72, 92), (50, 74)) & ~blob(CT_SIZE, (72, 92), (45, 69))
    angle = np.arctan2(*np.ogrid[-72 : CT_SIZE[0] - 72, -92 : CT_SIZE[1] - 92])
    hu[ring & (np.sin(9 * angle + 2.5 * k) > 0.45)] = 700  # ribs
    grow = 0.55 + 0.45 * np.sin(np.pi * (0.25 + 0.75 * t**0.8))
    right = blob(CT_SIZE, (70, 52), (40 * grow, 29 * grow))
    left = blob(CT_SIZE, (72, 132), (38 * grow, 26 * grow))
    size = max(0.0, 1 - ((t - 0.38) / 0.32) ** 2) ** 0.5
    heart = blob(CT_SIZE, (56, 102), (24 * size + 1e-6, 30 * size + 1e-6), tilt=0.5)
    for value, lung in ((1, right), (2, left)):
        hu[lung] = -850 + 25 * texture(rng, CT_SIZE, 2)[lung]
        labels[lung] = value
    if size > 0.2:
        hu[heart], labels[heart] = 45, 3
    hu[blob(CT_SIZE, (104, 92), (12, 11))] = 300  # vertebral body
    hu[blob(CT_SIZE, (104, 92), (10, 9))] = 180
    aorta = blob(CT_SIZE, (96, 108), (7, 7))
    hu[aorta], labels[aorta] = 50, 0


def _ball(shape: tuple[int, ...], place: Nodule, mm: tuple[float, ...]) -> np.ndarray:
    axes = np.ogrid[tuple(slice(n) for n in shape)]
    squares = (((a - c) * s) ** 2 for a, c, s in zip(axes, place[:3], mm, strict=True))
    return np.asarray(sum(squares) <= place[3] ** 2)


def write_brain_mr(root: Path) -> list[Phantom]:
    """Write three FLAIR-like volumes: brain, ventricles, and one, three or no bright lesions."""
    lesions: tuple[tuple[Nodule, ...], ...] = (
        ((9, 60, 92, 9),),
        ((8, 95, 45, 7), (11, 70, 96, 6), (6, 100, 88, 8)),
        (),
    )
    return [_write_mr(root, number, places) for number, places in enumerate(lesions)]


def _write_mr(root: Path, number: int, places: tuple[Nodule, ...]) -> Phantom:
    rng = np.random.default_rng([18, number])
    shape = (MR_SLICES, *MR_SIZE)
    signal = np.zeros(shape, np.float32)
    masks = {"brain": np.zeros(shape, bool), "ventricle": np.zeros(shape, bool)}
    for k in range(MR_SLICES):
        _mr_slice(k, signal[k], masks["brain"][k], masks["ventricle"][k], rng)
    masks["lesion"] = np.zeros(shape, bool)
    for place in places:
        masks["lesion"] |= _ball(shape, place, MR_MM) & masks["brain"] & ~masks["ventricle"]
    signal[masks["lesion"]] = 820
    noisy = np.hypot(signal + rng.normal(0, 14, shape), rng.normal(0, 14, shape))  # Rician
    patient = f"mr{number + 1:02d}"
    steps = MR_MM[::-1]
    _store(root / patient / "flair.nii.gz", _turned(np.rint(noisy).astype(np.int16)), steps)
    for name, mask in masks.items():
        path = root / patient / "structures" / f"{name}.nii.gz"
        _store(path, _turned(mask.astype(np.uint8)), steps)
    volumes = _millilitres(masks, MR_MM)
    return Phantom(
        f"{patient}/flair.nii.gz", patient, [MR_SIZE[1], MR_SIZE[0], MR_SLICES], [], volumes
    )


def _mr_slice(
    k: int, signal: np.ndarray, brain: np.ndarray, ventricle: np.ndarray, rng: np.random.Generator
) -> None:
    """Scalp, skull, grey and white matter, two ventricles; FLAIR shows the fluid dark."""
    shrink = np.sqrt(max(0.05, 1 - ((k - 7) / 10.5) ** 2))
    at = lambda *radii: blob(MR_SIZE, (82, 68), tuple(r * shrink for r in radii))  # noqa: E731
    signal[at(72, 60)] = 420
    signal[at(68, 56)] = 40
    brain |= at(64, 52)
    signal[brain] = 430
    white = blob(MR_SIZE, (82, 68), (52 * shrink, 40 * shrink), rough=0.08, rng=rng)
    signal[white] = 340
    signal[at(60, 1.2)] = 90  # the cleft between the hemispheres
    if 5 <= k <= 10:
        for column, tilt in ((58, 0.35), (78, -0.35)):
            ventricle |= blob(MR_SIZE, (80, column), (20, 6), tilt=tilt)
    signal[ventricle] = 60
    signal[:] = soften(signal, 0.8) * (1 + 0.03 * texture(rng, MR_SIZE, 20))


def _millilitres(masks: dict[str, np.ndarray], mm: tuple[float, ...]) -> dict[str, float]:
    voxel_ml = float(np.prod(mm)) / 1000
    return {f"{name} mL": round(float(m.sum()) * voxel_ml, 3) for name, m in masks.items()}


def _turned(array: np.ndarray) -> np.ndarray:
    """Columns to the patient's right and rows to the front: the axes of RAS+."""
    return array[:, ::-1, ::-1]


def _store(path: Path, array: np.ndarray, steps: tuple[float, ...]) -> None:
    """Write [slice, row, column] as NIfTI axes (column, row, slice), the centre at 0 mm.

    steps  mm to the right, front and top per column, row and slice; negative where stored backwards
    """
    import nibabel

    data = np.ascontiguousarray(array.transpose(2, 1, 0))
    affine = np.diag([*steps, 1.0])
    affine[:3, 3] = [-step * (count - 1) / 2 for step, count in zip(steps, data.shape, strict=True)]
    volume = nibabel.Nifti1Image(data, affine)
    volume.header.set_xyzt_units("mm")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_gzip(volume.to_bytes()))


def _gzip(data: bytes) -> bytes:
    """gzip without time and name, so that the same volume is the same file."""
    import gzip

    return gzip.compress(data, compresslevel=1, mtime=0)
