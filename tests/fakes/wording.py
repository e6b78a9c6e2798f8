"""A fact of a prompt as a whole sentence."""

import re

from tests.fakes.describing import article, be
from tests.fakes.sheet import Known, Thing

_ORDINALS = ("first", "second", "third", "fourth")
_WHOLE = (
    (r"^reported absent: (.+)$", r"There is no \1."),
    (r"^reported for the (?:case|image as a whole), place unknown: (.+)$", r"The image shows \1."),
    (r"^number of (.+): (?:at least )?(\S+)$", r"The number of \1 is \2."),
    (r"^(?:[A-Za-z ]*: )?(.+)$", r"\1."),
)
_OF_REGION = (
    (r"^(lies? |touches |partly overlaps |is |covers )", "{the} {words}."),
    (r"^on the patient's ", "{the} lies {words}."),
    (
        r"^(longest diameter|short axis|mean attenuation|volume in the scan) (.+)$",
        r"The \1 of {low} is \2.",
    ),
    (r"^smallest distance to (.+?) (\S+ \S+)$", r"{the} lies at a distance of \2 from \1."),
    (r" (?:outline|shape)$", "{the} has {a} {words}."),
    (r"", "{the} {is} {words}."),
)


def statement(known: Known, alias: str) -> str:
    """One sentence on what the fact says, in its words; "" for a name that is not there."""
    for number, sheet in enumerate(known.sheets):
        of = f"In the {_ORDINALS[number]} image, " if len(known.sheets) > 1 else ""
        for thing in sheet.things:
            if alias == thing.said:
                return _begun(
                    f"{of}the image shows {thing.name}."
                    if not of
                    else f"{of}there is {thing.name}."
                )
            for fact in thing.facts:
                if fact.alias == alias:
                    return _begun(of + _lower(_of_region(known, thing, fact.text), of))
        for fact in sheet.facts:
            if fact.alias == alias:
                return _begun(of + _lower(_of_image(fact.text), of))
    return ""


def _of_image(words: str) -> str:
    for pattern, form in _WHOLE:
        if re.search(pattern, words):
            return re.sub(pattern, form, words)
    return f"{words}."


def _of_region(known: Known, thing: Thing, words: str) -> str:
    words = re.sub(r"\b(?:I\d+)?R\d+\b", lambda m: _named(known, m[0]), words)
    the = f"The {thing.noun}"
    if be(thing) == "are":
        words = re.sub(r"^lies ", "lie ", words.replace(" its ", " their "))
    for pattern, form in _OF_REGION:
        if found := re.search(pattern, words):
            text = found.expand(form) if "\\" in form else form
            return text.format(
                the=the, low=f"the {thing.noun}", words=words, a=article(words), **{"is": be(thing)}
            )
    return ""


def _named(known: Known, alias: str) -> str:
    things = (t for sheet in known.sheets for t in sheet.things)
    return next((f"the {t.noun}" for t in things if t.alias == alias), "another structure")


def _begun(text: str) -> str:
    return text[0].upper() + text[1:]


def _lower(text: str, after: str) -> str:
    return text[0].lower() + text[1:] if after else text
