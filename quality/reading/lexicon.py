"""What phrases mean: the vocabularies, the reader's own lexicon and the words of one fact sheet."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from quality.reading.tokens import Token, tokenise, words
from schemas.vocabulary import findings, modalities, organs


class Sense(NamedTuple):
    """One meaning of a phrase: kind (modality, organ, finding, plane, relation, ...) and value."""

    kind: str
    value: str
    plural: bool = False


class Lexicon:
    """Phrases by first word, longest first."""

    def __init__(self) -> None:
        self._senses: dict[tuple[str, ...], list[Sense]] = {}
        self._codes: dict[str, Sense] = {}
        self._by_first: dict[str, list[tuple[str, ...]]] = {}

    def add(self, phrase: str, sense: Sense, *, exact: bool = False) -> None:
        """A phrase with one of its senses. exact: marks in it count ("RGB(1, 2, 3)")."""
        key = tuple(t.word for t in tokenise(phrase)) if exact else words(phrase)
        if not key:
            return
        if key not in self._senses:
            self._by_first.setdefault(key[0], []).append(key)
            self._by_first[key[0]].sort(key=lambda k: (-len(k), k))
        known = self._senses.setdefault(key, [])
        if sense not in known:
            known.append(sense)

    def add_code(self, code: str, sense: Sense) -> None:
        """A capital abbreviation that means something in exactly this spelling ("US", not "us")."""
        self._codes[code] = sense

    def match(self, tokens: list[Token], at: int) -> tuple[int, list[Sense]] | None:
        """Length and senses of the longest phrase that starts at token `at`."""
        for key in self._by_first.get(tokens[at].word, ()):
            size = len(key)
            if size == 1 or tuple(t.word for t in tokens[at : at + size]) == key:
                return size, self._senses[key]
        code = self._codes.get(tokens[at].raw)
        return (1, [code]) if code else None


def plural_of(phrase: str) -> str:
    """The regular English plural of a noun phrase."""
    if phrase.endswith(("s", "x", "ch", "sh")):
        return f"{phrase}es"
    if phrase.endswith("y") and phrase[-2:-1] not in "aeiou":
        return f"{phrase[:-1]}ies"
    return f"{phrase}s"


def _own() -> dict[str, dict[str, list[str]]]:
    return yaml.safe_load((files("quality.reading") / "lexicon.yaml").read_text("utf-8"))


@cache
def lexicon() -> Lexicon:
    """The lexicon that every text shares."""
    built = Lexicon()
    for kind, values in _own().items():
        for value, phrases in values.items():
            for phrase in phrases:
                built.add(phrase, Sense(kind, value))
                if kind == "thing" and value != "it":
                    built.add(plural_of(phrase), Sense(kind, value, plural=True))
    _add_vocabularies(built)
    return built


def _add_vocabularies(built: Lexicon) -> None:
    for modality in modalities():
        if modality.family == "other":
            continue  # "other" is a word of its own
        for phrase in (modality.title, *modality.synonyms):
            built.add(phrase, Sense("modality", modality.name))
            built.add(plural_of(phrase), Sense("modality", modality.name, plural=True))
        if modality.name.isalpha():
            built.add_code(modality.name, Sense("modality", modality.name))
    for organ in organs():
        for phrase in (organ.name, organ.adjective, *organ.synonyms):
            built.add(phrase, Sense("organ", organ.name))
        built.add(plural_of(organ.name), Sense("organ", organ.name, plural=True))
    for finding in findings():
        built.add(finding.name, Sense("finding", finding.name))
        built.add(finding.many(), Sense("finding", finding.name, plural=True))
        for phrase in finding.synonyms:
            built.add(phrase, Sense("finding", finding.name))
            built.add(plural_of(phrase), Sense("finding", finding.name, plural=True))
    _add_short_forms(built)


def _add_short_forms(built: Lexicon) -> None:
    """ "nodule" for a pulmonary nodule: the last word of a longer term, where it is no term itself."""
    for finding in findings():
        for name, plural in ((finding.name, False), (finding.many(), True)):
            head = words(name)[-1]
            if len(words(name)) > 1 and not built.match(tokenise(head), 0):
                built.add(head, Sense("short", words(finding.name)[-1], plural))


@cache
def plain_words() -> frozenset[str]:
    """Words that claim nothing: the list of this folder, and the frames of the vocabularies'
    phrases.
    """
    text = (files("quality.reading") / "plain_words.txt").read_text("utf-8")
    listed = {
        w for line in text.splitlines() if not line.startswith("#") for w in line.lower().split()
    }
    phrases = [p for m in modalities() for p in (m.phrase, m.phrase_with_organ)]
    phrases += [o.phrase for o in organs()]
    return frozenset(listed | {w for p in phrases for w in words(p.replace("{organ}", ""))})


@cache
def overlay(terms: tuple[tuple[str, str], ...]) -> Lexicon:
    """A small lexicon of (kind, value) pairs that only one fact sheet knows, such as unmapped
    labels.
    """
    built = Lexicon()
    for kind, value in terms:
        spoken = value.replace("_", " ")
        for phrase in dict.fromkeys((value, spoken)):
            built.add(phrase, Sense(kind, value), exact=True)
            if kind == "finding":
                built.add(plural_of(phrase), Sense(kind, value, plural=True))
    return built


def lookup(
    lexicons: Iterable[Lexicon], tokens: list[Token], at: int
) -> tuple[int, list[Sense]] | None:
    """The longest match over several lexicons; senses of equally long matches are joined."""
    best: tuple[int, list[Sense]] | None = None
    for one in lexicons:
        found = one.match(tokens, at)
        if found is None or (best and found[0] < best[0]):
            continue
        best = found if best is None or found[0] > best[0] else (best[0], [*best[1], *found[1]])
    return best
