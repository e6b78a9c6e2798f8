"""Cuts made again from the label volume equal what the cutting code gives, however it was stored."""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from schemas.conform import plain
from schemas.volume import VolumeRow
from transforms.formats.nifti import read_nifti
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut, LabelVolume, Seen, Whole
from transforms.picture import Picture
from transforms.volumes.derive import (
    PLANES,
    Labels,
    cut_of_row,
    derive_planes,
    derive_slice,
    derive_stack,
    index_of,
)
from transforms.volumes.rows import Terms, fill_row, letters_of

SHAPE, SPACING = (9, 14, 20), (5.0, 1.5, 0.75)
RAS = np.diag([-0.75, -1.5, 5.0, 1.0])


def stored(path: Path, grid: np.ndarray, codes: str) -> Path:
    """A [H, P, L] grid as NIfTI with axes along `codes`."""
    image = nib.Nifti1Image(np.transpose(grid, (2, 1, 0)), RAS)
    start = nib.orientations.io_orientation(RAS)
    change = nib.orientations.ornt_transform(start, nib.orientations.axcodes2ornt(codes))
    nib.save(image.as_reoriented(change), path)
    return path


class Seer:
    """Keeps the row, and the values that were seen."""

    def __call__(self, whole: Whole, structures: list[Structure]) -> Seen:
        assert whole.load is not None
        self.values = np.array(whole.load())
        self.row = VolumeRow(
            "vol-1", "volume", "s", "i", whole.key, "CT", "chest", "p", None, "CC0-1.0", "",
            list(whole.shape),
        )  # fmt: skip
        told = fill_row(self.row, whole, structures, Terms("annotation:s@1", {}, frozenset()))
        return Seen("vol-1", told)


@pytest.fixture
def grid() -> tuple[np.ndarray, np.ndarray]:
    """Values that are all different, and labels: two organs, one of them in the other's file."""
    values = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)
    labels = np.zeros(SHAPE, np.uint8)
    labels[1:8, 2:12, 3:12] = 1
    labels[2:5, 1:4, 13:19] = 2
    return values, labels


def read(
    tmp_path: Path, grid: tuple[np.ndarray, np.ndarray], codes: str, cut: Cut
) -> tuple[Seer, list[Picture]]:
    values, labels = grid
    nodule = np.zeros(SHAPE, np.uint8)
    nodule[4:6, 5:9, 6] = 1
    files = (("lung nodule", stored(tmp_path / "nodule.nii.gz", nodule, "LPS")),)
    drawn = LabelVolume(
        stored(tmp_path / "l.nii.gz", labels, codes), {1: "right lung", 2: "heart"}, files=files
    )
    image, seer = stored(tmp_path / "v.nii.gz", values, codes), Seer()
    found = list(read_nifti(image, cut=cut, labels=drawn, modality="CT", see=seer))
    assert all(isinstance(p, Picture) for p in found)
    return seer, found  # type: ignore[return-value]


@pytest.mark.parametrize("codes", ["RAS", "LPS", "SLA", "PIR", "ASL"])
def test_slices_equal_what_was_cut(
    tmp_path: Path, grid: tuple[np.ndarray, np.ndarray], codes: str
) -> None:
    seer, pictures = read(tmp_path, grid, codes, Cut(planes=PLANES, max_slices=99))  # type: ignore[arg-type]
    assert len(pictures) > 30
    row = plain(seer.row)
    labels = Labels(row["label_volume"], row["labels"])
    assert len(labels.layers) == 2  # the nodule lies in the lung
    marked = 0
    for picture in pictures:
        assert picture.cut is not None
        assert picture.plane is not None
        again = derive_slice(row, labels, picture.plane, picture.cut.index, seer.values)
        assert np.array_equal(again.pixels, picture.native)
        assert again.spacing_mm == picture.spacing_mm
        drawn = {a.volume_region: a.mask for a in picture.annotations}
        assert set(drawn) == set(again.masks)
        for region, mask in drawn.items():
            assert np.array_equal(again.masks[region], mask)  # type: ignore[index]
            marked += int(mask.sum())  # type: ignore[union-attr]
    assert marked == 3 * sum(r.voxels for r in seer.row.regions)


def test_the_file_holds_each_region_in_the_patient(
    tmp_path: Path, grid: tuple[np.ndarray, np.ndarray]
) -> None:
    seer, _ = read(tmp_path, grid, "PIR", Cut())
    row, (values, drawn) = plain(seer.row), grid
    assert np.array_equal(seer.values, values)
    labels = Labels(row["label_volume"], row["labels"])
    ids = {r.label: r.id for r in seer.row.regions}
    assert np.array_equal(labels.mask(ids["right lung"]), drawn == 1)
    assert np.array_equal(labels.mask(ids["heart"]), drawn == 2)
    assert row["shape"] == list(SHAPE)
    assert letters_of(np.array(row["affine"]).reshape(4, 4)) == "H\\P\\L"
    lung, heart, nodule = seer.row.regions
    assert (lung.extent_mm, heart.extent_mm) == ([35, 15, 6.75], [15, 4.5, 4.5])
    assert (nodule.parent, nodule.anatomy_path) == (
        lung.id,
        "chest/lung/right lung/pulmonary nodule",
    )
    assert (lung.truncated, lung.side, heart.side) == (False, "right", "unknown")
    assert lung.hu is not None
    assert lung.hu["mean"] == pytest.approx(values[drawn == 1].mean())
    back = index_of(row, (np.array(row["affine"]).reshape(4, 4) @ [3, 5, 7, 1])[:3])
    assert back == pytest.approx([3, 5, 7])


def test_three_planes_meet_in_a_point(tmp_path: Path, grid: tuple[np.ndarray, np.ndarray]) -> None:
    seer, _ = read(tmp_path, grid, "RAS", Cut())
    row = plain(seer.row)
    labels = Labels(row["label_volume"], row["labels"])
    found = derive_planes(row, labels, (4.2, 6.9, 6.4), seer.values)
    value = seer.values[4, 7, 6]
    assert found["axial"].pixels[7, 6] == value
    assert found["coronal"].pixels[SHAPE[0] - 1 - 4, 6] == value  # head up
    assert found["sagittal"].pixels[SHAPE[0] - 1 - 4, 7] == value
    assert {p: d.pixels.shape for p, d in found.items()} == {
        "axial": (14, 20), "coronal": (9, 20), "sagittal": (9, 14),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("plane", "index", "last"),
    [("axial", 9, 8), ("axial", -1, 8), ("coronal", 14, 13), ("sagittal", 20, 19)],
)
def test_off_the_volume_there_is_no_slice_and_no_stack(
    tmp_path: Path, grid: tuple[np.ndarray, np.ndarray], plane: str, index: int, last: int
) -> None:
    seer, _ = read(tmp_path, grid, "RAS", Cut())
    row = plain(seer.row)
    labels = Labels(row["label_volume"], row["labels"])
    told = f"{plane} slice {index}; expected an index from 0 to {last}$"
    with pytest.raises(IndexError, match=told):
        derive_slice(row, labels, plane, index)
    with pytest.raises(IndexError, match=told):  # though neighbours of it are on the volume
        derive_stack(row, labels, plane, index, 5)
    assert derive_slice(row, labels, plane, last).cut.index == last


@pytest.mark.parametrize(
    ("step", "expected"), [(None, [3, 4, 5, 6, 7]), (10.0, [1, 3, 5, 7]), (1.0, [3, 4, 5, 6, 7])]
)
def test_a_stack_is_what_the_recipe_cuts(
    tmp_path: Path, grid: tuple[np.ndarray, np.ndarray], step: float | None, expected: list[int]
) -> None:
    seer, _ = read(tmp_path, grid, "RAS", Cut())
    row = plain(seer.row)
    labels = Labels(row["label_volume"], row["labels"])
    found = derive_stack(row, labels, "axial", 5, 5, step, seer.values)
    assert [one.cut.index for one in found] == expected
    cut = Cut(planes=("axial",), max_slices=1, prefer="even", stack=5, stack_step_mm=step)
    _, pictures = read(tmp_path, grid, "RAS", cut)
    (middle,) = [p for p in pictures if p.cut and p.cut.stack]
    assert middle.cut is not None
    again = derive_stack(row, labels, "axial", middle.cut.index, 5, step, seer.values)
    assert [one.cut.index for one in again] == [p.frame for p in pictures]
    for one, picture in zip(again, pictures, strict=True):
        assert np.array_equal(one.pixels, picture.native)


def test_an_entry_of_the_row_is_its_cut(
    tmp_path: Path, grid: tuple[np.ndarray, np.ndarray]
) -> None:
    from transforms.volumes.entries import cut_entry

    class AnImage:
        id, plane, window = "img-1", "coronal", None

    _, pictures = read(tmp_path, grid, "SLA", Cut(planes=("coronal",)))
    cut = pictures[0].cut
    assert cut is not None
    assert cut_of_row("vol-1", cut_entry(AnImage, cut)) == cut  # type: ignore[arg-type]
