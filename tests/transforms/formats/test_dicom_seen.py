"""DICOM series as volumes: however they were acquired, slices are cuts of one canonical grid."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from schemas.conform import plain
from schemas.volume import VolumeRow
from transforms.formats.dicom_read import read_dicom
from transforms.formats.planes import cut_again
from transforms.formats.structures import Structure
from transforms.formats.volume import Cut, LabelVolume, Seen, Whole
from transforms.picture import Picture
from transforms.volumes.derive import Labels
from transforms.volumes.rows import Terms, fill_row

Writer = Callable[..., Path]
SHAPE, GAP, PIXEL = (5, 16, 20), 5.0, (2.0, 3.0)
ORIENTATIONS = {
    "axial": [1, 0, 0, 0, 1, 0],
    "axial, patient turned over": [-1, 0, 0, 0, 1, 0],
    "axial, rows to the right": [0, 1, 0, -1, 0, 0],
    "sagittal": [0, 1, 0, 0, 0, -1],
    "sagittal, mirrored": [0, -1, 0, 0, 0, -1],
    "coronal": [1, 0, 0, 0, 0, -1],
    "oblique": [0.98480775, 0.17364818, 0, -0.17364818, 0.98480775, 0],
}


class Seer:
    """Keeps every row and the values that were seen; adds a structure as an expert would."""

    def __init__(self, finds: bool = False) -> None:
        self.rows: dict[str, VolumeRow] = {}
        self.values: dict[str, np.ndarray] = {}
        self.finds = finds

    def __call__(self, whole: Whole, structures: list[Structure]) -> Seen:
        id = f"vol-{len(self.rows)}"
        assert whole.load is not None
        self.values[id] = whole.load()
        if self.finds:
            mask = np.ones((1, *whole.shape[1:]), bool)
            found = Structure("lung", (whole.shape[0] - 1, 0, 0), mask, producer="seer@1")
            structures = [*structures, found]
        row = self.rows[id] = VolumeRow(
            id, "volume", "s", "i", whole.key, "CT", None, "p", None, "CC0-1.0", "",
            list(whole.shape),
        )  # fmt: skip
        return Seen(id, fill_row(row, whole, structures, Terms("annotation:s@1", {}, frozenset())))


def series(folder: Path, write: Writer, cosines: list[float]) -> tuple[list[Path], np.ndarray]:
    """Files of a series of random pixels, and its affine (s, r, c, 1) -> LPS mm."""
    pixels = np.random.default_rng(2).integers(-99, 999, SHAPE, dtype=np.int16)
    along, down = np.array(cosines[:3]), np.array(cosines[3:])
    normal = np.cross(along, down)
    affine = np.eye(4)
    affine[:3] = np.column_stack([normal * GAP, down * PIXEL[0], along * PIXEL[1], [40, -20, 7]])
    paths = [
        write(
            folder / f"{i}.dcm", layer, ImageOrientationPatient=cosines, SOPInstanceUID=f"1.7.{i}",
            ImagePositionPatient=(affine @ [i, 0, 0, 1])[:3].tolist(), PixelSpacing=list(PIXEL),
        )
        for i, layer in enumerate(pixels)
    ]  # fmt: skip
    return paths, affine


def drawn(folder: Path, affine: np.ndarray) -> LabelVolume:
    """Two structures on the grid of the series, an L and a lump, as a NIfTI file."""
    grid = np.zeros(SHAPE, np.uint8)
    grid[1:4, 2, 3:15] = grid[1, 2:11, 3] = 1
    grid[2:4, 8:13, 9:17] = 2
    ras = np.diag([-1, -1, 1, 1]) @ affine[:, [2, 1, 0, 3]]
    nib.save(nib.Nifti1Image(grid.transpose(2, 1, 0), ras), folder / "labels.nii.gz")
    return LabelVolume(folder / "labels.nii.gz", {1: "aorta", 2: "liver"})


@pytest.mark.parametrize("cosines", list(ORIENTATIONS.values()), ids=list(ORIENTATIONS))
def test_every_picture_is_a_cut_of_the_canonical_grid(
    tmp_path: Path, write_dicom: Writer, cosines: list[float]
) -> None:
    paths, affine = series(tmp_path, write_dicom, cosines)
    seer = Seer()
    cut = Cut(planes=("acquired", "axial", "coronal", "sagittal"), max_slices=99, prefer="even")
    found = list(read_dicom(paths, cut=cut, labels=drawn(tmp_path, affine), see=seer))
    pictures = [p for p in found if isinstance(p, Picture)]
    assert len(pictures) == len(found) >= sum(SHAPE)
    ((id, row),) = seer.rows.items()
    labels = Labels(row.label_volume, row.labels)
    marked: dict[str, int] = {}
    for picture in pictures:
        assert picture.cut is not None
        assert np.array_equal(cut_again(seer.values[id], picture.cut), picture.native)
        masks = labels.masks_on(picture.cut)
        assert set(masks) == {a.volume_region for a in picture.annotations}
        for a in picture.annotations:
            assert np.array_equal(masks[a.volume_region], a.mask)  # type: ignore[index]
            marked[a.label] = marked.get(a.label, 0) + int(a.mask.sum())  # type: ignore[union-attr]
    assert marked == {r.label: 3 * r.voxels for r in row.regions}
    voxel_ml = GAP * PIXEL[0] * PIXEL[1] / 1000
    assert [r.volume_ml for r in row.regions] == pytest.approx([44 * voxel_ml, 80 * voxel_ml])
    placed = np.array(row.affine).reshape(4, 4)
    directions = placed[:3, :3] / np.linalg.norm(placed[:3, :3], axis=0)
    assert (np.diag(directions[[2, 1, 0]]) > 0.9).all()  # to the head, to the back, to the left


def test_what_an_expert_finds_lies_in_the_slices_as_stored(
    tmp_path: Path, write_dicom: Writer
) -> None:
    paths, _ = series(tmp_path, write_dicom, ORIENTATIONS["axial, patient turned over"])
    seer = Seer(finds=True)
    found = list(read_dicom(paths, cut=Cut(max_slices=99, prefer="even"), see=seer))
    marked = [p for p in found if isinstance(p, Picture) and p.annotations]
    (picture,) = marked  # slices run to the feet: the head's last slice is the first stored
    assert picture.frame == 0
    assert picture.cut is not None
    assert (picture.cut.index, picture.cut.flips) == (SHAPE[0] - 1, (False, True))
    assert picture.annotations[0].producer == "seer@1"
    assert picture.annotations[0].mask is not None
    assert picture.annotations[0].mask.all()


def test_stacks_as_stored(tmp_path: Path, write_dicom: Writer) -> None:
    paths, _ = series(tmp_path, write_dicom, ORIENTATIONS["sagittal, mirrored"])
    cut = Cut(max_slices=1, prefer="even", stack=3)
    found = [p for p in read_dicom(paths, cut=cut, see=Seer()) if isinstance(p, Picture)]
    assert [p.frame for p in found] == [1, 2, 3]
    assert [p.cut.stack for p in found if p.cut] == [(), (1, 2, 3), ()]
    alone = [p for p in read_dicom(paths, cut=replace(cut, stack=1)) if isinstance(p, Picture)]
    assert [p.frame for p in alone] == [2]
    assert alone[0].cut is None  # nobody asked for volumes


def test_a_slice_that_cannot_be_decoded_leaves_hu_unmeasured(
    tmp_path: Path, write_dicom: Writer
) -> None:
    from pydicom import dcmread

    paths, affine = series(tmp_path, write_dicom, ORIENTATIONS["axial"])
    ds = dcmread(paths[4])
    ds.PixelData = ds.PixelData[:100]
    ds.save_as(paths[4])

    rows: list[VolumeRow] = []

    def see(whole: Whole, structures: list[Structure]) -> Seen:
        rows.append(
            VolumeRow("vol-0", "volume", "s", "i", "", "CT", None, "p", None, "CC0-1.0", "", [])
        )
        return Seen("vol-0", fill_row(rows[0], whole, structures, Terms("a", {}, frozenset())))

    found = list(read_dicom(paths, cut=Cut(), labels=drawn(tmp_path, affine), see=see))
    assert len([p for p in found if isinstance(p, Picture)]) == 3  # the slices with a structure
    assert rows[0].flags == ["values not read"]
    assert [r.hu for r in rows[0].regions] == [None, None]
    assert [r.volume_ml for r in rows[0].regions] != [None, None]


@pytest.mark.samples
@pytest.mark.parametrize("name", ["ct_binary", "ct_binary_overlap"])
def test_segments_of_a_real_series(samples: Path, name: str) -> None:
    highdicom = pytest.importorskip("highdicom", reason="needs the extra `dicom`")
    folder = samples / "pydicom_testfiles/dicomdirtests/77654033/CT2"
    path, seer = samples / f"highdicom_testfiles/seg_image_{name}.dcm", Seer()
    found = list(read_dicom(sorted(folder.iterdir()), cut=Cut(), seg=[path], see=seer))
    assert all(isinstance(p, Picture) for p in found)
    (row,) = seer.rows.values()
    labels = Labels(row.label_volume, row.labels)
    seg = highdicom.seg.segread(path)
    pixels = seg.pixel_array if seg.pixel_array.ndim == 3 else seg.pixel_array[None]
    of = [f.SegmentIdentificationSequence[0].ReferencedSegmentNumber
          for f in seg.PerFrameFunctionalGroupsSequence]  # fmt: skip
    counted = {
        s.SegmentLabel: int(
            sum(p.sum() for p, n in zip(pixels, of, strict=True) if n == s.SegmentNumber)
        )
        for s in seg.SegmentSequence
    }
    assert {r.source_label: r.voxels for r in row.regions} == {
        k: v for k, v in counted.items() if v
    }
    assert plain(row)["regions"][0]["hu"] is not None
    for region in row.regions:
        assert int(labels.mask(region.id).sum()) == region.voxels
