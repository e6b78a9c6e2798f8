"""From a type's decision (stem, key, distractors) to a row: id, options in order, place of key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from schemas.fact import Fact
from schemas.ids import content_id, digest, pick
from schemas.question import Question
from schemas.region import Region
from transforms.sheet import FactSheet
from transforms.words.bank import bank

PACKAGE = "transforms.questions"
MOST_OPTIONS = 5
FEWEST_OPTIONS = 4
YES_NO = ("yes", "no")


def stem(sheet: FactSheet, family: str, *key: str, plural: bool = False, **slots: str) -> str:
    """One phrasing of a family of stems, chosen by the image and `key`. plural: verbs on its thing are."""
    phrases = bank(PACKAGE)[family]
    return phrases[pick(len(phrases), sheet.image.id, family, *key)].render(plural, **slots)


def because(family: str, plural: bool = False, **slots: str) -> str:
    """The sentence from facts that gives the reason for a key."""
    return bank(PACKAGE)[f"why_{family}"][0].render(plural, **slots)


@dataclass(frozen=True)
class Draft:
    """What a type decides; the methods turn it into a row."""

    sheet: FactSheet
    type: str
    question: str
    why: str
    facts: Iterable[Fact | None]
    regions: Sequence[Region] = field(default=())

    def choice(self, answer: str, distractors: Sequence[str], most: int = MOST_OPTIONS) -> Question:
        """Multiple choice: distractors thinned and ordered by keyed hash, the key put by the id."""
        image = self.sheet.image.id
        kept = sorted(distractors, key=lambda d: digest(image, self.question, d))[: most - 1]
        row = self._row(answer, sorted([answer, *kept]))
        place = pick(len(kept) + 1, row.id)
        return self._row(answer, [*kept[:place], answer, *kept[place:]], row.id)

    def fixed(self, answer: str, options: Sequence[str]) -> Question:
        """Multiple choice whose options have an order of their own: yes and no, rising numbers."""
        return self._row(answer, list(options))

    def measured(
        self, answer: str, value: float, unit: str, tolerance: float, options: Sequence[str] = ()
    ) -> Question:
        """A number with its unit; open unless options are given. `value` is as measured."""
        row = self._row(answer, list(options))
        return replace(row, answer_value=round(value, 9), unit=unit, tolerance=round(tolerance, 6))

    def _row(self, answer: str, options: list[str], row_id: str | None = None) -> Question:
        image = self.sheet.image.id
        return Question(
            id=row_id or content_id("qa", image, self.type, self.question, options, answer),
            image_id=image,
            question=self.question,
            question_type=self.type,
            options=options,
            answer=answer,
            answer_index=options.index(answer) if options else None,
            region_ids=list(dict.fromkeys(r.id for r in self.regions)),
            fact_ids=list(dict.fromkeys(f.id for f in self.facts if f is not None)),
            rationale=self.why,
        )
