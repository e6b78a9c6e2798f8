"""The loop that every model expert shares: prepare ahead, batch, run, read, and contain what fails.

What a backend brings is a `Network`: it makes a `Job` of a scan (on the CPU, in a thread), runs inputs of
jobs, and each job turns its outputs into findings. The loop knows no framework.
"""

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, Protocol, TypeVar

from expert_models.experts.base import ExpertCard, Prediction, Refusal, Scan, VolumeScan
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.runtime_ahead import ahead
from expert_models.experts.models.runtime_job import Job, Turn
from expert_models.experts.models.runtime_memory import (
    contained,
    halving,
    is_out_of_memory,
    too_large,
)
from expert_models.experts.models.runtime_suits import unsuitable

Seen = TypeVar("Seen", Scan, VolumeScan)
THREADS = 2  # that prepare scans and read answers beside the device


class Network(Protocol):
    """What a backend brings: a model on its device."""

    @property
    def width(self) -> int:
        """Most inputs of one `run`; asked after `load`."""
        ...

    def load(self) -> None:
        """Check the digest, load, move to the device. Raises OSError, ValueError or ImportError."""
        ...

    def job(self, scan: Any) -> Job | Refusal:
        """The scan made ready, or why it cannot be. Called in a thread, ahead of the device."""
        ...

    def alike(self, one: Any) -> Hashable:
        """Inputs of one `run` are equal in this: their shape, say."""
        ...

    def run(self, inputs: Sequence[Any]) -> Sequence[Any]:
        """One output an input, each a function of its input alone (`TorchPlace.run` sees to that)."""
        ...


class ModelExpert(Generic[Seen]):
    """An Expert or VolumeExpert over a `Network`. Resident: loaded once, until the process ends.

    Scans may be handed over in any number: `card.batch` bounds one pass of the device, not a call. `stream`
    takes a generator and prepares its next scans while the device works on these.
    """

    def __init__(self, model: ModelCard, network: Network) -> None:
        self.model = model
        self._card = model.expert_card
        self._network = network
        self._loaded = False
        self._fits: dict[Hashable, int] = {}  # most inputs of a kind, where memory has run out once

    @property
    def card(self) -> ExpertCard:
        """Known before `load`."""
        return self._card

    def load(self) -> None:
        """Load once. Raises OSError, ValueError (WeightsDiffer among them) or ImportError."""
        if not self._loaded:
            self._network.load()
            self._loaded = True

    def predict(self, batch: Sequence[Seen]) -> list[Prediction]:
        """One prediction a scan, in order; each a function of its scan alone."""
        return list(self.stream(batch))

    def stream(self, scans: Iterable[Seen]) -> Iterator[Prediction]:
        """One prediction a scan, in order. At most a few scans are held, however many there are."""
        self.load()
        width = self._network.width
        most = 2 if self._card.dimensions == 3 else width + THREADS
        turns: deque[Turn] = deque()
        group: list[tuple[Turn, int, Any]] = []
        reading: deque[Future[Prediction]] = deque()
        with ThreadPoolExecutor(THREADS, thread_name_prefix="scans") as pool:
            for job in ahead(pool, self._prepared, scans, most):
                turns.append(Turn(job))
                for index, one in turns[-1].inputs():
                    if group and not self._joins(group, one):
                        self._pass(group)
                        group = []
                    group.append((turns[-1], index, one))
                _begin_reading(turns, reading, pool)
                while len(reading) > most:
                    yield reading.popleft().result()
            self._pass(group)
            _begin_reading(turns, reading, pool)
            while reading:
                yield reading.popleft().result()

    def _prepared(self, scan: Seen) -> Job | Refusal:
        refusal = unsuitable(self._card, scan)
        return refusal if refusal is not None else contained(self._network.job, scan)

    def _joins(self, group: list[tuple[Turn, int, Any]], one: Any) -> bool:
        """It is of the group's kind, and there is room for it."""
        kind = self._network.alike(one)
        room = self._fits.get(kind, self._network.width)
        return len(group) < room and self._network.alike(group[0][2]) == kind

    def _pass(self, group: list[tuple[Turn, int, Any]]) -> None:
        """Run one group of inputs, and give each scan its outputs."""
        outputs = self._outputs([one for _, _, one in group]) if group else []
        for (turn, index, _), output in zip(group, outputs, strict=True):
            turn.take(index, output)

    def _outputs(self, inputs: list[Any]) -> list[Any]:
        """An output an input, or a Refusal where it does not fit into memory or the network breaks off."""
        try:
            return halving(self._run, inputs, too_large)
        except Exception:
            if len(inputs) > 1:  # one bad input costs itself alone
                return [output for one in inputs for output in self._outputs([one])]
            return [contained(lambda: self._run(inputs)[0])]

    def _run(self, inputs: Sequence[Any]) -> Sequence[Any]:
        try:
            outputs = self._network.run(inputs)
        except Exception as error:
            if len(inputs) > 1 and is_out_of_memory(error):
                self._fits[self._network.alike(inputs[0])] = len(inputs) // 2
            raise
        if len(outputs) != len(inputs):
            raise ValueError(f"the network gave {len(outputs)} outputs for {len(inputs)} inputs")
        return outputs


def _begin_reading(
    turns: deque[Turn], reading: deque[Future[Prediction]], pool: ThreadPoolExecutor
) -> None:
    while turns and turns[0].complete:
        reading.append(pool.submit(turns.popleft().read))
