"""One blind request: the question with some pictures or none, no facts, no key."""

from collections.abc import Sequence
from dataclasses import dataclass

from quality.gates.asked import YES_NO
from quality.rubric.bench import PACKAGE, TEXT_LIMIT
from quality.rubric.choice import Test, VerifyingChoice
from quality.rubric.open_answers import ANSWER_CHARS, same_by_rule
from quality.rubric.options import LETTERS
from quality.rubric.questions import POLAR
from schemas.exchange import Ask, Message, Request, Sampling, SentImage
from schemas.ids import digest, pick
from schemas.question import Question
from transforms.prompting.answer_schema import Schema, code_for, one_of, record, words
from transforms.prompting.asking import ask_json
from transforms.prompting.fence import clean, fence_marker
from transforms.prompting.prompt import load_prompt

PURPOSE = "blind"
PROMPT = "blind"
MAX_TOKENS = 256


@dataclass(frozen=True)
class Sitting:
    """One question in one test: what is shown of it. shrunk: released pixels per pixel of the picture."""

    question: Question
    test: Test
    pictures: tuple[SentImage, ...]
    shrunk: float = 1.0

    @property
    def options(self) -> list[str]:
        """In the item's order; yes and no where it has none of its own; [] where it is open."""
        answer = self.question.answer.strip().lower()
        return self.question.options or (list(POLAR) if answer in YES_NO else [])


async def answered_right(
    sitting: Sitting, ask: Ask, choice: VerifyingChoice, temperature: float, sample: int
) -> bool | None:
    """Is one draw of the answer right? None where no usable answer came.

    In every draw the options stand elsewhere, so that always naming one letter is not knowledge.
    """
    options = [clean(o, TEXT_LIMIT) for o in sitting.options]
    move = (pick(max(1, len(options)), "blind", sitting.question.id) + sample) % max(
        1, len(options)
    )
    places = [*range(move, len(options)), *range(move)]
    request, code = _request(sitting, [options[p] for p in places], choice, temperature, sample)
    reply = await ask_json(ask, request, code, repairs=choice.repairs)
    if reply.value is None:
        return None
    said = str(reply.value["answer"])
    if options:
        return _is_key(sitting, places[LETTERS.index(said)])
    return _says_key(sitting.question, clean(said, ANSWER_CHARS))


def _request(
    sitting: Sitting,
    options: Sequence[str],
    choice: VerifyingChoice,
    temperature: float,
    sample: int,
) -> tuple[Request, str]:
    system = load_prompt(PACKAGE, "blind_system", choice.prompts)
    user = load_prompt(PACKAGE, PROMPT, choice.prompts)
    stem = "" if sitting.test == "options_only" else clean(sitting.question.question, TEXT_LIMIT)
    lettered = [[a, text] for a, text in zip(LETTERS, options, strict=False)]
    texts = [stem, *options]
    sha = digest(system.sha256, user.sha256)
    code = code_for(PROMPT, sitting.question.id, sitting.test, sha, texts)
    told = {"stem": stem, "options": lettered, "pictures": len(sitting.pictures)}
    told |= {"shrunk": sitting.shrunk, "code": code}
    text = user.render(marker=fence_marker(texts, sitting.question.id), **told)
    schema = record(PROMPT, {"code": one_of([code]), "answer": _answer(len(options))})
    messages = (
        Message("system", system.render()),
        Message("user", text, sitting.pictures),
    )
    sampling = Sampling(temperature=temperature, max_tokens=MAX_TOKENS)
    question = sitting.question.id
    return Request(PURPOSE, question, messages, schema, sampling, sample, sha), code


def _answer(options: int) -> Schema:
    """A letter, with no way out: who may decline to guess seems never to know."""
    return one_of(list(LETTERS[:options])) if options else words(1, ANSWER_CHARS)


def _is_key(sitting: Sitting, place: int) -> bool:
    question = sitting.question
    if question.options:
        return place == question.answer_index
    return YES_NO[question.answer.strip().lower()] is YES_NO[POLAR[place]]


def _says_key(question: Question, said: str) -> bool:
    """By rule; where words would have to be understood, all words of the key must be said."""
    same = same_by_rule(question, said)
    if same is not None:
        return same
    return set(question.answer.lower().split()) <= set(said.lower().replace(".", " ").split())
