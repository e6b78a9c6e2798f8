"""What an image is about, and whether a passage may speak to it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from schemas.vocabulary import findings, modalities, organs
from transforms.sheet import FactSheet

_AMBIGUOUS = 2  # letters: "US" is a country, "OP" an operation; codes this short are not read


@dataclass(frozen=True)
class Mentions:
    """Vocabulary names that a text mentions."""

    modalities: frozenset[str]
    organs: frozenset[str]
    findings: frozenset[str]


@dataclass(frozen=True)
class Topic:
    """What an image is about: its modality, body part and findings; empty means any."""

    modality: str | None = None
    organ: str | None = None
    findings: frozenset[str] = frozenset()

    def admits(self, mentions: Mentions) -> bool:
        """Whether a passage with these mentions may speak to the image.

        It must name one of the findings (where the topic has any). Where it names modalities, one
        must be of the image's family; where it names body parts, one must lie in its region.
        """
        if self.findings and not self.findings & mentions.findings:
            return False
        return _agrees(self.modality, mentions.modalities, _family) and _agrees(
            self.organ, mentions.organs, _region
        )


def topic_of(sheet: FactSheet) -> Topic:
    """The topic of one image."""
    return Topic(sheet.image.modality, sheet.image.anatomy, frozenset(sheet.present))


def mentions_of(text: str) -> Mentions:
    """The vocabulary terms that `text` names, by name, plural or synonym, at word boundaries."""
    return Mentions(_named(text, "modalities"), _named(text, "organs"), _named(text, "findings"))


def _agrees(ours: str | None, named: frozenset[str], kind: Callable[[str], str]) -> bool:
    return ours is None or not named or ours in named or kind(ours) in {kind(n) for n in named}


def _family(name: str) -> str:
    term = modalities().get(name)
    return term.family if term else name


def _region(name: str) -> str:
    term = organs().get(name)
    return term.region if term else name


def _named(text: str, vocabulary: str) -> frozenset[str]:
    names, codes, words = _patterns(vocabulary)
    found = {names[m.group().lower()] for m in words.finditer(text)} if words else set()
    if codes:
        found |= {names[m.group().lower()] for m in codes.finditer(text)}
    return frozenset(found)


@cache
def _patterns(
    vocabulary: str,
) -> tuple[dict[str, str], re.Pattern[str] | None, re.Pattern[str] | None]:
    """Word -> term, a pattern of abbreviations (as written), a pattern of words (in any case)."""
    names = dict(_words(vocabulary))
    by_length = sorted(names, key=lambda w: (-len(w), w))
    codes = [w.upper() for w in by_length if len(w) <= 4 and w.upper() in _as_written(vocabulary)]
    plain = [w for w in by_length if w.upper() not in codes]
    return names, _alternation(codes, 0), _alternation(plain, re.IGNORECASE)


def _alternation(words: Iterable[str], flags: int) -> re.Pattern[str] | None:
    body = "|".join(map(re.escape, words))
    return re.compile(rf"(?<!\w)(?:{body})(?!\w)", flags) if body else None


def _words(vocabulary: str) -> Iterable[tuple[str, str]]:
    for word, name in _written(vocabulary):
        if not (word.isupper() and len(word) <= _AMBIGUOUS and word != "CT"):
            yield word.lower(), name


def _as_written(vocabulary: str) -> set[str]:
    return {word for word, _ in _written(vocabulary) if word.isupper()}


def _written(vocabulary: str) -> Iterable[tuple[str, str]]:
    if vocabulary == "modalities":
        for modality in modalities():
            for word in (*modality.synonyms, modality.name, modality.title):
                yield word, modality.name
    elif vocabulary == "organs":
        for organ in organs():
            for word in (*organ.synonyms, organ.name):
                yield word, organ.name
    else:
        for finding in findings():
            for word in (*finding.synonyms, finding.many(), finding.name):
                yield word, finding.name
