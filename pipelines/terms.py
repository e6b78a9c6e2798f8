"""Terms bind endpoints: a source's data reach a model only as far as the source's terms let them.

Checked before any work, for every source and every model of a recipe at once; nothing has left then.
Default deny: a declaration that says nothing lets its data reach no model at all.
"""

from collections.abc import Iterable, Mapping

from expert_models.llm.choice import ModelChoice
from expert_models.llm.errors import EndpointStopped
from expert_models.llm.reach import allows, check_reach
from pipelines.catalogue import ResolvedSource
from pipelines.errors import UsageError


def check_terms(models: Mapping[str, ModelChoice], sources: Iterable[ResolvedSource]) -> None:
    """Raise UsageError that names every source whose terms forbid a model, and every false `local`."""
    faults = []
    for name, choice in sorted(models.items()):
        try:
            check_reach(choice)
        except EndpointStopped as fault:
            faults.append(f"models > {name}: {fault}")
    for source in sources:
        widest = source.declaration.endpoints
        faults += [
            _fault(source.name, widest, name, choice)
            for name, choice in sorted(models.items())
            if not allows(widest, choice)
        ]
    if faults:
        raise UsageError(
            f"nothing was sent: {len(faults)} fault(s) of terms\n  " + "\n  ".join(faults)
        )


def _fault(source: str, widest: str | None, name: str, choice: ModelChoice) -> str:
    allowed = "no endpoint (its declaration has no `endpoints`)" if widest is None else widest
    return (
        f"source {source}: its data may reach {allowed}; model {name!r} is {choice.seen_by}. "
        "Leave the source out, use a narrower endpoint, or, where its terms allow it, say so in "
        "`endpoints` of the declaration"
    )
