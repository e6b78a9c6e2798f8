"""describe: facts and passages to sentences and questions, by the recipe's generator."""

from functools import cache
from pathlib import Path

from expert_models.registry import load_generator
from pipelines.phases.rows import DESCRIBED
from pipelines.phases.sheets import sheets
from pipelines.task import Outcome, Step, Task
from schemas.conform import plain, to_table
from transforms.knowledge.shelf import ConceptShelf, open_shelf


def run(task: Task, step: Step) -> Outcome:
    """Write the words of every image of the shard.

    options: generator, question_limit, knowledge {index: folder or null, digest,
    glossary: bool, licenses: those a cited passage may have}.
    """
    generator = load_generator(step.options["generator"])
    knowledge = step.options["knowledge"]
    shelf = _shelf(knowledge["index"], knowledge["digest"], knowledge["glossary"])
    licenses = frozenset(knowledge["licenses"])
    rows = []
    for sheet in sheets(task):
        passages = shelf.passages_for(sheet, licenses=licenses)
        sentences = generator.describe(sheet, passages)
        used = {id for s in sentences for id in s.passage_ids}
        rows.append(
            {
                "id": sheet.image.id,
                "sentences": plain(sentences),
                "passages": plain([p for p in passages if p.id in used]),
                "questions": plain(generator.ask(sheet, limit=step.options["question_limit"])),
            }
        )
    counts = {
        "images": len(rows),
        "sentences": sum(len(r["sentences"]) for r in rows),
        "questions": sum(len(r["questions"]) for r in rows),
    }
    return Outcome({"described": to_table(rows, DESCRIBED)}, [], counts)


@cache
def _shelf(index: str | None, digest: str | None, glossary: bool) -> ConceptShelf:
    """One shelf a process; `digest` is in the key so that a rebuilt index is opened anew."""
    return open_shelf(Path(index) if index else None, glossary=glossary)
