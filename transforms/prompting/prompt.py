"""Prompts: versioned Jinja files, rendered in a sandbox, known by the digest of their sources."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, DictLoader, Environment, StrictUndefined, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.ids import digest

PARTIALS = "transforms.prompting"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_HEADER = re.compile(r"\A\{#-? *version: *(?P<version>[\w.-]+) *(?:\|[^#]*)?-?#\}")


@dataclass(frozen=True)
class Prompt:
    """One prompt with the partials it includes: name of file (without folder) -> source."""

    name: str
    sources: dict[str, str]

    @property
    def version(self) -> str:
        """Of the header, the first line of the file: {#- version: 3 -#}."""
        found = _HEADER.match(self.sources[f"{self.name}.j2"])
        if found is None:
            raise ValueError(
                f"prompt {self.name}: the first line must be a header such as {{#- version: 1 -#}}"
            )
        return found["version"]

    @cached_property
    def sha256(self) -> str:
        """Hex digest over the sources of the prompt and of all that it includes."""
        return digest("prompt", self.name, self.sources)

    def render(self, **data: Any) -> str:
        """The text, with one line end at its end. Raises ValueError on a name the data lacks."""
        try:
            text = self._template.render(**data)
        except TemplateError as error:
            raise ValueError(f"prompt {self.name}: {error}") from error
        return text.strip() + "\n"

    @cached_property
    def _template(self) -> Any:
        return _environment(DictLoader(self.sources)).get_template(f"{self.name}.j2")


def load_prompt(package: str, name: str, folder: Path | None = None) -> Prompt:
    """The prompt `name` of `package` (its folder `prompts`), or of the user's `folder` where it has one.

    Partials (`_facts.j2`) are looked for in the user's folder, the package and transforms/prompting.
    Raises ValueError on a file that is missing, has no header, or is no template.
    """
    return _load(package, name, None if folder is None else folder.resolve())


@cache
def _load(package: str, name: str, folder: Path | None) -> Prompt:
    sources: dict[str, str] = {}
    wanted = [f"{name}.j2"]
    while wanted:
        file = wanted.pop()
        sources[file] = _source(package, file, folder)
        wanted += [f for f in _included(file, sources[file]) if f not in sources]
    prompt = Prompt(name, dict(sorted(sources.items())))
    _ = prompt.version
    return prompt


def _source(package: str, file: str, folder: Path | None) -> str:
    if not _NAME.fullmatch(file.removesuffix(".j2").lstrip("_")):
        raise ValueError(f"prompt file {file!r}: expected small letters, digits and _")
    shipped = [files(package) / "prompts" / file, files(PARTIALS) / "prompts" / file]
    for place in ([folder / file] if folder else []) + shipped:
        if place.is_file():
            return place.read_text("utf-8")
    raise ValueError(f"prompt file {file} is in none of: {folder or '-'}, {package}, {PARTIALS}")


def _included(file: str, source: str) -> list[str]:
    try:
        named = meta.find_referenced_templates(_environment(None).parse(source))
        return [_fixed(file, name) for name in named]
    except TemplateError as error:
        raise ValueError(f"prompt file {file}: {error}") from error


def _fixed(file: str, name: str | None) -> str:
    if name is None:
        raise ValueError(f"prompt file {file}: what it includes must be named in the file itself")
    return name


def _environment(loader: BaseLoader | None) -> Environment:
    """No attribute of a value can be reached that could act, and a misspelt name is an error."""
    return ImmutableSandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=False,  # the text is not HTML; texts of sources are cleaned and fenced instead
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
