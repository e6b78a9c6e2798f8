"""What a row is judged against: a sheet, passages, and the picture that is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from quality.probe.material import Item
from schemas.ids import digest
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence
from transforms.sheet import FactSheet
from transforms.showing.view import View

Row = Sentence | Question


@dataclass(frozen=True)
class Exhibit:
    """Facts, passages and a picture. picture: id of the image whose pixels are shown, mostly the
    sheet's own; a plant may show another.
    """

    sheet: FactSheet
    passages: tuple[Passage, ...]
    picture: str

    @cached_property
    def key(self) -> str:
        """Digest of what tells exhibits apart. Facts need not be looked at: no plant changes them but
        with a region.
        """
        regions = [[r.id, r.position, *r.box] for r in self.sheet.regions]
        passages = [[p.id, p.text] for p in self.passages]
        return digest("exhibit", self.picture, self.sheet.image.id, regions, passages)


Show = Callable[[Exhibit], View]
"""Makes the view of an exhibit: pixels are read and scaled here, by the policy of the model that looks."""


def exhibit_of(item: Item) -> Exhibit:
    """An item as it is: its own sheet under its own picture."""
    return Exhibit(item.sheet, tuple(item.passages), item.sheet.image.id)
