"""The promise of an in-process engine: it is handed requests in bulk and answers each as soon as it can."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, TypeVar

from schemas.exchange import Answer, Failure, Request
from schemas.ids import pick

SEEDS = 2**31  # seeds in [0, SEEDS): what every sampler accepts
DETAIL_CHARS = 500

Item = TypeVar("Item")


@dataclass(frozen=True)
class EngineCard:
    """What is known of an engine before it loads."""

    backend: str  # "transformers" | "vllm" | "vllm on ray"
    model: str
    revision: str
    library: str  # name and version of what runs the model
    constrained: str  # what holds answers to their JSON schema, or "nothing: …"


class BulkEngine(Protocol):
    """A model in this process, or in actors that this process starts.

    Its answers are those of `Request` alone: neither the order of the requests nor what else is in
    flight is meant to change them. In low precision a batch can still tip a near tie, so byte-identical
    rebuilds rest on the stored answers and never on asking again.
    """

    @property
    def card(self) -> EngineCard:
        """Who it is; known before `load`."""
        ...

    def load(self) -> None:
        """Get the weights into memory; a second call does nothing."""
        ...

    def answer(self, requests: Iterable[tuple[str, Request]]) -> Iterator[Answer | Failure]:
        """One Answer or Failure per (key, request), in any order, as they become known.

        Loads if need be. Requests are taken some at a time and let go again, so a generator that reads
        pictures from storage keeps memory flat. A request that cannot be answered ends as a Failure; an engine that cannot go
        on (a dead device, no weights) raises.
        """
        ...

    def close(self) -> None:
        """Give the memory back; `load` may follow."""
        ...


def draw_seed(key: str, request: Request) -> int:
    """Seed of one request's draw, in [0, SEEDS): its own, whatever batch it is in.

    A request's key holds seed and sample number already; they are named for keys that do not.
    """
    return pick(SEEDS, "draw", key, request.sampling.seed, request.sample)


def refused(key: str, detail: str) -> Failure:
    """The engine will not answer this request, now or later."""
    return Failure(key, "request_refused", detail[:DETAIL_CHARS])


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items in order, the last one shorter."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
