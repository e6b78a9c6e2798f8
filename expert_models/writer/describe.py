"""Describe one image with a model: facts and picture in, sentences with their ids out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from expert_models.writer.choice import WritingChoice
from expert_models.writer.describe_schema import description_schema
from expert_models.writer.draft import Draft, DraftFault, Rejected
from expert_models.writer.sentences import sentences_of
from schemas.exchange import Ask, Message, Request, Sampling
from schemas.ids import digest
from schemas.reasons import REASONS
from schemas.region import POSITIONS
from transforms.prompting.aliases import Aliases
from transforms.prompting.answer_schema import code_for
from transforms.prompting.asking import ask_json
from transforms.prompting.fence import clean
from transforms.prompting.prompt import Prompt, load_prompt
from transforms.prompting.sheet_text import pictures_of, sheet_data
from transforms.showing.view import View

PURPOSE = "describe"
PACKAGE = "expert_models.writer"
DETAIL = 160  # characters of a reject's detail that the model sees


@dataclass(frozen=True)
class DescribePrompts:
    """The two prompts of a description. `system` is the same for every image, so servers keep it."""

    system: Prompt
    user: Prompt

    @property
    def sha256(self) -> str:
        """Of both, for provenance."""
        return digest(self.system.sha256, self.user.sha256)


def describe_prompts(folder: Path | None = None) -> DescribePrompts:
    """The prompts, from the user's folder where it has them. Raises ValueError on a broken file."""
    return DescribePrompts(
        load_prompt(PACKAGE, "describe_system", folder), load_prompt(PACKAGE, "describe", folder)
    )


async def describe(
    view: View, ask: Ask, choice: WritingChoice, *, rejected: Sequence[Rejected] = ()
) -> Draft:
    """Sentences on the view's own image; of further images nothing is said.

    rejected: sentences of an earlier attempt; then only replacements for these are asked for, and an
    answer of none is no fault. An image of which no fact is known is not asked about. Bad answers become faults of the draft; exceptions of `ask` pass.
    """
    view = replace(view, others=())
    aliases = Aliases(view)
    if not aliases.facts:
        return Draft(faults=[DraftFault("description", "rests_on_nothing", "no fact is known", 0)])
    request, code, most = _request(view, aliases, choice, rejected)
    reply = await ask_json(ask, request, code, repairs=choice.repairs)
    draft = Draft(tries=reply.tries, wrapped=reply.wrapped)
    if reply.value is None:
        if reply.fault is not None:
            draft.faults.append(
                DraftFault("description", reply.fault.reason, reply.fault.detail, reply.tries)
            )
        return draft
    rows = reply.value["sentences"]
    draft.sentences, draft.faults = sentences_of(
        rows, aliases, view.passages, choice, most=most, tries=reply.tries
    )
    if not rows and not rejected:
        draft.faults.append(DraftFault("description", "answer_empty", "no sentence", reply.tries))
    return draft


def _request(
    view: View, aliases: Aliases, choice: WritingChoice, rejected: Sequence[Rejected]
) -> tuple[Request, str, int]:
    """The request, the code its answer must carry, and the most sentences it may have."""
    prompts = describe_prompts(choice.prompts)
    most = len(rejected) or choice.sentences
    knowledge = choice.knowledge and bool(aliases.passages)
    refused = [_refused(r, choice) for r in rejected]
    also = [text for one in refused for text in one.values()]
    data = sheet_data(view, aliases, also=also)
    code = code_for(PURPOSE, view.sheet.image.id, prompts.sha256, data, refused)
    system = prompts.system.render(
        picture=view.image is not None,
        overlay=view.overlay is not None,
        knowledge=choice.knowledge,
        positions=POSITIONS,
    )
    user = prompts.user.render(**data, rejected=refused, most=most, code=code)
    return (
        Request(
            PURPOSE,
            view.sheet.image.id,
            (Message("system", system), Message("user", user, pictures_of(view))),
            description_schema(
                aliases,
                choice,
                code,
                least=0 if rejected else 1,
                most=most,
                knowledge=knowledge,
            ),
            Sampling(**choice.sampling.model_dump()),
            prompt_sha256=prompts.sha256,
        ),
        code,
        most,
    )


def _refused(rejected: Rejected, choice: WritingChoice) -> dict[str, str]:
    """One rejected text as a prompt shows it."""
    return {
        "text": clean(rejected.text, choice.sentence_chars),
        "why": REASONS.get(rejected.reason, rejected.reason),
        "detail": clean(rejected.detail, DETAIL),
    }
