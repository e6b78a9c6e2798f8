"""Gates of conversations: turns in order, questions whole, and every answer judged as sentences are."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from quality.gates import forbidden, form
from quality.gates.sentences import judge_sentences
from quality.gates.undecided import is_undecided
from quality.gates.verdicts import judged
from schemas.conversation import Conversation, Turn
from schemas.passage import Passage
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.sheet import FactSheet

GATE = "turns"
ROLES = ("user", "assistant")


def judge_conversations(
    sheet: FactSheet, conversations: Sequence[Conversation], passages: Iterable[Passage]
) -> list[list[Verdict]]:
    """For each conversation one verdict of every gate: the first that failed, else one that passed.

    An answer is judged as a sentence that names the same ids: each against the facts, so two answers
    that contradict each other cannot both pass.
    """
    known = list(passages)
    return [
        [judge_turns(sheet, c), judge_asking(c), *_answers(sheet, c, known)] for c in conversations
    ]


def judge_turns(sheet: FactSheet, conversation: Conversation) -> Verdict:
    """User and assistant in turn, from a question to an answer, about the image of the sheet."""
    roles = [turn.role for turn in conversation.turns]
    expected = [ROLES[place % 2] for place in range(len(roles))]
    faults = (
        [] if roles == expected and roles[-1:] == ["assistant"] else [" ".join(roles) or "none"]
    )
    if conversation.image_id != sheet.image.id:
        return judged(GATE, [conversation.image_id], "id_unknown")
    return judged(GATE, faults, "text_malformed", measured=f"{len(roles)} turns")


def judge_asking(conversation: Conversation) -> Verdict:
    """The user's words are whole, speak of the image, and rest on no ids."""
    asked = [turn for turn in conversation.turns if turn.role == "user"]
    for verdict in (check for turn in asked for check in _asking(turn)):
        if not verdict.passed:
            return replace(verdict, gate="asking")
    return judged("asking", (), "text_malformed", measured=f"{len(asked)} questions")


def _asking(turn: Turn) -> Iterable[Verdict]:
    yield form.judge_text(turn.text, ends="?.")
    yield forbidden.judge_text(turn.text)
    ids = [*turn.region_ids, *turn.fact_ids, *turn.passage_ids]
    yield judged("ids", ids, "id_unknown")


def _answers(
    sheet: FactSheet, conversation: Conversation, passages: list[Passage]
) -> list[Verdict]:
    """Every gate of sentences over all answers; of one gate the first failure, contradictions before
    what is undecided, since those are final."""
    answers = [_sentence(turn) for turn in conversation.turns if turn.role == "assistant"]
    by_gate: dict[str, list[Verdict]] = {}
    for marks in judge_sentences(sheet, answers, passages):
        for verdict in marks:
            by_gate.setdefault(verdict.gate, []).append(verdict)
    return [_worst(verdicts) for verdicts in by_gate.values()]


def _worst(verdicts: list[Verdict]) -> Verdict:
    failed = [v for v in verdicts if not v.passed]
    final = [v for v in failed if not is_undecided(v)]
    return (final or failed or [replace(verdicts[0], measured=f"{len(verdicts)} answers")])[0]


def _sentence(turn: Turn) -> Sentence:
    attribute = "knowledge" if turn.passage_ids else "relation"
    return Sentence(turn.text, attribute, turn.region_ids, turn.fact_ids, turn.passage_ids)
