"""Values: where the meaning of a picture comes from (a constant, columns, a map of codes)."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from schemas.declaration.errors import closest
from schemas.vocabulary import findings, modalities

BUILT_IN = ("path", "folder", "parent", "file", "stem", "item")
"""Columns every item has: its path below the source, folder, name of that folder, file name, file
name without suffixes, item name."""

_HOLE = re.compile(r"\{([^{}]+)\}")


class Strict(BaseModel):
    """No unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def holes(template: str) -> list[str]:
    """The columns a template such as "{patient}_{slice}" names."""
    return _HOLE.findall(template)


def allow_findings(words: Iterable[str]) -> None:
    """Raise ValueError on words that are no term of vocab/findings.yaml."""
    allow(
        words,
        (f.name for f in findings()),
        "finding of schemas/vocab/findings.yaml",
        "Use a term of that list, add the term to it, or leave the label out: it is then kept as it is",
    )


def fill(template: str, columns: dict[str, str]) -> str | None:
    """The template with its columns filled in; None where a column is missing or empty."""
    if any(not columns.get(name) for name in holes(template)):
        return None
    return _HOLE.sub(lambda hole: columns[hole[1]], template)


def check_template(template: str) -> str:
    if template.count("{") != template.count("}") or "{}" in template:
        raise ValueError(f"{template!r} is no template; write columns as {{name}}")
    return template


def check_path(path: str) -> str:
    """A path below the source folder: relative, forward slashes, no way out."""
    check_template(path)
    if path.startswith(("/", "~")) or "\\" in path or re.match(r"[A-Za-z]:", path):
        raise ValueError(f"{path!r} is not relative; write it from the folder above, with /")
    if ".." in path.split("/"):
        raise ValueError(f"{path!r} leads out of the source folder; write it without ..")
    return path


def check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}; mend it") from None
    return pattern


def as_list(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


Template = Annotated[str, BeforeValidator(lambda v: check_template(v) if isinstance(v, str) else v)]
PathTemplate = Annotated[str, BeforeValidator(lambda v: check_path(v) if isinstance(v, str) else v)]
Paths = Annotated[list[PathTemplate], BeforeValidator(as_list), Field(min_length=1)]
Pattern = Annotated[str, BeforeValidator(lambda v: check_pattern(v) if isinstance(v, str) else v)]
Texts = Annotated[list[str], BeforeValidator(as_list)]


class Value(Strict):
    """Text from columns: a template, then a map. `US` alone is short for `{from: US}`."""

    template: Template = Field(
        alias="from", description="text with {column} holes; no hole: a constant"
    )
    map: dict[str, str | None] | None = Field(
        None, description="code of the source: our word (null: nothing is known)"
    )
    missing: Texts = Field([], description="texts that mean 'not known', such as unknown or ?")
    unmapped: Literal["fault", "skip", "keep"] = Field(
        "fault", description="a code the map lacks: reject the item, say nothing, or keep the code"
    )

    def constant(self) -> str | None:
        """The text, where it holds no column."""
        return None if holes(self.template) else self.template

    def targets(self) -> list[str]:
        """Every text this can become that the declaration itself spells out."""
        mapped = [v for v in (self.map or {}).values() if v is not None]
        constant = self.constant()
        return mapped + ([constant] if constant is not None and self.map is None else [])


def _short(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


AValue = Annotated[Value, BeforeValidator(_short)]


class Modality(Value):
    """A modality: from columns, or measured by a named rule."""

    template: Template = Field(
        "", alias="from", description=Value.model_fields["template"].description
    )
    rule: Literal["fluorescence-or-brightfield"] | None = Field(
        None, description="a rule of transforms/layouts/modality_rules.py that looks at the pixels"
    )

    @model_validator(mode="after")
    def _one_way(self) -> "Modality":
        if bool(self.template) == bool(self.rule):
            raise ValueError("says nothing or two things; give `from:` or `rule:`, one of them")
        allow(
            self.targets() if self.template else [],
            (m.name for m in modalities()),
            "modality of schemas/vocab/modalities.yaml",
            "Use a code of that list",
        )
        return self


AModality = Annotated[Modality, BeforeValidator(_short)]


class Assertion(Strict):
    """What one code says of findings. A name alone is short for `present`."""

    present: Texts = Field([], description="findings this code asserts")
    absent: Texts = Field([], description="findings this code denies")

    @field_validator("present", "absent")
    @classmethod
    def _terms(cls, value: list[str]) -> list[str]:
        allow_findings(value)
        return value


def _assertion(value: Any) -> Any:
    return {"present": value} if isinstance(value, str | list) else value


AnAssertion = Annotated[Assertion | None, BeforeValidator(_assertion)]


class Label(Strict):
    """An image-level label: a column whose codes assert or deny findings of the whole picture."""

    template: Template = Field(alias="from", description="the column, as a template")
    map: dict[str, AnAssertion] = Field(
        description="code: finding, or {present: ..., absent: ...}, or null"
    )
    separator: str | None = Field(None, description="splits a cell that holds several codes")
    missing: Texts = Field([], description="texts that mean 'not known'")
    unmapped: Literal["fault", "skip"] = Field(
        "fault", description="a code the map lacks: reject the item, or say nothing"
    )


class Where(Strict):
    """A condition on columns. All of them have to hold."""

    where: dict[str, Pattern] = Field(
        description="column: regular expression searched in its text (a missing column is empty text)"
    )

    @field_validator("where")
    @classmethod
    def _says_something(cls, value: dict[str, str]) -> dict[str, str]:
        if not value:
            raise ValueError("is empty; name at least one column")
        return value

    def holds(self, columns: dict[str, str]) -> bool:
        """Does every condition hold for these columns?"""
        return holds(self.where, columns)


def holds(where: dict[str, str] | None, columns: dict[str, str]) -> bool:
    """Does every regular expression of `where` occur in its column?"""
    return all(re.search(p, columns.get(c, "")) for c, p in (where or {}).items())


def allow(words: Iterable[str], allowed: Iterable[str], what: str, cure: str) -> None:
    """Raise ValueError that names every word which is not allowed, with its nearest neighbours."""
    known = dict.fromkeys(allowed)
    faults = [f"{w!r} is no {what}{closest(w, known)}" for w in words if w not in known]
    if faults:
        raise ValueError(f"{' '.join(dict.fromkeys(faults))} {cure}")
