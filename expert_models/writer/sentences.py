"""Rows of an answer to sentences: ids put in for aliases, and a fault for each row that is no sentence."""

import re
from typing import Any

from expert_models.writer.choice import WritingChoice
from expert_models.writer.draft import DraftFault
from expert_models.writer.quotes import as_stored
from schemas.passage import Passage
from schemas.sentence import Sentence
from transforms.prompting.aliases import Aliases
from transforms.prompting.fence import clean

_ALIAS = re.compile(r"\b(?:I\d+)?[FR]\d+\b")
RAW = 400  # characters of a faulty row that are kept


def sentences_of(
    rows: list[dict[str, Any]],
    aliases: Aliases,
    passages: tuple[Passage, ...],
    choice: WritingChoice,
    *,
    most: int,
    tries: int,
) -> tuple[list[Sentence], list[DraftFault]]:
    """The sentences in the order written, and the faults of the others.

    A row is lost where it names an id that does not exist, where its text is too short, too long, said
    before or speaks of "R1", and beyond the first `most`. Whether it is true is not asked here.
    """
    told: list[Sentence] = []
    faults: list[DraftFault] = []
    for number, row in enumerate(rows, start=1):
        text = clean(str(row["text"]), 4 * choice.sentence_chars)
        fault = _fault(row, text, aliases, choice, told) if number <= most else _too_many(most)
        if fault is None:
            told.append(_sentence(row, text, aliases, passages))
        else:
            reason, detail = fault
            faults.append(DraftFault(f"sentence {number}", reason, detail, tries, text[:RAW]))
    return told, faults


def _too_many(most: int) -> tuple[str, str]:
    return "answer_malformed", f"more than {most} sentences"


def _fault(
    row: dict[str, Any], text: str, aliases: Aliases, choice: WritingChoice, told: list[Sentence]
) -> tuple[str, str] | None:
    """(reason, detail), or None for a row that can be a sentence."""
    for name, known in (
        ("facts", aliases.facts),
        ("regions", aliases.regions),
        ("passages", aliases.passages),
    ):
        unknown = [clean(str(a), 20) for a in row[name] if a not in known]
        if unknown:
            return "id_unknown", f"{name}: {', '.join(unknown[:5])}"
    if not choice.shortest_chars <= len(text) <= choice.sentence_chars:
        return "text_malformed", f"{len(text)} characters"
    if named := [a for a in _ALIAS.findall(text) if a in aliases.facts or a in aliases.regions]:
        return "text_malformed", f"speaks of {named[0]}"
    if text in {s.text for s in told}:
        return "text_malformed", "said before"
    return None


def _sentence(
    row: dict[str, Any], text: str, aliases: Aliases, passages: tuple[Passage, ...]
) -> Sentence:
    facts, regions, cited = (aliases.resolve(row[k])[0] for k in ("facts", "regions", "passages"))
    quoted = [p for p in passages if p.id in cited]
    return Sentence(as_stored(text, quoted), row["attribute"], regions, facts, cited)
