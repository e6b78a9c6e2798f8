"""What a step's options mean for judging and showing: the choices, made objects."""

from collections.abc import Callable

from pipelines.models.doors import Doors
from pipelines.phases.judge import Judge
from pipelines.phases.views import Showing
from pipelines.task import Step, Task


def judging_of(task: Task, step: Step) -> Callable[[Doors], Judge]:
    """The judge of a step, once its doors are open: the gates, and the verifier the recipe names."""
    values = step.options.get("verifying")
    if not values:
        return lambda doors: Judge()
    from pipelines.phases.blinds import blinding_of  # gates alone need none of it
    from pipelines.phases.judge_by_model import ModelJudge
    from quality.rubric.choice import VerifyingChoice

    choice = VerifyingChoice.model_validate(values)
    blinding = blinding_of(task, step)
    return lambda doors: ModelJudge(choice, doors.ask(choice.model), blinding)


def showing_of(step: Step) -> Showing:
    """How pictures are put before the models of a step (pipelines.models.options.showing)."""
    return Showing(**step.options["showing"])
