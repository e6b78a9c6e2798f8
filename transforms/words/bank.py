"""The bank of phrasings: YAML families of sentences with named slots, rendered strictly, read back.

A phrasing is text with `{slot}`s and `[one|many]` for agreement in number: "{subject} [is|are]
{tone}." A slot that is not given, or given and not used, is an error, never an empty word.
"""

import re
from functools import cache
from importlib.resources import files

import yaml

from schemas.region import POSITIONS
from schemas.vocabulary import findings
from transforms.words.grammar import capital
from transforms.words.nouns import noun_of

_SLOT = re.compile(r"\{(\w+)\}")
_AGREE = re.compile(r"\[([^|\]]*)\|([^|\]]*)\]")
_PLACES = "|".join(POSITIONS)
_COUNT = r"\d+|one|two|three|four|five|six|seven|eight|nine"
_TONE = r"(?:brighter|darker|similar|homogeneous|heterogeneous)\b(?:(?! shows? )[^;.,])*"
_FORM = r"an? (?:smooth|irregular|round|oval|elongated) (?:outline|shape)"
_WORDS = r"(?:(?! in the | over the | all | or more | of \d| measuring )[^;,.:])+?"
_NAME = r"(?:the|an?) (?:(?!\bbox | (?:is|are|has|have|appears?|all) )[^;,.])+?"
_STUFF = "|".join(re.escape(n.one) for t in findings() if (n := noun_of(t.name)).mass)
_SHAPES = {
    "count": _COUNT,
    "total": _COUNT,
    "size": r"\d[\d.]* x \d[\d.]* (?:mm|µm|px)",
    "share": r"\d[\d.]*%",
    "low": r"\d[\d.]*%?",
    "high": r"\d[\d.]*(?:%| mm| µm| px)",
    "gap": r"\d[\d.]* (?:mm|µm|px)",
    "step": r"\d[\d.]* µm",
    "power": r"\d[\d.]*x",
    "place": _PLACES,
    "where": rf"in the (?:{_PLACES}) of the image(?:, on the patient's (?:left|right))?",
    "spread": rf"over the whole image|(?:mostly )?in the (?:{_PLACES})[^;.]* of the image",
    "rest": rf"(?:the|an?) [^;.]+ in the (?:{_PLACES})",
    "subject": rf"it|they|all structures shown|{_NAME}(?:, {_NAME})*",
    "how": "outlined|marked",
    "other": _NAME,
    "tone": _TONE,
    "look": _TONE + r"|(?:round|oval|elongated|smooth|irregular)\b[^;.]*",
    "form": rf"{_FORM}(?: and {_FORM})?",
    "tally": rf"(?:both|all|{_COUNT}) (?:is|are) (?!located)[^.]+",
    "thing": rf"an? {_WORDS}|(?:{_STUFF})",
    "named": rf"the {_WORDS}",
    "what": _WORDS,
    "things": rf"(?!(?:the|an?|at least|automatically|{_COUNT}) ){_WORDS}",
    "structures": rf"(?:the|an?|{_COUNT}) [^;:]+",
    "volumes": r"\d[\d.]* mL for [^;]+",
    "items": r"(?:one|two|three|four|-?\d+(?: HU|\.?\d*%)) [^;]+",
    "picture": r"an? [^;.]*?(?:slice|image|radiograph|photograph|\w+gram|map)\b[^;.]*?",
    "part": r"(?:(?:the|an?) )?[a-z][^;,.]+?",
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
            found = _pattern(self.text, plural).fullmatch(text)
            if found:
                first = {k for k in found.groupdict() if found.start(k) == 0}
                return {k: _lowered(v) if k in first else v for k, v in found.groupdict().items()}
        return None


@cache
def _pattern(text: str, plural: bool) -> re.Pattern[str]:
    """What sentences of a phrasing look like. Only a slot that opens one may differ in case."""
    agreed = _AGREE.sub(lambda m: m[2] if plural else m[1], text)
    words, *rest = _SLOT.split(agreed)  # words, slot, words, slot, ..., words
    parts = [re.escape(capital(words))]
    for slot, after in zip(rest[::2], rest[1::2], strict=True):
        case = "(?i:" if not words and len(parts) == 1 else "(?:"
        parts += [f"(?P<{slot}>{case}{_SHAPES.get(slot, '[^;]+?')}))", re.escape(after)]
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
