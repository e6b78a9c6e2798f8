"""Which model answers: what the first answer of a run said is what every later one must say.

The name may differ from the recipe's, as a server may serve under an alias; what counts is that it
stays. In a folder the first answer's words outlast the process, so that all workers and a resumed run
compare with the same. Answers of two models would otherwise mix in one corpus unseen.
"""

from collections.abc import Mapping
from pathlib import Path

from expert_models.llm.choice import ModelChoice
from expert_models.llm.errors import EndpointStopped
from expert_models.llm.once import write_once
from schemas.ids import digest


class Identity:
    """What the server says of itself. `folder` None: remembered for this process alone."""

    def __init__(self, choice: ModelChoice, folder: Path | None = None) -> None:
        self._asked = choice.model
        self._server = choice.url or choice.backend
        self._unchecked = () if choice.fingerprint else ("system_fingerprint",)
        self._folder = folder and folder / digest("identity", choice.model, choice.revision)[:24]
        self._first: dict[str, str] = {}

    def check(self, stated: Mapping[str, str]) -> None:
        """Compare with the first answer, or be the first. Raises EndpointStopped where it differs."""
        for field, said in stated.items():
            if field in self._unchecked:
                continue
            if field not in self._first:
                self._first[field] = self._claimed(field, said)
            if self._first[field] != said:
                raise EndpointStopped(self._alarm(field, said))

    def _claimed(self, field: str, said: str) -> str:
        if self._folder is None:
            return said
        path = self._folder / field
        write_once(str(path), said.encode())
        return path.read_bytes().decode() or said  # empty: torn by a power cut

    def _alarm(self, field: str, said: str) -> str:
        undo = "" if self._folder is None else f", or remove {self._folder} to let the two mix"
        return (
            f"{self._server}, asked for model {self._asked!r}: found {field} {said[:200]!r} in an "
            f"answer, expected {self._first[field][:200]!r} as in the first answer. Serve the first one "
            f"again, or state a new `revision` in the recipe, under which all is asked anew{undo}."
        )
