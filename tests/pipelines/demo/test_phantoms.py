"""The phantoms against their own answer sheet, read back by other libraries."""

import hashlib
import json
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import nibabel
import numpy as np
import pytest
import tifffile
from PIL import Image
from pycocotools.coco import COCO

from pipelines.demo import slide
from pipelines.demo.phantoms import DATASETS, read_truth, write_phantoms
from pipelines.demo.roots import demo_roots
from pipelines.demo.shapes import blob, tight_box
from pipelines.demo.truth import Phantom

Truth = dict[str, list[Phantom]]


def digests(root: Path) -> dict[str, str]:
    files = sorted(p for p in root.rglob("*") if p.is_file())
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def drawn(phantoms: Path) -> tuple[Path, Truth]:
    return phantoms, read_truth(phantoms)


def boxes(phantom: Phantom) -> list[tuple[str, list[int]]]:
    """What the dataset tells of it."""
    return sorted((o.label, o.box) for o in phantom.objects if o.annotated)


def test_same_files_each_time_and_quickly(drawn: tuple[Path, Truth], tmp_path: Path) -> None:
    start = time.process_time()
    truth = write_phantoms(tmp_path)
    assert time.process_time() - start < 6  # measured: about 1.5 s
    assert digests(tmp_path) == digests(drawn[0])
    assert truth == drawn[1]


def test_every_item_of_the_sheet_is_a_file(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    assert set(truth) == set(DATASETS)
    for source, phantoms in truth.items():
        assert all((root / source / p.item).is_file() for p in phantoms), source
    assert json.loads((root / "truth.json").read_text())["phantom-nuclei"][0]["item"].startswith(
        "field00"
    )


def test_box_of_a_known_blob() -> None:
    mask = blob((20, 30), (5, 20), (2, 6))  # rows 3..7, columns 14..26; swapped axes would differ
    assert tight_box(mask) == [14, 3, 27, 8]


def test_masks_of_ultrasound(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    for p in truth["phantom-breast-ultrasound"]:
        path = root / "phantom-breast-ultrasound" / p.item
        (mass,) = p.objects
        file = path.parents[1] / "masks" / path.name
        assert file.is_file() == mass.annotated == (p.patient not in ("004", "008"))
        image, inside = np.asarray(Image.open(path)), mass.mask(*p.size)
        if mass.annotated:
            assert (np.asarray(Image.open(file)) == 255 * inside).all()
        assert image[inside].mean() < 0.6 * image[~inside].mean()  # hypoechoic
        assert path.stem == f"{p.facts['class']}_{p.patient}-{str(p.facts['side'])[0]}"


def test_voc_boxes_are_one_based_and_inclusive(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    edges = ("xmin", "ymin", "xmax", "ymax")
    for p in truth["phantom-blood-smear"]:
        path = root / "phantom-blood-smear" / "Annotations" / f"{Path(p.item).stem}.xml"
        found = []
        for node in ET.parse(path).getroot().iter("object"):
            x0, y0, x1, y1 = (int(node.findtext(f"bndbox/{e}", "")) for e in edges)
            found.append((node.findtext("name"), [x0 - 1, y0 - 1, x1, y1]))
        assert sorted(found) == boxes(p)
    labels = [o.label for p in truth["phantom-blood-smear"] for o in p.objects]
    assert min(labels.count(name) for name in ("RBC", "WBC", "Platelets")) >= 12


def test_one_mask_a_nucleus_and_none_overlap(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    for p in truth["phantom-nuclei"]:
        folder = root / "phantom-nuclei" / p.patient / "masks"
        masks = [np.asarray(Image.open(f)) == 255 for f in sorted(folder.glob("*"))]
        assert np.array_equal(masks, [o.mask(*p.size) for o in p.objects if o.annotated])
        assert sum(o.mask(*p.size).astype(int) for o in p.objects).max() == 1
        assert bool(masks) == (p.patient not in ("field04", "field09"))
    counts = [len(p.objects) for p in truth["phantom-nuclei"]]
    assert counts == list(range(5, 15))


def test_coco_masks_fill_to_the_drawn_ones(drawn: tuple[Path, Truth], capsys: object) -> None:
    root, truth = drawn
    coco = COCO(root / "phantom-fundus" / "annotations.json")
    for image_id, p in zip(sorted(coco.imgs), truth["phantom-fundus"], strict=True):
        notes = coco.loadAnns(coco.getAnnIds([image_id]))
        found = []
        for note in notes:
            mask = coco.annToMask(note).astype(bool)
            name = coco.cats[note["category_id"]]["name"]
            found.append((name, tight_box(mask)))
            assert int(mask.sum()) == note["area"]
        assert sorted(found) == boxes(p)
        disc = next(o for o in p.objects if o.label == "optic disc")
        assert (disc.box[0] > 112) == (p.facts["side"] == "right")


def test_yolo_shares_give_the_boxes_back(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    source = root / "phantom-radiograph"
    names = (source / "classes.txt").read_text().split()
    empty = 0
    for p in truth["phantom-radiograph"]:
        width, height = Image.open(source / p.item).size
        assert [width, height] == p.size
        found = []
        for line in (source / "labels" / f"{p.patient}.txt").read_text().splitlines():
            kind, *shares = line.split()
            x, y, w, h = (float(s) * n for s, n in zip(shares, (width, height) * 2, strict=True))
            box = [round(v) for v in (x - w / 2, y - h / 2, x + w / 2, y + h / 2)]
            found.append((names[int(kind)], box))
        empty += not found
        assert sorted(found) == boxes(p)
    assert empty == 4


def test_masks_of_the_sheet_lie_on_what_is_seen(drawn: tuple[Path, Truth]) -> None:
    """Drawn and not annotated: lesions are dark, and lungs on a film."""
    seen = {"lesion": 0, "right lung": 0, "left lung": 0}
    root, truth = drawn
    for source in ("phantom-skin", "phantom-radiograph"):
        for p in truth[source]:
            green = np.asarray(Image.open(root / source / p.item).convert("RGB"))[..., 1]
            for o in (o for o in p.objects if not o.annotated):
                mask = o.mask(*p.size)
                assert (tight_box(mask), np.count_nonzero(mask)) == (o.box, o.area_px)
                around = cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8)) > mask
                assert np.median(green[mask]) < np.median(green[around]) - 4, (p.item, o.label)
                seen[o.label] += 1
    assert seen == {"lesion": 14, "right lung": 12, "left lung": 12}


def test_slide(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    (p,) = truth["phantom-slide"]
    with tifffile.TiffFile(root / "phantom-slide" / p.item) as file:
        sizes = [page.shape[:2] for page in file.pages]
        assert "AppMag = 20|MPP = 0.5" in file.pages[0].description
        scan = file.pages[0].asarray()
    assert sizes == [(1024, 1280), (64, 80), (256, 320), (60, 80), (60, 80)]
    nuclei = sum(o.mask(*p.size).astype(int) for o in p.objects)
    assert nuclei.max() == 1  # none touch
    assert len(p.objects) > 200
    sharp = np.ones_like(nuclei, bool)
    sharp[slide.BLURRED] = False
    dark = scan[..., 0] < 150
    green = scan[..., 1] > scan[..., 0] + 40
    assert (dark & ~green)[(nuclei == 1) & sharp].mean() > 0.85  # soft rims, ink over some
    assert dark[nuclei == 0].mean() < 0.05


def test_table_of_skin(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    lines = (root / "phantom-skin" / "patients.csv").read_bytes().decode("latin-1").split("\r\n")
    assert lines[:2] == ["lesion;age;sex;caméra", "0007;25;F;phantom"]
    assert len(lines) == len(truth["phantom-skin"]) + 2


def test_nodule_lies_in_the_right_lung_of_the_patient(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    nodules = 0
    assert not (root / "phantom-chest-ct/ct04/labels.nii.gz").exists()
    for p in truth["phantom-chest-ct"][:3]:
        folder = root / "phantom-chest-ct" / p.patient
        scan, labels, nodule = (
            nibabel.load(folder / f"{n}.nii.gz") for n in ("ct", "labels", "nodule")
        )
        hu, label, spot = (np.asarray(v.dataobj) for v in (scan, labels, nodule))
        assert abs(np.median(hu[label == 1]) + 850) < 15
        assert hu[:4].mean() == pytest.approx(-1000, abs=5)
        middle = {v: centre(labels, label == v) for v in (1, 2, 3)}
        assert middle[1][0] > 0 > middle[2][0]  # RAS+: x grows to the right of the patient
        assert middle[3][0] < 0  # the heart is left of the middle
        assert middle[3][1] > middle[1][1]  # and in front
        assert p.facts["lung nodule mL"] == pytest.approx((spot == 1).sum() * 0.024, abs=1e-3)
        if spot.any():
            nodules += 1
            assert hu[spot == 1].mean() == pytest.approx(60, abs=3)
            assert (label[spot == 1] == 1).all()  # it lies in the right lung
    assert nodules == 2


def test_lesions_are_bright_and_inside_the_brain(drawn: tuple[Path, Truth]) -> None:
    root, truth = drawn
    counts = []
    for p in truth["phantom-brain-mr"]:
        folder = root / "phantom-brain-mr" / p.patient
        scan = np.asarray(nibabel.load(folder / "flair.nii.gz").dataobj)
        brain = np.asarray(nibabel.load(folder / "structures/brain.nii.gz").dataobj) == 1
        path = folder / "structures/lesion.nii.gz"
        image = nibabel.load(path)
        lesion = np.asarray(image.dataobj) == 1
        counts.append(lesion.any())
        if lesion.any():
            assert not (lesion & ~brain).any()
            assert scan[lesion].mean() > 1.7 * scan[brain].mean()
            if p.patient == "mr01":
                assert centre(image, lesion)[0] < 0  # left hemisphere
    assert counts == [True, True, False]


def centre(image: nibabel.Nifti1Image, mask: np.ndarray) -> np.ndarray:
    """Centroid of a mask in mm, RAS+."""
    return nibabel.affines.apply_affine(image.affine, np.argwhere(mask)).mean(axis=0)


def test_samples_of_the_packages_are_where_we_say(tmp_path: Path) -> None:
    roots = demo_roots(tmp_path)
    assert (roots["pydicom-samples"] / "CT_small.dcm").is_file()
    assert (roots["nibabel-samples"] / "anatomical.nii").is_file()
    assert roots["phantom-skin"] == tmp_path / "phantom-skin"
    assert len(demo_roots()) == 2
