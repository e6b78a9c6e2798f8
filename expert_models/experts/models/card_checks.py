"""What a card must hold beyond its shape: terms of the vocabularies, parts that fit each other."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from expert_models.experts.models.card_backends import BACKENDS
from expert_models.experts.models.card_errors import fault
from expert_models.experts.models.card_input import Input
from expert_models.experts.models.card_model import ModelCard
from expert_models.experts.models.card_output import Boxes, Instances, Output, Semantic
from schemas.declaration.errors import closest
from schemas.declaration.licenses import license_fault
from schemas.vocabulary import findings, modalities, organs

BARE = ("safetensors", "pickle")
DIGEST = "`python -m expert_models.experts.models.weights PATH` prints them"


class Wrong(NamedTuple):
    """A field, what stands there, what should, and what to do."""

    place: list[str | int]
    found: object
    expected: str
    do: str = ""


def faults_of(card: ModelCard) -> list[str]:
    """Every fault of a card whose shape is right, one line each."""
    return [
        fault(Path(card.file).name, one.place, found=one.found, expected=one.expected, do=one.do)
        for one in _faults(card)
    ]


def _faults(card: ModelCard) -> Iterator[Wrong]:
    yield from _terms(card)
    for part in ("license_code", "license_weights"):
        if wrong := license_fault(name := getattr(card, part)):
            yield Wrong([part], name, "an SPDX id", wrong)
    if card.backend not in BACKENDS:
        expected = f"one of {', '.join(BACKENDS)}"
        yield Wrong(["backend"], card.backend, expected, _near(card.backend, BACKENDS))
        return
    yield from _weights(card)
    if BACKENDS[card.backend].shaped:
        yield from _shaped(card)


def _terms(card: ModelCard) -> Iterator[Wrong]:
    """Words that no vocabulary holds."""
    terms = {term.name for term in findings()}
    named: list[tuple[list[str | int], str]] = [
        (["classes", str(number)], term)
        for number, term in card.classes.items()
        if term is not None
    ]
    named += [(["labels", i], term) for i, term in enumerate(card.labels)]
    for place, term in named:
        if term not in terms:
            yield Wrong(place, term, "a term of schemas/vocab/findings.yaml", _near(term, terms))
    if not card.reported and not card.refines:
        yield Wrong(["classes"], {}, "at least one term")
    known = {"modalities": {m.name for m in modalities()}, "anatomies": {o.name for o in organs()}}
    for part, file in (("modalities", "modalities"), ("anatomies", "anatomy")):
        for i, word in enumerate(getattr(card, part)):
            if word not in known[part]:
                expected = f"a name of schemas/vocab/{file}.yaml"
                yield Wrong([part, i], word, expected, _near(word, known[part]))


def _near(word: str, words: Iterable[str]) -> str:
    near = closest(word, words).lstrip("; ").rstrip(".")
    return near or "write one that is there, or add it there"


def _weights(card: ModelCard) -> Iterator[Wrong]:
    if card.weights is None:
        if BACKENDS[card.backend].weights:
            yield Wrong(["weights"], None, "a file, a folder or a Hub id")
        return
    if not card.weights_sha256:
        yield Wrong(["weights_sha256"], "", "64 hex digits", DIGEST)
    if card.revision is not None and len(Path(card.weights).parts) != 2:
        expected = "a Hub id `owner/name`, as there is a `revision`"
        yield Wrong(["weights"], card.weights, expected)
    for i, name in enumerate(card.files):
        if Path(name).is_absolute() or ".." in Path(name).parts:
            yield Wrong(["files", i], name, "a path inside the folder")


def _shaped(card: ModelCard) -> Iterator[Wrong]:
    """A card whose `input` and `output` the shared runtime reads."""
    if (card.backend in BARE) != (card.architecture is not None):
        needed = "the network that these weights belong to"
        expected = needed if card.backend in BARE else f"nothing: {card.backend} holds the network"
        yield Wrong(["architecture"], card.architecture, expected)
    if not card.classes or sorted(card.classes) != list(range(len(card.classes))):
        do = "write null for a class that is not reported, such as the background"
        yield Wrong(["classes"], sorted(card.classes), "0, 1, 2, ... without a gap", do)
    if card.refines:
        yield Wrong(["refines"], True, f"false with {card.backend}", "use transformers-sam")
    if card.input is None:
        yield Wrong(["input"], None, f"a mapping with {card.backend}")
    else:
        yield from _input(card.input, card.dimensions)
    if card.output is None:
        yield Wrong(["output"], None, f"a mapping with {card.backend}")
    else:
        yield from _output(card.output, card)
        if card.input is not None:
            yield from _joined(card.input, card.output)


def _input(seen: Input, dimensions: int) -> Iterator[Wrong]:
    for part in ("size", "spacing_mm"):
        numbers = getattr(seen, part)
        if numbers is not None and len(numbers) != dimensions:
            expected = f"{dimensions} numbers, as `dimensions` says"
            yield Wrong(["input", part], list(numbers), expected)
    if seen.spacing_mm is not None and seen.fit not in ("tile", "whole"):
        expected = "tile or whole: resize and letterbox leave no spacing to keep"
        yield Wrong(["input", "fit"], seen.fit, expected)
    volume = dimensions == 3
    stored = volume or seen.reads == "native"
    if stored and seen.channels != "gray":
        yield Wrong(["input", "channels"], seen.channels, "gray, of volumes and stored values")
    if stored and seen.scale.kind == "unit":
        expected = "another scale: unit is of pictures"
        yield Wrong(["input", "scale", "kind"], "unit", expected)
    if volume and seen.interpolation not in ("linear", "nearest"):
        expected = "linear or nearest, of a volume"
        yield Wrong(["input", "interpolation"], seen.interpolation, expected)
    if volume and seen.fit == "letterbox":
        yield Wrong(["input", "fit"], "letterbox", "resize, tile or whole, of a volume")
    if not volume and seen.axes is not None:
        yield Wrong(["input", "axes"], seen.axes, "nothing: pictures have rows and columns")


def _output(given: Output, card: ModelCard) -> Iterator[Wrong]:
    if card.dimensions == 3 and not isinstance(given, Semantic):
        yield Wrong(["output", "kind"], given.kind, "semantic, of a volume")
    if isinstance(given, Instances) and given.form == "numbers" and len(card.classes) != 1:
        yield Wrong(["classes"], sorted(card.classes), "one class with instances by number")
    for number in given.threshold if isinstance(given.threshold, dict) else ():
        if number not in card.classes:
            yield Wrong(["output", "threshold", str(number)], number, "a number of `classes`")


def _joined(seen: Input, given: Output) -> Iterator[Wrong]:
    """Tiles can be joined of scores and of boxes, not of numbered objects or one answer a picture."""
    if seen.fit != "tile":
        return
    if not isinstance(given, Semantic | Boxes):
        expected = f"resize, letterbox or whole with output {given.kind}"
        yield Wrong(["input", "fit"], "tile", expected)
    if isinstance(given, Semantic) and given.activation == "numbers":
        yield Wrong(["output", "activation"], "numbers", "scores, from which tiles are blended")
