"""Slides to tiles: pixels, resolution, facts, refusals, memory."""

import gc
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from schemas.declaration.slides import Slides
from schemas.reject import Fault
from transforms.formats.slide import WholeSlide
from transforms.picture import Picture
from transforms.slides.contours import Contour
from transforms.slides.tiles import cut_slide


def cut(path: Path, contours: tuple = (), **wanted: object) -> tuple[list[Picture], list[Fault]]:
    first = bool(wanted.pop("drawn_first", True))
    with WholeSlide(path) as slide:
        found = list(cut_slide(slide, Slides(**wanted), list(contours), drawn_first=first))
    pictures = [one for one in found if isinstance(one, Picture)]
    return sorted(pictures, key=lambda p: p.frame), [f for f in found if isinstance(f, Fault)]


def reasons(faults: list[Fault]) -> dict[str, str]:
    return {f.reason: f.detail for f in faults}


@pytest.fixture(scope="module")
def slide(aperio, tissue, tmp_path_factory) -> tuple[Path, np.ndarray]:
    picture = tissue(1280, 1792)
    return aperio(tmp_path_factory.mktemp("slide") / "a.svs", picture), picture


def test_a_level_as_it_is_gives_its_own_pixels(slide) -> None:
    path, picture = slide
    pictures, _ = cut(path, mpp=0.5, tile=256, least_tissue=0.9)
    assert len(pictures) == 5 * 4  # columns 2 to 6 of 7, rows 0 to 3 of 5
    for one in pictures:
        x, y = (int(part.split("=")[1]) for part in one.key.split(";"))
        assert np.array_equal(one.display, picture[y : y + 256, x : x + 256])
        assert one.spacing_mm == (0.0005, 0.0005)
    assert pictures[0].key == "x=0000512;y=0000000"
    assert [p.frame for p in pictures[:6]] == [2, 3, 4, 5, 6, 9]  # places, row by row
    assert pictures[5].tile.box == (512, 256, 768, 512)
    assert pictures[5].tile.levels == ((1792, 1280, 1.0), (448, 320, 4.0))


def test_a_resolution_between_levels_is_exact(slide) -> None:
    path, picture = slide
    pictures, _ = cut(path, mpp=1.25, tile=128, least_tissue=0.9, checks=[])
    reference = Image.fromarray(picture)
    for one in pictures:
        x0, y0, x1, y1 = one.tile.box
        assert (x1 - x0, y1 - y0) == (320, 320)
        wanted = reference.resize((128, 128), Image.Resampling.BILINEAR, box=(x0, y0, x1, y1))
        assert np.abs(one.display.astype(int) - np.asarray(wanted).astype(int)).max() <= 1
        assert one.spacing_mm == (0.00125, 0.00125)
    steps = [s["parameters"] for s in pictures[0].steps]
    assert '"resampled": true' in steps[0]


def test_tiles_that_overlap_lie_a_share_of_their_side_apart(slide) -> None:
    pictures, _ = cut(slide[0], mpp=0.5, tile=256, overlap=0.25, least_tissue=0.99)
    corners = sorted({p.tile.box[0] for p in pictures})
    assert set(np.diff(corners)) == {192}


def test_pixels_of_unequal_sides(plain, tissue, tmp_path) -> None:
    import tifffile

    picture = tissue(512, 1024)
    path = tmp_path / "a.tif"
    options = {"tile": (256, 256), "photometric": "rgb", "compression": "deflate"}
    resolution = (1e4 / 0.25, 1e4 / 0.5)  # x is finer
    tifffile.imwrite(path, picture, resolution=resolution, resolutionunit="CENTIMETER", **options)
    pictures, _ = cut(path, mpp=0.5, tile=128, least_tissue=0.9, checks=[])
    assert {p.tile.box[2] - p.tile.box[0] for p in pictures} == {256}
    assert {p.tile.box[3] - p.tile.box[1] for p in pictures} == {128}
    assert pictures[0].spacing_mm == (0.0005, 0.0005)
    assert pictures[0].tile.mpp == (0.5, 0.25)  # rows, columns of the full-size level


def test_facts(slide) -> None:
    (one, *_), _ = cut(slide[0], tile=256)
    said = {s.kind: (s.value, s.number, s.unit, s.origin, s.pointer) for s in one.statements}
    assert said == {
        "resolution": (None, 0.5, "um/px", "observed", "openslide.mpp-x, openslide.mpp-y"),
        "magnification": (None, 20.0, "1", "observed", "openslide.objective-power"),
        "scanner": ("aperio", None, None, "observed", "openslide.vendor"),
    }
    assert (one.modality, one.columns, one.flags) == ("SM", {}, [])


def test_a_plain_tiff_names_no_scanner(plain, tissue, tmp_path) -> None:
    path = plain(tmp_path / "a.tif", tissue(600, 600))
    (one, *_), _ = cut(path, tile=256)
    assert [s.kind for s in one.statements] == ["resolution"]


def test_few_tiles_are_spread_and_each_reason_is_told_once(slide) -> None:
    pictures, faults = cut(slide[0], tile=128, most_tiles=4, least_tissue=0.9)
    assert len(pictures) == 4
    x = [p.tile.box[0] for p in pictures]
    y = [p.tile.box[1] for p in pictures]
    assert max(x) - min(x) >= 512
    assert max(y) - min(y) >= 512
    assert {f.scope for f in faults} == {"tile"}
    assert reasons(faults) == {"tile_background": "41 of 140 tiles"}


def test_the_same_slide_gives_the_same_tiles(slide) -> None:
    once, again = (cut(slide[0], tile=128, most_tiles=7)[0] for _ in range(2))
    assert [p.key for p in once] == [p.key for p in again]
    assert all(np.array_equal(a.display, b.display) for a, b in zip(once, again, strict=True))


def test_ink_blur_and_glass_are_reasons(aperio, tissue, tmp_path) -> None:
    from scipy import ndimage

    picture = tissue(1024, 1280)
    picture[100:400, 600:900] = (30, 60, 160)
    soft = slice(512, 768), slice(512, 1024)
    picture[soft] = ndimage.gaussian_filter(picture[soft], (12, 12, 0))
    path = aperio(tmp_path / "a.svs", picture)
    pictures, faults = cut(path, tile=256, least_tissue=0.5)
    assert reasons(faults) == {
        "tile_background": "4 of 20 tiles",
        "tile_blurred": "2 of 12 tiles that were read",
        "tile_pen": "4 of 20 tiles",
    }
    assert len(pictures) == 10
    everything, _ = cut(path, tile=256, least_tissue=0.0, checks=[])
    assert len(everything) == 20


def test_no_tissue_at_all(aperio, tmp_path) -> None:
    path = aperio(tmp_path / "a.svs", np.full((600, 600, 3), 243, np.uint8))
    pictures, faults = cut(path, tile=256)
    assert pictures == []
    assert [(f.reason, f.scope) for f in faults] == [
        ("tile_background", "tile"),
        ("no_tiles", "item"),
    ]


@pytest.mark.parametrize(
    ("stated", "power", "declared", "wanted"),
    [
        (None, None, {}, "mpp_missing"),
        (None, 20, {}, "mpp_missing"),
        (None, None, {"mpp_from_power": True}, "mpp_missing"),
        (-0.5, 20, {}, "spacing_invalid"),
        (0, 20, {}, "spacing_invalid"),
        (900, 20, {}, "spacing_invalid"),
        (2.0, 20, {}, "mpp_too_coarse"),
        (0.5, 20, {"tile": 4096}, "slide_small"),
    ],
)
def test_a_slide_that_cannot_be_cut(
    aperio, tissue, tmp_path, stated, power, declared, wanted
) -> None:
    path = aperio(tmp_path / "a.svs", tissue(512, 512), mpp=stated, power=power)
    pictures, faults = cut(path, **declared)
    assert (pictures, [f.reason for f in faults]) == ([], [wanted])


@pytest.mark.parametrize(("limit", "value"), [("MOST_PIXELS", 600 * 512 - 1), ("BLOCK_SIDE", 0)])
def test_a_slide_without_a_level_to_be_read_through(
    plain, tissue, tmp_path, monkeypatch, limit, value
) -> None:
    """A file of some KB may declare any size: no read follows from it."""
    path = plain(tmp_path / "a.tif", tissue(512, 600), levels=1)
    monkeypatch.setattr(f"transforms.slides.overview.{limit}", value)
    monkeypatch.setattr("transforms.formats.slide.WholeSlide.read", None)
    pictures, (fault,) = cut(path, tile=128)
    assert (pictures, fault.reason) == ([], "too_large")
    assert fault.detail.startswith("600 x 512 px and no smaller level")


def test_what_may_stand_in_for_a_resolution(aperio, tissue, tmp_path) -> None:
    path = aperio(tmp_path / "a.svs", tissue(600, 600), mpp=None, power=40)
    (one, *_), _ = cut(path, tile=128, mpp=0.5, mpp_from_power=True)
    assert (one.spacing_mm, one.flags) == ((0.0005, 0.0005), ["nominal resolution"])
    assert one.tile.mpp == (0.25, 0.25)
    said = {s.kind: (s.origin, s.pointer) for s in one.statements}
    assert said["resolution"] == ("computed", "10 µm / openslide.objective-power")
    (one, *_), _ = cut(path, tile=128, mpp=0.5, scan_mpp=0.5, mpp_from_power=True)
    assert (one.tile.mpp, one.flags) == ((0.5, 0.5), [])  # what is declared comes first
    assert {s.kind: s.origin for s in one.statements}["resolution"] == "declared"


def test_a_broken_tile_costs_itself_alone(plain, tissue, tmp_path) -> None:
    import tifffile

    picture = tissue(1024, 1280)
    path = plain(tmp_path / "a.tif", picture, levels=3)
    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        at, length = page.dataoffsets[8], page.databytecounts[8]  # row 1, column 3
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * length)
    pictures, faults = cut(path, tile=256, least_tissue=0.5)
    assert reasons(faults)["tile_unreadable"] == "1 of 16 tiles that were read"
    assert len(pictures) == 15
    assert not {"x=0000768;y=0000256"} & {p.key for p in pictures}
    for one in pictures:
        x, y = (int(part.split("=")[1]) for part in one.key.split(";"))
        assert np.array_equal(one.display, picture[y : y + 256, x : x + 256])


def test_a_slide_of_broken_tiles_is_given_up(plain, tissue, tmp_path) -> None:
    import tifffile

    path = plain(tmp_path / "a.tif", tissue(1536, 1792), levels=1)
    with tifffile.TiffFile(path) as file:
        places = list(zip(file.pages[0].dataoffsets, file.pages[0].databytecounts, strict=True))
    with path.open("r+b") as file:
        for at, length in places:
            file.seek(at)
            file.write(b"\xff" * length)
    pictures, faults = cut(path, tile=256)
    assert (pictures, reasons(faults)["tile_unreadable"]) == ([], "42 of 42 tiles")
    assert faults[-1].reason == "no_tiles"


def test_tiles_that_carry_a_contour_come_first(slide) -> None:
    ring = np.array([(1300.0, 300), (1330, 300), (1330, 330), (1300, 330)])
    contour = Contour("nucleus", (ring,), "xml:0")
    (one,), _ = cut(slide[0], (contour,), tile=256, most_tiles=1)
    assert one.key == "x=0001280;y=0000256"
    (annotation,) = one.annotations
    assert (int(annotation.mask.sum()), annotation.truncated) == (900, False)
    assert annotation.mask[44:74, 20:50].all()
    (other,), _ = cut(slide[0], (contour,), tile=256, most_tiles=1, drawn_first=False)
    assert other.key != one.key


def test_memory_is_flat_over_ten_times_the_slide(plain, tissue, tmp_path) -> None:
    """Both slides exceed the overview's 2048 px; what Python holds at most must not follow the size."""
    import tifffile

    peaks = []
    for number, (height, width) in enumerate(((1024, 2304), (3328, 7168))):
        path = tmp_path / f"{number}.tif"
        block = tissue(256, 256)
        rows = (block for _ in range(height // 256 * (width // 256)))
        resolution = {"resolution": (1e4 / 8, 1e4 / 8), "resolutionunit": "CENTIMETER"}
        tifffile.imwrite(
            path, rows, shape=(height, width, 3), dtype=np.uint8, tile=(256, 256),
            photometric="rgb", compression="deflate", **resolution,
        )  # fmt: skip
        gc.collect()
        tracemalloc.start()
        with WholeSlide(path) as one:
            wanted = Slides(mpp=8, tile=256, least_tissue=0.1, most_tiles=20)
            count = sum(isinstance(p, Picture) for p in cut_slide(one, wanted, []))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert count == 20
    assert peaks[1] < 1.2 * peaks[0], peaks
