"""A text against the facts of a prompt, as a simple reader weighs it: supported, contradicted, not decidable.

What a text says of a thing is compared with that thing's facts, kind by kind; a word that stands in no fact and is
no plain word cannot be decided. Rules of a stand-in: cruder than the gates, and independent of them.
"""

import re
from dataclasses import dataclass, field

from tests.fakes.sheet import Known, Line, Thing

_KINDS = (
    ("place", r"\b(?:upper|middle|lower) (?:left|center|right)|\bcenter", r"^lies in the (.+) of the image$"),
    ("brightness", r"\b(?:brighter|darker) than|\bsimilar in brightness", r"^(.+) (?:than|to) its immediate surroundings$"),
    ("texture", r"\b(?:homogeneous|heterogeneous)\b", r"^((?:homo|hetero)geneous)$"),
    ("outline", r"\b\w+(?= outline)", r"^(.+) outline$"),
    ("shape", r"\b\w+(?= shape)", r"^(.+) shape$"),
    ("side", r"patient's (?:left|right)", r"^on the (patient's (?:left|right))$"),
)  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.(])-?\d+(?:\.\d+)?(?=\s*(?:x|mm|px|pixels|HU|mL|%|cm|millimeters))")
_DENIED = re.compile(
    r"\b(?:there (?:is|are) )?no ([a-z][a-z -]+?)(?= (?:is|are|can)\b|[.,]|$)", re.IGNORECASE
)
_ABSENT = re.compile(r"^(?:reported absent: |there are no |no )(.+?)(?: but those counted)?$")
_QUOTE = re.compile(r'"([^"]{15,})"')
_ENDING = re.compile(r"(?:es|s|i|us)$")
_WORD = re.compile(r"[a-z][a-z-]+")
_COMMON = """
a an and are area as at back background be both box by called can case center corner corners diameter does each also
encloses first found from has have holds image images image's immediate in inside into is it its lies located longest
measured measures measuring no number of old on one or other part patient patient's picture pixel pixels px region
reported second see seen shown shows side slice surroundings than that the their there these this those to two was
were where which whole with within years
"""
_PLAIN = set(_COMMON.split())
_OTHER_KINDS = re.compile(
    r"\b(?:MRI|CT|computed tomography|radiograph|ultrasound|dermoscopic|fundus|endoscopic|PET|mammogram|fracture|"
    r"pneumothorax|malignant|tumou?r)\b",
    re.IGNORECASE,
)


@dataclass
class Weighed:
    """refs: names of facts and things that it turned on, at most three."""

    verdict: str
    refs: list[str] = field(default_factory=list)


def weigh(text: str, known: Known) -> Weighed:
    """What the facts say of one text."""
    if quoted := _QUOTE.search(text):
        passage = next((a for a, _, words in known.passages if quoted[1] in words), None)
        return Weighed("supported", [passage]) if passage else Weighed("not_decidable")
    if passage := next((a for a, _, words in known.passages if text in words), None):
        return Weighed("supported", [passage])
    if any(text == doubt for sheet in known.sheets for doubt in sheet.doubts):
        return Weighed(
            "supported", [known.sheets[0].facts[0].alias] if known.sheets[0].facts else []
        )
    things = named(text, known)
    found = [_of_kind(text, things, kind) for kind in _KINDS]
    found += [_of_numbers(text, things, known), *_of_denials(text, known)]
    verdicts = [w.verdict for w in found if w is not None]
    refs = [r for w in found if w is not None for r in w.refs]
    for worst in ("contradicted", "not_decidable"):
        if worst in verdicts:
            return Weighed(worst, refs[:3])
    strange = _strange(text, known)
    if strange:
        return _of_strange(text, strange, refs or _by_words(text, known))
    refs += [t.said for t in things if t.said] or _by_words(text, known)
    return Weighed("supported", list(dict.fromkeys(refs))[:3])


def _of_strange(text: str, strange: set[str], refs: list[str]) -> Weighed:
    """Words for another kind of picture or a finding speak against a text, other words leave it open."""
    other = _OTHER_KINDS.search(text)
    against = other is not None and bool(set(other[0].lower().split()) & strange)
    return Weighed("contradicted" if against else "not_decidable", refs[:3])


def named(text: str, known: Known) -> list[Thing]:
    """Things whose noun the text holds; of nouns within nouns the longest."""
    things = [t for s in known.sheets for t in s.things if _holds(text, t.noun)]
    longest = {t.noun for t in things}
    return [t for t in things if not any(t.noun != n and t.noun in n for n in longest)]


def absent(known: Known) -> list[tuple[str, str]]:
    """(name of the fact, term) of all that is said to be absent."""
    lines = [f for s in known.sheets for f in s.facts]
    return [
        (f.alias, m[1])
        for f in lines
        if (m := _ABSENT.match(f.text)) and "those counted" not in f.text
    ]


def same_word(one: str, other: str) -> bool:
    """Equal but for a plural: nuclei and nucleus, pancreas and pancreases."""
    ways = [{word.lower(), _ENDING.sub("", word.lower())} for word in (one, other)]
    return bool(ways[0] & ways[1])


def _holds(text: str, noun: str) -> bool:
    return re.search(rf"\b{re.escape(noun.lower())}(?:s|es)?\b", text.lower()) is not None


def _of_kind(text: str, things: list[Thing], kind: tuple[str, str, str]) -> Weighed | None:
    """One kind of claim: does a thing that is named have it?"""
    _, said, told = kind
    claims = [m[0].lower().removesuffix(" than") for m in re.finditer(said, text)]
    if kind[0] == "place":
        claims = [c for c in claims if "pixel corners" not in text or c != "center"]
    if not claims or not things:
        return None
    facts = [(f, m[1]) for t in things for f in t.facts if (m := re.search(told, f.text))]
    if not facts:
        return Weighed("not_decidable")
    right = [f for f, value in facts if any(claim == value.lower() for claim in claims)]
    all_met = all(any(claim == value.lower() for _, value in facts) for claim in claims)
    return Weighed(
        "supported" if all_met else "contradicted", [f.alias for f in right or [facts[0][0]]]
    )


def _of_numbers(text: str, things: list[Thing], known: Known) -> Weighed | None:
    numbers = _NUMBER.findall(re.sub(r"\([\d., ]+\)", "", text))
    if not numbers:
        return None
    lines = [f for t in things for f in t.facts] or [f for s in known.sheets for f in s.facts]
    met = [_with_number(n, lines) for n in numbers]
    refs = [f.alias for f in met if f is not None]
    return Weighed("supported" if all(met) else "contradicted", refs)


def _with_number(number: str, lines: list[Line]) -> Line | None:
    return next(
        (f for f in lines if re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", f.text)), None
    )


def _of_denials(text: str, known: Known) -> list[Weighed]:
    found = []
    for match in _DENIED.finditer(text):
        alias = next((a for a, term in absent(known) if same_word(term, match[1])), None)
        found.append(Weighed("supported", [alias]) if alias else Weighed("not_decidable"))
    return found


def _strange(text: str, known: Known) -> set[str]:
    """Words that no fact holds."""
    held = {
        w.rstrip("s") for s in known.sheets for f in s.facts for w in _WORD.findall(f.text.lower())
    }
    held |= {w.rstrip("s") for s in known.sheets for t in s.things for w in _words_of(t)}
    words = set(_WORD.findall(text.lower()))
    return {w for w in words if w not in _PLAIN and w.rstrip("s") not in held}


def _words_of(thing: Thing) -> list[str]:
    return [
        w
        for words in (thing.name, *(f.text for f in thing.facts))
        for w in _WORD.findall(words.lower())
    ]


def _by_words(text: str, known: Known) -> list[str]:
    """The facts of the whole image that share most with the text."""
    own = set(_WORD.findall(text.lower())) - _PLAIN
    lines = [f for s in known.sheets for f in s.facts]
    ranked = sorted(lines, key=lambda f: -len(own & set(_WORD.findall(f.text.lower()))))
    return [f.alias for f in ranked[:1]]
