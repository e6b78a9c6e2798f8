"""The demo's declarations, read by the generic readers, against what was drawn."""

from pathlib import Path

import numpy as np
import pytest

from pipelines.demo.phantoms import DATASETS, read_truth
from pipelines.demo.roots import demo_roots
from pipelines.demo.truth import Phantom
from pipelines.recipe import load_recipe
from schemas.declaration import Declaration, load_declaration
from schemas.reject import Fault
from transforms.formats.volume import Cut
from transforms.layouts.item import Item, Meaning
from transforms.layouts.listing import list_items
from transforms.layouts.meaning import meaning
from transforms.layouts.reading import read_item
from transforms.picture import Picture
from transforms.regions.locate import Located, locate

DEMO = Path(__file__).parents[3] / "pipelines" / "demo" / "sources"
DEEP = ("phantom-chest-ct", "phantom-brain-mr", "phantom-slide")
PLANAR = [name for name in DATASETS if name not in DEEP]
Drawn = tuple[Path, dict[str, list[Phantom]]]


@pytest.fixture(scope="module")
def drawn(phantoms: Path) -> Drawn:
    """The datasets and the answer sheet that was written beside them."""
    return phantoms, read_truth(phantoms)


def declared(name: str) -> Declaration:
    return load_declaration(DEMO / f"{name}.yaml")


def pictures(
    item: Item, declaration: Declaration, root: Path, cut: Cut
) -> list[tuple[Picture, Meaning, Located]]:
    found = []
    for picture in read_item(item, declaration, root, cut):
        assert not isinstance(picture, Fault), picture
        means = meaning(picture, item, declaration)
        located = locate(
            picture, "img", producer="annotation:x@1", label_map=means.label_map,
            complete=set(means.complete), smallest_px=1,
        )  # fmt: skip
        assert located.faults == []
        found.append((picture, means, located))
    return found


def test_every_phantom_is_declared_as_a_phantom() -> None:
    for name in DATASETS:
        declaration = declared(name)
        assert declaration.name == declaration.folder == name
        assert declaration.flags == ["synthetic phantom"]
        assert declaration.title.startswith("Synthetic phantoms - ")


@pytest.mark.parametrize("name", PLANAR)
def test_regions_are_the_drawn_ones(name: str, drawn: Drawn) -> None:
    root, declaration = drawn[0] / name, declared(name)
    listing = list_items(declaration, root)
    truth = {p.item: p for p in drawn[1][name]}
    assert listing.faults == []
    assert {item.files["image"][0] for item in listing.items} == set(truth)
    for item in listing.items:
        ((_, means, located),) = pictures(item, declaration, root, Cut())
        phantom = truth[item.files["image"][0]]
        label_map = means.label_map
        told = [o for o in phantom.objects if o.annotated]
        wanted = sorted((name_of(o.label, phantom, label_map), o.box) for o in told)
        found = sorted((r.label, [round(v, 3) for v in r.box]) for r in located.regions)
        assert found == [(label, [float(v) for v in box]) for label, box in wanted]
        assert all(r.mapped and r.complete for r in located.regions)
        assert means.side == phantom.facts.get("side")
        assert means.patient in (phantom.patient, None)


def name_of(label: str, phantom: Phantom, label_map: dict[str, str]) -> str:
    """The vocabulary's name of a drawn object; a mass goes by the class in its file name."""
    return label_map[str(phantom.facts["class"]) if label == "mass" else label]


def test_table_of_skin_is_joined_and_what_nobody_maps_is_kept(drawn: Drawn) -> None:
    declaration, root = declared("phantom-skin"), drawn[0] / "phantom-skin"
    truth = {p.item: p for p in drawn[1]["phantom-skin"]}
    for item in list_items(declaration, root).items:
        ((_, means, _),) = pictures(item, declaration, root, Cut())
        facts = truth[item.files["image"][0]].facts
        told = {(s.kind, s.polarity): s.value or s.number for s in means.statements}
        assert told[("age", "present")] == facts["age"]
        assert told[("sex", "present")] == facts["sex"]
        labels = {"nevus": "melanocytic nevus", "melanoma": "melanoma"}
        assert means.labels == [labels[str(facts["class"])]]
        assert told[("finding", "absent")] in set(labels.values()) - set(means.labels)
        assert means.extra["caméra"] == "phantom"


WHOLE = {
    "lung nodule": "pulmonary nodule",
    "heart": "heart",
    "lesion": "white matter hyperintensity",
}
CUT_OFF = {"left lung": "left lung", "brain": "brain"}  # they reach the first or last slice


@pytest.mark.parametrize("name", ["phantom-chest-ct", "phantom-brain-mr"])
def test_volumes_keep_side_and_millilitres(name: str, drawn: Drawn) -> None:
    root, declaration = drawn[0] / name, declared(name)
    listing = list_items(declaration, root)
    assert listing.faults == []
    truth = {p.item: p for p in drawn[1][name]}
    told = 0
    for item in listing.items:
        shown = pictures(item, declaration, root, Cut(max_slices=4))
        facts = truth[item.files["image"][0]].facts
        annotated = any(p.annotations for p, _, _ in shown)
        assert annotated == (item.name != "ct04")
        assert {p.orientation for p, _, _ in shown} == {"L\\P"}
        assert {p.plane for p, _, _ in shown} == {"axial"}
        for drawn_as, term in (WHOLE | CUT_OFF).items():
            volumes = {v for _, _, located in shown for v in volumes_of(located, term)}
            expected = facts.get(f"{drawn_as} mL", 0.0) if drawn_as in WHOLE and annotated else 0.0
            assert sum(volumes) == pytest.approx(expected, abs=2e-3), drawn_as
            told += len(volumes)
        if annotated and facts.get("lung nodule mL"):
            check_nodule(shown)
    assert told == {"phantom-chest-ct": 3 + 2, "phantom-brain-mr": 1 + 3}[name]


def volumes_of(located: Located, label: str) -> set[float]:
    ids = {r.id for r in located.regions if r.label == label}
    return {
        round(f.number, 4)
        for f in located.facts
        if f.kind == "volume" and f.subject in ids and f.number is not None
    }


def check_nodule(shown: list[tuple[Picture, Meaning, Located]]) -> None:
    """It is in the left half of the image, the right of the patient, and 60 HU."""
    nodules = [
        (picture, region, located)
        for picture, _, located in shown
        for region in located.regions
        if region.label == "pulmonary nodule"
    ]
    assert nodules
    for picture, region, located in nodules:
        x0, y0, x1, y1 = (int(v) for v in region.box)
        assert x1 < picture.display.shape[1] / 2
        assert picture.native is not None
        inner = picture.native[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2]
        assert np.mean(inner) == pytest.approx(60, abs=6)
        hu = [f.number for f in located.facts if f.subject == region.id and f.kind == "attenuation"]
        assert hu == [pytest.approx(60, abs=6)]


def test_samples_of_packages_are_found() -> None:
    for name, most_faults in (("pydicom-samples", 80), ("nibabel-samples", 0)):
        listing = list_items(declared(name), demo_roots()[name])
        assert len(listing.items) >= 3
        assert len(listing.faults) <= most_faults


def test_recipe_orders_every_declaration_of_the_folder() -> None:
    recipe = load_recipe(DEMO.parents[1] / "recipes" / "demo.yaml")
    used = {Path(choice.use).name for choice in recipe.sources}
    assert used == {path.name for path in DEMO.glob("*.yaml")}
    packages = {c.root for c in recipe.sources if c.root}
    assert packages == {"package:pydicom/data/test_files", "package:nibabel/tests/data"}
