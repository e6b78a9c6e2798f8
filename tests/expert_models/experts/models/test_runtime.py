"""The loop, over networks made of Python: batches, halves, crashes, order, memory."""

import threading
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from expert_models.experts.base import Found, Prediction, Refusal, Scan
from expert_models.experts.models.runtime import ModelExpert
from expert_models.experts.models.runtime_ahead import ahead
from expert_models.experts.models.runtime_job import OneInput
from expert_models.experts.models.runtime_memory import halving, is_out_of_memory, too_large
from tests.expert_models.experts.models.makers import card_at, scan


class Sum:
    """A network that finds "polyp" with a score of its picture's mean; it takes `fits` inputs at most."""

    def __init__(self, width: int = 4, fits: int = 99) -> None:
        self.width, self.fits = width, fits
        self.passes: list[list[Any]] = []
        self.loads = 0

    def load(self) -> None:
        self.loads += 1

    def job(self, seen: Scan) -> OneInput | Refusal:
        if seen.id == "spoilt":
            raise ValueError("cannot be prepared")
        if seen.id == "unread":
            return OneInput(seen.display, self.breaks)
        return OneInput(seen.display, self.read)

    def breaks(self, output: float) -> Prediction:
        raise KeyError("cannot be read")

    def read(self, output: float) -> Prediction:
        return [Found("polyp", score=output)] if output else []

    def alike(self, one: np.ndarray) -> Hashable:
        return one.shape

    def run(self, inputs: Sequence[np.ndarray]) -> list[float]:
        self.passes.append([one.shape for one in inputs])
        if len(inputs) > self.fits or any(one[0, 0] == 254 for one in inputs):
            import torch

            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        if any(one[0, 0] == 255 for one in inputs):
            raise RuntimeError("the network breaks off on this one")
        return [float(one.mean()) / 255 for one in inputs]


def picture(value: int, shape: tuple[int, int] = (4, 6)) -> Scan:
    return scan(np.full(shape, value, np.uint8))


def expert(tmp_path: Path, network: Sum) -> ModelExpert[Scan]:
    return ModelExpert(card_at(tmp_path), network)


def scores(predictions: list[Prediction]) -> list[Any]:
    """The score of each; [] where nothing was found, the reason where it was refused."""
    return [
        one.reason if isinstance(one, Refusal) else [round(f.score * 255) for f in one]
        for one in predictions
    ]


def test_in_order_in_passes_of_the_width_and_loaded_once(tmp_path: Path) -> None:
    network = Sum(width=3)
    one = expert(tmp_path, network)
    assert scores(one.predict([picture(i) for i in (5, 0, 7, 8, 9, 10, 11)])) == [
        [5], [], [7], [8], [9], [10], [11],
    ]  # fmt: skip
    assert [len(p) for p in network.passes] == [3, 3, 1]
    one.predict([picture(1)])
    assert network.loads == 1
    assert one.predict([]) == []


def test_only_inputs_of_one_shape_share_a_pass(tmp_path: Path) -> None:
    network = Sum(width=4)
    shapes = [(4, 6), (4, 6), (6, 4), (4, 6)]
    given = [picture(i + 1, shape) for i, shape in enumerate(shapes)]
    assert scores(expert(tmp_path, network).predict(given)) == [[1], [2], [3], [4]]
    assert network.passes == [[(4, 6), (4, 6)], [(6, 4)], [(4, 6)]]


@pytest.mark.parametrize("fits", [1, 2, 3, 5])
def test_halves_give_what_the_whole_gives(tmp_path: Path, fits: int) -> None:
    given = [picture(i) for i in range(1, 12)]
    whole = expert(tmp_path, Sum(width=8)).predict(given)
    network = Sum(width=8, fits=fits)
    one = expert(tmp_path, network)
    assert one.predict(given) == whole
    assert len(network.passes[0]) == 8
    assert len(network.passes[1]) == 4
    network.passes.clear()
    assert one.predict(given) == whole  # it has learnt what fits, and does not run out again
    assert max(len(inputs) for inputs in network.passes) <= fits


def test_what_does_not_fit_alone_costs_itself(tmp_path: Path) -> None:
    given = [picture(i) for i in (1, 2, 254, 4)]
    assert scores(expert(tmp_path, Sum(width=4)).predict(given)) == [
        [1], [2], "expert_out_of_memory", [4],
    ]  # fmt: skip


def test_one_that_breaks_the_network_costs_itself(tmp_path: Path) -> None:
    made = expert(tmp_path, Sum(width=4)).predict([picture(i) for i in (1, 255, 3, 254)])
    assert scores(made) == [[1], "expert_failed", [3], "expert_out_of_memory"]
    assert isinstance(made[1], Refusal)
    assert made[1].detail == "RuntimeError: the network breaks off on this one"


def test_preparing_and_reading_may_fail_too(tmp_path: Path) -> None:
    shown = picture(1).display
    given = [picture(1), Scan("spoilt", shown, "ES"), Scan("unread", shown, "ES"), picture(4)]
    made = expert(tmp_path, Sum()).predict(given)
    assert scores(made) == [[1], "expert_failed", "expert_failed", [4]]
    assert "cannot be prepared" in made[1].detail


@pytest.mark.parametrize(
    ("fields", "given", "reason"),
    [
        ({}, {"modality": "CT"}, "expert_unsuitable"),
        ({"anatomies": ["colon"]}, {"anatomy": "stomach"}, "expert_unsuitable"),
        ({"anatomies": ["colon"]}, {"anatomy": "colon"}, None),
        ({"anatomies": ["colon"]}, {}, None),
        ({"needs_spacing": True}, {}, "expert_input_missing"),
        ({"needs_spacing": True}, {"spacing_mm": (1.0, 1.0)}, None),
        ({"needs_native": True}, {}, "expert_input_missing"),
        ({}, {"display": np.zeros((4, 4, 4), np.uint8)}, "expert_input_missing"),
        ({}, {"display": np.zeros((0, 4), np.uint8)}, "expert_input_missing"),
    ],
)
def test_unsuitable_scans_never_reach_the_network(
    tmp_path: Path, fields: dict[str, Any], given: dict[str, Any], reason: str | None
) -> None:
    network = Sum()
    display = given.pop("display", np.full((4, 6), 9, np.uint8))
    (made,) = ModelExpert(card_at(tmp_path, **fields), network).predict([scan(display, **given)])
    assert (made.reason if isinstance(made, Refusal) else None) == reason
    assert len(network.passes) == (reason is None)


def test_a_stream_holds_few_scans_and_prepares_ahead(tmp_path: Path) -> None:
    network = Sum(width=2)
    read = answered = 0
    most_open = 0

    def endless() -> Iterator[Scan]:
        nonlocal read, most_open
        for i in range(300):
            read += 1
            most_open = max(most_open, read - answered)
            yield picture(i % 200 + 1)

    for _ in expert(tmp_path, network).stream(endless()):
        answered += 1
    assert answered == 300
    assert 4 <= most_open <= 16


def test_the_next_is_prepared_while_the_device_works(tmp_path: Path) -> None:
    """Each pass waits for the preparation of a later scan: without overlap this would time out."""
    prepared = threading.Semaphore(0)

    class Overlapping(Sum):
        def job(self, seen: Scan) -> OneInput | Refusal:
            prepared.release()
            return super().job(seen)

        def run(self, inputs: Sequence[np.ndarray]) -> list[float]:
            if len(self.passes) < 3:
                assert prepared.acquire(timeout=20)
                assert prepared.acquire(timeout=20)
            return super().run(inputs)

    made = expert(tmp_path, Overlapping(width=1)).predict([picture(i) for i in range(1, 7)])
    assert scores(made) == [[i] for i in range(1, 7)]


def test_ahead_is_bounded_and_in_order() -> None:
    from concurrent.futures import ThreadPoolExecutor

    begun: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        results = ahead(pool, lambda i: (begun.append(i), i * i)[1], iter(range(10**9)), most=3)
        assert [next(results) for _ in range(5)] == [0, 1, 4, 9, 16]
        results.close()
    assert len(begun) <= 8


def test_halving_by_itself() -> None:
    def three(batch: Sequence[int]) -> list[int]:
        if len(batch) > 3 or 7 in batch:
            raise MemoryError
        return [i * i for i in batch]

    made = halving(three, range(10), too_large)
    assert [i for i, one in enumerate(made) if isinstance(one, Refusal)] == [7]
    assert [one for one in made if not isinstance(one, Refusal)] == [i * i for i in range(10) if i != 7]  # fmt: skip
    assert halving(three, [], too_large) == []

    def broken(batch: Sequence[int]) -> list[int]:
        raise RuntimeError("not of memory")

    with pytest.raises(RuntimeError, match="not of memory"):
        halving(broken, [1, 2], too_large)


def test_real_allocators_are_understood() -> None:
    import onnxruntime
    import torch
    from onnx import TensorProto, helper

    grow = helper.make_graph(
        [helper.make_node("Expand", ["x", "s"], ["y"])],
        "grow",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]),
         helper.make_tensor_value_info("s", TensorProto.INT64, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
    )  # fmt: skip
    model = helper.make_model(grow, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    too_much = 1 << 46
    one, size = np.ones(1, np.float32), np.array([too_much])
    for allocate in (
        lambda: session.run(None, {"x": one, "s": size}),
        lambda: torch.empty(too_much),
        lambda: np.empty(too_much),
    ):
        with pytest.raises(Exception) as told:  # noqa: PT011
            allocate()
        assert is_out_of_memory(told.value), told.value
    assert not is_out_of_memory(RuntimeError("expected 3 channels, got 4"))
    assert not is_out_of_memory(ValueError("out of memory"))
