"""YAML of strangers, read safely: no tags, no bombs, no key twice, and text stays text."""

from pathlib import Path
from typing import Any

import yaml

LARGEST_BYTES = 1_000_000
DEEPEST = 20
MOST_ALIASES = 50


class _Loader(yaml.SafeLoader):
    """Only true, false and null are special: `no`, 007, 1.10 and 2024-01-01 stay what was written."""


_Loader.yaml_implicit_resolvers = {}
_KINDS = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "~": None,
    "": None,
}


def _scalar(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    return _KINDS.get(node.value, node.value) if node.style is None else node.value


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.MarkedYAMLError(
                problem="a key must be text", problem_mark=key_node.start_mark
            )
        if key_node.value in mapping:
            raise yaml.MarkedYAMLError(
                problem=f"key {key_node.value!r} stands here twice",
                problem_mark=key_node.start_mark,
            )
        mapping[key_node.value] = loader.construct_object(value_node, deep=True)
    return mapping


_Loader.add_constructor("tag:yaml.org,2002:str", _scalar)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Every scalar is a str, True, False or None; every key a str.

    Raises ValueError, with line and cure, on a file that is too large, too deep, full of aliases,
    not UTF-8 or not YAML, on tags such as !!python/object, and on a key that stands twice.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise ValueError(
            f"the file is larger than {LARGEST_BYTES} bytes; put tables into csv files"
        )
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    try:
        _bound(text)
        return yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ValueError(f"{where}{error.problem or error.context}; mend the YAML") from None
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {str(error).splitlines()[0]}; mend the YAML") from None


def _bound(text: str) -> None:
    """Raise ValueError before anything is built from a file that nests or repeats beyond measure."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            aliases += 1
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST}; flatten the file")
        if aliases > MOST_ALIASES:
            raise ValueError(f"more than {MOST_ALIASES} aliases; write the values out")
