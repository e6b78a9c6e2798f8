"""The model of a card: its fields, and its face to the rest of medgrain."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from expert_models.experts.base import ExpertCard
from expert_models.experts.models.card_backends import BACKENDS
from expert_models.experts.models.card_input import Input, Name, Strict
from expert_models.experts.models.card_output import Output


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
    dimensions: int = Field(2, ge=2, le=3, description="2: pictures; 3: volumes")
    refines: bool = Field(False, description="turns boxes into masks")
    batch: int = Field(
        1,
        ge=1,
        description="most inputs at once: of one pass on a GPU, of passes side by side on a CPU",
    )
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
