"""Gates of conversations: the assistant's turns judged as sentences, the user's as stems."""

from collections.abc import Iterable, Sequence

from quality.gates import forbidden, form, stem, unread
from quality.gates.asked import QuestionCase
from quality.gates.leak import leaked
from quality.gates.sentences import judge_sentences
from quality.gates.undecided import is_undecided
from quality.gates.verdicts import judged
from quality.gates.world import World
from schemas.conversation import Conversation, Turn
from schemas.passage import Passage
from schemas.question import Question
from schemas.sentence import Sentence
from schemas.verdict import Verdict
from transforms.sheet import FactSheet

TURNS = "turns"


def judge_conversations(
    sheet: FactSheet, conversations: Sequence[Conversation], passages: Iterable[Passage]
) -> list[list[Verdict]]:
    """For each conversation one verdict of every gate: the worst of its turns.

    `turns` asks for user and assistant in turn, the assistant last. All gates of sentences judge what the
    assistant says; form, forbidden words, unread words, things taken for granted and given away
    answers are judged in what the user says.
    """
    world, known = World(sheet), list(passages)
    return [_judged(world, c, known) for c in conversations]


def _judged(world: World, conversation: Conversation, passages: list[Passage]) -> list[Verdict]:
    turns = conversation.turns
    said = [t for t in turns if t.role == "assistant"]
    rows = [Sentence(t.text, "", t.region_ids, t.fact_ids, t.passage_ids) for t in said]
    every = [v for row in judge_sentences(world.sheet, rows, passages) for v in row]
    for asked, answered in zip(turns[::2], turns[1::2], strict=False):
        every += _of_question(world, conversation, asked, answered)
    return [_in_turn(world, conversation), *_worst(every)]


def _in_turn(world: World, conversation: Conversation) -> Verdict:
    roles = [t.role for t in conversation.turns]
    wanted = ["user", "assistant"] * (len(roles) // 2)
    faults = [] if roles and roles == wanted else ["not user and assistant in turn"]
    faults += [] if conversation.image_id == world.image.id else ["of another image"]
    return judged(TURNS, faults, "text_malformed", measured=f"{len(roles)} turns")


def _of_question(
    world: World, conversation: Conversation, asked: Turn, answered: Turn
) -> list[Verdict]:
    question = Question(
        conversation.id, conversation.image_id, asked.text, "", [], answered.text,
        region_ids=answered.region_ids, fact_ids=answered.fact_ids,
    )  # fmt: skip
    case = QuestionCase(world, question, {})
    told = [] if case.polar else leaked(case)
    return [
        form.judge_text(asked.text, ends="?.!"),
        forbidden.judge_text(asked.text),
        unread.judge_reading(case.stem),
        stem.judge(case),
        judged("stem_leak", told, "answer_in_stem"),
    ]


def _worst(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """One verdict a gate: a contradiction before what is undecided, that before what passed."""
    found: dict[str, Verdict] = {}
    for verdict in verdicts:
        held = found.setdefault(verdict.gate, verdict)
        if _rank(verdict) < _rank(held):
            found[verdict.gate] = verdict
    return list(found.values())


def _rank(verdict: Verdict) -> int:
    return 2 if verdict.passed else 1 if is_undecided(verdict) else 0
