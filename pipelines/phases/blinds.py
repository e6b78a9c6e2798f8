"""Pictures for blind tests: what stands in for the image that a question is about."""

from collections.abc import Callable
from functools import lru_cache

from pipelines.phases.sheets import sheets
from pipelines.phases.views import Pixels
from pipelines.task import Step, Task
from quality.rubric.blind import Blinds
from schemas.exchange import SentImage
from schemas.ids import pick
from schemas.image import Image
from transforms.showing.copies import sent_copy
from transforms.showing.view import View


def blinding_of(task: Task, step: Step) -> Callable[[View, bytes], Blinds]:
    """For a view and its released PNG, the pictures of its blind tests.

    The other image is of the same shard and modality and of another patient, by keyed choice; a shard
    that has none leaves that test out.
    """
    if not step.options["showing"]["images"]:
        return lambda view, png: Blinds()
    side: int = step.options["showing"]["image_side"]
    pixels = Pixels(task)
    by_modality: dict[str, list[Image]] = {}
    for sheet in sheets(task):
        by_modality.setdefault(sheet.image.modality, []).append(sheet.image)

    @lru_cache(maxsize=64)
    def shown(id: str) -> SentImage:
        return sent_copy(pixels.png(id), side=side)[0]

    def blinds(view: View, png: bytes) -> Blinds:
        own = view.sheet.image
        others = [
            image for image in by_modality[own.modality] if image.patient_key != own.patient_key
        ]
        if not others:
            return Blinds(png)
        return Blinds(png, shown(others[pick(len(others), "other image", own.id)].id))

    return blinds
