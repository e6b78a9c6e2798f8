"""Describing with a language model: each image's words are written, judged and rewritten (compose)."""

from dataclasses import asdict

from expert_models.writer.choice import WritingChoice
from pipelines.models.doors import Doors, run_asking
from pipelines.phases.compose import Composed, compose
from pipelines.phases.described import counts_of, row_of, tables_of
from pipelines.phases.judging import judging_of, showing_of
from pipelines.phases.passages import passages_of
from pipelines.phases.views import views
from pipelines.phases.words import traffic
from pipelines.task import Outcome, Step, Task
from schemas.ids import content_id
from schemas.image import Image
from schemas.reject import Reject
from transforms.showing.view import View


def describe_by_model(task: Task, step: Step) -> Outcome:
    """The outcome of a describe step whose generator is a model. May raise Waiting, StoppedError."""
    choice = WritingChoice.model_validate(step.options["writing"])
    retrieve = passages_of(step.options["knowledge"], choice.searched)
    judge_of = judging_of(task, step)

    async def write(doors: Doors, given: tuple[View, bytes]) -> tuple[View, Composed]:
        view, png = given
        return view, await compose(view, png, doors.ask(choice.model), judge_of(doors), choice)

    made, exchanges = run_asking(task, step.where, views(task, retrieve, showing_of(step)), write)
    rows = [
        row_of(v.sheet.image.id, v.passages, w.sentences, w.questions, w.conversations)
        for v, w in made
    ]
    attempts = [asdict(attempt) for _, words in made for attempt in words.attempts]
    rejects = [reject for v, words in made for reject in _unwritten(v.sheet.image, words)]
    counts = counts_of(rows) | traffic(exchanges) | {"rewritten": len(attempts)}
    return Outcome(tables_of(rows, attempts, exchanges), rejects, counts)


def _unwritten(image: Image, words: Composed) -> list[Reject]:
    """What was asked of the model and did not come, or came in a form that no gate can judge."""
    return [
        Reject(
            content_id("lost", image.id, attempt, number, fault.scope, fault.detail),
            image.source, image.item, "describe", "answer", fault.reason,
            f"{fault.detail}: {fault.text!r}" if fault.text else fault.detail,
            fault.tries, "answer",
        )
        for number, (attempt, fault) in enumerate(words.faults)
    ]  # fmt: skip
