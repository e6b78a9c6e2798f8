"""Criteria of the rubric that a program decides: nobody needs to be asked whether two options are equal."""

import re

from quality.gates import forbidden
from quality.gates.asked import YES_NO
from quality.rubric.criteria import Kind
from schemas.question import Question

MOST_WORDS, MOST_SENTENCES = 35, 2  # of a stem: MedVLSynther's "Stem Concision"
FEWEST_OPTIONS, MOST_OPTIONS = 3, 5  # letters A to E
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z(]|\s*$)")


def kind_of(question: Question) -> Kind:
    """A question whose answer is yes or no, with options or without; one with options; an open one."""
    if question.answer.strip().lower() in YES_NO and len(question.options) in (0, 2):
        return "yes_no"
    return "choice" if question.options else "open"


def flaws(question: Question) -> dict[str, str]:
    """Criterion name -> what is wrong, for those of `by: code` that are not met."""
    found = {
        "answer_field": _answer_field(question),
        "schema": _schema(question),
        "concise": _concise(question.question),
        "no_forbidden_terms": _forbidden(question),
    }
    return {name: flaw for name, flaw in found.items() if flaw}


def _answer_field(question: Question) -> str:
    options = [" ".join(o.lower().split()) for o in question.options]
    if not question.answer.strip() or not all(options):
        return "an empty option or answer"
    if len(set(options)) < len(options):
        return "an option twice"
    at = question.answer_index
    if not options:
        return "" if at is None else "an index without options"
    inside = at is not None and 0 <= at < len(options)
    return "" if inside and question.options[at or 0] == question.answer else "not its option"


def _schema(question: Question) -> str:
    if not question.question.strip().endswith("?"):
        return "the stem is no question"
    number = len(question.options)
    if kind_of(question) == "choice" and not FEWEST_OPTIONS <= number <= MOST_OPTIONS:
        return f"{number} options"
    return ""


def _concise(stem: str) -> str:
    words, sentences = len(stem.split()), len(_SENTENCE_END.findall(stem))
    if words > MOST_WORDS:
        return f"{words} words"
    return f"{sentences} sentences" if sentences > MOST_SENTENCES else ""


def _forbidden(question: Question) -> str:
    text = " | ".join([question.question, *question.options, question.answer])
    return forbidden.judge_text(text).measured or ""
