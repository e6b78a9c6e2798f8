"""The facts of a prompt, read back from its text as a model would read them.

Follows the form of transforms/prompting/prompts/_sheet.j2; shares no code with it.
"""

import re
from dataclasses import dataclass, field

_BLOCK = re.compile(r"^<<(data-[0-9a-f]{16}) FACTS\n(.*?)^\1>>", re.DOTALL | re.MULTILINE)
_FACT = re.compile(r"^  ((?:I\d+)?F\d+) (.+)$")
_REGION = re.compile(
    r"^Region ((?:I\d+)?R\d+): (?:((?:I\d+)?F\d+) )?(.*?)(?:, box ([\d ]+))?(?:, outlined in [a-z ]+)?(?:; .*)?$"
)
_PASSAGE = re.compile(r"^Passage (P\d+) \(.*?\)(?: ([^:]*))?: (.*)$")


@dataclass(frozen=True)
class Line:
    """One fact: its short name and its words, such as "lies in the upper left of the image"."""

    alias: str
    text: str


@dataclass
class Thing:
    """One region. name: as listed, with its article; said: the fact that names it.

    box: x0, y0, x1, y1 in pixels of the full-size image, as far as the prompt tells their scale.
    """

    alias: str
    name: str
    said: str = ""
    box: list[int] = field(default_factory=list)
    facts: list[Line] = field(default_factory=list)

    @property
    def noun(self) -> str:
        return re.sub(r"^(?:an?|the) ", "", self.name)

    def fact(self, pattern: str) -> Line | None:
        """The first fact whose words match."""
        return next((f for f in self.facts if re.search(pattern, f.text)), None)


@dataclass
class Sheet:
    """What is told of one image."""

    facts: list[Line] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    scale: float = 1.0  # full-size pixels per pixel of the picture sent

    def fact(self, pattern: str) -> Line | None:
        return next((f for f in self.facts if re.search(pattern, f.text)), None)


@dataclass
class Known:
    """The fenced part of a prompt: one sheet an image, passages as (alias, title, text)."""

    sheets: list[Sheet] = field(default_factory=list)
    passages: list[tuple[str, str, str]] = field(default_factory=list)

    def told(self, alias: str) -> str:
        """The words of a fact, with what they are said of; "" for a name that is not there."""
        for sheet in self.sheets:
            for thing in sheet.things:
                if alias == thing.said:
                    return thing.name
                for fact in thing.facts:
                    if fact.alias == alias:
                        return f"the {thing.noun} {fact.text}"
            for fact in sheet.facts:
                if fact.alias == alias:
                    return fact.text
        return ""


def read_known(prompt: str) -> Known:
    """All that the last fenced list of facts in a prompt says; nothing if there is none."""
    known = Known()
    found = _BLOCK.findall(prompt)
    for line in found[-1][1].splitlines() if found else []:
        _read(line, known)
    return known


def _read(line: str, known: Known) -> None:
    if re.match(r"The image|Image \d+[,.]", line):
        known.sheets.append(Sheet(scale=_scale(line)))
        return
    if passage := _PASSAGE.match(line):
        known.passages.append((passage[1], passage[2] or "", passage[3]))
        return
    if not known.sheets:
        return
    sheet = known.sheets[-1]
    if fact := _FACT.match(line):
        of = sheet.things[-1].facts if sheet.things else sheet.facts
        of.append(Line(fact[1], fact[2]))
    elif thing := _REGION.match(line):
        box = [round(int(n) * sheet.scale) for n in (thing[4] or "").split()]
        sheet.things.append(Thing(thing[1], thing[3], thing[2] or "", box))
    elif line.startswith("  To be said: "):
        sheet.doubts.append(line.removeprefix("  To be said: "))
    elif line.startswith("Note of the source: "):
        sheet.notes.append(line.removeprefix("Note of the source: "))


def _scale(line: str) -> float:
    sent, full = re.search(r": (\d+) x \d+ pixels", line), re.search(r"the image at (\d+) x", line)
    return int(full[1]) / int(sent[1]) if sent and full else 1.0
