"""What a text can claim."""

from dataclasses import dataclass, field
from typing import Literal

from quality.reading.lexicon import Sense


@dataclass(slots=True)
class Quantity:
    """A number as written. `steps` are worths of the last digit shown: 0.01 for "1.20".

    shape   single | pair ("12 x 8 mm") | range ("5-14 mm")
    unit    mm, cm, um, px, mL, L, mm3, HU, %, a; None for a bare number
    bound   <, <=, > or >= for "less than", "at most", "more than", "at least"; None: the value itself
    measure which quantity the words around it name (major_axis, distance, ...), None: not said
    """

    values: tuple[float, ...]
    steps: tuple[float, ...]
    unit: str | None
    shape: Literal["single", "pair", "range"] = "single"
    bound: str | None = None
    approximate: bool = False
    measure: str | None = None
    aggregate: str | None = None  # median | mean | total
    extreme: str | None = None  # min | max: "from 5 ... and reach 14 mm"


@dataclass(slots=True)
class Place:
    """A place in a 3 x 3 grid; None: not said. frame is image | patient."""

    row: str | None  # upper | middle | lower
    column: str | None  # left | center | right
    frame: str
    part: str = ""  # half, third, quadrant, ... as written

    def __str__(self) -> str:
        if self.row == "middle" and self.column == "center":
            return "center"
        return " ".join(w for w in (self.row, self.column) if w)


@dataclass(slots=True)
class Claim:
    """One claim, and the half-open range of tokens it was read from.

    kind    term (finding, organ or generic noun: see `senses`), modality, sequence, plane, view, window,
            stain, sex, position, side, quantity, count, rank, brightness, homogeneity, outline, shape,
            relation, origin (who outlined it), hedge (only until it is given to its term)
    """

    kind: str
    value: str
    start: int
    end: int
    senses: tuple[Sense, ...] = ()
    negated: bool = False
    quantity: Quantity | None = None
    place: Place | None = None
    hedge: str = ""  # open | leaning: a thing that may be there, see `quality.reading.hedges`
    role: str = ""  # place: a term after "in"; most: "mostly in ..."; part: "three of the nuclei"

    @property
    def plural(self) -> bool:
        return any(s.plural for s in self.senses)

    def names(self, kind: str) -> list[str]:
        """The values of its senses of one kind."""
        return [s.value for s in self.senses if s.kind == kind]


@dataclass(slots=True)
class Group:
    """Claims about one thing (or several named together): what is said in one breath.

    `entities` are noun phrases, each a run of neighbouring terms ("lung", "nodule"); `heir` is the index
    of the group whose entity this one goes on about when it names none itself.
    """

    entities: list[list[Claim]] = field(default_factory=list)
    places: list[Claim] = field(default_factory=list)  # terms that say where, not what
    properties: list[Claim] = field(default_factory=list)
    heir: int | None = None
    many: int | None = None  # "two of 22 x 16 mm and ...": so many of the things named before


@dataclass(slots=True)
class Relation:
    """`left` and `right` index groups; a symmetric relation of one plural group has right == left."""

    claim: Claim
    left: int
    right: int


@dataclass(slots=True)
class Reading:
    """All that was read of one text."""

    text: str
    claims: list[Claim]
    groups: list[Group]
    relations: list[Relation]
    unread: list[str]
