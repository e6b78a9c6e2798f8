"""Aperio and ASAP XML in one pass: shapes with their attributes and points, and no tree of a large file."""

from array import array
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

import numpy as np

from schemas.reject import Fault

LARGEST_BYTES = 1_000_000_000
APERIO, ASAP = "Annotations", "ASAP_Annotations"
LAYERS = ((APERIO, "Annotation"),)
SHAPES = (
    (APERIO, "Annotation", "Regions", "Region"),
    (ASAP, "Annotations", "Annotation"),
)
POINTS = (
    (APERIO, "Annotation", "Regions", "Region", "Vertices", "Vertex"),
    (ASAP, "Annotations", "Annotation", "Coordinates", "Coordinate"),
)

Attributes = dict[str, str]


@dataclass
class Shape:
    """One drawn object. layer: attributes of its layer (Aperio); own: its own; name: its place in the file."""

    layer: Attributes
    own: Attributes
    name: str
    numbers: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def points(self) -> np.ndarray:
        """[N, 2] (x, y) px in the order that ASAP states, else that of the file; nan where one is no number."""
        rows = np.frombuffer(self.numbers, np.float64).reshape(-1, 3)
        return rows[np.argsort(rows[:, 0], kind="stable"), 1:]


def shapes_of(path: Path) -> tuple[str, list[Shape]]:
    """The name of the root, and every shape in the order of the file.

    A point takes 24 bytes, whatever it took in the file. Raises Fault: file_absent, too_large,
    annotation_malformed (not XML, or XML that declares entities).
    """
    if not path.is_file():
        raise Fault("file_absent", "the annotation file is not there", "region")
    if path.stat().st_size > LARGEST_BYTES:
        raise Fault("too_large", f"an annotation file of more than {LARGEST_BYTES} bytes", "region")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = _refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError):  # of an encoding that is not known, too
        raise Fault("annotation_malformed", "not XML", "region") from None
    return reader.root, reader.shapes


def _refuse(*given: object) -> None:
    """An entity may stand for any amount of text."""
    raise Fault("annotation_malformed", "XML that declares entities; write them out", "region")


class _Reader:
    """What expat tells, kept as shapes."""

    def __init__(self) -> None:
        self.root = ""
        self.shapes: list[Shape] = []
        self._path: tuple[str, ...] = ()
        self._layer: Attributes = {}
        self._layers = self._in_layer = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """An element opens."""
        self._path = (*self._path, name)
        self.root = self.root or name
        if self._path in POINTS:
            self.shapes[-1].numbers.extend(_numbers(attributes))
        elif self._path in LAYERS:
            self._layer, self._in_layer = attributes, 0
            self._layers += 1
        elif self._path in SHAPES:
            place = f"{self._layers - 1}.{self._in_layer}" if self._layers else f"{self._in_layer}"
            self.shapes.append(Shape(self._layer, attributes, f"xml:{place}"))
            self._in_layer += 1

    def end(self, name: str) -> None:
        """An element closes."""
        self._path = self._path[:-1]


def _numbers(attributes: Attributes) -> tuple[float, float, float]:
    """Order, x, y of a point; an order that is not stated or no number is 0."""
    order, x, y = (_number(attributes.get(key)) for key in ("Order", "X", "Y"))
    return (order if np.isfinite(order) else 0.0), x, y


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")
