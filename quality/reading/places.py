"""Places: of the image as shown ("upper left of the image") and of the patient ("patient's left")."""

from quality.reading.claims import Claim, Place
from quality.reading.tokens import Token, bag

_ROWS = {
    "upper": "upper", "top": "upper", "uppermost": "upper", "superior": "upper", "topmost": "upper",
    "lower": "lower", "bottom": "lower", "lowermost": "lower", "inferior": "lower",
}  # fmt: skip
_COLUMNS = {"left": "left", "right": "right", "leftmost": "left", "rightmost": "right",
            "lefthand": "left", "righthand": "right"}  # fmt: skip
_MIDDLES = bag("middle center centre central centrally mid midway")
_PARTS = bag(
    "side half third quadrant corner part portion area region edge zone sector field margin "
    "border aspect sided hand periphery lobe ninth cell"
)
_IMAGE = bag(
    "image picture frame view slice photograph radiograph scan section photo display field "
    "figure micrograph tile panel"
)
_ARTICLES = bag("the this a an its that")
_ANATOMICAL = bag("lobe zone quadrant pole")  # of the patient unless the image is named
_SPATIAL = frozenset(_ROWS) | frozenset(_COLUMNS) | _MIDDLES


def read_place(tokens: list[Token], at: int) -> Claim | None:
    """A place or side that starts at token `at`.

    A frame that the words themselves do not settle is left as "" and settled by `settle_frames`.
    """
    word = tokens[at].word
    if word == "midline":
        return Claim("side", "midline", at, at + 1, place=Place(None, "midline", "patient"))
    if word not in _SPATIAL:
        return None
    row, column, middles, end = _run(tokens, at)
    if row is None and column is None and _of_a_thing(tokens, at, end):
        return Claim("plain", "", at, end)
    part, end = _part(tokens, end)
    frame, end = _frame(tokens, at, end, part)
    if middles and row is None and column is None:
        row, column = "middle", "center"
        if part in ("third", "half"):
            row = column = None
            part = f"middle {part}"
    elif middles and row is None:
        row = "middle"
    elif middles and column is None:
        column = "center"
    if not frame and row is None and column and part in (*_ANATOMICAL, "sided"):
        frame = "patient"
    if not frame and part in _ANATOMICAL:
        frame = "patient"
    return Claim("position", "", at, end, place=Place(row, column, frame, part))


def _of_a_thing(tokens: list[Token], at: int, end: int) -> bool:
    """ "the center of the left lung lies ...", "with its center in ...": a point, and no place yet."""
    before = tokens[at - 1].word if at else ""
    if not _is(tokens, end, frozenset(("of", "in"))) or before not in ("the", "its", "their"):
        return False
    look = end + 1
    while _is(tokens, look, _ARTICLES):
        look += 1
    return not _is(tokens, look, _IMAGE)


def _run(tokens: list[Token], at: int) -> tuple[str | None, str | None, int, int]:
    """Row, column and number of middle words of the run of spatial words, and where it ends."""
    row = column = None
    middles, end = 0, at
    while end < len(tokens):
        word = tokens[end].word
        if word in _ROWS and row is None:
            row = _ROWS[word]
        elif word in _COLUMNS and column is None:
            column = _COLUMNS[word]
        elif word in _MIDDLES and middles < 2:
            middles += 1
        elif word in ("hand", "most") and end > at:
            pass
        elif word == "of" and _is(tokens, end + 1, _MIDDLES) and column and not middles:
            middles, end = 1, end + 1  # "left of center"
        else:
            break
        end += 1
    return row, column, middles, end


def _is(tokens: list[Token], at: int, words: frozenset[str]) -> bool:
    return at < len(tokens) and tokens[at].word in words


def _part(tokens: list[Token], end: int) -> tuple[str, int]:
    part = ""
    while _is(tokens, end, _PARTS):
        part = tokens[end].word
        end += 1
    return part, end


def _frame(tokens: list[Token], at: int, end: int, part: str) -> tuple[str, int]:
    """image | patient | "" and the end of the words that say so."""
    if at and tokens[at - 1].word == "patient":
        return "patient", end
    if at and tokens[at - 1].word in _IMAGE and tokens[at - 1].raw.islower():
        return "image", end
    look = end
    if _is(tokens, look, frozenset(("of", "in"))):
        of = tokens[look].word == "of"
        look += 1
        if _is(tokens, look, _ARTICLES):
            look += 1
        if _is(tokens, look, _IMAGE):
            return "image", look + 1
        if of and _is(tokens, look, frozenset(("patient", "body"))):
            return "patient", look + 1
    if part == "sided":
        return "patient", end
    return "", end


def settle_frames(claims: list[Claim]) -> None:
    """Give every place a frame: its own, that of the next one in a list, else what its words suggest.

    "in the upper left and lower right of the image": the first takes the frame of the second.
    Only a lone left or right needs that; unsettled it speaks of the patient. Anything with a row or a
    middle speaks of the image.
    """
    following = ""
    for claim in reversed(claims):
        place = claim.place
        if place is None or claim.kind != "position":
            continue
        if not place.frame:
            lone = place.row is None and place.column in ("left", "right")
            place.frame = (following or "patient") if lone else "image"
        else:
            following = place.frame
        if place.frame == "patient":
            claim.kind = "side"
            claim.value = place.column or ""
        else:
            claim.value = str(place) or place.part
