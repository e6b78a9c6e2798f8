"""What every model behind a door promises: a card, `load()`, and its one job.

Heavy imports live inside `load`, so that listing models and planning a build cost nothing.
"""

from dataclasses import dataclass
from typing import Protocol

from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence
from transforms.sheet import FactSheet


@dataclass(frozen=True)
class Card:
    """What `medgrain experts list` shows. `revision` changes whenever output may change."""

    name: str
    kind: str  # generator; segmenters, detectors, embedders and verifiers are to come
    backend: str  # embedded | vllm | openai | transformers
    revision: str
    license: str
    reads: str
    writes: str
    needs: str  # the extra to install, or "nothing"
    prompt_sha256: str  # of the prompt, or of the phrasings that stand in for one


class Generator(Protocol):
    """Turns facts and passages into words. Made on any machine, loaded where it works."""

    @property
    def card(self) -> Card:
        """Who it is; known before `load`."""
        ...

    def load(self) -> None:
        """Get ready to write; a second call does nothing."""
        ...

    def describe(self, sheet: FactSheet, passages: list[Passage]) -> list[Sentence]:
        """The description of one image, each sentence with the ids it rests on."""
        ...

    def ask(self, sheet: FactSheet, limit: int) -> list[Question]:
        """At most `limit` questions on one image, each with its key and ids."""
        ...
