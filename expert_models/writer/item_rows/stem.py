"""Checks of a stem: form, length, the numbers it must and may hold, the answer it must not."""

import re

from expert_models.writer.item_rows.faults import (
    LONGEST,
    SENTENCES,
    Found,
    numbers,
    sentences,
    spoken_faults,
)
from expert_models.writer.item_rows.terms import ways_to_say
from expert_models.writer.items_choice import ItemsChoice
from expert_models.writer.items_order import ItemOrder

POLAR = re.compile(r"(?:is|are|was|were|does|do|did|can|could|has|have)\b", re.IGNORECASE)
NEGATIVE = re.compile(r"\b(?:not|no|except|without|absent|least likely)\b", re.IGNORECASE)


def stem_faults(stem: str, order: ItemOrder, example: str, choice: ItemsChoice) -> Found:
    """What is wrong with a stem. example: the settled stem, whose numbers any other must hold too."""
    found = spoken_faults("the stem", stem, LONGEST["stem"])
    if not stem:
        return found
    if not stem.endswith("?") or stem[0].islower():
        found.append(
            ("text_malformed", "the stem must begin with a capital and end with a question mark")
        )
    length = len(stem.split())
    if length > choice.stem_words or sentences(stem) > SENTENCES:
        limit = f"at most {choice.stem_words} words and {SENTENCES} sentences"
        found.append(("text_malformed", f"the stem has {length} words: {limit}"))
    if set(_denials(stem)) - set(_denials(example)):
        found.append(("text_malformed", "the stem asks for what is false, or denies something"))
    missing = [words for words in order.keep if words.lower() not in stem.lower()]
    found += [("text_malformed", f"the stem must say {words!r}") for words in missing]
    return found + _number_faults(stem, order, example)


def _denials(text: str) -> list[str]:
    return [m.group().lower() for m in NEGATIVE.finditer(text)]


def _number_faults(stem: str, order: ItemOrder, example: str) -> Found:
    """Its numbers are those of the settled stem; an age may be told besides, where a fact states it."""
    needed, held = numbers(example), numbers(stem)
    ages = [f"{f.number:g}" for f in order.vignette if f.kind == "age" and f.number is not None]
    found: Found = [
        ("text_malformed", f"the stem must hold the number {n}") for n in needed if n not in held
    ]
    strange = [n for n in held if n not in needed and n not in ages]
    return found + [
        ("number_contradicted", f"the stem holds {n}, which no fact asks for") for n in strange
    ]


def polar_faults(stem: str) -> Found:
    """A yes/no stem begins with a verb."""
    if POLAR.match(stem):
        return []
    return [
        (
            "text_malformed",
            "a yes/no stem must begin with Is, Are, Does, Do, Can, Was, Were, Has or Have",
        )
    ]


def leak_faults(stem: str, key: str, others: list[str]) -> Found:
    """The right answer stands in the stem, by its name or a synonym, unless all the options do.

    That a thing has a center tells nothing of where it lies.
    """
    ways = ("in the center",) if key == "center" else ways_to_say(key)
    held = [way for way in ways if said_in(way, stem)]
    if not held or (others and all(said_in(o, stem) for o in others)):
        return []
    return [("answer_in_stem", f"the stem holds the answer {held[0]!r}")]


def said_in(words: str, text: str) -> bool:
    """Do the words, without a leading article, stand in the text as whole words?"""
    bare = re.sub(r"^(?:the|an?)\s+", "", words.strip().rstrip("."), flags=re.IGNORECASE)
    return bool(bare) and bool(re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", text, re.IGNORECASE))
