"""What kind of image it is: modality, plane, sequence, projection, window, stain, scan of a slide."""

import re

from schemas.fact import Fact
from schemas.sentence import Sentence
from schemas.vocabulary import modalities
from transforms.sheet import FactSheet
from transforms.words import quantity
from transforms.words.grammar import article
from transforms.words.narrator import Narrator, sentence

LOCALIZER = "localizer"
"""Flag of a picture that looks like a radiograph, though a CT made it."""
SEQUENCES = {
    "T1": "T1-weighted",
    "T2": "T2-weighted",
    "T1 post-contrast": "contrast-enhanced T1-weighted",
    "PD": "proton-density-weighted",
    "DWI": "diffusion-weighted",
}
VIEWS = {
    "PA": "posteroanterior (PA) projection",
    "AP": "anteroposterior (AP) projection",
    "AP supine": "supine AP projection",
    "AP erect": "erect AP projection",
    "lateral": "lateral projection",
    "CC": "craniocaudal (CC) projection",
    "MLO": "mediolateral oblique (MLO) projection",
    "ML": "mediolateral (ML) projection",
    "LM": "lateromedial (LM) projection",
    "lordotic": "apical lordotic projection",
}


def tell_modality(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """One sentence, on a tile of a slide two; none where no fact states the modality."""
    fact = sheet.one(sheet.image.id, "modality")
    if fact is None or modalities().get(fact.value) is None:
        return []
    picture, facts = picture_of(sheet)
    shown = sentence(narrator.say("modality", picture=picture), "modality", facts)
    return [shown, *_tell_scan(sheet, narrator)]


def _tell_scan(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """Of a tile: the size of its pixels, and the power at which its slide was scanned."""
    pixel, power = (sheet.one(sheet.image.id, k) for k in ("resolution", "magnification"))
    if pixel is None or not pixel.number:
        return []
    step = f"{quantity.number(pixel.number)} µm"
    if power is None or not power.number:
        return [sentence(narrator.say("tile", step=step), "modality", [pixel])]
    text = narrator.say("tile_scanned", step=step, power=quantity.power(power.number))
    return [sentence(text, "modality", [pixel, power])]


def picture_of(sheet: FactSheet) -> tuple[str, list[Fact]]:
    """The image as a noun phrase, "an axial T2-weighted ... slice", with its facts."""
    one = {k: sheet.one(sheet.image.id, k) for k in ("modality", "plane", "sequence")}
    term = modalities().get(one["modality"].value) if one["modality"] else None
    if term is None:
        raise ValueError("no modality fact to speak of")
    words = [_value(one["plane"]), SEQUENCES.get(_value(one["sequence"]), _value(one["sequence"]))]
    noun = re.sub(r"^an? ", "", term.phrase)
    if term.name == "CT" and LOCALIZER in sheet.image.flags:
        noun = "computed tomography (CT) projection image"  # a localizer cuts nothing
    details, used = _details(sheet)
    text = article(" ".join([*filter(None, words), noun]))
    return " ".join([text, *details]), [f for f in (*one.values(), *used) if f is not None]


def _details(sheet: FactSheet) -> tuple[list[str], list[Fact]]:
    """What follows the noun: "in posteroanterior (PA) projection", "in a lung window"."""
    words: list[str] = []
    facts: list[Fact] = []
    for kind, tell in (("view", _view), ("stain", _stain), ("window", _window)):
        fact = sheet.one(sheet.image.id, kind)
        if fact is not None and fact.value and (text := tell(fact.value)):
            words.append(text)
            facts.append(fact)
    return words, facts


def _view(value: str) -> str:
    return f"in {VIEWS.get(value, f'{value} view')}"


def _stain(value: str) -> str:
    return f"stained with {value}"


def _window(value: str) -> str:
    """Named windows only: "40/400" is in stored units, which say little to a reader."""
    if re.search(r"\d", value):
        return ""
    return f"in {article(value.replace(' ', '-'))} window"


def _value(fact: Fact | None) -> str:
    return fact.value or "" if fact is not None else ""
