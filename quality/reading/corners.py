"""Boxes given by two corners: "pixel corners (80, 120) and (110, 148)"."""

from quality.reading.claims import Claim, Quantity
from quality.reading.tokens import Token

_LENGTH = 11  # ( x , y ) and ( x , y )
_SHAPE = (
    "(",
    0,
    ",",
    0,
    ")",
    None,
    "(",
    0,
    ",",
    0,
    ")",
)  # 0: a number, None: a joining word or mark
_JOINS = frozenset(["and", "to", "-", "–"])


def read_corners(tokens: list[Token], at: int) -> Claim | None:
    """x0, y0, x1, y1 in pixels of the image, where two coordinate pairs start at token `at`."""
    if tokens[at].word != "(" or len(tokens) < at + _LENGTH:
        return None
    span = tokens[at : at + _LENGTH]
    for token, wanted in zip(span, _SHAPE, strict=True):
        fits = token.kind == "number" if wanted == 0 else token.word in (wanted, *_JOINS)
        if not fits:
            return None
    values = tuple(float(t.word) for t in span if t.kind == "number")
    quantity = Quantity(values, (1.0,) * len(values), "px")
    return Claim("corners", "box", at, at + _LENGTH, quantity=quantity)
