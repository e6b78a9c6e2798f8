"""BM25 over one field, on bm25s, with scores on a scale that is the same for every query.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), in Lucene's variant:
idf = ln(1 + (N - n + 0.5) / (n + 0.5)), and tf / (tf + k1 (1 - b + b length / mean length)).
A document cannot score more than the sum of the query's idf, so score / that sum lies in [0, 1)
and says which share of the query's information the document carries.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

K1, B = 1.5, 0.75


@dataclass
class Lexical:
    """A BM25 index of N documents. `model` is a bm25s.BM25 whose vocabulary is sorted."""

    model: Any
    documents: int

    @classmethod
    def build(cls, documents: list[list[str]]) -> "Lexical":
        """Index token lists. The vocabulary is sorted: same documents, same bytes."""
        import bm25s

        vocabulary = {t: i for i, t in enumerate(sorted({t for d in documents for t in d} | {""}))}
        ids = [[vocabulary[t] for t in d] for d in documents]
        model = bm25s.BM25(k1=K1, b=B, method="lucene")
        model.index((ids, vocabulary), show_progress=False)
        return cls(model, len(documents))

    def scores(self, query: list[str]) -> np.ndarray:
        """[N] float64 in [0, 1]: BM25 of every document, divided by the query's ceiling."""
        known = [self.model.vocab_dict[t] for t in query if t in self.model.vocab_dict]
        if not known:
            return np.zeros(self.documents)
        return self.model.get_scores_from_ids(known).astype(np.float64) / self.ceiling(query)

    def ceiling(self, query: list[str]) -> float:
        """The sum of the idf of the query's terms; a term no document has counts as the rarest."""
        return sum(self._idf(t) for t in query) or 1.0

    def _idf(self, term: str) -> float:
        at = self.model.vocab_dict.get(term)
        pointers = self.model.scores["indptr"]
        n = 0 if at is None else int(pointers[at + 1] - pointers[at])
        return math.log(1 + (self.documents - n + 0.5) / (n + 0.5))

    def save(self, folder: Path) -> None:
        """Write bm25s's own files (npy and JSON, no pickle) into `folder`."""
        self.model.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> "Lexical":
        """What `save` wrote."""
        import bm25s

        model = bm25s.BM25.load(folder, show_progress=False)
        return cls(model, int(model.scores["num_docs"]))
