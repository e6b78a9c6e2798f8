"""Numbers with units, pairs, ranges and number words."""

from typing import Literal

from quality.reading.claims import Claim, Quantity
from quality.reading.lexicon import Lexicon
from quality.reading.tokens import Token, bag

_TEENS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_ONES = {word: n for n, word in enumerate(_TEENS.split())}
_DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = {word: 10 * n for n, word in enumerate(_DECADES.split(), start=2)}
_OTHER = {
    "single": 1,
    "sole": 1,
    "both": 2,
    "pair": 2,
    "dozen": 12,
    "couple": 2,
    "solitary": 1,
    "only": 1,
}
NUMBER_WORDS = _ONES | _TENS | _OTHER
_TIMES = frozenset(("x", "×", "by"))
_TO = frozenset(("-", "–", "—", "to"))
_ABOUT = bag("about approximately around roughly nearly almost circa ca ≈ ~")
_BOUNDS = {
    "<": ("less than", "fewer than", "smaller than", "below", "under", "<"),
    "<=": ("at most", "no more than", "not more than", "up to", "≤"),
    ">": ("more than", "greater than", "larger than", "above", "over", "exceeding", ">"),
    ">=": ("at least", "no less than", "no fewer than", "not fewer than", "not less than", "≥"),
}
_COMPARATORS = tuple((sign, tuple(p.split())) for sign, said in _BOUNDS.items() for p in said)


def is_number(token: Token) -> bool:
    return token.kind == "number" or token.word in NUMBER_WORDS


def read_bound(tokens: list[Token], at: int) -> tuple[str, int] | None:
    """A comparator right before a number: (<, <=, > or >=, its end)."""
    if tokens[at].word not in _FIRSTS:
        return None
    for sign, phrase in _COMPARATORS:
        end = at + len(phrase)
        if tuple(t.word for t in tokens[at:end]) == phrase and _number_follows(tokens, end, phrase):
            return sign, end
    return None


_FIRSTS = frozenset(phrase[0] for _, phrase in _COMPARATORS)


def _number_follows(tokens: list[Token], at: int, phrase: tuple[str, ...]) -> bool:
    """Digits; after a phrase of several words ("more than") also a number word."""
    while at < len(tokens) and tokens[at].word in _ABOUT:
        at += 1
    if at >= len(tokens):
        return False
    return tokens[at].kind == "number" or (len(phrase) > 1 and tokens[at].word in _ONES)


def read_quantity(lexicon: Lexicon, tokens: list[Token], at: int) -> Claim:
    """The quantity that starts at token `at`, which `is_number`."""
    first, end = _number(tokens, at)
    unit, after = _unit(lexicon, tokens, end)
    if unit is None and at and tokens[at - 1].word == "aged":
        unit, after = "a", end
    if unit is None and _is_power(tokens, end):
        unit, after = "x", end + 1
    approximate = at > 0 and tokens[at - 1].word in _ABOUT
    spelled = tokens[at].kind != "number"  # "one by one" is no size
    if after < len(tokens) and tokens[after].word in _TIMES:
        pair = _second(lexicon, tokens, after + 1)
        if pair and (pair[1] or not spelled):
            return _joined("pair", at, first, unit, pair, approximate)
    up = 1 if tokens[after : after + 1] and tokens[after].word == "up" else 0
    joint = after + up
    if joint < len(tokens) and (tokens[joint].word in _TO or _between(tokens, at, joint)):
        pair = _second(lexicon, tokens, joint + 1)
        if pair:
            return _joined("range", at, first, unit, pair, approximate)
    quantity = Quantity((first[0],), (first[1],), unit, approximate=approximate)
    end = after if unit else end
    if tuple(t.word for t in tokens[end : end + 2]) in (("or", "more"), ("or", "above")):
        quantity.bound, end = ">=", end + 2
    return Claim("quantity", "", at, end, quantity=quantity)


def _is_power(tokens: list[Token], at: int) -> bool:
    """ "20x", "20 × magnification": a sign of times with no number behind it."""
    power = at < len(tokens) and tokens[at].word in ("x", "×")
    return power and not (at + 1 < len(tokens) and is_number(tokens[at + 1]))


def _joined(
    shape: Literal["pair", "range"],
    at: int,
    first: tuple[float, float],
    unit: str | None,
    second: tuple[tuple[float, float], str | None, int],
    approximate: bool,
) -> Claim:
    (value, step), second_unit, end = second
    scale = 1.0  # "1 cm by 8 mm": the first is brought to the unit of the second
    if unit and second_unit:
        scale = _MM.get(unit, 1.0) / _MM.get(second_unit, 1.0)
    values, steps = (first[0] * scale, value), (first[1] * scale, step)
    quantity = Quantity(values, steps, second_unit or unit, shape, approximate=approximate)
    return Claim("quantity", "", at, end, quantity=quantity)


_MM = {"mm": 1.0, "cm": 10.0, "um": 0.001}


def _between(tokens: list[Token], at: int, middle: int) -> bool:
    """ "between 5 and 14": an "and" that belongs to a "between" right before the first number."""
    before = {t.word for t in tokens[max(0, at - 2) : at]}
    return tokens[middle].word == "and" and "between" in before


def _second(
    lexicon: Lexicon, tokens: list[Token], at: int
) -> tuple[tuple[float, float], str | None, int] | None:
    if at >= len(tokens) or not is_number(tokens[at]):
        return None
    number, end = _number(tokens, at)
    unit, after = _unit(lexicon, tokens, end)
    return (abs(number[0]), number[1]), unit, after if unit else end


def _number(tokens: list[Token], at: int) -> tuple[tuple[float, float], int]:
    """(value, step of its last digit) and the end; "twenty" "one" is 21."""
    token = tokens[at]
    if token.kind == "number":
        return (float(token.word), 10.0 ** -len(token.word.partition(".")[2])), at + 1
    value = NUMBER_WORDS[token.word]
    following = tokens[at + 1].word if at + 1 < len(tokens) else ""
    if token.word in _TENS and 0 < _ONES.get(following, 0) < 10:
        return (float(value + _ONES[following]), 1.0), at + 2
    return (float(value), 1.0), at + 1


def _unit(lexicon: Lexicon, tokens: list[Token], at: int) -> tuple[str | None, int]:
    if at >= len(tokens):
        return None, at
    found = lexicon.match(tokens, at)
    if found:
        for sense in found[1]:
            if sense.kind == "unit":
                return sense.value, at + found[0]
    return None, at
