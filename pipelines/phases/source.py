"""What a step of ingest says of its source."""

from dataclasses import dataclass, field
from pathlib import Path

from pipelines.phases.seeing_experts import Looking
from pipelines.task import Step
from schemas.declaration import Declaration
from transforms.formats.volume import Cut


@dataclass(frozen=True)
class Source:
    """What ingest needs to know of one source; made once a shard."""

    declaration: Declaration
    root: Path
    cut: Cut
    smallest_side: int
    longest_side: int | None
    smallest_px: int
    licenses: tuple[str, ...]
    key: str
    keep_native: bool = False
    looking: Looking = field(default_factory=Looking)

    @property
    def name(self) -> str:
        return self.declaration.name


def source_of(step: Step) -> Source:
    """The options of an ingest step."""
    options = step.options
    return Source(
        declaration=Declaration.model_validate(options["declaration"]),
        root=Path(options["root"]),
        cut=Cut(**options["cut"]),
        smallest_side=options["smallest_side"],
        longest_side=options["longest_side"],
        smallest_px=options["smallest_px"],
        licenses=tuple(options["licenses"]),
        key=options["key"],
        keep_native=options.get("keep_native", False),
        looking=Looking(
            tuple(options.get("volume_routes", ())), step.where, options.get("compare", False)
        ),
    )
