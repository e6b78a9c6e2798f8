"""Entry: a passage with what retrieval has to know of it and a release does not."""

import re
import unicodedata
from dataclasses import dataclass

from schemas.ids import content_id
from schemas.passage import Passage

_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Entry(Passage):
    """A passage of the base.

    synonyms  other names of `concept` which the source calls exact
    defines   the text opens by saying what `concept` is
    origin    the source's own key of the document or term, for tracing back
    """

    synonyms: tuple[str, ...] = ()
    xrefs: tuple[str, ...] = ()  # identifiers of the concept elsewhere: "UMLS_CUI:C0025202"
    defines: bool = False
    origin: str = ""
    url: str = ""

    def passage(self, score: float | None = None) -> Passage:
        """The plain passage, as a corpus row holds it."""
        return Passage(
            self.id, self.source, self.license, self.text, score, self.title, self.concept
        )


def tidy(text: str) -> str:
    """NFC, and every run of blanks as one blank: what two copies of a text have in common."""
    return _BLANK.sub(" ", unicodedata.normalize("NFC", text)).strip()


def entry(
    source: str,
    license: str,
    title: str,
    text: str,
    *,
    concept: str = "",
    synonyms: tuple[str, ...] = (),
    xrefs: tuple[str, ...] = (),
    defines: bool = False,
    origin: str = "",
    url: str = "",
) -> Entry:
    """An entry whose id is a hash of source, title and text."""
    title, text, concept = tidy(title), tidy(text), tidy(concept)
    return Entry(
        content_id("psg", source, title, text),
        source,
        license,
        text,
        None,
        title,
        concept,
        synonyms,
        xrefs,
        defines and bool(concept),
        origin,
        url,
    )
