"""An accepted item as balance sees it: the few columns that decide, and nothing of the pixels."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.ids import digest

YES_NO = ("no", "yes")


@dataclass(frozen=True)
class Item:
    """One accepted question, or one conversation (then without options).

    options      in the order they were judged in      answer_index  place of the key, from 0
    twin_id      the item that must stay or fall with this one
    """

    id: str
    question_type: str
    modality: str
    anatomy: str
    patient: str
    split: str
    stem: str = ""
    options: tuple[str, ...] = ()
    answer: str = ""
    answer_index: int | None = None
    twin_id: str | None = None
    rationale: str = ""

    @property
    def polar(self) -> bool:
        """A yes/no item."""
        return tuple(sorted(o.strip().lower() for o in self.options)) == YES_NO

    @property
    def choice(self) -> bool:
        """Multiple choice, yes/no included."""
        return self.answer_index is not None and len(self.options) > 1

    @property
    def key(self) -> str:
        """The right option. Raises ValueError on an open item."""
        if self.answer_index is None:
            raise ValueError(f"item {self.id} has no options")
        return self.options[self.answer_index]

    @property
    def others(self) -> list[str]:
        """The wrong options, in order."""
        return [o for n, o in enumerate(self.options) if n != self.answer_index]


def bundles(items: Iterable[Item], *key: str) -> list[list[Item]]:
    """Items that stay or fall together (twins), in an order drawn by keyed hash.

    The order depends on ids alone: neither on the order of arrival nor on what else there is.
    """
    by_id = {item.id: item for item in items}
    made: dict[str, list[Item]] = {}
    for id in sorted(by_id):
        twin = by_id[id].twin_id
        first = min(id, twin) if twin in by_id else id
        made.setdefault(first, []).append(by_id[id])
    return [made[first] for first in sorted(made, key=lambda id: (digest(*key, id), id))]
