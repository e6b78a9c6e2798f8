"""The index: BM25 and latent-semantic vectors over title and text of each passage, fused.

Both parts lie on a fixed scale (lexical: share of the query's information, 0..1; semantic: cosine),
so their weighted sum can be compared between queries and held against a floor. Why this and not
reciprocal ranks: docs/decisions/0007-retrieval.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from schemas.passage import Passage
from transforms.knowledge.entry import Entry
from transforms.knowledge.floor import floor_of
from transforms.knowledge.lexical import Lexical
from transforms.knowledge.semantic import Semantic
from transforms.knowledge.tokens import stems
from transforms.knowledge.topic import Topic, mentions_of

DIMENSIONS = 200  # of each field
WEIGHT = 0.5  # of the lexical part: equal halves, fitted to nothing
DEPTH = 1000  # candidates that each part may propose
SCORE_DIGITS = 4  # scores are compared after rounding
Part = Literal["bm25", "vectors", "fused"]


@dataclass
class Index:
    """A searchable set of passages. Make one with `build`, keep it with `store.save`.

    vectors  faiss.IndexFlatIP over [N, D]: the two fields' unit vectors side by side, over sqrt 2,
             so that the inner product is the mean of the two cosines
    floor    fused score below which nothing is retrieved (transforms.knowledge.floor)
    """

    entries: list[Entry]
    lexical: dict[str, Lexical]  # by field: title, text
    semantic: dict[str, Semantic]
    vectors: Any
    weight: float = WEIGHT
    floor: float = 0.0

    @classmethod
    def build(
        cls, entries: Iterable[Entry], *, dimensions: int = DIMENSIONS, weight: float = WEIGHT
    ) -> "Index":
        """The index of `entries`, sorted by id. Raises ValueError on none, or on an id twice."""

        rows = sorted(entries, key=lambda e: e.id)
        if not rows or len({e.id for e in rows}) != len(rows):
            raise ValueError("an index needs passages, each id once")
        fields = {"title": [e.title or e.text for e in rows], "text": [e.text for e in rows]}
        spaces = {name: Semantic.build(texts, dimensions) for name, texts in fields.items()}
        index = cls(
            rows,
            {name: Lexical.build([stems(t) for t in texts]) for name, texts in fields.items()},
            {name: space for name, (space, _) in spaces.items()},
            _flat(np.hstack([vectors for _, vectors in spaces.values()])),
            weight,
        )
        index.floor = floor_of([e.title for e in rows], index.score)
        return index

    def search(
        self,
        query: str,
        *,
        limit: int = 8,
        topic: Topic | None = None,
        floor: float | None = None,
        part: Part = "fused",
    ) -> list[Passage]:
        """The best passages for `query`, best first, each with its score.

        `topic` leaves out passages that speak of something else than the image. `floor` replaces
        the index's own; a floor holds for the fused score only.
        """
        least = (self.floor if floor is None else floor) if part == "fused" else 0
        found: list[Passage] = []
        for row, score in self.rank(query, part=part, depth=max(DEPTH, limit)):
            if score < least or score <= 0 or len(found) == limit:
                break
            one = self.entries[row]
            if topic is None or topic.admits(mentions_of(f"{one.title} {one.text}")):
                found.append(one.passage(score))
        return found

    def rank(self, query: str, *, part: Part = "fused", depth: int) -> list[tuple[int, float]]:
        """(row, score) of the candidates of `query`, best first; ties go by passage id.

        Each of the two parts proposes its `depth` best; a candidate of one is scored by both.
        """
        words, semantic = self.lexical_scores(query), self.query_vector(query)
        rows = self._candidates(words, semantic, min(depth, len(words)), part)
        scores = self._part(part, words[rows], self._cosines(rows, semantic))
        scores = np.round(scores, SCORE_DIGITS)
        order = np.lexsort((rows, -scores))
        return [(int(rows[i]), float(scores[i])) for i in order]

    def score(self, query: str, rows: list[int]) -> list[float]:
        """The fused scores of some rows."""
        at = np.array(rows, dtype=np.int64)
        cosines = self._cosines(at, self.query_vector(query))
        scores = self._part("fused", self.lexical_scores(query)[at], cosines)
        return np.round(scores, SCORE_DIGITS).tolist()

    def lexical_scores(self, query: str) -> np.ndarray:
        """[N] in 0..1: the mean of the two fields' BM25, each over its ceiling."""
        terms = stems(query)
        return np.mean([part.scores(terms) for part in self.lexical.values()], axis=0)

    def query_vector(self, query: str) -> np.ndarray:
        """[D] float32, in the space of `vectors`."""
        return _side_by_side(np.hstack([s.vector(query) for s in self.semantic.values()]))

    def _cosines(self, rows: np.ndarray, query: np.ndarray) -> np.ndarray:
        if not len(rows):
            return np.zeros(0)
        return self.vectors.reconstruct_batch(rows).astype(np.float64) @ query.astype(np.float64)

    def _part(self, part: Part, words: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        if part == "bm25":
            return words
        cosines = np.maximum(cosines, 0)
        return cosines if part == "vectors" else self.weight * words + (1 - self.weight) * cosines

    def _candidates(
        self, words: np.ndarray, query: np.ndarray, depth: int, part: Part
    ) -> np.ndarray:
        """Sorted rows that one of the two parts proposes."""
        found = np.zeros(0, np.int64)
        if part != "vectors":
            best = np.argsort(-words, kind="stable")[:depth]
            found = best[words[best] > 0]
        if part != "bm25" and query.any():
            found = np.concatenate([found, self.vectors.search(query[None], depth)[1][0]])
        return np.unique(found).astype(np.int64)


def _side_by_side(vectors: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(vectors / np.float32(np.sqrt(2)), dtype=np.float32)


def _flat(vectors: np.ndarray) -> Any:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(_side_by_side(vectors))
    return index
