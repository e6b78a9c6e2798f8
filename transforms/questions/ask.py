"""The questions on one image: candidates of every type, thinned to a limit, types first."""

from collections.abc import Callable

from schemas.ids import digest
from schemas.image import TEMPLATE_FLAG
from schemas.question import FACT_TYPES, Question
from transforms.questions.anatomy import ask_anatomy
from transforms.questions.appearance import ask_appearance
from transforms.questions.finding_present import ask_finding_present
from transforms.questions.how_large import ask_how_large
from transforms.questions.how_many import ask_how_many
from transforms.questions.larger_of_two import ask_larger_of_two
from transforms.questions.modality import ask_modality
from transforms.questions.plane import ask_plane
from transforms.questions.relation import ask_relation
from transforms.questions.where_position import ask_where_position
from transforms.questions.where_side import ask_where_side
from transforms.questions.which_finding import ask_which_finding
from transforms.sheet import FactSheet

TYPES: dict[str, Callable[[FactSheet], list[Question]]] = {
    "modality": ask_modality,
    "plane": ask_plane,
    "anatomy": ask_anatomy,
    "finding_present": ask_finding_present,
    "which_finding": ask_which_finding,
    "where_position": ask_where_position,
    "where_side": ask_where_side,
    "how_many": ask_how_many,
    "how_large": ask_how_large,
    "larger_of_two": ask_larger_of_two,
    "relation": ask_relation,
    "appearance": ask_appearance,
}
OF_TEMPLATE = ("modality", "plane", "anatomy")


def ask(sheet: FactSheet, *, limit: int) -> list[Question]:
    """At most `limit` questions, as many types as fit; twins stay together. A pure function.

    Every key rests on facts of the sheet and every other option is false of the image by those
    facts: where that cannot be had, the question is not asked. Order: by type, as FACT_TYPES.
    Raises ValueError on a negative limit.
    """
    if limit < 0:
        raise ValueError(f"limit is {limit}; it cannot be negative")
    bundles = {name: _bundled(TYPES[name](sheet)) for name in _askable(sheet)}
    order = sorted(bundles, key=lambda name: digest("ask", sheet.image.id, name))
    taken: dict[str, list[Question]] = {name: [] for name in bundles}
    left = limit
    for turn in range(max(map(len, bundles.values()), default=0)):
        for name in order:
            bundle = bundles[name][turn] if turn < len(bundles[name]) else []
            if bundle and len(bundle) <= left:
                taken[name] += bundle
                left -= len(bundle)
    return [q for name in bundles for q in taken[name]]


def _askable(sheet: FactSheet) -> tuple[str, ...]:
    """All types; of a lesion drawn on a template nothing can be seen, so only what the template
    itself shows is asked."""
    return OF_TEMPLATE if TEMPLATE_FLAG in sheet.image.flags else FACT_TYPES


def _bundled(questions: list[Question]) -> list[list[Question]]:
    """Single questions, and twins as one bundle."""
    bundles: dict[str, list[Question]] = {}
    for question in questions:
        key = min(question.id, question.twin_id or question.id)
        bundles.setdefault(key, []).append(question)
    return list(bundles.values())
