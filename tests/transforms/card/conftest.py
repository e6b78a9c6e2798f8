"""The small corpus that the report is tested on serves the card as well."""

from pathlib import Path

import pytest

from tests.quality.report import small_corpus
from transforms.card.summary import Summary, summarise


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus folder with README.md and croissant.json."""
    from transforms.card.croissant import write_croissant
    from transforms.card.readme import write_card

    root = tmp_path_factory.mktemp("card")
    rejects = small_corpus.small_corpus(root)
    summary = summarise(
        root / "corpus", name="small", title="Small corpus", version="0.1.0",
        sources=small_corpus.SOURCES, rejects=rejects,
    )  # fmt: skip
    (root / "corpus/README.md").write_text(write_card(summary), "utf-8")
    (root / "corpus/croissant.json").write_text(write_croissant(summary), "utf-8")
    return root / "corpus"


@pytest.fixture(scope="session")
def summary(corpus: Path) -> Summary:
    rejects = small_corpus.to_table(small_corpus._rejects(""), small_corpus.REJECT)
    return summarise(
        corpus, name="small", title="Small corpus", version="0.1.0",
        sources=small_corpus.SOURCES, rejects=rejects,
    )  # fmt: skip
