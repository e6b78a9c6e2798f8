"""Our side of TotalSegmentator: axes, labels, licence. The package is stood for by a fake, which says so.

Where the package itself is installed, `test_packages_installed.py` holds our call to its real one.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from expert_models.experts.base import Refusal, VolumeScan
from expert_models.experts.models.card_errors import CardError
from expert_models.experts.models.nifti_grid import nifti_of, on_grid
from expert_models.experts.models.totalsegmentator import TotalSegmentatorOptions, numbers_of

NAMES = {
    1: "spleen",
    2: "kidney_right",
    3: "kidney_left",
    4: "lung_upper_lobe_left",
    5: "lung_lower_lobe_left",
}
STRUCTURES = {
    "spleen": "spleen",
    "lung_upper_lobe_left": "left lung",
    "lung_lower_lobe_left": "left lung",
}


@pytest.fixture
def phantom() -> VolumeScan:
    """Marked corners: value 1 head-back-left, 2 foot-front-right; spacing unlike on each axis."""
    values = np.zeros((5, 7, 9), np.float32)
    values[4, 6, 8] = 1
    values[0, 0, 0] = 2
    values[2, 1, 5:8] = 4
    values[1, 5, 2] = 5
    return VolumeScan("v", values, "CT", unit="HU", spacing_mm=(3.0, 0.7, 0.9), placed=True)


def test_corners_lie_where_the_patient_has_them(phantom: VolumeScan) -> None:
    image = nifti_of(phantom)
    assert nib.aff2axcodes(image.affine) == ("L", "P", "S")
    assert image.header.get_zooms() == pytest.approx((0.9, 0.7, 3.0))
    data = np.asarray(image.dataobj)
    head_back_left = np.argwhere(data == 1)[0]
    foot_front_right = np.argwhere(data == 2)[0]
    # nibabel's world is RAS+: left is -x, back is -y, head is +z
    moved = nib.affines.apply_affine(image.affine, head_back_left) - nib.affines.apply_affine(
        image.affine, foot_front_right
    )
    assert moved == pytest.approx([-8 * 0.9, -6 * 0.7, 4 * 3.0])


def test_the_affine_is_that_of_simpleitk_for_the_same_patient(phantom: VolumeScan) -> None:
    """An independent reader: ITK's world is LPS+, in which our axes are plain."""
    sitk = pytest.importorskip("SimpleITK")
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "v.nii.gz"
        nifti_of(phantom).to_filename(path)
        image = sitk.ReadImage(str(path))
    assert np.array_equal(sitk.GetArrayFromImage(image), phantom.values)
    assert image.GetSpacing() == pytest.approx((0.9, 0.7, 3.0))
    assert image.GetDirection() == pytest.approx((1, 0, 0, 0, 1, 0, 0, 0, 1))


@pytest.mark.parametrize("axes", ["LPS", "RAS", "SPL", "AIR"])
def test_labels_come_back_from_any_axis_order(axes: str, phantom: VolumeScan) -> None:
    from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

    image = nifti_of(phantom)
    turn = ornt_transform(io_orientation(image.affine), axcodes2ornt(tuple(axes)))
    assert np.array_equal(on_grid(image.as_reoriented(turn), phantom), phantom.values)


def test_labels_of_another_grid_are_a_failure(phantom: VolumeScan) -> None:
    image = nifti_of(phantom)
    fewer = nib.Nifti1Image(np.asarray(image.dataobj)[:-1], image.affine)
    with pytest.raises(ValueError, match="8, 7, 5"):
        on_grid(fewer, phantom)
    moved = image.affine.copy()
    moved[0, 3] = 1.5
    with pytest.raises(ValueError, match="lies elsewhere"):
        on_grid(nib.Nifti1Image(np.asarray(image.dataobj), moved), phantom)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A FAKE of the package: it answers with the values of the volume as labels, in RAS. Keeps its calls."""
    calls: list[dict[str, Any]] = []

    def answer(image: Any, **given: Any) -> Any:
        calls.append(given)
        if given["task"] == "ends":
            sys.exit(1)  # as the real one does without a licence
        return nib.as_closest_canonical(image)

    modules = {
        name: ModuleType(name)
        for name in (
            "totalsegmentator",
            "totalsegmentator.python_api",
            "totalsegmentator.config",
            "totalsegmentator.map_to_binary",
        )
    }
    modules["totalsegmentator.python_api"].totalsegmentator = answer  # type: ignore[attr-defined]
    config, maps = modules["totalsegmentator.config"], modules["totalsegmentator.map_to_binary"]
    config.setup_totalseg = lambda: None  # type: ignore[attr-defined]
    config.set_config_key = lambda key, value: calls.append({key: value})  # type: ignore[attr-defined]
    maps.class_map = {"total": NAMES, "ends": NAMES, "closed": NAMES}  # type: ignore[attr-defined]
    maps.commercial_models = {"closed": 1}  # type: ignore[attr-defined]
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(
        "expert_models.experts.models.package_network.metadata.version", lambda name: "2.18.0"
    )
    return calls


@pytest.fixture
def total(made: Callable[..., Any]) -> Callable[..., Any]:
    def make(**options: Any) -> Any:
        given = {"package": "2.18.0", "structures": STRUCTURES, **options}
        return made(
            None, "totalsegmentator", kind="segmenter", modalities=["CT"], dimensions=3,
            labels=["spleen", "left lung"], needs_native=True, options=given,
        )  # fmt: skip

    return make


def test_structures_become_terms(
    fake: list[dict[str, Any]], total: Callable[..., Any], phantom: VolumeScan
) -> None:
    spleen, lung = total().predict([phantom])[0]
    assert (spleen.label, lung.label) == ("spleen", "left lung")
    assert np.array_equal(spleen.mask, phantom.values == 1)
    assert np.array_equal(lung.mask, phantom.values >= 4)  # two lobes make one lung
    assert not lung.instance
    assert fake[0] == {"send_usage_stats": False}
    assert fake[1]["task"] == "total"
    assert fake[1]["device"] == "cpu"
    assert fake[1]["ml"] is True


def test_what_is_not_there_is_nothing_found(
    fake: list[dict[str, Any]], total: Callable[..., Any], phantom: VolumeScan
) -> None:
    empty = replace(phantom, values=np.zeros_like(phantom.values))
    assert total().predict([empty]) == [[]]


def test_volumes_of_unknown_place_or_spacing_are_refused(
    fake: list[dict[str, Any]], total: Callable[..., Any], phantom: VolumeScan
) -> None:
    lacking = [
        replace(phantom, placed=False), replace(phantom, spacing_mm=None), replace(phantom, unit=None),
    ]  # fmt: skip
    for said in total().predict(lacking):
        assert isinstance(said, Refusal)
        assert said.reason == "expert_input_missing"


def test_a_package_that_ends_the_process_costs_one_volume(
    fake: list[dict[str, Any]], total: Callable[..., Any], phantom: VolumeScan
) -> None:
    (said,) = total(task="ends").predict([phantom])
    assert isinstance(said, Refusal)
    assert said.reason == "expert_failed"
    assert "licence" in said.detail


def test_licence_task_structure_and_version(
    fake: list[dict[str, Any]], total: Callable[..., Any]
) -> None:
    with pytest.raises(ValueError, match="needs a licence"):
        total(task="closed").load()
    total(task="closed", licensed=True).load()
    with pytest.raises(ValueError, match="no task 'totl'"):
        total(task="totl").load()
    with pytest.raises(ValueError, match=r"2\.18\.0 is installed; the card was made for 2\.5\.0"):
        total(package="2.5.0").load()
    with pytest.raises(CardError, match="terms of `labels`"):
        total(structures={"spleen": "liver"})


def test_numbers_follow_names_and_not_the_other_way() -> None:
    options = TotalSegmentatorOptions(package="1", structures=STRUCTURES)
    other = {"total": {9: "spleen", 3: "lung_lower_lobe_left", 4: "lung_upper_lobe_left"}}
    assert numbers_of(options, other, set()) == {"spleen": [9], "left lung": [4, 3]}
    with pytest.raises(ValueError, match="has no 'spleen'"):
        numbers_of(options, {"total": {1: "liver"}}, set())


def test_an_absent_package_is_named(total: Callable[..., Any]) -> None:
    pytest.importorskip("nibabel")
    if _installed("TotalSegmentator"):
        pytest.skip("TotalSegmentator is installed here")
    with pytest.raises(ImportError, match="package TotalSegmentator is not installed"):
        total().load()


def _installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
