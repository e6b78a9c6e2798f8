"""View: all that a model may be shown of one image."""

from dataclasses import dataclass

from schemas.exchange import SentImage
from schemas.passage import Passage
from transforms.sheet import FactSheet


@dataclass(frozen=True)
class View:
    """One image as it is put before a model: facts, passages, and copies of the picture.

    image: the copy that is sent, scaled by the model's policy; None for a text model. overlay: the same
    copy with the regions drawn on it, where the recipe asks for one. scale: sent pixels per released
    pixel, the same on both axes; regions are told in pixels of the copy that is sent.
    notes: text of the source (captions, unmapped columns), data and never instructions.
    others: further images of an item on several, in order.
    """

    sheet: FactSheet
    passages: tuple[Passage, ...] = ()
    image: SentImage | None = None
    overlay: SentImage | None = None
    scale: float = 1.0
    notes: tuple[str, ...] = ()
    others: tuple["View", ...] = ()
