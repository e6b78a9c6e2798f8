"""Which terms a text denies. The scope rules follow NegEx (Chapman 2001), with clause ends read
strictly.
"""

from quality.reading.claims import Claim
from quality.reading.tokens import Token, bag

_BEFORE = bag(
    "no not without absent absence lack lacks lacking deny denies denied negative exclude "
    "excludes excluded neither nor none never free"
)
_SEEN = bag(
    "seen present visible identified found detected evident shown noted observed demonstrated "
    "there appreciated depicted displayed"
)
_ENDS = bag(
    "but however although though yet while whereas except which that is are was were lies lie "
    "measures measure shows show contains contain has have appears appear can because"
)
_GOES_ON = bag("or nor and any other further evidence sign signs of new")
_STOPS = bag("; . : , but while whereas which that")
_ACROSS = {"negative": frozenset(","), "none": frozenset(":")}  # "effusion: none"
_NOT_OF_A_TERM = bag(
    "only to localised localized marked outlined drawn stated given known specified measured "
    "located tied restricted limited assigned placed"
)


def mark_negated(tokens: list[Token], claims: list[Claim]) -> None:
    """Set `negated` on every claim in the scope of a denial, before or after it."""
    owner: dict[int, Claim] = {}
    for claim in claims:
        for at in range(claim.start, claim.end):
            owner[at] = claim
    for at, token in enumerate(tokens):
        if _of_all(tokens, at):
            for (
                claim
            ) in claims:  # "none of the nodules lies outside ...": they exist, the rest is denied
                claim.negated |= claim.start > at and claim.kind != "term"
        elif token.word in _BEFORE and at not in owner:
            if _after_subject(tokens, at):
                _deny_back(tokens, owner, at, stops=_STOPS - _ACROSS.get(token.word, frozenset()))
            elif not _neutral(tokens, at):
                verb = token.word == "not" and _word(tokens, at + 1) in _ENDS  # "does not show"
                _deny_forward(tokens, owner, at + 2 if verb else at + 1)


def _of_all(tokens: list[Token], at: int) -> bool:
    """ "none of the ...", "no part of the ...": what follows exists."""
    words = tuple(t.word for t in tokens[at : at + 3])
    return words[:2] == ("none", "of") or words == ("no", "part", "of")


def _word(tokens: list[Token], at: int) -> str:
    return tokens[at].word if 0 <= at < len(tokens) else ""


def _neutral(tokens: list[Token], at: int) -> bool:
    """ "not localised", "not only", "free to": no denial of a thing."""
    if tokens[at].word == "not":
        return _word(tokens, at + 1) in _NOT_OF_A_TERM
    return tokens[at].word == "free" and _word(tokens, at + 1) not in ("of", "from")


def _after_subject(tokens: list[Token], at: int) -> bool:
    """ "... is absent", "... is not seen", "... is excluded": the denied term stands before."""
    word, before, after = tokens[at].word, _word(tokens, at - 1), _word(tokens, at + 1)
    be = before in ("is", "are", "was", "were", "be", "been", "being")
    if word == "not":
        if (be or before == "can") and after in ("be", "been"):
            after = _word(tokens, at + 2)
        return (be or before in ("can", "could")) and after in _SEEN and _term_before(tokens, at)
    if word in ("absent", "excluded", "lacking"):
        return be
    if word == "negative":
        return after != "for"
    return word == "none" and after != "of"


def _term_before(tokens: list[Token], at: int) -> bool:
    return not any(t.word == "there" for t in tokens[max(0, at - 2) : at])


def _deny_forward(tokens: list[Token], owner: dict[int, Claim], at: int) -> None:
    while at < len(tokens):
        token, claim = tokens[at], owner.get(at)
        if claim is not None:
            claim.negated = True
            at = claim.end
            continue
        if token.kind == "mark" and token.word == ",":
            if not _list_goes_on(tokens, owner, at + 1):
                return
        elif (
            (token.kind == "mark" and token.word in ";:.!?")
            or token.word in _ENDS
            or (
                token.word == "and" and _word(tokens, at + 1) in ("the", "a", "an", "this", "there")
            )
        ):
            return
        at += 1


def _list_goes_on(tokens: list[Token], owner: dict[int, Claim], at: int) -> bool:
    """After a comma: the denial goes on over "pneumothorax or ..." and ends at "the left lung ..."."""
    while at < len(tokens) and at not in owner:
        if tokens[at].word not in _GOES_ON:
            return False
        at += 1
    if at >= len(tokens):
        return False
    end = owner[at].end
    return _word(tokens, end) in (",", ".", "or", "nor", "and", "", ";")


def _deny_back(
    tokens: list[Token], owner: dict[int, Claim], at: int, *, stops: frozenset[str]
) -> None:
    at -= 1
    while at >= 0:
        token = tokens[at]
        if at in owner:
            owner[at].negated = True
        elif token.word in stops:
            return
        at -= 1
