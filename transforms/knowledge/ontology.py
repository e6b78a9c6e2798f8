"""Definitions of ontology terms, from OBO 1.2/1.4 stanzas or OBO Graphs JSON.

Sources: https://owlcollab.github.io/oboformat/doc/obo-syntax.html and
https://github.com/geneontology/obographs. Obsolete terms and terms without a definition hold no
passage. Underscores of relation names ("derives_from") become blanks; nothing else is changed.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.reject import Fault
from transforms.knowledge.declaration import PassageSource
from transforms.knowledge.entry import Entry, entry

MAX_BYTES = 256 << 20
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(\w*)')
_ESCAPE = re.compile(r"\\(.)")
_RELATION = re.compile(r"\b([a-z]+(?:_[a-z]+)+)\b")


@dataclass
class _Term:
    id: str = ""
    name: str = ""
    definition: str = ""
    synonyms: list[str] = field(default_factory=list)  # exact ones
    xrefs: list[str] = field(default_factory=list)
    obsolete: bool = False


def read_obo(path: Path, source: PassageSource) -> Iterator[Entry | Fault]:
    """One passage for each defined term of an OBO file."""
    for number, lines in _stanzas(_text(path)):
        term = _obo_term(lines)
        if isinstance(term, Fault):
            yield Fault(term.reason, f"the stanza at line {number}: {term.detail}")
        else:
            yield from _passage(term, source)


def read_obographs(path: Path, source: PassageSource) -> Iterator[Entry | Fault]:
    """One passage for each defined class of an OBO Graphs file."""
    try:
        graphs = json.loads(_text(path))["graphs"]
        nodes = [node for graph in graphs for node in graph["nodes"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Fault("not_this_format", "not OBO Graphs JSON (graphs > nodes)") from None
    for number, node in enumerate(nodes):
        try:
            term = _node_term(node)
        except (KeyError, TypeError, AttributeError):
            yield Fault("passage_malformed", f"node {number} is not an OBO Graphs class")
            continue
        if term is not None:
            yield from _passage(term, source)


def _passage(term: _Term, source: PassageSource) -> Iterator[Entry | Fault]:
    if term.obsolete or not term.definition:
        return
    if not term.name:
        yield Fault("passage_malformed", "a term with a definition and no name")
        return
    meaning = _RELATION.sub(lambda m: m[1].replace("_", " "), term.definition)
    if meaning.split(" ")[0] in ("A", "An", "The", "Any"):
        meaning = meaning[0].lower() + meaning[1:]
    also = f" (Also called: {'; '.join(term.synonyms)})" if term.synonyms else ""
    yield entry(
        source.name, source.license, term.name + also,
        f"{term.name[0].upper()}{term.name[1:]}: {meaning}",
        concept=term.name, synonyms=tuple(term.synonyms), xrefs=tuple(term.xrefs),
        defines=True, origin=term.id,
    )  # fmt: skip


def _stanzas(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, tag-value lines) of each [Term] stanza."""
    lines: list[str] | None = None
    start = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("["):
            if lines is not None:
                yield start, lines
            lines, start = ([], number) if line.strip() == "[Term]" else (None, 0)
        elif lines is not None and line.strip():
            lines.append(line)
    if lines is not None:
        yield start, lines


def _obo_term(lines: list[str]) -> _Term | Fault:
    term = _Term()
    for line in lines:
        tag, colon, value = line.partition(": ")
        quoted = _QUOTED.match(value)
        if not colon:
            return Fault("passage_malformed", "a line without a tag")
        if tag in ("def", "synonym") and quoted is None:
            return Fault("passage_malformed", f"{tag} without a quoted text")
        if tag == "id":
            term.id = value.strip()
        elif tag == "name":
            term.name = value.strip()
        elif tag == "def" and quoted:
            term.definition = _unescape(quoted[1])
        elif tag == "synonym" and quoted and quoted[2] == "EXACT":
            term.synonyms.append(_unescape(quoted[1]))
        elif tag == "xref":
            term.xrefs.append(value.split(" ")[0].strip())
        elif tag == "is_obsolete":
            term.obsolete = value.strip() == "true"
    return term if term.id else Fault("passage_malformed", "a term without an id")


def _node_term(node: dict[str, Any]) -> _Term | None:
    if node.get("type") != "CLASS":
        return None
    meta = node.get("meta") or {}
    return _Term(
        id=re.sub(r"^.*/([A-Za-z]+)_", r"\1:", node["id"]),
        name=node.get("lbl") or "",
        definition=(meta.get("definition") or {}).get("val", ""),
        synonyms=[s["val"] for s in meta.get("synonyms", []) if s["pred"] == "hasExactSynonym"],
        xrefs=[x["val"] for x in meta.get("xrefs", [])],
        obsolete=bool(meta.get("deprecated")),
    )


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda m: " " if m[1] in "ntW" else m[1], text)


def _text(path: Path) -> str:
    if (size := path.stat().st_size) > MAX_BYTES:
        raise Fault("too_large", f"{size} bytes, at most {MAX_BYTES}")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Fault("not_this_format", "not UTF-8 text") from None
