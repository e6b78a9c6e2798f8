"""Asking experts: in this process, or through whoever an engine has put in charge.

Batches halve when an expert breaks off, so that one bad picture costs itself and running out of memory
costs speed; answers are checked before anybody rests on them. An answer is a function of its scan, so
batches and halves change nothing.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from expert_models.experts.base import (
    AnyExpert,
    ExpertCard,
    Found,
    Prediction,
    Refusal,
    Scan,
    VolumeScan,
)
from expert_models.experts.models.runtime_memory import free_memory, is_out_of_memory
from expert_models.experts.registry import ExpertUnavailable, expert_named
from pipelines.errors import StoppedError
from schemas.ids import digest
from schemas.vocabulary import findings

AnyScan = Scan | VolumeScan
Door = Callable[[str, dict[str, Any], Sequence[AnyScan]], list[Prediction]]
"""(name of the expert, the step's `where`, scans of one batch) -> one prediction a scan."""


def ask(name: str, where: dict[str, Any], scans: Sequence[AnyScan]) -> list[Prediction]:
    """One prediction a scan, in order, from the door that is open here. An expert that cannot be had
    stops the build (StoppedError): its absence is of this machine and says nothing of the scans."""
    return _door.get()(name, where, scans)


@contextlib.contextmanager
def through(door: Door) -> Iterator[None]:
    """Experts are asked through another door for as long as this is open."""
    token = _door.set(door)
    try:
        yield
    finally:
        _door.reset(token)


def ask_here(name: str, where: dict[str, Any], scans: Sequence[AnyScan]) -> list[Prediction]:
    """The expert loaded into this process, once, and resident until it ends."""
    expert = resident(name, where)
    predict: Callable[[Sequence[Any]], list[Prediction]] = expert.predict
    return halving(predict, expert.card, scans)


_door: ContextVar[Door] = ContextVar("door", default=ask_here)


def resident(name: str, where: dict[str, Any]) -> AnyExpert:
    """The loaded expert. Raises StoppedError where it cannot be made or loaded here."""
    try:
        if name not in where.get("experts", {}):
            return expert_named(name)
        return _resident_model(name, where)
    except (ExpertUnavailable, ImportError, OSError, ValueError) as error:
        raise StoppedError(
            f"expert {name!r} cannot be had on this worker: {error}. Mend it, or take its route out of the recipe"
        ) from error


_models: dict[str, AnyExpert] = {}


def _resident_model(name: str, where: dict[str, Any]) -> AnyExpert:
    from pipelines.grounding.models import model_expert

    place = where["experts"][name]
    key = digest(name, place, where["device"], where["precision"])
    if key not in _models:
        expert = model_expert(place, device=where["device"], precision=where["precision"])
        expert.load()
        _models[key] = expert
    return _models[key]


def halving(
    predict: Callable[[Sequence[Any]], list[Prediction]],
    card: ExpertCard,
    scans: Sequence[AnyScan],
) -> list[Prediction]:
    """Predictions of a batch; where it breaks off, of its halves, down to the scan that is to blame."""
    try:
        said = predict(scans)
        if len(said) != len(scans):
            raise ValueError(f"{len(said)} predictions of {len(scans)} scans")
    except StoppedError:
        raise
    except Exception as error:  # the code of experts may fail in any way
        broken = _broken(error)
    else:
        return [checked(one, card, scan) for one, scan in zip(said, scans, strict=True)]
    # The error is gone here, and with its frames the arrays that they held.
    if broken.reason == "expert_out_of_memory":
        free_memory()
    if len(scans) == 1:
        return [broken]
    middle = len(scans) // 2
    return halving(predict, card, scans[:middle]) + halving(predict, card, scans[middle:])


def _broken(error: Exception) -> Refusal:
    """Why a single scan could not be answered. A path in a message is of this machine and stays out."""
    kind, message = type(error).__name__, " ".join(str(error).split())[:200]
    if is_out_of_memory(error):
        return Refusal("expert_out_of_memory", f"{kind}, on a single image")
    return Refusal("expert_failed", kind if "/" in message or not message else f"{kind}: {message}")


def checked(said: Prediction, card: ExpertCard, scan: AnyScan) -> Prediction:
    """The prediction, or a refusal that names what is wrong with it."""
    if isinstance(said, Refusal):
        return said
    if card.refines and isinstance(scan, Scan) and len(said) != len(scan.prompts):
        return Refusal("expert_failed", f"{len(said)} findings for {len(scan.prompts)} prompts")
    shape = scan.display.shape[:2] if isinstance(scan, Scan) else scan.values.shape
    wrong = next((w for w in (_wrong(one, card, shape) for one in said) if w), None)
    return said if wrong is None else Refusal("expert_failed", wrong)


def _wrong(one: Found, card: ExpertCard, shape: tuple[int, ...]) -> str | None:
    if not card.refines and one.label not in findings():
        return f"its label {one.label!r} is no term of the vocabulary"
    if one.mask is not None and (one.mask.shape != shape or one.mask.dtype != np.bool_):
        return f"its mask is {one.mask.dtype} {one.mask.shape}; the scan is {shape}"
    if one.mask is None and one.box is not None and not np.isfinite(one.box).all():
        return "its box is not finite"
    rated = [r for r in (one.score, one.quality) if r is not None]
    if not all(0 <= r <= 1 for r in rated):
        return f"its score or quality is not in [0, 1]: {rated}"
    return None
