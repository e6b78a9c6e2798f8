"""Doubts that travel with an image, told in words: a template under a lesion, an altered copy."""

from schemas.image import TEMPLATE_FLAG
from schemas.sentence import Sentence
from transforms.sheet import FactSheet
from transforms.words.narrator import Narrator, sentence

ALTERED = "augmented copy"
DOUBTS = {
    TEMPLATE_FLAG: "template_image",
    "registered to a template": "registered",
    ALTERED: "altered_copy",
    "synthetic phantom": "phantom",
}
"""Flags of an image that words must not hide, and the family of phrasings that says each."""


def tell_doubts(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """One sentence a known flag. It rests on what the flag casts doubt on: body part, modality."""
    image = sheet.image.id
    facts = [f for kind in ("anatomy", "modality") for f in sheet.about(image, kind)]
    families = [DOUBTS[flag] for flag in sheet.image.flags if flag in DOUBTS]
    return [sentence(narrator.say(f), "anatomy", facts) for f in families if facts]
