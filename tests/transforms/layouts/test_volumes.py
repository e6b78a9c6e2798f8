"""NIfTI and DICOM items: label volumes, structures, templates, SEG by reference."""

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from schemas.reject import Fault
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture

SHAPE = (12, 10, 6)  # x, y, z: all different
AFFINE = np.diag([2.0, 3.0, 4.0, 1.0])


def volume(path: Path, values: np.ndarray, affine: np.ndarray = AFFINE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(values, affine)
    image.header.set_xyzt_units("mm")
    image.set_qform(affine, 1)
    nib.save(image, path)


def scan(root: Path, name: str) -> None:
    volume(root / name, (np.arange(np.prod(SHAPE)).reshape(SHAPE) % 500).astype(np.int16))


def read(root: Path, declaration: object) -> list[Picture | Fault]:
    return [
        p
        for i in list_items(declaration, root).items
        for p in read_item(i, declaration, root, Cut())
    ]


LABELLED = """
images: [{glob: "ct/*.nii.gz", format: nifti}]
modality: CT
anatomy: abdomen
EXTRA
annotations:
  - reader: label-volume
    file: seg/{stem}.nii.gz
    values: {1: spleen, 9: tumour}
    components: COMPONENTS
    labels: {tumour: liver tumor}
    complete: [spleen]
"""


def labelled(extra: str = "", components: str = "false") -> str:
    return LABELLED.replace("EXTRA", extra).replace("COMPONENTS", components)


def test_a_label_volume(root: Path, declare: Callable) -> None:
    scan(root, "ct/a.nii.gz")
    labels = np.zeros(SHAPE, np.uint8)
    labels[2:4, 3:8, 2:5] = 1
    labels[8, 1, 2] = labels[8, 8, 2] = 9
    volume(root / "seg/a.nii.gz", labels)
    pictures = read(root, declare(labelled()))
    assert all(isinstance(p, Picture) for p in pictures)
    drawn = {a.label: a for p in pictures if "slice=0002" in p.key for a in p.annotations}
    assert int(drawn["spleen"].mask.sum()) == 10
    assert drawn["spleen"].volume_ml == pytest.approx(2 * 5 * 3 * 0.024)
    assert int(drawn["tumour"].mask.sum()) == 2
    assert {w for p in pictures for w in p.complete} == {
        "spleen"
    }  # tumour is not declared complete
    apart = read(root, declare(labelled(components="true")))
    tumours = [
        a for p in apart if "slice=0002" in p.key for a in p.annotations if a.label == "tumour"
    ]
    assert [int(a.mask.sum()) for a in tumours] == [1, 1]
    assert tumours[0].instance != tumours[1].instance


@pytest.mark.parametrize(
    "reason", ["annotation_absent", "mask_geometry_differs", "not_this_format"]
)
def test_a_bad_label_volume_leaves_the_pictures(root: Path, declare: Callable, reason: str) -> None:
    scan(root, "ct/a.nii.gz")
    if reason == "mask_geometry_differs":
        moved = AFFINE.copy()
        moved[0, 3] = 40
        volume(root / "seg/a.nii.gz", np.ones(SHAPE, np.uint8), moved)
    elif reason == "not_this_format":
        (root / "seg").mkdir()
        (root / "seg/a.nii.gz").write_bytes(b"hello")
    found = read(root, declare(labelled()))
    faults = [f for f in found if isinstance(f, Fault)]
    assert [(f.reason, f.scope) for f in faults] == [(reason, "region")]
    pictures = [p for p in found if isinstance(p, Picture)]
    assert len(pictures) > 1
    assert all("annotation incomplete" in p.flags and not p.complete for p in pictures)


def test_structures_one_a_file(root: Path, declare: Callable) -> None:
    scan(root, "ct/a.nii.gz")
    for name, x in (("lung_left", 2), ("kidney_right", 9)):
        mask = np.zeros(SHAPE, np.uint8)
        mask[x, 2:6, 1:4] = 1
        volume(root / f"seg/a/{name}.nii.gz", mask)
    volume(root / "seg/a/spleen.nii.gz", np.zeros(SHAPE, np.uint8))  # outside the field of view
    text = """
images: [{glob: "ct/*.nii.gz", format: nifti}]
modality: CT
annotations:
  - reader: structure-volumes
    files: seg/{stem}/*.nii.gz
    labels: {lung_left: left lung, kidney_right: right kidney, spleen: spleen}
    complete: true
"""
    pictures = read(root, declare(text))
    assert {a.label for p in pictures for a in p.annotations} == {"lung_left", "kidney_right"}
    assert set(pictures[0].complete) == {"lung_left", "kidney_right", "spleen"}


def test_masks_shown_on_a_template_tell_no_size(root: Path, declare: Callable) -> None:
    scan(root, "template.nii.gz")
    mask = np.zeros(SHAPE, np.float32)
    mask[2:5, 3:8, 2] = 1
    volume(root / "lesions/s1.nii.gz", mask)
    text = """
images: [{glob: "lesions/*.nii.gz", format: nifti, show: template.nii.gz, name: "{stem}"}]
modality: MR
columns: {patient: "{stem}"}
display: {physical_size: unknown}
flags: ["template image, not the patient"]
annotations: [{reader: label-volume, file: "{path}", values: {1: lesion}, labels: {lesion: stroke lesion}}]
"""
    declaration = declare(text)
    (item,) = list_items(declaration, root).items
    assert (item.name, item.files["image"]) == ("s1", ["template.nii.gz"])
    drawn = [p for p in read(root, declaration) if p.annotations]
    assert [int(a.mask.sum()) for p in drawn for a in p.annotations] == [15]
    assert all(p.spacing_mm is None and a.volume_ml is None for p in drawn for a in p.annotations)
    found = meaning(drawn[0], item, declaration)
    assert (found.patient, found.flags) == ("s1", ["template image, not the patient"])


def test_dicom_objects_find_their_image_by_reference(declare: Callable) -> None:
    from pydicom.data import get_testdata_file

    root = Path(get_testdata_file("CT_small.dcm")).parent
    text = """
images: [{glob: [CT_small.dcm, rtstruct.dcm, reportsi.dcm, MR_small.dcm], format: dicom}]
modality: "{modality}"
annotations: [{reader: dicom-objects}]
"""
    declaration = declare(text)
    listing = list_items(declaration, root)
    assert [i.files["image"] for i in listing.items] == [["CT_small.dcm"], ["MR_small.dcm"]] or [
        i.files["image"] for i in listing.items
    ] == [["MR_small.dcm"], ["CT_small.dcm"]]
    assert {(n, f.reason) for n, f in listing.faults} == {
        ("reportsi.dcm", "no_pixels"),
        ("rtstruct.dcm", "reference_unknown"),
    }
    found = read(root, declaration)
    pictures = [p for p in found if isinstance(p, Picture)]
    assert sorted(
        meaning(p, i, declaration).modality for p, i in zip(pictures, listing.items, strict=True)
    ) == ["CT", "MR"]
    assert [f.reason for f in found if isinstance(f, Fault)] == ["annotation_absent"] * 2


@pytest.mark.samples
def test_a_dicomdir_lists_the_items(samples: Path, declare: Callable) -> None:
    root = samples / "pydicom_testfiles"
    text = """
images: [{dicomdir: dicomdirtests/DICOMDIR, format: dicom}]
modality: "{modality}"
"""
    listing = list_items(declare(text), root)
    files = sorted(path for item in listing.items for path in item.files["image"])
    assert len(files) == 31  # every image file of the tree, and no file beside it
    assert all(path.startswith(("dicomdirtests/7", "dicomdirtests/9")) for path in files)
