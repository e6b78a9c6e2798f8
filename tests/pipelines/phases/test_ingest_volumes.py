"""Ingest of volumes: stored values, experts of three dimensions, ids that slices carry."""

from pathlib import Path

import numpy as np
import pytest

from expert_models.experts.base import ExpertCard, Found, VolumeScan
from pipelines.catalogue import resolve
from pipelines.demo.volumes import write_chest_ct
from pipelines.errors import StoppedError
from pipelines.grounding.volumes import FoundInVolume, Known, Voice, VolumeGrounding
from pipelines.phases import ingest
from pipelines.plan import ingest_task, plan_shards
from pipelines.recipe import Recipe
from pipelines.task import Outcome
from schemas.reject import Fault

DEMO = Path(ingest.__file__).resolve().parents[1] / "demo" / "sources"


@pytest.fixture(scope="module")
def ct_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ct")
    write_chest_ct(root / "phantom-chest-ct")
    return root


def ingested(root: Path, limit: int = 1, cut: dict | None = None, **options: object) -> Outcome:
    """What ingest makes of the first chest CT phantoms; `options` are those of the step."""
    source = {"use": str(DEMO / "phantom-chest-ct.yaml"), "limit": limit}
    recipe = Recipe.model_validate({"name": "x", "sources": [source], "cut": cut or {}})
    sources = resolve(recipe, recipe_folder=DEMO, data_root=root)
    (shard,) = plan_shards(recipe, sources)
    task = ingest_task(recipe, Path("/nowhere"), shard)
    task.steps[0].options.update(options)
    return ingest.run(task, task.steps[0])


def test_stored_values_are_kept_where_an_expert_needs_them(ct_root: Path) -> None:
    out = ingested(ct_root, keep_native=True)
    images, native = (out.tables[n].to_pylist() for n in ("images", "native"))
    assert [row["id"] for row in images] == [row["id"] for row in native]  # read side by side
    for row in native:
        values = np.frombuffer(row["values"], "<f4").reshape(row["height"], row["width"])
        assert (row["unit"], values.shape) == ("HU", (144, 184))
        assert -1100 < values.min() < -900  # air round the patient
        assert values.max() > 500  # ribs
    assert ingested(ct_root).tables["native"].num_rows == 0


def test_what_a_volume_expert_finds_is_in_the_slices(
    ct_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[VolumeScan, Known]] = []

    def ground_volume(scan, known, routes, where=None, *, source=None, compare=False):
        asked.append((scan, known))
        mask = np.zeros(scan.values.shape, bool)
        mask[15:17, 20:40, 100:130] = True  # high up, where nothing else is drawn
        found = Found("lung opacity", mask, score=0.5, quality=0.25)
        return VolumeGrounding(
            [FoundInVolume(found, "seer@1", candidate=True)],
            faults=[("other", Fault("expert_unsuitable", "not for this"))],
        )

    monkeypatch.setattr("pipelines.grounding.volumes.ground_volume", ground_volume)
    out = ingested(ct_root, volume_routes=[{"expert": "seer"}], cut={"max_slices": 20})
    ((scan, known),) = asked
    assert (scan.modality, scan.anatomy, scan.unit, scan.placed) == ("CT", "chest", "HU", True)
    assert scan.spacing_mm == (6, 2, 2)
    assert known.all == {"left lung", "right lung", "heart", "pulmonary nodule"}
    rows = out.tables["images"].to_pylist()
    found = [r for row in rows for r in row["regions"] if r["producer"] == "seer@1"]
    assert {row["frame"] for row in rows if row["regions"]} >= {15, 16}
    assert len(found) == 2
    for region in found:
        assert (region["label"], region["candidate"]) == ("lung opacity", True)
        assert (region["score"], region["quality"], region["complete"]) == (0.5, 0.25, False)
        assert region["box"] == [100, 20, 130, 40]
    facts = [f for row in rows for f in row["facts"] if f["subject"] in {r["id"] for r in found}]
    labels = [f for f in facts if f["kind"] == "label"]
    assert {(f["origin"], f["pointer"]) for f in labels} == {("expert_model", "seer@1")}
    assert {f["number"] for f in facts if f["kind"] == "volume"} == {2 * 20 * 30 * 0.024}
    (reject,) = [r for r in out.rejects if r.scope == "expert"]
    assert (reject.reason, reject.detail) == ("expert_unsuitable", "not for this")
    assert reject.gate == "other"
    drawn = [r for row in rows for r in row["regions"] if r["producer"] != "seer@1"]
    assert not any(r["candidate"] for r in drawn)
    assert {row["volume_id"] for row in rows} == {scan.id}


def test_a_volume_is_a_row_with_its_regions(ct_root: Path) -> None:
    out = ingested(ct_root, limit=3)
    rows = {row["item"]: row for row in out.tables["volumes"].to_pylist()}
    truth = {p.patient: p.facts for p in write_chest_ct(ct_root / "phantom-chest-ct")}
    assert len(rows) == 3
    for item, row in rows.items():
        assert (row["kind"], row["modality"], row["shape"]) == ("volume", "CT", [20, 144, 184])
        found = {r["label"]: r for r in row["regions"]}
        assert found["heart"]["volume_ml"] == pytest.approx(truth[item]["heart mL"], abs=1e-3)
        assert found["left lung"]["side"] == "left"
        nodule = truth[item]["lung nodule mL"]
        assert ("pulmonary nodule" in found) == (nodule > 0)
        if nodule:
            lung = found["right lung"]
            assert found["pulmonary nodule"]["volume_ml"] == pytest.approx(nodule, abs=1e-3)
            assert found["pulmonary nodule"]["parent"] == lung["id"]
            assert (found["pulmonary nodule"]["complete"], lung["complete"]) == (True, False)
        assert len(row["label_volume"]) == (2 if nodule else 1)
    images = out.tables["images"].to_pylist()
    shown = {e["image_id"] for row in rows.values() for e in row["images"]}
    assert shown == {image["id"] for image in images}
    regions = {r["id"] for row in rows.values() for r in row["regions"]}
    assert {r["volume_region"] for image in images for r in image["regions"]} <= regions


def test_stacks_are_listed_with_their_pictures(ct_root: Path) -> None:
    out = ingested(ct_root, cut={"max_slices": 1, "stack": 3, "stack_step_mm": 12.0})
    ((row,), images) = (out.tables[n].to_pylist() for n in ("volumes", "images"))
    (stack,) = row["stacks"]
    first, middle, last = stack["indices"]
    assert (middle, first, last) == (
        stack["center"],
        middle - 2,
        middle + 2,
    )  # slices lie 6 mm apart
    frames = {image["id"]: image["frame"] for image in images}
    assert [frames[id] for id in stack["image_ids"]] == [first, middle, last]
    assert len(images) == 3


def test_pictures_of_a_volume_share_its_split_and_keys(ct_root: Path) -> None:
    out = ingested(ct_root)
    ((row,), images) = (out.tables[n].to_pylist() for n in ("volumes", "images"))
    for name in ("patient_key", "study_key", "license", "anatomy", "modality", "source", "item"):
        assert {image[name] for image in images} == {row[name]}


def test_a_mask_of_another_grid_is_the_expert_s_failure(
    ct_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ground_volume(scan, known, routes, where=None, *, source=None, compare=False):
        found = Found("lung opacity", np.ones(scan.values.shape[::-1], bool))
        return VolumeGrounding([FoundInVolume(found, "seer@1", candidate=True)])

    monkeypatch.setattr("pipelines.grounding.volumes.ground_volume", ground_volume)
    out = ingested(ct_root, volume_routes=[{"expert": "seer"}])
    (reject,) = [r for r in out.rejects if r.scope == "expert"]
    assert reject.reason == "expert_failed"
    assert "(184, 144, 20)" in reject.detail
    assert out.tables["images"].num_rows > 0


def test_an_expert_that_cannot_be_had_stops_the_build_and_costs_no_item(
    ct_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ground_volume(*_: object, **__: object) -> VolumeGrounding:
        raise StoppedError("expert 'seer' cannot be had on this worker")

    monkeypatch.setattr("pipelines.grounding.volumes.ground_volume", ground_volume)
    with pytest.raises(StoppedError, match="seer"):
        ingested(ct_root, volume_routes=[{"expert": "seer"}])


def test_drawn_structures_are_compared_in_3d(
    ct_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ground_volume(scan, known, routes, where=None, *, source=None, compare=False):
        assert compare
        lungs = (scan.values > -925) & (scan.values < -700)  # and not the air round the patient
        found = [Found("right lung", lungs & (np.arange(184) < 92))]
        card = ExpertCard(
            "seer", "1", "segmenter", ("right lung", "pulmonary nodule"), ("CT",), (), "", "", ""
        )
        return VolumeGrounding(compared=[Voice(card, found)])

    monkeypatch.setattr("pipelines.grounding.volumes.ground_volume", ground_volume)
    out = ingested(ct_root, limit=3, volume_routes=[{"expert": "seer"}], compare=True)
    for row in out.tables["volumes"].to_pylist():
        told = {(a["label"], a["measure"]): a for a in row["agreements"]}
        dice = told["right lung", "agreement-dice@1"]
        assert 0.7 < dice["number"] <= 1
        (lung,) = [r["id"] for r in row["regions"] if r["label"] == "right lung"]
        assert dice["region_ids"] == [lung]
        assert told["right lung", "agreement-hd95@1"]["unit"] == "mm"
        nodule = [r for r in row["regions"] if r["label"] == "pulmonary nodule"]
        assert (("pulmonary nodule", "agreement-dice@1") in told) == bool(nodule)
        assert all(r["producer"] != "seer@1" for r in row["regions"])
