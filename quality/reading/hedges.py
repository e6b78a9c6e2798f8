"""What is said to be there in doubt: "a polyp candidate", "a possible polyp", "a polyp is suspected"."""

from quality.reading.claims import Claim
from quality.reading.lexicon import plain_words
from quality.reading.tokens import Token, bag

CANDIDATE = "candidate"
_ASSERTING = bag("lesion organ cell tissue device finding abnormality")
_BE = bag("is are was were be been")
_LEADS = bag("a an to be represent")  # "likely to be a polyp"
_OF_CANDIDATE = (("for",), ("for", "a"), ("for", "an"), ("for", "the"))
_NAMING = bag("of termed called named labelled labeled")  # "candidate region termed x"
_IS_A = bag("is are was were all a an only merely just both each mere")
_EVERY = bag("all every each both any")
_ALL_BUT = bag("only nothing merely")
_RANKS = bag("most more less least")  # "which is the most likely finding?" doubts nothing
_BETWEEN = bag("quantity count rank brightness homogeneity outline shape")  # "possible round polyp"


def settle_hedges(tokens: list[Token], claims: list[Claim]) -> tuple[list[Claim], list[str]]:
    """Give each hedge to the term it is about: set its `hedge`. Returns the claims without the hedges,
    and the hedges that are about nothing that could be read, as words unread.

    "candidate" stays a term of its own as well, a word for any candidate where it is of nothing. Only the head of a noun
    phrase is in doubt: of "colon polyp candidate" the polyp, not the colon.
    """
    unread = []
    for n, claim in enumerate(claims):
        if claim.kind == "hedge":
            ranked = claim.start > 0 and tokens[claim.start - 1].word in _RANKS
            about = None if ranked else _ahead(tokens, claims, n) or _behind(tokens, claims, n)
            if about is None or not says_what(about):
                said = tokens[claim.start : claim.end]
                unread += [t.raw for t in said if t.word not in plain_words()]
            else:
                about.hedge = claim.value
        elif is_candidate(claim):
            claim.role = _of_all(tokens, claims, n)
            about = _proposed(tokens, claims, n) or _subject(tokens, claims, n)
            if about is not None and says_what(about):
                about.hedge = claim.hedge = "open"
    return [c for c in claims if c.kind != "hedge"], unread


def says_what(claim: Claim) -> bool:
    """A name, or a noun that says more than that something is at a place: "lesion", not "region"."""
    return any(s.kind != "thing" or s.value in _ASSERTING for s in claim.senses)


def is_candidate(claim: Claim) -> bool:
    """The word "candidate" itself."""
    return claim.kind == "term" and claim.names("thing") == [CANDIDATE]


def _of_all(tokens: list[Token], claims: list[Claim], n: int) -> str:
    """ "all" where everything of a kind, or everything, is said to be a candidate: "all lesions are
    candidates", "the lesions are candidates", "only candidates are seen"."""
    start = claims[n].start
    subject = _subject(tokens, claims, n)
    if subject is None:
        return "all" if _ALL_BUT & {t.word for t in tokens[max(0, start - 2) : start]} else ""
    around = {t.word for t in (*tokens[: subject.start], *tokens[subject.end : start])}
    return "all" if subject.plural or around & _EVERY else ""


def _subject(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """The term of which a candidate is the predicate: "the lesions are only candidates"."""
    said = {t.word for t in tokens[claims[n - 1].end : claims[n].start]} if n else set()
    fits = n and claims[n - 1].kind == "term" and _BE & said and said <= _IS_A
    return claims[n - 1] if fits else None


def _proposed(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """What a candidate is of: the term right before it, right after it, or after "for"."""
    claim = claims[n]
    if n and claims[n - 1].kind == "term" and claims[n - 1].end == claim.start:
        return claims[n - 1]
    for after in claims[n + 1 : n + 2]:
        between = tuple(t.word for t in tokens[claim.end : after.start])
        if after.kind == "term" and (not between or between in _OF_CANDIDATE):
            return _head(tokens, claims, n + 1)
    return None


def _ahead(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """ "a possible round polyp", "may be a polyp"."""
    end = claims[n].end
    for at, claim in enumerate(claims[n + 1 :], start=n + 1):
        if not {t.word for t in tokens[end : claim.start]} <= _LEADS:
            return None
        if claim.kind == "term":
            return _head(tokens, claims, at)
        if claim.kind not in _BETWEEN:
            return None
        end = claim.end
    return None


def _behind(tokens: list[Token], claims: list[Claim], n: int) -> Claim | None:
    """ "a polyp is suspected"."""
    if not n or claims[n - 1].kind != "term":
        return None
    between = [t.word for t in tokens[claims[n - 1].end : claims[n].start]]
    return claims[n - 1] if len(between) == 1 and between[0] in _BE else None


def _head(tokens: list[Token], claims: list[Claim], n: int) -> Claim:
    """The last term of the noun phrase that begins with claim `n`."""
    for following in claims[n + 1 :]:
        between = [t.word for t in tokens[claims[n].end : following.start]]
        linked = not between or (claims[n].names("thing") and between[0] in _NAMING)
        if following.kind != "term" or not linked or len(between) > 1 or is_candidate(following):
            break
        n += 1
    return claims[n]
