"""Cells by Cellpose and HoVer-Net: our side of both, with fakes that say so; windows laid together."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest

from expert_models.experts.base import Scan
from expert_models.experts.models.card_errors import CardError
from expert_models.experts.models.hovernet_windows import Whole, at_size, kinds_of, rescaled
from expert_models.experts.models.numbered import objects


def test_numbers_become_findings_in_order() -> None:
    numbers = np.zeros((6, 9), np.uint16)
    numbers[0:2, 5:8] = 3
    numbers[4:, :2] = 1
    numbers[3, 8] = 7
    likely = np.linspace(0, 1, 54).reshape(6, 9)
    found = objects(numbers, lambda n: None if n == 7 else "nucleus", likely)
    assert [int(one.mask.sum()) for one in found if one.mask is not None] == [4, 6]
    assert np.array_equal(found[1].mask, numbers == 3)
    assert found[1].score == pytest.approx(likely[numbers == 3].mean())
    assert objects(numbers, lambda n: "nucleus", None, smallest_px=5)[0].score is None


class FakeCellpose:
    """A FAKE of `cellpose.models.CellposeModel`: a bright pixel is a cell, numbered left to right."""

    made: ClassVar[list[dict[str, Any]]] = []
    asked: ClassVar[list[dict[str, Any]]] = []

    def __init__(self, **given: Any) -> None:
        FakeCellpose.made.append(given)

    def eval(self, x: np.ndarray, **given: Any) -> tuple[Any, ...]:
        from scipy.ndimage import label

        FakeCellpose.asked.append(given)
        gray = x if x.ndim == 2 else x[..., 0]
        numbers, _ = label(gray > 100)
        logits = np.where(numbers == 1, 200.0, -1.0).astype(np.float32)
        return numbers.astype(np.uint16), [None, None, logits], None


@pytest.fixture
def cellpose(monkeypatch: pytest.MonkeyPatch, made: Callable[..., Any]) -> Callable[..., Any]:
    pytest.importorskip("torch")
    FakeCellpose.made, FakeCellpose.asked = [], []
    module = ModuleType("cellpose.models")
    module.CellposeModel = FakeCellpose  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cellpose", ModuleType("cellpose"))
    monkeypatch.setitem(sys.modules, "cellpose.models", module)

    def make(version: str = "4.2.1.1", weights: Path | None = None, **options: Any) -> Any:
        monkeypatch.setattr(
            "expert_models.experts.models.package_network.metadata.version", lambda name: version
        )
        return made(
            weights, "cellpose", kind="segmenter", modalities=["GM-FL"], labels=["nucleus"],
            options={"package": version, **options}, allow_pickle=True,
        )  # fmt: skip

    return make


def cells() -> np.ndarray:
    display = np.zeros((20, 30), np.uint8)
    display[2:5, 3:9] = 200
    display[12:18, 20:24] = 150
    return display


def test_cells_are_objects_with_a_probability(cellpose: Callable[..., Any]) -> None:
    one, other = cellpose(model="cpsam").predict([Scan("c", cells(), "GM-FL")])[0]
    assert np.array_equal(one.mask, cells() == 200)
    assert one.score == pytest.approx(1.0)  # a logit of 200 overflows a plain exp
    assert other.score == pytest.approx(1 / (1 + np.e))
    assert one.instance


def test_version_4_and_version_3_are_called_each_in_its_way(
    cellpose: Callable[..., Any], tmp_path: Path
) -> None:
    colour = np.repeat(cells()[..., None], 3, axis=2)
    cellpose(model="cpsam", diameter_px=25.0).predict([Scan("c", colour, "GM-FL")])
    new, asked = FakeCellpose.made[0], FakeCellpose.asked[0]
    assert new["pretrained_model"] == "cpsam"
    assert new["use_bfloat16"] is False  # on a CPU everything is float32
    assert "channels" not in asked
    assert asked["channel_axis"] == -1
    assert asked["diameter"] == 25.0
    cellpose("3.1.1.3", model="cyto3", channels=[2, 3]).predict([Scan("c", cells(), "GM-FL")])
    old, asked = FakeCellpose.made[1], FakeCellpose.asked[1]
    assert old["model_type"] == "cyto3"
    assert "use_bfloat16" not in old
    assert asked["channels"] == [2, 3]
    assert asked["channel_axis"] is None
    weights = tmp_path / "mine.pt"
    weights.write_bytes(b"weights")
    cellpose("3.1.1.3", weights=weights).load()
    assert FakeCellpose.made[2]["pretrained_model"] == str(weights)


def test_weights_and_name_are_one_or_the_other(cellpose: Callable[..., Any]) -> None:
    with pytest.raises(CardError, match="either `weights` or a `model`"):
        cellpose()


def answering(jobs: Whole, side: int) -> Any:
    """Each window answers with its own middle: what a network without any doubt would say."""
    border = (side - jobs.sides[1]) // 2
    for index, window in enumerate(jobs.inputs()):
        middle = window[border:-border, border:-border].astype(np.float32)
        jobs.add(index, (middle[..., :1] / 255, middle[..., :2]))
    return jobs.prediction()


@pytest.mark.parametrize("shape", [(80, 80), (81, 199), (50, 90)])
def test_windows_laid_together_are_the_picture(shape: tuple[int, int]) -> None:
    shown = np.random.default_rng(3).integers(0, 255, (*shape, 3), dtype=np.uint8)
    got: list[Any] = []
    jobs = Whole(shown, shape, (270, 80), lambda maps, size: got.append((maps, size)) or [])
    answering(jobs, 270)
    maps, size = got[0]
    assert size == shape
    assert np.array_equal(maps[0][..., 0], shown[..., 0].astype(np.float32) / 255)
    assert np.array_equal(maps[1], shown[..., :2].astype(np.float32))
    assert all(window.shape == (270, 270, 3) for window in jobs.inputs())


def test_the_picture_is_brought_to_the_pixel_of_training() -> None:
    shown = np.zeros((40, 100, 3), np.uint8)
    assert rescaled(shown, (0.0005, 0.0005), 0.25).shape == (80, 200, 3)
    assert rescaled(shown, (0.00025, 0.0005), 0.25).shape == (40, 200, 3)  # each axis by its own
    assert rescaled(shown, (0.00026, 0.00025), 0.25) is shown
    assert rescaled(shown, None, 0.25) is shown


def test_objects_come_back_at_the_size_of_the_picture() -> None:
    numbers = np.zeros((80, 200), np.int32)
    numbers[20:40, 100:160] = 5
    back = at_size(numbers, (40, 100))
    expected = np.zeros((40, 100), np.int32)
    expected[10:20, 50:80] = 5
    assert np.array_equal(back, expected)


def test_an_object_is_of_the_commonest_type_of_its_pixels() -> None:
    numbers = np.array([[1, 1, 1, 1], [2, 2, 0, 3], [2, 2, 0, 3]])
    types = np.array([[0, 0, 0, 4], [2, 2, 1, 0], [1, 2, 1, 0]], np.float32)
    assert kinds_of(numbers, types) == {1: 4, 2: 2, 3: 0}


def test_cards_that_hovernet_cannot_use(made: Callable[..., Any], tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(b"w")
    options = {"package": "2.1.3", "types": 3}
    with pytest.raises(CardError, match="numbers of 0 to 2"):
        made(weights, "hovernet", classes={5: "nucleus"}, options=options)
    with pytest.raises(CardError, match="needs_spacing"):
        made(weights, "hovernet", classes={1: "nucleus"}, options={**options, "um_per_px": 0.25})


def test_hovernet_reads_objects_and_types_of_a_picture(
    made: Callable[..., Any], tmp_path: Path
) -> None:
    """With a FAKE of the network: each head says what the picture's channels hold, at twice its size."""
    pytest.importorskip("torch")
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(b"w")
    expert = made(
        weights, "hovernet", classes={0: None, 1: "nucleus", 2: None}, needs_spacing=True,
        options={"package": "2.1.3", "types": 3, "um_per_px": 0.25, "smallest_px": 4},
    )  # fmt: skip
    network = expert._network
    network.numbered = lambda maps: np.rint(maps[1][..., 0]).astype(np.int32)
    display = np.zeros((40, 100, 3), np.uint8)
    display[..., 0] = 200  # likely everywhere
    display[5:10, 60:70, 1:] = (1, 1)  # number, type
    display[20:30, 3:9, 1:] = (2, 2)  # a type that is not reported
    display[0, 0, 1:] = (3, 1)  # too small
    job = network.job(Scan("h", display, "SM", spacing_mm=(0.0005, 0.0005)))
    for index, window in enumerate(job.inputs()):
        middle = window[46:-46, 46:-46].astype(np.float32)
        job.add(index, (middle[..., :1] / 255, middle[..., 1:2].repeat(2, 2), middle[..., 2:]))
    (one,) = job.prediction()
    assert one.label == "nucleus"
    truth = display[..., 1] == 1
    assert (one.mask & truth).sum() / (one.mask | truth).sum() > 0.7
    assert one.score == pytest.approx(200 / 255)
