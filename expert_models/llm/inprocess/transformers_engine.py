"""Models of the transformers library on this host: any that sees and chats, or a text model."""

from collections import deque
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import EngineCard, batched, refused
from expert_models.llm.inprocess.batch import Batches, Keyed
from expert_models.llm.inprocess.chat import reject_unseen_pictures
from expert_models.llm.inprocess.constrain import PACKAGE, Grammars, constraint_named
from expert_models.llm.inprocess.settings import TransformersSettings, checked
from schemas.exchange import Answer, Failure

WINDOW = 16  # batches among which requests are sorted; their pictures are in memory, encoded
PIXELS_PER_TOKEN = 28 * 28  # of Qwen2-VL; only to order requests by their size
CHARACTERS_PER_TOKEN = 4
OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
)  # how allocators of cuda, mps, cpu say it


class TransformersEngine:
    """A BulkEngine over transformers. Raises ValueError where a setting is not one of ours.

    Requests are answered window by window, largest first, in batches of `engine.batch_size`. Where a batch does not fit
    into memory it is halved, down to one request, which then ends as a Failure.
    """

    def __init__(self, choice: ModelChoice) -> None:
        self._choice = choice
        self._settings = TransformersSettings(**checked(choice.engine))
        self._batches: Batches | None = None

    @property
    def card(self) -> EngineCard:
        return EngineCard(
            backend="transformers",
            model=self._choice.model,
            revision=self._choice.revision,
            library=f"transformers {version('transformers')}, torch {version('torch')}",
            constrained=constraint_named(self._choice.structured),
        )

    def load(self) -> None:
        if self._batches is not None:
            return
        from expert_models.llm.inprocess.weights import weights_of

        loaded = weights_of(self._choice, self._settings)
        held = self.card.constrained.startswith(PACKAGE)
        grammars = Grammars(loaded.tokenizer, loaded.eos_ids) if held else None
        self._batches = Batches(self._choice, loaded, grammars, self._settings)

    def answer(self, requests: Iterable[Keyed]) -> Iterator[Answer | Failure]:
        self.load()
        for window in batched(requests, WINDOW * self._settings.batch_size):
            reject_unseen_pictures(self._choice, window)
            yield from self._largest_first(window)

    def _largest_first(self, window: list[Keyed]) -> Iterator[Answer | Failure]:
        waiting = deque(sorted(window, key=_size, reverse=True))
        room = self._settings.batch_size
        while waiting:
            batch = [waiting.popleft() for _ in range(min(room, len(waiting)))]
            done = self._fitting(batch)
            if done is not None:
                yield from done
            elif len(batch) > 1:
                waiting.extendleft(reversed(batch))
                room = len(batch) // 2
            else:
                yield refused(batch[0][0], "does not fit into the memory of the device, even alone")
                room = self._settings.batch_size

    def _fitting(self, batch: list[Keyed]) -> list[Answer | Failure] | None:
        """The batch's results, or None where memory ran out."""
        if self._batches is None:
            raise ValueError("the engine is not loaded")
        try:
            return self._batches.answer(batch)
        except RuntimeError as fault:
            if not any(words in str(fault).lower() for words in OUT_OF_MEMORY):
                raise
        _empty_cache()  # here, where the traceback no longer holds the batch's tensors
        return None

    def close(self) -> None:
        self._batches = None
        _empty_cache()


def _size(asked: Keyed) -> tuple[int, int]:
    """Longest answers first, then largest prompts: batches hold like with like, and the first needs most."""
    request = asked[1]
    text = sum(len(m.text) for m in request.messages) // CHARACTERS_PER_TOKEN
    pixels = sum(i.width * i.height for m in request.messages for i in m.images)
    return request.sampling.max_tokens, text + pixels // PIXELS_PER_TOKEN


def _empty_cache() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
