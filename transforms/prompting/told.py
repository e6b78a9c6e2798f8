"""A fact in the words that gates read: "longest diameter 12 mm", "lies inside R2"."""

from schemas.fact import Fact
from transforms.prompting.fence import clean
from transforms.words import quantity

LIMIT = 120  # characters of a source's own word

_NUMBERS = {
    "count": "number of {value}: {number}",
    "area_fraction": "share of the image area {number}",
    "major_axis": "longest diameter {number}",
    "minor_axis": "short axis {number}",
    "volume": "volume inside the scan {number}",
    "attenuation": "mean attenuation {number}",
    "age": "patient age {number} years",
    "distance": "smallest distance to {object} {number}",
}
_RELATIONS = {
    "inside": "lies inside {object}",
    "overlaps": "partly overlaps {object}",
    "adjacent": "touches {object}",
    "left_of": "lies to the left of {object} in the image",
    "above": "lies above {object} in the image",
    "larger_than": "is larger than {object}",
}
_WORDS = {
    "modality": "modality {value}",
    "sequence": "sequence {value}",
    "plane": "{value} plane",
    "view": "{value} view",
    "anatomy": "anatomy shown: {value}",
    "image_side": "the imaged organ is the patient's {value} one",
    "window": "intensity window {value}",
    "stain": "stain {value}",
    "sex": "patient sex {value}",
    "finding": "finding of the whole image, no place known: {value}",
    "complete": "all {value} are marked: what is not marked is not there",
    "label": "is: {value}",
    "position": "lies in the {value} of the image",
    "side": "on the patient's {value}",
    "brightness": "{value} than its immediate surroundings",
    "homogeneity": "{value}",
    "outline": "{value} outline",
    "shape": "{value} shape",
}


def told(fact: Fact, object: str | None = None) -> str:
    """One line on the fact, without its subject. object: alias of the other region of a relation."""
    value = clean(fact.value or "", LIMIT)
    if fact.kind == "brightness" and value == "similar":
        return "similar in brightness to its immediate surroundings"
    if fact.kind == "finding" and fact.polarity == "absent":
        return f"finding asserted absent: {value}"
    pattern = _NUMBERS.get(fact.kind) or _RELATIONS.get(fact.kind) or _WORDS.get(fact.kind)
    if pattern is None:
        pattern = f"{fact.kind} {{value}}"
    return pattern.format(value=value, number=_number(fact), object=object or "another region")


def _number(fact: Fact) -> str:
    if fact.number is None:
        return "unknown"
    if fact.kind == "area_fraction":
        return quantity.share(fact.number)
    if fact.kind in ("count", "age"):
        return f"{fact.number:g}"
    if fact.kind == "attenuation":
        return quantity.attenuation(fact.number)
    if fact.kind == "volume":
        return quantity.volume(fact.number)
    return quantity.length(fact.number, clean(fact.unit or "", 8))
