"""From tokens to a flat list of claims, left to right, longest phrase first."""

from collections.abc import Sequence
from itertools import pairwise

from quality.reading.claims import Claim
from quality.reading.corners import read_corners
from quality.reading.lexicon import Lexicon, Sense, lexicon, lookup, plain_words
from quality.reading.places import read_place, settle_frames
from quality.reading.quantities import is_number, read_bound, read_quantity
from quality.reading.tokens import Token, bag

TERMS = ("finding", "organ", "thing", "short")
_IMAGE = bag("image picture frame view slice scan section photograph field slide tile")
_ARTICLES = bag("the this a an its that each")
_MAY_STAND_ALONE = bag("one both pair couple single sole only")
_BEFORE_ONE = bag("larger smaller other upper lower left right this which")
_AFTER_ONE = bag("of is are in lies lie on at")
_ONE_DOES = bag("can sees finds notes also may could would has look looks")


def scan(tokens: list[Token], extra: Sequence[Lexicon]) -> tuple[list[Claim], list[str]]:
    """Claims in order, and the words that nobody could read. "measure" and "aggregate" claims are
    hints.
    """
    base, plain = lexicon(), plain_words()
    lexicons = (base, *extra)
    claims: list[Claim] = []
    unread: list[str] = []
    bound = None
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "mark" and token.word not in "%<>≤≥(":
            at += 1
            continue
        comparator = read_bound(tokens, at)
        if comparator:
            bound, at = comparator
            continue
        claim = read_corners(tokens, at) or _claim(base, lexicons, tokens, at)
        if claim is None:
            if token.word not in plain and token.kind != "mark":
                unread.append(token.raw)
            at += 1
            continue
        if claim.quantity is not None:
            claim.quantity.bound, bound = bound or claim.quantity.bound, None
        claims.append(claim)
        at = claim.end
    settle_frames(claims)
    _compare_things(tokens, claims)
    return [c for c in claims if c.kind != "plain"], unread


def _compare_things(tokens: list[Token], claims: list[Claim]) -> None:
    """ "brighter than the liver" relates two things, and says nothing of the surroundings."""
    for claim, following in pairwise(claims):
        words = {t.word for t in tokens[claim.end : following.start]}
        if claim.kind == "brightness" and following.kind == "term" and words & {"than", "to", "as"}:
            things = any(s.kind != "thing" for s in following.senses)
            if things and not words & {"and", ",", "with", "its", "their", ";"}:
                claim.kind, claim.value = "relation", f"{claim.value} than"


def _claim(
    base: Lexicon, lexicons: Sequence[Lexicon], tokens: list[Token], at: int
) -> Claim | None:
    if is_number(tokens[at]) and not _pronoun(tokens, at):
        phrase = base.match(tokens, at) if tokens[at].kind == "word" else None
        if phrase and phrase[0] > 1:  # "both sides"
            return _of_senses(phrase[1], tokens, at, at + phrase[0])
        return read_quantity(base, tokens, at)
    if tokens[at].word == "one" and _follows(tokens, at, _ONE_DOES):
        return None
    found = lookup(lexicons, tokens, at)
    place = read_place(tokens, at)
    if place is not None and (found is None or _prefers_place(found, place, at)):
        return place
    if found is None:
        return None
    return _of_senses(found[1], tokens, at, at + found[0])


def _follows(tokens: list[Token], at: int, words: frozenset[str]) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].word in words


def _pronoun(tokens: list[Token], at: int) -> bool:
    """ "one" and "both" that stand for a thing and do not count it, and an "only" that counts nothing."""
    word = tokens[at].word
    if word not in _MAY_STAND_ALONE:
        return False
    before = tokens[at - 1].word if at else ""
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if word == "only":
        return before not in ("the", "an")
    if word in ("pair", "couple"):
        return after != "of"
    return after in _ONE_DOES or after in _AFTER_ONE or not after.isalpha() or before in _BEFORE_ONE


def _prefers_place(found: tuple[int, list[Sense]], place: Claim, at: int) -> bool:
    """A place wins over a shorter phrase, or over "left of" when it goes on "... of the image"."""
    kinds = {s.kind for s in found[1]}
    if kinds & set(TERMS):
        return found[0] < place.end - at and not found[0] > 1
    return found[0] <= place.end - at


def _of_senses(senses: list[Sense], tokens: list[Token], start: int, end: int) -> Claim:
    terms = tuple(s for s in senses if s.kind in TERMS)
    if (terms or senses[0].kind == "window") and _is_window(tokens, end):
        return Claim("window", " ".join(t.word for t in tokens[start:end]), start, end + 1)
    if terms:
        return Claim("term", terms[0].value, start, end, senses=terms)
    sense = next((s for s in senses if s.kind != "unit"), senses[0])
    if sense.kind == "unit":
        return Claim("plain", "", start, end)
    if sense.kind == "relation" and (
        _of_image(tokens, end)
        or _image_does(tokens, start)
        or (tokens[end : end + 1] and is_number(tokens[end]))
    ):
        return Claim("plain", "", start, end)
    return Claim(sense.kind, sense.value, start, end, senses=(sense,))


def _is_window(tokens: list[Token], at: int) -> bool:
    """ "lung window", "bone windows": a name of a window, and no body part."""
    return at < len(tokens) and tokens[at].word in ("window", "windows")


def _image_does(tokens: list[Token], at: int) -> bool:
    """ "the image contains ...", "the field contains ..."."""
    return at > 0 and tokens[at - 1].word in _IMAGE


def _of_image(tokens: list[Token], at: int) -> bool:
    """ "within the image", "inside the field of view": no relation between two regions."""
    while at < len(tokens) and tokens[at].word in _ARTICLES:
        at += 1
    return at < len(tokens) and tokens[at].word in _IMAGE
