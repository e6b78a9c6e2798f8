"""Networks whose card says what goes in and what comes out: arrays to arrays, whoever runs them."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from expert_models.experts.base import Prediction, Refusal, Scan, VolumeScan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.post import Reader, reader_of
from expert_models.experts.models.pre import Ready, ready
from expert_models.experts.models.pre_geometry import fitted
from expert_models.experts.models.pre_windows import Corner, corners, window_at
from expert_models.experts.models.resident import Setting

PROBE_SIDES = {2: 256, 3: 64}  # px, of the empty scan that a network without a size is tried on


class Opened(Protocol):
    """Weights in a framework, on their device."""

    @property
    def width(self) -> int:
        """Most inputs of one `run`."""
        ...

    def run(self, inputs: Sequence[np.ndarray]) -> Sequence[Mapping[str, np.ndarray]]:
        """inputs: [C, ...] float32 of one shape each (channels last where the card says so). For each its
        outputs by name, with a batch axis of one or without batch axis."""
        ...


class ShapedNetwork:
    """A `Network` over what `open_weights` gives. It is tried on an empty scan when it is loaded."""

    def __init__(
        self,
        card: ModelCard,
        setting: Setting,
        open_weights: Callable[[ModelCard, Setting], Opened],
    ) -> None:
        if card.input is None or card.output is None:
            raise ValueError(f"{card.name}: a card of {card.backend} needs `input` and `output`")
        self._card, self._setting, self._open = card, setting, open_weights
        self._seen, self._said = card.input, card.output
        self._opened: Opened | None = None

    @property
    def width(self) -> int:
        """Most inputs of one pass."""
        return 1 if self._opened is None else self._opened.width

    def load(self) -> None:
        """Open the weights, and hold what they answer to the card. Raises OSError or ValueError."""
        try:
            self._opened = self._open(self._card, self._setting)
        except (OSError, ValueError, ImportError):
            raise
        except Exception as error:  # what frameworks raise on bytes that are no model
            raise ValueError(f"{self._card.name}: weights do not load: {error}") from error
        probe = self._probe()
        job = _ShapedJob(self._card, probe)
        try:
            job.add(0, self.run([job.inputs()[0]])[0])
            job.prediction()
        except Exception as error:
            shape = probe.canvas.shape
            raise ValueError(
                f"{self._card.name}: network and card disagree; tried on an empty scan {shape}: {error}"
            ) from error

    def job(self, scan: Scan | VolumeScan) -> "_ShapedJob | Refusal":
        """The scan on its canvas."""
        made = ready(self._seen, scan)
        return made if isinstance(made, Refusal) else _ShapedJob(self._card, made)

    def alike(self, one: np.ndarray) -> Hashable:
        """Inputs of one shape share a pass."""
        return one.shape

    def run(self, inputs: Sequence[np.ndarray]) -> Sequence[Any]:
        """The outputs of each input by name."""
        if self._opened is None:
            raise ValueError(f"{self._card.name} is not loaded")
        if self._seen.layout == "channels-last":
            inputs = [np.moveaxis(one, 0, -1) for one in inputs]
        return self._opened.run([np.ascontiguousarray(one) for one in inputs])

    def _probe(self) -> Ready:
        """Zeros of one window, or of a small picture where the network has no size of its own."""
        multiple = self._seen.multiple
        side = -(-PROBE_SIDES[self._card.dimensions] // multiple) * multiple
        size = self._seen.size or (side,) * self._card.dimensions
        spacing = self._seen.spacing_mm
        place = fitted(self._seen, size, spacing)
        return Ready(np.zeros((self._seen.channel_count, *place.canvas), np.float32), place)


class _ShapedJob:
    """One scan: its canvas, the windows over it, and the reader of what is said of them."""

    def __init__(self, card: ModelCard, made: Ready) -> None:
        assert card.input is not None  # ShapedNetwork has seen to both
        assert card.output is not None
        canvas = made.fitted.canvas
        tiled = card.input.fit == "tile" and card.input.size is not None
        self._size: Corner = card.input.size if tiled and card.input.size else canvas
        self._windows = corners(canvas, self._size, card.input.overlap)
        self._canvas = made.canvas
        self._reader: Reader = reader_of(
            card.output, card.input, card.classes, made, self._windows, self._size
        )

    def inputs(self) -> Sequence[np.ndarray]:
        """Windows of the canvas; views, so that only those under way are copied."""
        return [
            self._canvas[(slice(None), *window_at(corner, self._size))] for corner in self._windows
        ]

    def add(self, index: int, output: Any) -> None:
        """To the reader."""
        self._reader.add(index, output)

    def prediction(self) -> Prediction:
        """From the reader."""
        return self._reader.found()


def one_by_one(outputs: Mapping[str, np.ndarray], count: int) -> list[dict[str, np.ndarray]]:
    """Outputs of a batch for each of its inputs, with a batch axis of one.

    Raises ValueError where an output has no batch axis: such a network takes one input at a time.
    """
    if count == 1:
        return [dict(outputs)]
    for name, array in outputs.items():
        if array.ndim == 0 or array.shape[0] != count:
            raise ValueError(
                f"output {name}: found shape {array.shape} for {count} inputs; expected {count} first; "
                "write `batch: 1` in the card"
            )
    return [{name: array[i : i + 1] for name, array in outputs.items()} for i in range(count)]
