"""The card of an expert with weights: a YAML file beside them. Nothing is loaded to read it."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from expert_models.experts.base import Expert, ExpertCard, VolumeExpert
from expert_models.experts.models.card_backends import BACKENDS
from expert_models.experts.models.card_checks import faults_of
from expert_models.experts.models.card_errors import CardError, explained, fault
from expert_models.experts.models.card_input import Input, Name, Scale, Strict
from expert_models.experts.models.card_output import Boxes, Instances, Output, Scores, Semantic
from expert_models.experts.models.resident import Setting
from schemas.declaration.errors import breadcrumb
from schemas.declaration.safe_yaml import read_yaml

NUMBER = re.compile(r"[+-]?(\d+)(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+([eE][+-]?\d+)?")


class Architecture(Strict):
    """The network that bare weights (safetensors, pickle) belong to.

    name    `monai:UNet` (a class of monai.networks.nets), or a name that a package brings by the
            entry-point group `medgrain.architectures`
    config  its keyword arguments; what looks like a number is one
    """

    name: Name
    config: dict[str, Any] = Field({}, description="keyword arguments")


class ModelCard(Strict):
    """All that is known of a model expert before it loads. `expert_card` is its face to the rest."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="lower case, digits, dashes")
    version: Name
    kind: Literal["segmenter", "detector", "classifier"]
    classes: dict[int, str | None] = Field(
        {},
        description="number of the network's class: term of the findings, or null (not reported)",
    )
    labels: tuple[Name, ...] = Field(
        (), description="further terms that a backend without a class table may report"
    )
    modalities: tuple[Name, ...] = Field(min_length=1)
    anatomies: tuple[Name, ...] = Field((), description="body parts; unset: any")
    method: Name
    source: Name
    license_code: Name
    license_weights: Name
    candidate: bool = False
    needs_spacing: bool = Field(False, description="refuse a scan whose spacing is not known")
    needs_native: bool = Field(False, description="refuse a picture without stored values")
    tuned_on: str = "nothing"
    dimensions: Literal[2, 3] = 2
    refines: bool = Field(False, description="turns boxes into masks")
    batch: int = Field(1, ge=1, description="most inputs of one forward pass on a GPU")
    backend: str = Field(description="who runs the network")
    weights: Name | None = Field(
        None, description="file or folder, from the card's folder or absolute; or a Hub id"
    )
    revision: str | None = Field(
        None, pattern=r"^[0-9a-f]{7,40}$", description="commit of a Hub id; makes `weights` one"
    )
    files: tuple[Name, ...] = Field(
        (), description="names inside the Hub repository or folder; no other is fetched or digested"
    )
    weights_sha256: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    architecture: Architecture | None = None
    input: Input | None = None
    output: Output | None = None
    options: dict[str, Any] = Field({}, description="of the backend; docs/model-experts.md")
    file: str = Field("", exclude=True, description="where the card was read; never written in it")

    @property
    def folder(self) -> Path:
        """The folder that relative weights start from."""
        return Path(self.file).parent

    @property
    def reported(self) -> tuple[str, ...]:
        """Every term it may report, in the order of the card."""
        named = [term for _, term in sorted(self.classes.items()) if term is not None]
        return tuple(dict.fromkeys([*named, *self.labels]))

    @property
    def expert_card(self) -> ExpertCard:
        """What the rest of medgrain knows of it. `parameters` holds all that can change an answer."""
        shown = ("backend", "classes", "revision", "files", "architecture", "input", "output")
        parameters = self.model_dump(mode="json", exclude_none=True, include={*shown, "options"})
        return ExpertCard(
            name=self.name,
            version=self.version,
            kind=self.kind,
            labels=self.reported,
            modalities=self.modalities,
            anatomies=self.anatomies,
            method=self.method,
            source=self.source,
            license_code=self.license_code,
            license_weights=self.license_weights,
            weights_sha256=self.weights_sha256,
            candidate=self.candidate,
            needs_spacing=self.needs_spacing
            or (self.input is not None and self.input.spacing_mm is not None),
            needs_native=self.needs_native
            or (self.dimensions == 2 and self.input is not None and self.input.reads == "native"),
            input_side=max(self.input.size) if self.input is not None and self.input.size else 0,
            needs=BACKENDS[self.backend].needs,
            tuned_on=self.tuned_on,
            parameters={key: value for key, value in parameters.items() if value not in ({}, [])},
            dimensions=self.dimensions,
            refines=self.refines,
            batch=self.batch,
        )


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
