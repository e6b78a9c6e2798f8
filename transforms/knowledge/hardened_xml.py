"""XML of unknown origin, parsed without reading anything but the file itself.

Refused: entity declarations (billion laughs, external entities), files over the size cap, nodes or
nesting beyond libxml2's own limits. Not fetched: external DTDs; a DOCTYPE that names one is fine.
"""

from collections.abc import Container
from pathlib import Path

from lxml import etree

from schemas.reject import Fault
from transforms.knowledge.entry import tidy

MAX_BYTES = 32 << 20  # the longest article of PubMed Central's open subset is well under this


def parse_xml(path: Path, *, max_bytes: int = MAX_BYTES) -> etree._Element:
    """The root element. Raises Fault: too_large, xml_unsafe, not_this_format."""
    size = path.stat().st_size
    if size > max_bytes:
        raise Fault("too_large", f"{size} bytes of XML, at most {max_bytes}")
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        tree = etree.fromstring(path.read_bytes(), parser).getroottree()
    except etree.XMLSyntaxError as error:
        raise _fault(error) from None
    dtd = tree.docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise Fault("xml_unsafe", "the document declares entities of its own")
    return tree.getroot()


def _fault(error: etree.XMLSyntaxError) -> Fault:
    """The message of libxml2 may quote the document, so only its error code and line are kept."""
    name = etree.ErrorTypes._getName(error.code, "unknown") if error.code else "unknown"
    message = str(error).lower()
    if "ENTITY" in name or "entity amplification" in message:
        return Fault("xml_unsafe", f"the document leans on entities ({name})")
    if "RESOURCE_LIMIT" in name or "huge" in message or "depth" in message:
        return Fault("too_large", f"a node or the nesting is beyond the parser's limit ({name})")
    return Fault("not_this_format", f"not well-formed XML: {name}, line {error.lineno}")


def text_of(element: etree._Element, *, without: Container[str] = ()) -> str:
    """All text below `element` in one line; children of the names in `without` are left out."""
    return tidy("".join(_pieces(element, without)))


def _pieces(element: etree._Element, without: Container[str]) -> list[str]:
    pieces = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and local(child) not in without:
            pieces += _pieces(child, without)
        pieces.append(child.tail or "")
    return pieces


def local(element: etree._Element) -> str:
    """The tag without its namespace; "" for comments, instructions and entity references."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
