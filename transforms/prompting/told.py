"""A fact in words that gates can read back: "lies in the upper left of the image", "touches R2"."""

from collections.abc import Callable

from schemas.fact import Fact
from schemas.image import Image
from schemas.vocabulary import findings, modalities, organs
from transforms.prompting.fence import clean
from transforms.words import quantity
from transforms.words.grammar import article
from transforms.words.modality import SEQUENCES, VIEWS
from transforms.words.nouns import noun_of
from transforms.words.whole import named

LIMIT = 80  # characters of a source's own word

_LENGTHS = {
    "major_axis": "longest diameter {}",
    "minor_axis": "short axis {}",
    "distance": "smallest distance to {1} {0}",
}
_NUMBERS: dict[str, Callable[[float, str], str]] = {
    "area_fraction": lambda n, unit: f"covers {quantity.share(n)} of the image",
    "volume": lambda n, unit: f"volume in the scan {quantity.volume(n)}",
    "attenuation": lambda n, unit: f"mean attenuation {quantity.attenuation(n)}",
    "age": lambda n, unit: f"the patient is {int(n)} years old",
    "resolution": lambda n, unit: f"the tile is shown at {quantity.number(n)} µm per pixel",
    "magnification": lambda n, unit: f"the slide was scanned at {quantity.power(n)}",
}
_RELATIONS = {
    "inside": "lies inside {}",
    "overlaps": "partly overlaps {}",
    "adjacent": "touches {}",
    "left_of": "lies to the left of {} in the image",
    "above": "lies above {} in the image",
    "larger_than": "is larger than {}",
}
_WORDS: dict[str, Callable[[str], str]] = {
    "modality": lambda v: f"this is {t.phrase if (t := modalities().get(v)) else v}",
    "sequence": lambda v: f"the sequence is {SEQUENCES.get(v, v)}",
    "plane": lambda v: f"the plane is {v}",
    "view": lambda v: f"the view is the {VIEWS.get(v, v)}",
    "anatomy": lambda v: f"the picture shows {o.phrase if (o := organs().get(v)) else v}",
    "image_side": lambda v: f"the organ shown is the patient's {v} one",
    "window": lambda v: f"shown in {_window(v)}",
    "stain": lambda v: f"the stain is {v}",
    "sex": lambda v: f"the patient is {v}",
    "label": lambda v: noun_of(v).first(),
    "position": lambda v: f"lies in the {v} of the image",
    "side": lambda v: "on the patient's midline" if v == "midline" else f"on the patient's {v}",
    "brightness": lambda v: (
        "similar in brightness to its immediate surroundings"
        if v == "similar"
        else f"{v} than its immediate surroundings"
    ),
    "homogeneity": lambda v: v,
    "outline": lambda v: f"{v} outline",
    "shape": lambda v: f"{v} shape",
}


def _window(value: str) -> str:
    """ "a soft-tissue window"; center and width in stored units are left as they stand."""
    if any(c.isdigit() for c in value):
        return f"the window {value}"
    return f"{article(value.replace(' ', '-'))} window"


def told(
    fact: Fact,
    object: str | None = None,
    *,
    complete: bool = False,
    found: str = "",
    image: Image | None = None,
) -> str:
    """The fact in a few words, without its subject.

    object: alias of the other region of a relation. complete: of a count, nothing else of this label
    is there; of a `complete` fact, nothing at all is. found: of a label or a count, "candidate" where an
    expert only proposes what it is about, "automatic" where an expert found it.
    image: the fact's own, whose pixels say whether lengths are told in mm or µm.
    What a classifier says of the whole image is marked "(candidate)".
    """
    if fact.kind == "label" and found == "candidate":
        return noun_of(clean(fact.value or "", LIMIT), candidate=True).first()
    if fact.kind == "count" and found:
        return _found(fact, found)
    if fact.number is not None and fact.kind in _LENGTHS:
        far = quantity.length(fact.number, _unit(fact), image)
        return _LENGTHS[fact.kind].format(far, object or "another region")
    guessed = fact.kind == "finding" and fact.origin == "expert_model"
    return _told(fact, object or "another region", complete) + (" (candidate)" if guessed else "")


def _found(fact: Fact, found: str) -> str:
    """An expert's count is of what it found, neither of all there are nor of at least so many."""
    many = noun_of(clean(fact.value or "", LIMIT), found == "candidate").many
    return f"number of {many} found automatically: {fact.number or 0:g}"


def _told(fact: Fact, object: str, complete: bool) -> str:
    value = clean(fact.value or "", LIMIT)
    if fact.kind in ("finding", "complete", "count"):
        return _of_label(fact, value, complete)
    if fact.kind in _RELATIONS:
        return _RELATIONS[fact.kind].format(object)
    if fact.kind in _NUMBERS and fact.number is not None:
        return _NUMBERS[fact.kind](fact.number, _unit(fact))
    if fact.kind in _WORDS:
        return _WORDS[fact.kind](value)
    return f"{fact.kind.replace('_', ' ')}: {value}"


def _unit(fact: Fact) -> str:
    return clean(fact.unit or "", 8)


def _of_label(fact: Fact, value: str, complete: bool) -> str:
    """On one label of the whole image."""
    many = noun_of(value).many
    if fact.kind == "count":
        return f"number of {many}: {'' if complete else 'at least '}{fact.number or 0:g}"
    if fact.kind == "complete":
        return f"there are no {many}" if complete else f"no {many} but those counted"
    if fact.polarity == "absent":
        return f"reported absent: {value}"
    term = findings().get(value)
    whole = "case" if term is not None and term.kind == "disease" else "image as a whole"
    return f"reported for the {whole}, place unknown: {named(value)}"
