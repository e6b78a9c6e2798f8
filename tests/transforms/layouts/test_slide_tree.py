"""Slides as a declaration describes them: items, annotations, columns, and what stays behind."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from schemas.declaration import Declaration
from schemas.reject import Fault
from tests.transforms.slides.phantoms import tissue_picture, write_aperio
from transforms.encode import encode
from transforms.formats.volume import Cut
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture

pytest.importorskip("openslide")
SLIDES = "modality: SM\nimages: [{glob: '*.svs', format: slide}]\n"
TILES = "slide: {tile: 256, least_tissue: 0.9}\n"
ALL = Cut()


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return tissue_picture(768, 1024)


def read(declaration: Declaration, root: Path, cut: Cut = ALL) -> tuple[list[Picture], list[Fault]]:
    (item,) = list_items(declaration, root).items
    found = list(read_item(item, declaration, root, cut))
    pictures = [one for one in found if isinstance(one, Picture)]
    return sorted(pictures, key=lambda p: p.frame), [f for f in found if isinstance(f, Fault)]


def aperio_xml(*layers: tuple[str, list[tuple[str, list[tuple[float, float]]]]]) -> str:
    """(layer name, [(attributes of the region, vertices)])."""
    text = ""
    for name, regions in layers:
        text += f'<Annotation Id="1" Name="{name}" LineColor="65280"><Regions>'
        for attributes, points in regions:
            vertices = "".join(f'<Vertex X="{x}" Y="{y}" Z="0"/>' for x, y in points)
            text += f'<Region Id="1" {attributes}><Vertices>{vertices}</Vertices></Region>'
        text += "</Regions></Annotation>"
    return f'<Annotations MicronsPerPixel="0.5">{text}</Annotations>'


def square(x: float, y: float, side: float) -> list[tuple[float, float]]:
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def areas(pictures: list[Picture]) -> dict[str, dict[str, int]]:
    """Tile: (instance: pixels)."""
    return {
        p.key: {str(a.instance): int(a.mask.sum()) for a in p.annotations if a.mask is not None}
        for p in pictures
        if p.annotations
    }


AT = "x=0000512;y=0000256"
NEXT = "x=0000768;y=0000256"
XML = SLIDES + TILES + "annotations:\n  - {reader: slide-xml, file: '{stem}.xml', "


def test_aperio(root: Path, declare: Callable[[str], Declaration], drawn: np.ndarray) -> None:
    write_aperio(root / "a.svs", drawn)
    (root / "a.xml").write_text(
        aperio_xml(
            ("Tumor", [
                ('NegativeROA="0" Type="0"', square(740, 300, 60)),  # 28 px left of the border
                ('NegativeROA="1" Type="0"', square(750, 310, 10)),
                ('NegativeROA="0" Type="1"', [(600, 400), (620, 430)]),  # two corners
                ('NegativeROA="0" Type="2"', [(540, 300), (580, 320)]),  # an ellipse's box
                ('NegativeROA="0" Type="3"', [(540, 300), (580, 320)]),  # a ruler
            ]),
            ("Immune", [('NegativeROA="0" Type="0"', square(750, 310, 10))]),
        )
    )  # fmt: skip
    text = XML + "labels: {Tumor: tumor}, complete: [Immune]}\n"
    pictures, faults = read(declare(text.replace("Tumor: tumor", "Immune: nucleus")), root)
    found = areas(pictures)
    assert found[AT]["xml:0.0"] == 28 * 60 - 10 * 10  # a hole is of its own layer
    assert found[NEXT]["xml:0.0"] == 32 * 60
    assert found[AT]["xml:1.0"] == 100
    assert found[AT]["xml:0.2"] == 20 * 30
    assert found[AT]["xml:0.3"] == pytest.approx(np.pi * 20 * 10, abs=6)
    (tile,) = [p for p in pictures if p.key == AT]
    assert {a.instance: a.truncated for a in tile.annotations} == {
        "xml:0.0": True, "xml:0.2": False, "xml:0.3": False, "xml:1.0": False,
    }  # fmt: skip
    assert [f.reason for f in faults if f.scope == "region"] == ["annotation_malformed"]
    assert all(p.complete == ["Immune"] for p in pictures)
    assert all("annotation incomplete" in p.flags for p in pictures)


def test_labels_of_an_aperio_file(root, declare, drawn) -> None:
    write_aperio(root / "a.svs", drawn)
    (root / "a.xml").write_text(
        aperio_xml(
            ("", [('Text="mitosis"', square(600, 300, 9))]), ("Skip", [("", square(601, 301, 3))])
        )
    )
    for key, label in (("name", "mitosis"), ("color", "#00ff00")):
        text = XML + f"label_from: {key}, label: other, where: {{stem: a}}}}\n"
        pictures, _ = read(declare(text), root)
        (tile,) = [p for p in pictures if p.annotations]
        assert tile.annotations[0].label == label
    pictures, _ = read(declare(XML + "label: nucleus, holes: [Skip]}\n"), root)
    (tile,) = [p for p in pictures if p.annotations]
    assert [(a.label, int(a.mask.sum())) for a in tile.annotations] == [("nucleus", 81 - 9)]


def test_asap(root, declare, drawn) -> None:
    write_aperio(root / "a.svs", drawn)

    def region(group: str, kind: str, points: list[tuple[float, float]]) -> str:
        numbered = list(enumerate(points))[::-1]  # in any order; Order says which is which
        inner = "".join(f'<Coordinate Order="{n}" X="{x}" Y="{y}"/>' for n, (x, y) in numbered)
        return (
            f'<Annotation Name="a" Type="{kind}" PartOfGroup="{group}" Color="#F4FA58">'
            f"<Coordinates>{inner}</Coordinates></Annotation>"
        )

    crossed = [(600.0, 300), (640, 300), (640, 340), (600, 340)]
    body = region("tumor", "Polygon", crossed) + region(
        "Exclusion", "Polygon", square(630, 330, 30)
    )
    body += region("None", "Dot", [(700.0, 300)])
    (root / "a.xml").write_text(
        f"<ASAP_Annotations><Annotations>{body}</Annotations></ASAP_Annotations>"
    )
    pictures, faults = read(declare(XML + "holes: [Exclusion], label: other}\n"), root)
    assert areas(pictures) == {AT: {"xml:0": 40 * 40 - 10 * 10}}
    assert [f.detail for f in faults if f.scope == "region"] == [
        "label 'other': a point, a ruler or an arrow has no area"
    ]


def test_geojson(root, declare, drawn) -> None:
    write_aperio(root / "a.svs", drawn)
    ring, hole = square(740, 300, 60), square(750, 310, 10)
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]], [*hole, hole[0]]]},
        "properties": {"classification": {"name": "Tumor"}},
    }
    (root / "a.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]})
    )
    text = SLIDES + TILES + "annotations: [{reader: geojson, file: '{stem}.geojson'}]\n"
    pictures, _ = read(declare(text), root)
    assert areas(pictures) == {AT: {"geojson:0": 1580}, NEXT: {"geojson:0": 1920}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "annotation_absent"),
        ("<Annotations>", "annotation_malformed"),
        ("<kml/>", "annotation_malformed"),
        (aperio_xml(("a", [("", square(90_000, 3, 9))])), "box_outside_image"),
        (aperio_xml(("a", [("", [(1, 2), (3, 4)])])), "annotation_malformed"),
        (aperio_xml(("", [("", square(1, 1, 9))])), "value_unmapped"),
        ('<!DOCTYPE a><Annotations><Annotation Name="a"/></Annotations>', None),
        (
            '<!DOCTYPE a [<!ENTITY e "x">]><Annotations><Annotation Name="&e;"/></Annotations>',
            "annotation_malformed",
        ),
        ('<?xml version="1.0" encoding="no-such"?><Annotations/>', "annotation_malformed"),
        (aperio_xml(("a", [("", [(1, 2), ("3", "left"), (5, 6)])])), "annotation_malformed"),
    ],
)
def test_bad_contours_cost_no_tile(root, declare, drawn, content, reason) -> None:
    write_aperio(root / "a.svs", drawn)
    if content is not None:
        (root / "a.xml").write_text(content)
    pictures, faults = read(declare(XML + "labels: {a: nucleus}, complete: true}\n"), root)
    assert len(pictures) == 6
    assert [f.reason for f in faults if f.scope == "region"] == ([reason] if reason else [])
    lost = reason is not None
    assert all(("annotation incomplete" in p.flags) == lost for p in pictures)


def test_a_recipe_may_ask_for_other_tiles(root, declare, drawn) -> None:
    write_aperio(root / "a.svs", drawn)
    pictures, _ = read(declare(SLIDES + TILES), root, Cut(mpp=1.0, tile=128, most_tiles=2))
    assert [p.display.shape[:2] for p in pictures] == [(128, 128)] * 2
    assert pictures[0].spacing_mm == (0.001, 0.001)


def test_properties_travel_only_where_the_declaration_names_them(root, declare, drawn) -> None:
    write_aperio(root / "a.svs", drawn)
    declaration = declare(SLIDES + TILES)
    (first, *_), _ = read(declaration, root)
    (item,) = list_items(declaration, root).items
    means = meaning(first, item, declaration)
    said = repr((item, first.columns, first.statements, first.steps, means.extra, means.patient))
    assert "DOE" not in said
    assert "doe" not in said
    named = declare(SLIDES + TILES + "columns: {patient: '{slide.aperio.User}'}\n")
    (first, *_), _ = read(named, root)
    means = meaning(first, item, named)
    assert (means.patient, means.extra) == ("doe", {})  # hashed by ingest


def test_label_and_macro_change_no_released_byte(root, declare, drawn, monkeypatch) -> None:
    """Two slides that differ in nothing but their label, macro and thumbnail pages."""
    import openslide

    def forbidden(*_: object) -> None:
        raise AssertionError("an associated image was asked for")

    monkeypatch.setattr(openslide.OpenSlide, "associated_images", property(forbidden))
    monkeypatch.setattr(openslide.OpenSlide, "get_thumbnail", forbidden)
    released = []
    for label, macro in ((90, 30), (200, 140)):
        write_aperio(root / "a.svs", drawn, label=label, macro=macro)
        pictures, faults = read(declare(SLIDES + TILES), root)
        assert len(pictures) == 6
        released.append(
            [(p.key, encode(p.display).png, repr(p.statements), p.steps) for p in pictures]
            + [str(f) for f in faults]
        )
    assert released[0] == released[1]


def test_a_broken_slide_is_one_fault(root, declare, drawn) -> None:
    write_aperio(root / "a.svs", drawn)
    (root / "a.svs").write_bytes((root / "a.svs").read_bytes()[:5000])
    assert [f.reason for f in read(declare(SLIDES), root)[1]] == ["truncated"]
    (root / "a.svs").write_bytes(b"\x00" * 5000)
    assert [f.reason for f in read(declare(SLIDES), root)[1]] == ["not_this_format"]
    Image.fromarray(drawn).save(root / "a.svs", format="PNG")
    assert [f.reason for f in read(declare(SLIDES), root)[1]] == ["not_this_format"]


def test_readers_of_plain_pictures_do_not_go_with_slides(root, declare, drawn) -> None:
    write_aperio(root / "a.svs", drawn)
    (root / "a.png").write_bytes(b"x")
    text = SLIDES + TILES + "annotations: [{reader: mask, file: '{stem}.png', label: nucleus}]\n"
    assert [f.reason for f in read(declare(text), root)[1] if f.scope == "region"] == [
        "annotation_malformed"
    ]


def dicom_slide(folder: Path, picture: np.ndarray, *, series: str, part: str, number: int) -> None:
    """A DICOM instance of a slide, TILED_FULL with 64 px tiles: a level, or a label."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    height, width = picture.shape[:2]
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    ds.SOPInstanceUID = f"{series}.{number}"
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.PatientID, ds.StudyInstanceUID, ds.SeriesInstanceUID = "DOE42", "1.2.3", series
    ds.FrameOfReferenceUID = "1.2.9"
    ds.Modality, ds.Manufacturer = "SM", "Acme"
    ds.ImageType = ["ORIGINAL", "PRIMARY", part, "NONE"]
    ds.Rows, ds.Columns = (64, 64)
    ds.TotalPixelMatrixRows, ds.TotalPixelMatrixColumns = height, width
    ds.TotalPixelMatrixFocalPlanes = 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    ds.DimensionOrganizationType = "TILED_FULL"
    spacing = Dataset()
    spacing.PixelSpacing = [0.0005, 0.0005]
    shared = Dataset()
    shared.PixelMeasuresSequence = [spacing]
    ds.SharedFunctionalGroupsSequence = [shared]
    tiles = picture.reshape(height // 64, 64, width // 64, 64, 3).swapaxes(1, 2)
    ds.NumberOfFrames = tiles.shape[0] * tiles.shape[1]
    ds.PixelData = tiles.tobytes()
    folder.mkdir(exist_ok=True)
    ds.save_as(folder / f"{number}.dcm", enforce_file_format=True)


def test_a_dicom_series_is_one_slide(root, declare) -> None:
    picture = tissue_picture(256, 384)
    dicom_slide(
        root / "s", np.full((64, 64, 3), 7, np.uint8), series="1.2.4", part="LABEL", number=0
    )
    dicom_slide(root / "s", picture, series="1.2.4", part="VOLUME", number=1)
    dicom_slide(
        root / "t", np.full((64, 64, 3), 7, np.uint8), series="1.2.5", part="LABEL", number=0
    )
    text = "modality: SM\nimages: [{glob: '**/*.dcm', format: slide}]\n"
    declaration = declare(text + "slide: {tile: 128, least_tissue: 0.6}\n")
    listing = list_items(declaration, root)
    (item,) = listing.items
    assert (item.name, item.files) == ("s/1", {"image": ["s/1.dcm", "s/0.dcm"]})
    assert [(name, f.reason) for name, f in listing.faults] == [("t/0", "slide_label")]
    pictures, _ = read(declaration, root)
    assert [p.tile.box[:2] for p in pictures] == [(128, 0), (256, 0), (128, 128), (256, 128)]
    for one in pictures:
        x, y = (int(n) for n in one.tile.box[:2])
        assert np.array_equal(one.display, picture[y : y + 128, x : x + 128])
        assert one.spacing_mm == (0.0005, 0.0005)
    assert {s.kind: s.value for s in pictures[0].statements}["scanner"] == "Acme"
    means = meaning(pictures[0], item, declaration)
    assert (means.patient, means.study, means.extra) == ("DOE42", "1.2.3", {})


def test_a_label_is_no_picture_of_plain_dicom_either(root, declare) -> None:
    """The same series read as `format: dicom`, which puts small slides together as one picture."""
    for number, part in enumerate(("LABEL", "OVERVIEW", "VOLUME")):
        picture = tissue_picture(64, 128, seed=number)
        dicom_slide(root / "s", picture, series="1.2.4", part=part, number=number)
    declaration = declare("modality: SM\nimages: [{glob: '**/*.dcm', format: dicom}]\n")
    listing = list_items(declaration, root)
    assert [f.reason for _, f in listing.faults] == ["slide_label", "slide_label"]
    (item,) = listing.items
    assert item.files["image"] == ["s/2.dcm"]


@pytest.mark.samples
def test_the_real_slide(samples: Path) -> None:
    from schemas.declaration import load_declaration

    sources = Path(__file__).resolve().parents[3] / "pipelines" / "sources"
    declaration = load_declaration(sources / "openslide-cmu1.yaml")
    root = samples / declaration.folder
    if not root.is_dir():
        pytest.skip("no openslide_cmu1_svs among the samples")
    pictures, faults = read(declaration, root)
    assert len(pictures) == 6
    assert {(f.reason, f.detail) for f in faults} == {("tile_background", "14 of 20 tiles")}
    for one in pictures:
        assert one.display.shape == (512, 512, 3)
        assert one.spacing_mm == pytest.approx((0.000499, 0.000499))
        colour = np.ptp(one.display, axis=2) > 20
        assert colour.mean() > 0.3  # tissue, not glass
    said = {s.kind: s.number or s.value for s in pictures[0].statements}
    assert (said["magnification"], said["scanner"]) == (20.0, "aperio")
