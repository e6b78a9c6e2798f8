"""The recipe: a person's choices for one corpus, as YAML. `medgrain schema recipe` prints its JSON schema."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from expert_models.llm.choice import ModelChoice
from expert_models.writer.choice import WritingChoice
from pipelines.errors import UsageError
from pipelines.grounding.choice import GroundingChoice
from quality.balance.choice import BalanceChoice
from quality.rubric.choice import VerifyingChoice
from quality.rubric.family import same_family
from schemas.declaration.safe_yaml import read_yaml
from transforms.formats.windows import window_named

Split = Literal["train", "validation", "test"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CutChoice(_Strict):
    """How volumes, series and slides become pictures. Unset keys keep the default of the recipe."""

    planes: list[Literal["axial", "coronal", "sagittal"]] | None = Field(
        None, description="planes to cut; of a DICOM series only the acquired plane exists"
    )
    step_mm: float | None = Field(None, gt=0, description="distance between slices, mm")
    max_slices: int | None = Field(None, ge=1, description="most slices of one plane of one volume")
    prefer: Literal["regions", "even", "largest"] | None = Field(
        None, description="which slices: those with regions, evenly spaced, largest region area"
    )
    windows: list[str] | None = Field(
        None,
        description="named CT windows, each its own image: lung, soft tissue, bone, brain, ...",
    )
    percentiles: tuple[float, float] | None = Field(
        None, description="lowest and highest percentile shown, where no window applies"
    )
    mpp: float | None = Field(
        None, gt=0, le=100, description="of slides: resolution of the tiles, µm per pixel"
    )
    tile: int | None = Field(None, ge=32, le=4096, description="of slides: side of a tile, px")
    most_tiles: int | None = Field(None, ge=1, description="of slides: most tiles of one slide")
    stack: int | None = Field(
        None, ge=1, description="slices for each one chosen, itself in the middle: an odd number"
    )
    stack_step_mm: float | None = Field(
        None, gt=0, description="distance between the slices of a stack, mm; unset: neighbours"
    )

    @field_validator("stack")
    @classmethod
    def _has_a_middle(cls, value: int | None) -> int | None:
        if value is not None and value % 2 == 0:
            raise ValueError(f"a stack of {value} slices has no middle one; give an odd number")
        return value

    @field_validator("windows")
    @classmethod
    def _known(cls, value: list[str] | None) -> list[str] | None:
        for name in value or []:
            window_named(name)  # a ValueError that lists the names
        return value


class SourceChoice(_Strict):
    """One source of the corpus."""

    use: str = Field(description="name of a shipped declaration, or path of a YAML declaration")
    root: str | None = Field(None, description="its folder; default: data_root / its `folder`")
    cut: CutChoice = CutChoice()
    limit: int | None = Field(None, ge=1, description="take the first N items only (for trials)")


class ImageChoice(_Strict):
    """What a picture must be."""

    smallest_side: int = Field(28, ge=1, description="px; smaller pictures are rejected")
    longest_side: int | None = Field(None, ge=28, description="px; larger ones are scaled down")


class RegionChoice(_Strict):
    """What a region must be."""

    smallest_px: int = Field(12, ge=1, description="pixels; smaller regions are rejected")


class SplitChoice(_Strict):
    """Splits by patient. A patient with an image in a split of origin stays in that split."""

    train: float = Field(0.8, ge=0, le=1)
    validation: float = Field(0.1, ge=0, le=1)
    test: float = Field(0.1, ge=0, le=1)
    origin: bool = Field(True, description="keep the split of origin where the source states one")


class KnowledgeChoice(_Strict):
    """Where knowledge passages come from."""

    index: str | None = Field(None, description="folder made by `medgrain knowledge build`")
    glossary: bool = Field(True, description="use the shipped glossary (CC0) as well")


class QuestionChoice(_Strict):
    """How many questions."""

    limit: int = Field(16, ge=0, description="most questions of one image")


class ShardChoice(_Strict):
    """Size of the unit of work and of the released files. Output bytes depend on both."""

    items: int = Field(64, ge=1, description="most items of a work shard")
    megabytes: int = Field(48, ge=1, description="most source megabytes of a work shard")
    release_megabytes: int = Field(400, ge=1, description="target size of a released file")


DEFAULT_LICENSES = [
    "CC0-1.0", "CC-BY-4.0", "CC-BY-3.0", "CC-BY-2.0", "CC-BY-SA-4.0", "MIT", "Apache-2.0",
    "BSD-3-Clause", "ODC-By-1.0", "PDDL-1.0", "US-PD",
]  # fmt: skip


class Recipe(_Strict):
    """A corpus, described."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = ""
    data_root: str | None = Field(None, description="folder of all sources; --data-root wins")
    sources: list[SourceChoice] = Field(min_length=1)
    licenses: list[str] = Field(
        DEFAULT_LICENSES, description="SPDX ids that may enter the corpus; all others are rejected"
    )
    cut: CutChoice = CutChoice()
    images: ImageChoice = ImageChoice()
    regions: RegionChoice = RegionChoice()
    splits: SplitChoice = SplitChoice()
    grounding: GroundingChoice | None = Field(
        None, description="experts that find regions; unset: annotations alone"
    )
    knowledge: KnowledgeChoice = KnowledgeChoice()
    generator: Literal["facts", "model"] = Field(
        "facts", description="facts: phrasings over facts; model: the language model of `writing`"
    )
    questions: QuestionChoice = QuestionChoice()
    models: dict[str, ModelChoice] = Field({}, description="language models by a name of your own")
    writing: WritingChoice | None = Field(
        None, description="generator: model - what it writes, how"
    )
    verifying: VerifyingChoice | None = Field(
        None, description="a second model that judges words; unset: deterministic gates alone"
    )
    answers: str | None = Field(
        None,
        description="folder of model answers, reused and never asked for twice; default OUT/run/answers",
    )
    balance: BalanceChoice = BalanceChoice()
    shards: ShardChoice = ShardChoice()
    allowed_failed_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of items that may fail before the build ends with exit 4",
    )
    key: str = Field(
        "medgrain", description="HMAC key of patient and study keys; keep it to yourself"
    )

    @field_validator("sources", mode="before")
    @classmethod
    def _names_are_sources(cls, value: Any) -> Any:
        """`- busbra` is short for `- {use: busbra}`."""
        if isinstance(value, list):
            return [{"use": v} if isinstance(v, str) else v for v in value]
        return value

    @field_validator("splits")
    @classmethod
    def _shares_add_up(cls, value: SplitChoice) -> SplitChoice:
        total = value.train + value.validation + value.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"train + validation + test is {total:g}, expected 1")
        return value

    @model_validator(mode="after")
    def _models_fit(self) -> "Recipe":
        if (self.generator == "model") != (self.writing is not None):
            raise ValueError("`generator: model` goes with a section `writing`; give both or none")
        used = {c.model for c in (self.writing, self.verifying) if c is not None}
        if missing := sorted(used - set(self.models)):
            raise ValueError(f"no entry of `models` is called {', '.join(missing)}")
        if idle := sorted(set(self.models) - used):
            raise ValueError(f"`models` has {', '.join(idle)}, which nothing names; take it out")
        self._judged_by_another()
        return self

    def _judged_by_another(self) -> None:
        if self.writing is None or self.verifying is None or self.verifying.same_family:
            return
        families = [self.models[c.model].family for c in (self.writing, self.verifying)]
        if same_family(*families):
            raise ValueError(
                f"writer and verifier are both of family {families[0]!r}, and models favour their own "
                "words; name a verifier of another family, or set `verifying: {same_family: true}`"
            )


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises UsageError that lists every fault with its place."""
    try:
        values = read_yaml(path)
    except OSError as error:
        raise UsageError(f"recipe {path}: {error.strerror}; give the path of a YAML file") from None
    except ValueError as fault:
        raise UsageError(f"recipe {path.name}: {fault}") from None
    if not isinstance(values, dict):
        raise UsageError(
            f"recipe {path.name}: expected keys and values, found {type(values).__name__}"
        )
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise UsageError(_all_faults(path.name, error)) from None


def _all_faults(name: str, error: ValidationError) -> str:
    lines = [f"recipe {name}: {error.error_count()} fault(s)"]
    for fault in error.errors():
        place = " > ".join(str(part) for part in fault["loc"]) or "(top)"
        lines.append(f"  {place:<28} {fault['msg']}; found {fault['input']!r}")
    lines.append("  See `medgrain schema recipe`.")
    return "\n".join(lines)
