"""MedQuAD: question-answer pairs of US National Institutes of Health sites, one XML file a topic.

Source: Ben Abacha A, Demner-Fushman D. A question-entailment approach to question answering.
BMC Bioinformatics 20 (2019) 511.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from schemas.reject import Fault
from transforms.knowledge.chunk import chunk, defines
from transforms.knowledge.declaration import PassageSource
from transforms.knowledge.entry import Entry, entry, tidy
from transforms.knowledge.hardened_xml import parse_xml, text_of

_KEY_POINTS = re.compile(r"^Key Points\b")
_PARAGRAPH = re.compile(r"\n\s*\n|\n\s{4,}(?=[A-Z\"])")  # indentation is what is left of the layout


def read_medquad(path: Path, source: PassageSource) -> Iterator[Entry | Fault]:
    """The passages of one document; a pair without an answer is a Fault, the others go on.

    Raises Fault where the document holds no pair.
    """
    root = parse_xml(path)
    pairs = list(root.iter("QAPair", "pair"))
    if not pairs:
        raise Fault("passage_malformed", "the document holds no question-answer pair")
    name, url = _text(root, "Focus", "doctitle-focus"), root.get("url") or ""
    synonyms = tuple(text_of(e) for e in root.iterfind(".//Synonyms/Synonym"))
    xrefs = tuple(f"UMLS_CUI:{text_of(e)}" for e in root.iterfind(".//CUIs/CUI"))
    for pair in pairs:
        question, answer = _child(pair, "Question"), _child(pair, "Answer")
        if question is None or answer is None or not text_of(answer):
            yield Fault("passage_malformed", "a question without an answer")
            continue
        origin = f"{source.name}/{question.get('qid') or path.stem}"
        concept = name if question.get("qtype") == "information" else ""
        title = _title(text_of(question), synonyms)
        names = (name, *synonyms) if concept else ()
        for text in chunk(_paragraphs(answer), names=names, max_chars=source.max_chars):
            yield entry(
                source.name, source.license, title, text,
                concept=concept, synonyms=synonyms, xrefs=xrefs,
                defines=defines(text, names), origin=origin, url=url,
            )  # fmt: skip


def _child(element: etree._Element, name: str) -> etree._Element | None:
    """The child of this name; five documents of the collection write names in lower case."""
    found = element.find(name)
    return found if found is not None else element.find(name.lower())


def _text(element: etree._Element, *names: str) -> str:
    """The text of the first of these children; a few documents leave the focus empty."""
    return next((text_of(e) for n in names if (e := element.find(n)) is not None), "")


def _title(question: str, synonyms: tuple[str, ...]) -> str:
    question = re.sub(r"\s+\?", "?", question)
    return f"{question} (Also called: {'; '.join(synonyms)})" if synonyms else question


def _paragraphs(answer: etree._Element) -> Iterator[str]:
    """The answer by paragraph; a block of "Key Points" repeats what follows and is left out."""
    text = "".join(answer.itertext()).strip()
    parts = [part for part in _PARAGRAPH.split(text) if tidy(part)]
    for part in parts:
        if not (_KEY_POINTS.match(part) and len(parts) > 1):
            yield tidy(part)
