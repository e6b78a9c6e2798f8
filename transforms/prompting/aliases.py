"""Aliases: short names by which a prompt speaks of facts, regions and passages, and the way back.

One image: F1, F2, ...; R1, ...; P1, ... . With several images those of the second are I2F1, I2R1, ...
and those of the first I1F1, ...; passages are about terms and not about images, and stay P1, ... .
"""

from collections.abc import Collection, Iterable, Sequence

from transforms.showing.shown import Shown, shown_of, shown_passages
from transforms.showing.view import View


class Aliases:
    """The names of one view, in a stable order: by image, then as `shown_of` orders.

    facts, regions, passages: alias -> id. shown: what is told of each image, the view's own first.
    keep: ids that must have an alias (those a text under judgement rests on).
    """

    def __init__(self, view: View, *, keep: Collection[str] = ()) -> None:
        self.views: tuple[View, ...] = (view, *view.others)
        self.shown: list[Shown] = [shown_of(v.sheet, keep) for v in self.views]
        self.facts: dict[str, str] = {}
        self.regions: dict[str, str] = {}
        for number, shown in enumerate(self.shown, start=1):
            prefix = f"I{number}" if len(self.views) > 1 else ""
            self._name(self.facts, f"{prefix}F", (f.id for f in shown.facts))
            self._name(self.regions, f"{prefix}R", (r.id for r in shown.regions))
        ids = dict.fromkeys(
            p.id
            for v, shown in zip(self.views, self.shown, strict=True)
            for p in shown_passages(v.passages, shown, keep)
        )
        self.passages: dict[str, str] = {f"P{n}": id for n, id in enumerate(ids, start=1)}
        named = (*self.facts.items(), *self.regions.items(), *self.passages.items())
        self._alias = {id: alias for alias, id in named}

    @staticmethod
    def _name(into: dict[str, str], prefix: str, ids: Iterable[str]) -> None:
        into.update((f"{prefix}{n}", id) for n, id in enumerate(ids, start=1))

    def of(self, id: str) -> str | None:
        """The alias of an id, or None where it is not shown."""
        return self._alias.get(id)

    def all_of(self, ids: Iterable[str]) -> list[str]:
        """Aliases of those ids that are shown, in the order given."""
        return [alias for i in ids if (alias := self._alias.get(i)) is not None]

    def resolve(self, aliases: Sequence[str]) -> tuple[list[str], list[str]]:
        """(ids, aliases that name nothing); repeats are dropped, the order stays."""
        known = self.facts | self.regions | self.passages
        distinct = list(dict.fromkeys(aliases))
        return [known[a] for a in distinct if a in known], [a for a in distinct if a not in known]
