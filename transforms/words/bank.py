"""The bank of phrasings: YAML families of sentences with named slots, rendered strictly, read back.

A phrasing is text with `{slot}`s and `[one|many]` for agreement in number: "{subject} [is|are]
{tone}." A slot that is not given, or given and not used, is an error, never an empty word.
"""

import re
from functools import cache
from importlib.resources import files

import yaml

from transforms.words.grammar import capital

_SLOT = re.compile(r"\{(\w+)\}")
_AGREE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")
_SHAPES = {
    "count": r"\d+|one|two|three|four|five|six|seven|eight|nine",
    "total": r"\d+|one|two|three|four|five|six|seven|eight|nine",
    "size": r"\d[\d.]* x \d[\d.]* (?:mm|px)",
    "share": r"\d[\d.]*%",
    "low": r"\d[\d.]*%?",
    "high": r"\d[\d.]*(?:%| mm| px)",
    "volume": r"\d[\d.]* mL",
    "gap": r"\d[\d.]* (?:mm|px)",
    "attenuation": r"-?\d+ HU",
    "quote": r".+",
}
"""What a slot of this name looks like when read back; any other slot holds words without a stop."""


def _lowered(text: str) -> str:
    """A slot that opened its sentence, as it was before `capital`; abbreviations keep theirs."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


class Phrase:
    """One phrasing of one family."""

    def __init__(self, family: str, text: str) -> None:
        self.family, self.text = family, text
        self.slots = tuple(dict.fromkeys(_SLOT.findall(text)))
        if len(self.slots) != len(_SLOT.findall(text)):
            raise ValueError(f"{family}: a slot occurs twice in {text!r}")

    def render(self, plural: bool, **slots: str) -> str:
        """The sentence. Raises ValueError where slots and words do not match or a slot is empty."""
        if set(slots) != set(self.slots) or not all(slots.values()):
            raise ValueError(f"{self.family}: wants {sorted(self.slots)}, was given {slots}")
        text = _AGREE.sub(lambda m: m[2] if plural else m[1], self.text)
        return capital(_SLOT.sub(lambda m: slots[m[1]], text))

    def read(self, text: str) -> dict[str, str] | None:
        """The slots of a sentence that this phrasing could have made, else None."""
        for plural in (False, True):
            found = self._pattern(plural).fullmatch(text)
            if found:
                return {
                    k: _lowered(v) if not found.start(k) else v
                    for k, v in found.groupdict().items()
                }
        return None

    def _pattern(self, plural: bool) -> re.Pattern[str]:
        text = _AGREE.sub(lambda m: m[2] if plural else m[1], self.text)
        parts = _SLOT.split(text)  # words, slot, words, slot, ..., words
        for i in range(0, len(parts), 2):
            parts[i] = re.escape(parts[i] if i else capital(parts[i]))
        for i in range(1, len(parts), 2):
            parts[i] = f"(?P<{parts[i]}>{_SHAPES.get(parts[i], r'[^;]+?')})"
        return re.compile("".join(parts))


class Bank:
    """Families of phrasings. All phrasings of a family take the same slots and mean the same."""

    def __init__(self, families: dict[str, list[str]]) -> None:
        self.families = {name: [Phrase(name, t) for t in texts] for name, texts in families.items()}
        for name, phrases in self.families.items():
            if len({frozenset(p.slots) for p in phrases}) != 1:
                raise ValueError(f"{name}: its phrasings take different slots")
            if len({p.text for p in phrases}) != len(phrases):
                raise ValueError(f"{name}: a phrasing is listed twice")

    def __getitem__(self, family: str) -> list[Phrase]:
        return self.families[family]

    def read(self, text: str) -> list[tuple[str, dict[str, str]]]:
        """Every (family, slots) that could have made this sentence; one, if the bank is sound."""
        found = [
            (p.family, slots)
            for phrases in self.families.values()
            for p in phrases
            if (slots := p.read(text)) is not None
        ]
        return [f for i, f in enumerate(found) if f not in found[:i]]


@cache
def bank(package: str = "transforms.words") -> Bank:
    """All families of `<package>/phrases/*.yaml`. Raises ValueError on a family defined twice."""
    families: dict[str, list[str]] = {}
    folder = files(package) / "phrases"
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        for name, texts in yaml.safe_load(entry.read_text("utf-8")).items():
            if name in families:
                raise ValueError(f"phrase family {name} is defined twice")
            families[name] = texts
    return Bank(families)
