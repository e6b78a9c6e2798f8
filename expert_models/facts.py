"""`facts`: the embedded generator. Phrasings over facts, no model, no download."""

from functools import cache

from expert_models.base import Card
from schemas.ids import digest
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence
from transforms.questions.ask import ask
from transforms.questions.draft import PACKAGE as QUESTIONS
from transforms.sheet import FactSheet
from transforms.words.bank import bank
from transforms.words.describe import describe

REVISION = "1"  # of the code that chooses what to say; the phrasings have their own digest


class Facts:
    """The generator `facts`. Stateless; safe to share between threads and processes."""

    @property
    def card(self) -> Card:
        return _card()

    def load(self) -> None:
        bank()
        bank(QUESTIONS)

    def describe(self, sheet: FactSheet, passages: list[Passage]) -> list[Sentence]:
        return describe(sheet, passages)

    def ask(self, sheet: FactSheet, limit: int) -> list[Question]:
        return ask(sheet, limit=limit)


@cache
def _card() -> Card:
    phrasings = [
        {name: [p.text for p in phrases] for name, phrases in bank(package).families.items()}
        for package in ("transforms.words", QUESTIONS)
    ]
    return Card(
        name="facts",
        kind="generator",
        backend="embedded",
        revision=REVISION,
        license="Apache-2.0",
        reads="facts, passages",
        writes="sentences, questions",
        needs="nothing",
        prompt_sha256=digest(phrasings),
    )
