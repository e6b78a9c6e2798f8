"""One question on trial: what its stem asks about, and how each option reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from quality.gates.case import fit, meant
from quality.gates.world import World
from quality.reading.claims import Claim, Group, Reading
from quality.reading.reader import read
from quality.reading.tokens import tokenise
from schemas.question import Question
from schemas.region import Region

_POLAR = re.compile(r"^(?:is|are|was|were|does|do|did|can|could|has|have)\b", re.IGNORECASE)
_BEFORE_OTHER = frozenset(["from", "to", "than", "with"])
_ORGAN = re.compile(
    r"\b(?:body part|part of the body|anatomical (?:region|part|site)|organ|body region|specimen)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"\b(?:how many|number of|count)\b", re.IGNORECASE)
_EXTENT = re.compile(
    r"\bwhich\b.*\b(?:larger|bigger|smaller|(?:more|most|less) of the image|greater)\b",
    re.IGNORECASE,
)
_UNITS = {"micromet": "um", "micron": "um", "µm": "um", "um": "um", "millimet": "mm", "mm": "mm", "centimet": "cm", "cm": "cm", "pixels": "px", "px": "px",
          "percent": "%", "hounsfield": "HU", "hu": "HU", "millilit": "mL", "ml": "mL"}  # fmt: skip
_ASKED_UNIT = re.compile(r"\b(?:in|how many) ([a-zµ%]+)")
_MEASURES = (
    (r"short(?:est)?(?: |-)(?:axis|diameter)|minor axis|perpendicular", "minor_axis"),
    (r"longest|long axis|major axis|how long|diameter|length", "major_axis"),
    (r"percent|share|fraction|how much of the image", "area_fraction"),
    (r"volume", "volume"),
    (r"attenuation|hounsfield|ct number", "attenuation"),
)
YES_NO = {"yes": True, "no": False, "true": True, "false": False}


@dataclass(frozen=True)
class Thing:
    """A noun phrase of the stem that points at regions. start: its first token."""

    start: int
    regions: list[Region]


@dataclass
class QuestionCase:
    """What the gates of questions look at. `others` are the worlds of its further images, in order."""

    world: World
    question: Question
    all: Mapping[str, Question]
    others: tuple[World, ...] = ()

    @cached_property
    def stem(self) -> Reading:
        return read(self.question.question, self.world.extra)

    @cached_property
    def options(self) -> list[Reading]:
        """Readings of the options, or of the answer alone where the question is open."""
        texts = self.question.options or [self.question.answer]
        return [read(text, self.world.extra) for text in texts]

    @cached_property
    def named(self) -> list[Region]:
        """The regions the row names."""
        known = self.world.sheet.region
        return [known[i] for i in dict.fromkeys(self.question.region_ids) if i in known]

    @property
    def polar(self) -> bool:
        """A question that wants yes or no."""
        return bool(_POLAR.match(self.question.question))

    @cached_property
    def things(self) -> list[Thing]:
        """What the stem points at, in order of mention. Corners single out one box of all.

        Bare nouns ("the region", "which finding") and parts of the body that are not outlined point
        at nothing.
        """
        found = [t for g in self.stem.groups for t in self._things_of(g)]
        return sorted(found, key=lambda t: t.start)

    def _things_of(self, group: Group) -> list[Thing]:
        corners = [p for p in group.properties if p.kind == "corners"]
        made = fit(self.world, group, self.world.sheet.regions, self.stem.groups)
        joint = {r.id for r in made.joint}
        if corners and not any(_says_what(run) for run in group.entities):
            return [Thing(corners[0].start, made.joint)]
        pairs = zip(group.entities, made.candidates, strict=False)
        runs = [(run, [r for r in regions if r.id in joint]) for run, regions in pairs]
        runs += [([c], meant(self.world, [c], self.world.sheet.regions)) for c in group.places]
        return [
            Thing(run[0].start, regions) for run, regions in runs if _says_what(run) and regions
        ]

    @cached_property
    def referents(self) -> list[Region]:
        """The regions the question is about; those the row names where the stem points at none."""
        return self.things[0].regions if self.things else self.named

    @cached_property
    def pair(self) -> tuple[list[Region], list[Region]] | None:
        """Subject and other of a stem that relates two things, else None.

        The other stands after a preposition: "with respect to the liver", "seen from the liver".
        """
        if len(self.things) != 2:
            return None
        first, second = self.things
        tokens = tokenise(self.question.question)
        before = {t.word for t in tokens[max(0, first.start - 2) : first.start]}
        if before & _BEFORE_OTHER:
            return second.regions, first.regions
        return first.regions, second.regions

    def regions_of(self, option: Reading) -> list[Region]:
        """The regions that an option such as "the liver" or "the one in the upper left" points at.

        Among those the row names, if it names any.
        """
        among = self.named or self.world.sheet.regions
        return [r for g in option.groups for r in fit(self.world, g, among, option.groups).joint
                if g.entities or g.properties]  # fmt: skip

    @property
    def asks_organ(self) -> bool:
        """The stem asks for the body part shown."""
        return bool(_ORGAN.search(self.question.question))

    @property
    def counts(self) -> bool:
        """The stem asks how many there are."""
        return bool(_COUNTS.search(self.question.question))

    @property
    def asks_extent(self) -> bool:
        """The stem asks which of two takes more of the image."""
        return bool(_EXTENT.search(self.question.question))

    @cached_property
    def unit_of_stem(self) -> str | None:
        """The unit the stem asks for ("in millimeters"); None: it asks for a count, or names none."""
        asked = _ASKED_UNIT.findall(self.question.question.lower())
        return next(
            (unit for word in asked for start, unit in _UNITS.items() if word.startswith(start)),
            None,
        )

    @cached_property
    def measure_of_stem(self) -> str | None:
        """The quantity the stem names: major_axis, area_fraction, ...; None: it names none."""
        text = self.question.question.lower()
        return next((kind for words, kind in _MEASURES if re.search(words, text)), None)


def _says_what(run: list[Claim]) -> bool:
    return any(s.kind != "thing" for c in run for s in c.senses)
