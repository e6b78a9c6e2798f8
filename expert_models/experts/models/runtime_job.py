"""One scan on its way through a network: what it gives, what it gets back, and when it is whole."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from expert_models.experts.base import Prediction, Refusal
from expert_models.experts.models.runtime_memory import contained


class Job(Protocol):
    """One scan on its way through a network. Used by one thread at a time."""

    def inputs(self) -> Sequence[Any]:
        """What the network is shown of this scan: one input, or one a window (sliced when asked for)."""
        ...

    def add(self, index: int, output: Any) -> None:
        """Take what the network said of input `index`. Called once each, in order."""
        ...

    def prediction(self) -> Prediction:
        """What was found, in pixels of the scan. Called after the last `add`, in a thread."""
        ...


class OneInput:
    """The job of a network that looks at a scan once. read: from its output to what was found."""

    def __init__(self, given: Any, read: Callable[[Any], Prediction]) -> None:
        self._given, self._read, self._output = given, read, None

    def inputs(self) -> Sequence[Any]:
        """The one input."""
        return [self._given]

    def add(self, index: int, output: Any) -> None:
        """Keep the one output."""
        self._output = output

    def prediction(self) -> Prediction:
        """What `read` makes of the output."""
        return self._read(self._output)


class Turn:
    """One scan between preparation and reading."""

    def __init__(self, job: Job | Refusal) -> None:
        self._job = job
        self._open = 0

    def inputs(self) -> Iterator[tuple[int, Any]]:
        """Numbered inputs; none of a scan that was refused, no more of one that failed."""
        self._open += 1  # itself, until all inputs are given
        given = self._job if isinstance(self._job, Refusal) else contained(self._job.inputs)
        if isinstance(given, Refusal):
            self._job = given
        else:
            for index in range(len(given)):
                one = contained(given.__getitem__, index)
                if isinstance(one, Refusal):
                    self._job = one
                if isinstance(self._job, Refusal):
                    break
                self._open += 1
                yield index, one
        self._open -= 1

    def take(self, index: int, output: Any) -> None:
        """One output has come; after a failure the rest is dropped."""
        self._open -= 1
        if isinstance(self._job, Refusal):
            return
        wrong = output if isinstance(output, Refusal) else contained(self._job.add, index, output)
        if isinstance(wrong, Refusal):
            self._job = wrong

    @property
    def complete(self) -> bool:
        """Nothing of it is still to come."""
        return self._open == 0

    def read(self) -> Prediction:
        """The prediction; what the job held goes with it."""
        job = self._job
        return job if isinstance(job, Refusal) else contained(job.prediction)
