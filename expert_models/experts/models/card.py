"""The card of an expert with weights: a YAML file beside them. Nothing is loaded to read it."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from expert_models.experts.base import Expert, VolumeExpert
from expert_models.experts.models.card_backends import BACKENDS
from expert_models.experts.models.card_checks import faults_of
from expert_models.experts.models.card_errors import CardError, explained, fault
from expert_models.experts.models.card_input import Input, Scale
from expert_models.experts.models.card_model import Architecture, ModelCard
from expert_models.experts.models.card_output import Boxes, Instances, Scores, Semantic
from expert_models.experts.models.resident import Setting
from schemas.declaration.errors import breadcrumb
from schemas.declaration.safe_yaml import read_yaml

__all__ = ["CardError", "ModelCard", "describe_card", "expert_of", "load_card"]

NUMBER = re.compile(r"[+-]?(\d+)(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+([eE][+-]?\d+)?")


def load_card(path: Path | str) -> ModelCard:
    """Read one card; weights are not touched.

    Raises CardError (a ValueError) with every fault: file, field, found, expected, next step.
    """
    path = Path(path)
    try:
        raw = read_yaml(path)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise CardError([f"{breadcrumb(path.name, [])} {why}"]) from None
    if not isinstance(raw, dict):
        line = fault(path.name, [], found=raw, expected="a mapping", do="start with `name:`")
        raise CardError([line])
    if "file" in raw:
        raise CardError([f"{breadcrumb(path.name, ['file'])} is not a key of a card; take it out"])
    for place in _free(raw):
        place.update({key: _numbers(value) for key, value in place.items()})
    try:
        card = ModelCard.model_validate({**raw, "file": str(path)})
    except ValidationError as error:
        raise CardError(explained(path.name, error, _keys())) from None
    if faults := faults_of(card):
        raise CardError(faults)
    return card


def expert_of(
    card: ModelCard,
    *,
    weights: str | None = None,
    device: str = "auto",
    precision: str = "float32",
    allow_pickle: bool = False,
) -> Expert | VolumeExpert:
    """The expert of a card, not loaded: no weights are read and no framework imported before `load`.

    weights    instead of the card's: path, or Hub id (with the card's revision); its digest still counts
    device     auto | cpu | cuda | cuda:1; precision: float32 | bfloat16 | float16, on a GPU only

    Raises CardError where the backend's module is not there.
    """
    setting = Setting(weights, device, precision, allow_pickle)
    module, _, name = BACKENDS[card.backend].place.partition(":")
    try:
        make = getattr(importlib.import_module(module), name)
    except ImportError as error:
        line = fault(
            Path(card.file).name,
            ["backend"],
            found=card.backend,
            expected="a backend that can be imported",
            do=f"install {BACKENDS[card.backend].needs}: {error}",
        )
        raise CardError([line]) from error
    expert: Expert | VolumeExpert = make(card, setting)
    return expert


def describe_card(card: ModelCard) -> dict[str, Any]:
    """The card as plain data, for people and `--json`; what is unset or default is left out."""
    shown = card.model_dump(mode="json", exclude_defaults=True)
    return {**shown, "producer": card.expert_card.producer, "needs": card.expert_card.needs}


def _free(raw: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The mappings of a card whose keys are not ours, so whose values no model gives a type."""
    if isinstance(raw.get("options"), dict):
        yield raw["options"]
    architecture = raw.get("architecture")
    if isinstance(architecture, dict) and isinstance(architecture.get("config"), dict):
        yield architecture["config"]


def _numbers(value: Any) -> Any:
    """`read_yaml` leaves every scalar a text; here what looks like a number is one."""
    if isinstance(value, dict):
        return {key: _numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    if not isinstance(value, str) or not (found := NUMBER.fullmatch(value)):
        return value
    whole = found[1] is not None and found[2] is None and found[3] is None
    return int(value) if whole else float(value)


def _keys() -> dict[str, list[str]]:
    """Keys of each part, for hints at a mistyped one."""
    parts: dict[str, type[BaseModel]] = {
        "": ModelCard, "architecture": Architecture, "input": Input, "input.scale": Scale,
        "output.semantic": Semantic, "output.instances": Instances, "output.boxes": Boxes,
        "output.scores": Scores,
    }  # fmt: skip
    return {
        place: [key for key in model.model_fields if key != "file"]
        for place, model in parts.items()
    }
