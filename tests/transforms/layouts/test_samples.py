"""Every shipped declaration against the real samples."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from schemas.declaration import load_declaration
from schemas.reject import Fault
from schemas.vocabulary import findings
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture

SOURCES = Path(__file__).resolve().parents[3] / "pipelines" / "sources"
ONE = Cut(max_slices=1)

# name: (items, faults of the listing by reason), counted by hand from SOURCE.md and the folders
WANTED = {
    "bccd": (91, {}),
    "busbra": (36, {}),
    "cdd-cesm": (13, {}),
    "chase-db1": (14, {}),
    "covid-cxr-longitudinal": (39, {}),
    "covid-cxr-segmentations": (40, {"reference_unknown": 60}),
    "dsb2018": (45, {}),
    "faz-octa": (16, {}),
    "hc18": (12, {}),
    "highdicom-testfiles": (9, {"reference_unknown": 5, "no_pixels": 3, "not_medical": 1}),
    "isic2017": (140, {}),
    "kvasir-seg": (22, {}),
    "lesymap": (20, {}),
    "open-ms": (4, {}),
    "openslide-cmu1": (1, {}),
    "presidio": (3, {"not_medical": 7}),
    "pydicom-testfiles": (None, None),
    "qupath-drawing": (0, {"not_medical": 1}),
    "stardist-nuclei": (1, {}),
    "sts-pet": (14, {}),
    "totalsegmentator": (4, {}),
}


@pytest.mark.samples
@pytest.mark.parametrize("name", [p.stem for p in sorted(SOURCES.glob("*.yaml"))])
def test_every_source_lists_and_reads(samples: Path, name: str) -> None:
    declaration = load_declaration(SOURCES / f"{name}.yaml")
    root = samples / declaration.folder
    if not root.is_dir():
        pytest.skip(f"no {declaration.folder} among the samples")
    listing = list_items(declaration, root)
    items, faults = WANTED[name]
    if items is not None:
        assert len(listing.items) == items
        assert Counter(f.reason for _, f in listing.faults) == faults
    for item in listing.items[:2]:
        for one in read_item(item, declaration, root, ONE):
            if isinstance(one, Picture):
                check(one, meaning(one, item, declaration), declaration)


def check(picture: Picture, means: object, declaration: object) -> None:
    height, width = picture.display.shape[:2]
    assert picture.display.dtype == np.uint8
    assert means.label_map.items() <= declaration.label_map.items()
    assert set(means.label_map.values()) <= {f.name for f in findings()}
    for annotation in picture.annotations:
        if annotation.mask is not None:
            assert annotation.mask.shape == (height, width)
            assert annotation.mask.dtype == bool
            assert annotation.mask.any()
        else:
            x0, y0, x1, y1 = annotation.box
            assert 0 <= x0 < x1 <= width
            assert 0 <= y0 < y1 <= height


def pictures(samples: Path, name: str, count: int | None = None, cut: Cut = ONE) -> list:
    """(item, picture or fault, meaning or None) of the first items of a source."""
    declaration = load_declaration(SOURCES / f"{name}.yaml")
    root = samples / declaration.folder
    found = []
    for item in list_items(declaration, root).items[:count]:
        for one in read_item(item, declaration, root, cut):
            means = None if isinstance(one, Fault) else meaning(one, item, declaration)
            found.append((item, one, means))
    return found


@pytest.mark.samples
def test_boxes_of_bccd_equal_its_table(samples: Path) -> None:
    """test.csv repeats the boxes: an independent reading of the same annotation."""
    import csv

    table = Counter()
    with (samples / "bccd_blood_cells/test.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            box = tuple(int(row[k]) for k in ("xmin", "ymin", "xmax", "ymax"))
            table[row["filename"], row["cell_type"], box] += 1
    mine = Counter()
    for item, one, _ in pictures(samples, "bccd"):
        for a in one.annotations:
            x0, y0, x1, y1 = map(int, a.box)
            mine[item.columns["file"], a.label, (x0 + 1, y0 + 1, x1, y1)] += 1
    assert sum(mine.values()) > 1000
    in_table = {k for k in mine if any(f == k[0] for f, _, _ in table)}
    assert in_table
    assert all(table[k] for k in in_table)


@pytest.mark.samples
def test_lungs_lie_on_the_right_side_of_the_picture(samples: Path) -> None:
    """The patient's right lung is at the left of a frontal radiograph: boxes and pasted crops alike."""
    for name in ("covid-cxr-longitudinal", "covid-cxr-segmentations"):
        seen = 0
        for _, one, _ in pictures(samples, name, 7):
            if isinstance(one, Fault):
                continue
            centre = {}
            for a in one.annotations:
                xs = (
                    np.nonzero(a.mask.any(axis=0))[0]
                    if a.mask is not None
                    else np.array(a.box[::2])
                )
                centre[a.label] = xs.mean()
            if {"Left Lung", "Right Lung"} <= centre.keys():
                assert centre["Right Lung"] < centre["Left Lung"]
                seen += 1
        assert seen >= 5


@pytest.mark.samples
def test_mammograms_are_upright(samples: Path) -> None:
    """In an MLO view the breast is widest in the lower part once the copy's flip is undone."""
    checked = 0
    for item, one, means in pictures(samples, "cdd-cesm"):
        if item.columns["view"] != "MLO" or means is None:
            continue
        rows = np.argwhere((one.display > 20).sum(axis=1) > 5).ravel()
        width = (one.display > 20).sum(axis=1)
        widest = np.average(rows, weights=width[rows].astype(float) ** 4)
        assert widest > (rows.min() + rows.max()) / 2
        assert means.side == {"L": "left", "R": "right"}[item.columns["breast"]]
        checked += 1
    assert checked >= 8


@pytest.mark.samples
def test_head_outlines_are_filled(samples: Path) -> None:
    for _, one, _ in pictures(samples, "hc18"):
        (head,) = one.annotations
        rows, columns = np.nonzero(head.mask)
        box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
        assert (
            0.70 < head.mask.sum() / box < 0.82
        )  # an ellipse fills pi / 4 of its box, less if it leans


@pytest.mark.samples
def test_colors_of_busbra_agree_with_the_names(samples: Path) -> None:
    found = pictures(samples, "busbra")
    assert all(a.label == item.columns["class"] for item, one, _ in found for a in one.annotations)
    assert all(len(one.annotations) == 1 for _, one, _ in found)


@pytest.mark.samples
def test_no_breast_side_is_taken_from_the_panel_letter(samples: Path) -> None:
    """benign_0879-l carries the burned-in words MAMA DIR, the right breast: the letter is no side."""
    assert all(means.side is None for _, _, means in pictures(samples, "busbra", 12))


@pytest.mark.samples
def test_nuclei_modalities_are_as_seen(samples: Path) -> None:
    """23 fluorescence, 22 stained (SOURCE.md); only the stained ones hold colour."""
    found = Counter((m.modality, p.display.ndim) for _, p, m in pictures(samples, "dsb2018"))
    assert found == {("GM-FL", 2): 23, ("GM-BF", 3): 22}


@pytest.mark.samples
def test_augmented_copies_are_flagged_and_have_no_side(samples: Path) -> None:
    for _, one, means in pictures(samples, "sts-pet"):
        assert means.flags == ["augmented copy"]
        assert all(a.side is None for a in one.annotations)


@pytest.mark.samples
def test_lesymap_lesions_lie_in_the_left_hemisphere(samples: Path) -> None:
    """SOURCE.md: all kept lesions are left; the patient's left is at the right of an axial picture."""
    for _, one, means in pictures(samples, "lesymap", 4):
        assert "template image, not the patient" in means.flags
        assert one.spacing_mm is None
        columns = sum(
            a.mask.sum(axis=0) for a in one.annotations
        )  # a stray voxel may lie elsewhere
        assert np.average(np.arange(len(columns)), weights=columns) > len(columns) / 2


@pytest.mark.samples
def test_malformed_dicom_files_are_told_not_raised(samples: Path) -> None:
    declaration = load_declaration(SOURCES / "pydicom-testfiles.yaml")
    root = samples / declaration.folder
    listing = list_items(declaration, root)
    told = {name for name, _ in listing.faults}
    for item in listing.items:
        for one in read_item(item, declaration, root, ONE):
            told |= set(item.files["image"]) if isinstance(one, Fault) else set()
    four = (
        "JPEG2000-embedded-sequence-delimiter",
        "JPEG-lossy",
        "meta_missing_tsyntax",
        "nested_priv_SQ",
    )
    assert {f"{name}.dcm" for name in four} <= told


@pytest.mark.samples
def test_what_is_called_complete_is_found_in_every_picture_that_must_hold_it(samples: Path) -> None:
    """A lung, a head, a vessel tree is in each of these pictures; were one missing, it was not drawn."""
    for name, labels in {
        "covid-cxr-longitudinal": {"Left Lung", "Right Lung"},
        "chase-db1": {"vessel"},
        "hc18": {"head"},
        "kvasir-seg": {"polyp"},
    }.items():
        for item, one, means in pictures(samples, name, 39 if "covid" in name else 6):
            assert means.complete == labels
            assert {a.label for a in one.annotations} == labels, item.name
    for _, one, means in pictures(samples, "covid-cxr-segmentations", 3):
        assert (
            isinstance(one, Fault) or not means.complete
        )  # two of its pictures lack a visible lung


@pytest.mark.samples
def test_a_posteroanterior_view_is_not_believed(samples: Path) -> None:
    """The column says PA of pictures that are burned in as portable or AP."""
    declaration = load_declaration(SOURCES / "covid-cxr-longitudinal.yaml")
    root = samples / declaration.folder
    if not root.is_dir():
        pytest.skip(f"no {declaration.folder} among the samples")
    views: Counter[tuple[str, str | None]] = Counter()
    for item in list_items(declaration, root).items:
        column = item.columns["view"]
        says = meaning(Picture(item.name, np.zeros((9, 9), np.uint8)), item, declaration)
        views[column, says.view] += 1
        assert "PA" not in [s.value for s in says.statements]
    assert views == {("PA", None): 30, ("AP", "AP"): 8, ("AP Supine", "AP supine"): 1}


@pytest.mark.samples
def test_a_skin_line_is_no_lesion(samples: Path) -> None:
    declaration = load_declaration(SOURCES / "cdd-cesm.yaml")
    root = samples / declaration.folder
    if not root.is_dir():
        pytest.skip(f"no {declaration.folder} among the samples")
    drawn = {
        item.name: len(one.annotations)
        for item in list_items(declaration, root).items
        for one in read_item(item, declaration, root, ONE)
        if isinstance(one, Picture)
    }
    assert [name for name, count in drawn.items() if not count] == ["images/flipped_P84_L_DM_MLO"]
