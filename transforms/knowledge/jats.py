"""Articles in JATS (NISO Z39.96) or its NLM ancestors: abstract, paragraphs, licence of each."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from schemas.reject import Fault
from transforms.knowledge.chunk import chunk
from transforms.knowledge.declaration import PER_DOCUMENT, PassageSource
from transforms.knowledge.entry import Entry, entry
from transforms.knowledge.hardened_xml import local, parse_xml, text_of
from transforms.knowledge.licence import spdx

_NOT_PROSE = {
    "fig", "fig-group", "table-wrap", "table-wrap-group", "disp-formula", "disp-formula-group",
    "inline-formula", "supplementary-material", "media", "graphic", "inline-graphic", "fn", "math",
    "tex-math", "boxed-text", "list", "def-list", "disp-quote",
}  # fmt: skip
_HREF = "{http://www.w3.org/1999/xlink}href"


def read_jats(path: Path, source: PassageSource) -> Iterator[Entry | Fault]:
    """The passages of one article. Raises Fault: license_unknown where neither article nor
    declaration states a licence, not_this_format where the root is no article."""
    root = parse_xml(path)
    if local(root) != "article":
        raise Fault("not_this_format", f"the root element is {local(root)!r}, not a JATS article")
    license = license_of(root) or source.license
    if license == PER_DOCUMENT:
        raise Fault("license_unknown", "the article states no licence that has an SPDX identifier")
    title = _first_text(root, ".//article-meta//article-title")
    origin = f"{source.name}/{_identifier(root) or path.stem}"
    for heading, paragraphs in _sections(root):
        for text in chunk(paragraphs, max_chars=source.max_chars):
            name = f"{title}: {heading}" if heading else title
            yield entry(source.name, license, name, text, origin=origin)


def license_of(article: etree._Element) -> str | None:
    """The SPDX identifier of the article's own licence, or None where none can be told.

    Looked at in this order: the href of <license>, links inside it, its words, the copyright line
    (NLM 2.3 articles put the licence there).
    """
    for permissions in article.iterfind(".//article-meta//permissions"):
        statements = [element.get(_HREF) or "" for element in permissions.iter("{*}license")]
        statements += [element.get(_HREF) or "" for element in permissions.iter("{*}ext-link")]
        statements += [text_of(e) for e in permissions.iter("{*}license_ref", "{*}license")]
        statements.append(text_of(permissions))
        for statement in statements:
            if name := spdx(statement):
                return name
    line = article.find(".//article-meta/copyright-statement")
    return spdx(text_of(line)) if line is not None else None


def _sections(article: etree._Element) -> Iterator[tuple[str, Iterator[str]]]:
    for abstract in article.iterfind(".//article-meta/abstract"):
        if abstract.get("abstract-type") in (None, "summary", "executive-summary"):
            yield "Abstract", _paragraphs(abstract, deep=True)
    body = article.find("body")
    if body is not None:
        yield from _walk(body, "")


def _walk(section: etree._Element, heading: str) -> Iterator[tuple[str, Iterator[str]]]:
    yield heading, _paragraphs(section, deep=False)
    for child in section.iterfind("sec"):
        own = _first_text(child, "title")
        yield from _walk(child, f"{heading}: {own}" if heading and own else own or heading)


def _paragraphs(section: etree._Element, *, deep: bool) -> Iterator[str]:
    for p in section.iterfind(".//p" if deep else "p"):
        yield text_of(p, without=_NOT_PROSE)


def _identifier(article: etree._Element) -> str:
    for kind in ("pmc", "pmid", "doi"):
        if found := _first_text(article, f".//article-meta/article-id[@pub-id-type='{kind}']"):
            return f"{kind}:{found}"
    return ""


def _first_text(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else text_of(found, without={"fn", "xref"})
