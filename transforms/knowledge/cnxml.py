"""Textbook modules in CNXML, the format of OpenStax: paragraphs by section, and the glossary."""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from schemas.reject import Fault
from transforms.knowledge.chunk import chunk, defines
from transforms.knowledge.declaration import PassageSource
from transforms.knowledge.entry import Entry, entry
from transforms.knowledge.hardened_xml import local, parse_xml, text_of

_NOT_PROSE = {"exercise", "figure", "table", "note", "equation", "media", "glossary", "list"}
_CLASSES_LEFT_OUT = {"free-response", "interactive-exercise", "multiple-choice", "references"}
_HOLLOW = re.compile(r"\s*\((?:see|or)?[\s,;]*\)")  # what a link to a figure leaves behind
_PREFACES = {"preface", "appendix"}


def read_cnxml(path: Path, source: PassageSource) -> Iterator[Entry | Fault]:
    """The passages of one module: its paragraphs, then one passage for each glossary term.

    Exercises, review questions, captions and the preface are left out. Raises Fault where the file
    is no module.
    """
    root = parse_xml(path)
    if local(root) != "document":
        raise Fault("not_this_format", f"the root element is {local(root)!r}, not a CNXML document")
    if root.get("class") in _PREFACES:
        return
    module = path.parent.name
    title = _child_text(root, "title")
    content = _child(root, "content")
    if content is not None:
        yield from _section(content, title, module, source)
    for definition in root.iter("{*}definition"):
        yield _definition(definition, title, module, source)


def _section(
    section: etree._Element, title: str, module: str, source: PassageSource
) -> Iterator[Entry]:
    terms = tuple(text_of(t) for t in section.iterfind("{*}para/{*}term"))
    for text in chunk(_paragraphs(section), names=terms, max_chars=source.max_chars):
        concept = next((t for t in terms if defines(text, [t])), "")
        imaged = bool(concept) and concept not in source.other_senses
        yield entry(
            source.name, source.license, title, text,
            concept=concept, defines=imaged, origin=f"{source.name}/{module}",
        )  # fmt: skip
    for child in section.iterfind("{*}section"):
        if child.get("class") not in _CLASSES_LEFT_OUT:
            heading = _child_text(child, "title")
            yield from _section(child, f"{title}: {heading}" if heading else title, module, source)


def _paragraphs(section: etree._Element) -> Iterator[str]:
    for para in section.iterfind("{*}para"):
        yield _HOLLOW.sub("", text_of(para, without=_NOT_PROSE))


def _definition(
    definition: etree._Element, title: str, module: str, source: PassageSource
) -> Entry | Fault:
    term, meaning = _child_text(definition, "term"), _child_text(definition, "meaning")
    if not term or not meaning:
        return Fault("passage_malformed", "a glossary entry without a term or a meaning")
    text = f"{term[0].upper()}{term[1:]}: {meaning}."
    return entry(
        source.name, source.license, f"{term} ({title})", text,
        concept=term, defines=term not in source.other_senses, origin=f"{source.name}/{module}",
    )  # fmt: skip


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{{*}}{name}")


def _child_text(element: etree._Element, name: str) -> str:
    child = _child(element, name)
    return "" if child is None else text_of(child)
