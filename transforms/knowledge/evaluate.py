"""How well does retrieval work: BM25 alone, vectors alone, fused, beside plain BM25."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from transforms.knowledge.beir import TestSet
from transforms.knowledge.index import Index
from transforms.knowledge.lexical import Lexical
from transforms.knowledge.metrics import average_precision, ndcg, recall
from transforms.knowledge.tokens import words

WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
RESAMPLES = 10_000
Ranking = dict[str, list[str]]  # query id -> document ids, best first


@dataclass(frozen=True)
class Score:
    """One line of the table, means over the queries that have a relevant document."""

    system: str
    map: float
    ndcg_at_10: float
    recall_at_100: float


def evaluate(test: TestSet) -> dict[str, Any]:
    """The retrieval table of a test set.

    Every query ranks the whole corpus. "plain BM25" is one field, words in lower case, no stems, no
    stop words. "fused" weighs its two parts equally; that is not the best weight of any test set.
    "fused, weight held out" takes for each query the weight of WEIGHTS that is best on all *other*
    queries: what tuning on this set would honestly give. `map_by_weight` shows how little hangs on
    it. `gain` is the mean difference in average precision of "fused" to plain BM25, with the 95 %
    interval of a paired bootstrap over queries (seeded).
    """
    index, depth = Index.build(test.corpus), len(test.corpus)
    plain = _plain(test)
    by_weight = {weight: _fused(index, test, weight) for weight in WEIGHTS}
    fused = by_weight[index.weight]
    held_out, chosen = _hold_out(test, by_weight)
    systems = {
        "plain BM25": plain,
        "BM25": _run(test, lambda q: _ids(index, index.rank(q, part="bm25", depth=depth))),
        "vectors": _run(test, lambda q: _ids(index, index.rank(q, part="vectors", depth=depth))),
        "fused": fused,
        "fused, weight held out": held_out,
    }
    return {
        "documents": depth,
        "queries": len(test.answerable),
        "queries_without_relevant": len(test.qrels) - len(test.answerable),
        "weight": index.weight,
        "systems": [asdict(_score(name, ranking, test)) for name, ranking in systems.items()],
        "map_by_weight": {str(w): _score("", r, test).map for w, r in by_weight.items()},
        "weights_held_out": {str(w): chosen.count(w) for w in sorted(set(chosen))},
        "gain": _gain(_precisions(fused, test), _precisions(plain, test)),
    }


def _run(test: TestSet, rank: Callable[[str], list[str]]) -> Ranking:
    return {q: rank(test.queries[q]) for q in test.answerable}


def _ids(index: Index, ranked: list[tuple[int, float]]) -> list[str]:
    return [index.entries[row].id for row, _ in ranked]


def _fused(index: Index, test: TestSet, weight: float) -> Ranking:
    own, index.weight = index.weight, weight
    try:
        return _run(test, lambda q: _ids(index, index.rank(q, depth=len(test.corpus))))
    finally:
        index.weight = own


def _plain(test: TestSet) -> Ranking:
    rows = sorted(test.corpus, key=lambda e: e.id)
    model = Lexical.build([words(f"{e.title} {e.text}") for e in rows])

    def rank(query: str) -> list[str]:
        scores = model.scores(words(query))
        order = np.argsort(-scores, kind="stable")
        return [rows[i].id for i in order if scores[i] > 0]

    return _run(test, rank)


def _hold_out(test: TestSet, by_weight: dict[float, Ranking]) -> tuple[Ranking, list[float]]:
    """For each query the ranking of the weight with the best MAP over all other queries."""
    table = np.array([_precisions(ranking, test) for ranking in by_weight.values()])
    totals = table.sum(axis=1)
    weights = list(by_weight)
    ranking: Ranking = {}
    chosen = []
    for column, query in enumerate(test.answerable):
        best = weights[int(np.argmax(np.round(totals - table[:, column], 9)))]
        ranking[query] = by_weight[best][query]
        chosen.append(best)
    return ranking, chosen


def _precisions(ranking: Ranking, test: TestSet) -> np.ndarray:
    return np.array([average_precision(ranking[q], test.qrels[q]) for q in test.answerable])


def _score(name: str, ranking: Ranking, test: TestSet) -> Score:
    def mean(metric: Callable[..., float]) -> float:
        return round(
            float(np.mean([metric(ranking[q], test.qrels[q]) for q in test.answerable])), 4
        )

    return Score(name, mean(average_precision), mean(ndcg), mean(recall))


def _gain(ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    difference = ours - theirs
    draws = np.random.default_rng(0).integers(0, len(difference), (RESAMPLES, len(difference)))
    low, high = np.quantile(difference[draws].mean(axis=1), [0.025, 0.975])
    return {
        "map": round(float(difference.mean()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }
