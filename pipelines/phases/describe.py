"""describe: facts and passages to sentences and questions, by the recipe's generator."""

from expert_models.registry import load_generator
from pipelines.phases.described import counts_of, row_of, tables_of
from pipelines.phases.passages import passages_of
from pipelines.phases.sheets import sheets
from pipelines.task import Outcome, Step, Task


def run(task: Task, step: Step) -> Outcome:
    """Write the words of every image of the shard.

    options: generator, knowledge {index: folder or null, digest, glossary: bool, licenses: those a
    cited passage may have}; for the facts generator question_limit; for a model what
    pipelines.models.options.describing says.
    """
    if step.options["generator"] == "model":
        from pipelines.phases.describe_by_model import describe_by_model  # facts need none of it

        return describe_by_model(task, step)
    generator = load_generator(step.options["generator"])
    retrieve = passages_of(step.options["knowledge"])
    rows = []
    for sheet in sheets(task):
        passages = retrieve(sheet)
        sentences = generator.describe(sheet, passages)
        questions = generator.ask(sheet, limit=step.options["question_limit"])
        rows.append(row_of(sheet.image.id, passages, sentences, questions))
    return Outcome(tables_of(rows), [], counts_of(rows))
