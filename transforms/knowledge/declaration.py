"""A passage source, as its YAML file declares it."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from schemas.declaration.errors import DeclarationError, breadcrumb, closest
from schemas.declaration.licenses import license_fault
from schemas.declaration.safe_yaml import read_yaml

Format = Literal["medquad", "cnxml", "obo", "obographs", "jats", "jsonl"]
PER_DOCUMENT = "per-document"


class PassageSource(BaseModel):
    """One declared source of passages.

    `paths` are globs below the data root, or below the folder of shipped texts when `root` is
    `shipped`. `license` is an SPDX identifier (or LicenseRef-...) for documents that state none
    of their own; `per-document` rejects such documents instead. `other_senses` are terms that this
    source defines in another sense than imaging has for them ("pacemaker": a group of cells).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    title: str
    home: str = ""
    license: str
    citation: str
    format: Format
    paths: list[str] = Field(min_length=1)
    root: Literal["data", "shipped"] = "data"
    other_senses: list[str] = Field(default_factory=list)
    max_chars: int = Field(default=1000, ge=200, le=8000)  # of one passage
    known_issues: list[str] = Field(default_factory=list)


def load_source(path: Path) -> PassageSource:
    """The declaration in `path`. Raises DeclarationError: every fault, its place and its cure."""
    try:
        raw = read_yaml(path)
    except (OSError, ValueError) as error:
        raise DeclarationError([f"{breadcrumb(path.name, ())} {error}"]) from None
    if not isinstance(raw, dict):
        found = type(raw).__name__
        raise DeclarationError([f"[{path.name}] a passage source is a mapping, found a {found}"])
    try:
        source = PassageSource.model_validate(raw)
    except ValidationError as error:
        raise DeclarationError(_line(path.name, e) for e in error.errors()) from None
    if source.license != PER_DOCUMENT and (fault := license_fault(source.license)):
        raise DeclarationError([f"{breadcrumb(path.name, ('license',))} {fault}"])
    return source


def _line(file: str, error: ErrorDetails) -> str:
    """One fault as `[file > key] what is wrong, and what is allowed`."""
    place = breadcrumb(file, error["loc"])
    if error["type"] == "extra_forbidden":
        near = closest(str(error["loc"][-1]), PassageSource.model_fields)
        return f"{place} is not a key of a passage source{near}"
    if error["type"] == "missing":
        return f"{place} is missing"
    return f"{place} {error['msg']}, found {error['input']!r:.60}"
