"""What errors are planted in: fact sheets with sentences and questions believed good."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files

import yaml

from quality.probe.scenes import drawn_sheet
from quality.probe.statements import statements
from schemas.passage import Passage
from schemas.question import Question
from schemas.region import Region
from schemas.sentence import Sentence
from transforms.questions.ask import ask
from transforms.sheet import FactSheet
from transforms.words.describe import describe

QUESTIONS = 40  # a sheet; more than any has


@dataclass
class Item:
    """One image: all that is known of it and all that is said of it."""

    sheet: FactSheet
    sentences: list[Sentence]
    questions: list[Question]
    passages: list[Passage] = field(default_factory=list)
    others: list[FactSheet] = field(default_factory=list)  # of further images that questions name

    @cached_property
    def own_words(self) -> list[Sentence]:
        """True sentences that the probe words itself."""
        return statements(self.sheet)

    @cached_property
    def by_id(self) -> dict[str, Question]:
        return {q.id: q for q in self.questions}

    def regions_of(self, row: Sentence | Question) -> list[Region]:
        """The regions a row names."""
        return [self.sheet.region[i] for i in row.region_ids if i in self.sheet.region]


def drawn_items(count: int, seed: int) -> Iterator[Item]:
    """Built-in material: drawn sheets, and what the project's own generator says of them.

    The generator is what is on trial together with the gates; only the probe may call it, so that
    no gate can borrow its wording.
    """
    passages = _passages()
    for number in range(count):
        sheet = drawn_sheet(number, seed)
        about = [p for p in passages if p.concept in sheet.present]
        yield Item(sheet, describe(sheet, about), ask(sheet, limit=QUESTIONS), about)


def _passages() -> list[Passage]:
    text = (files("quality.probe") / "passages.yaml").read_text("utf-8")
    return [Passage(license="CC0-1.0", source="probe", **entry) for entry in yaml.safe_load(text)]
