"""Metrics by hand and against scikit-learn; the BEIR layout; the LiveQA converter."""

import json
from math import log2
from pathlib import Path

import numpy as np
import pytest

from transforms.knowledge.beir import read_beir, write_beir
from transforms.knowledge.errors import NotBeir
from transforms.knowledge.evaluate import evaluate
from transforms.knowledge.liveqa import convert_liveqa
from transforms.knowledge.metrics import average_precision, ndcg, recall

GRADES = {"a": 2, "b": 1, "c": 0, "d": 1}


def test_metrics_by_hand() -> None:
    ranked = ["c", "a", "x", "b"]  # "d" is relevant and never found
    assert average_precision(ranked, GRADES) == pytest.approx((1 / 2 + 2 / 4 + 0) / 3)
    best = 2 + 1 / log2(3) + 1 / log2(4)
    assert ndcg(ranked, GRADES) == pytest.approx((2 / log2(3) + 1 / log2(5)) / best)
    assert ndcg(ranked, GRADES, depth=2) == pytest.approx((2 / log2(3)) / (2 + 1 / log2(3)))
    assert recall(ranked, GRADES) == pytest.approx(2 / 3)
    assert recall(ranked, GRADES, depth=2) == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="without a relevant"):
        average_precision(ranked, {"c": 0})


def test_metrics_against_scikit_learn() -> None:
    from sklearn.metrics import average_precision_score, ndcg_score

    random = np.random.default_rng(3)
    for _ in range(20):
        gains = random.integers(0, 3, 30)
        gains[0] = 1
        scores = random.permutation(30).astype(float)
        ranked = [str(i) for i in np.argsort(-scores)]
        grades = {str(i): int(g) for i, g in enumerate(gains)}
        assert average_precision(ranked, grades) == pytest.approx(
            average_precision_score(gains > 0, scores)
        )
        assert ndcg(ranked, grades) == pytest.approx(ndcg_score([gains], [scores], k=10))


def test_beir_there_and_back(tmp_path: Path) -> None:
    corpus = [{"_id": "d1", "title": "Kidney", "text": "Makes urine."},
              {"_id": "d2", "title": "Skin", "text": "Covers the body."},
              {"_id": "d3", "title": "Lung", "text": "Takes up oxygen."}]  # fmt: skip
    queries = {"q1": "which organ makes urine", "q2": "oxygen", "q3": "nothing"}
    write_beir(
        tmp_path, corpus, queries, {"q1": {"d1": 1, "d2": 0}, "q2": {"d3": 2}, "q3": {"d1": 0}}
    )
    test = read_beir(tmp_path)
    first = test.corpus[0]
    assert (first.id, first.title, first.text) == ("d1", "Kidney", "Makes urine.")
    assert test.answerable == ["q1", "q2"]
    table = evaluate(test)
    assert (table["queries"], table["queries_without_relevant"]) == (2, 1)
    assert [row["map"] for row in table["systems"]] == [1.0] * 5
    assert table == evaluate(read_beir(tmp_path))


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("corpus.jsonl", '{"title": "no id"}\n', "corpus.jsonl, line 1"),
        ("queries.jsonl", "nonsense\n", "queries.jsonl, line 1"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\n", "qrels/test.tsv, line 2"),
        ("qrels/test.tsv", "q1\tunknown\t1\n", "not there"),
    ],
)
def test_a_broken_test_set_says_where(tmp_path: Path, file: str, text: str, says: str) -> None:
    write_beir(tmp_path, [{"_id": "d1", "text": "x"}], {"q1": "x"}, {"q1": {"d1": 1}})
    (tmp_path / file).write_text(text)
    with pytest.raises(NotBeir, match=says):
        read_beir(tmp_path)


@pytest.fixture
def liveqa(tmp_path: Path) -> Path:
    """Three judgements; the pair (1, a.txt) is judged twice, with grades 2 and 3."""
    folder = tmp_path / "src"
    (folder / "TestDataset").mkdir(parents=True)
    text = '"Question: What is A ? (Also called: AA)\nURL: https://a\nAnswer: A is."'
    (folder / "All-2479-Answers.csv").write_text(
        f"AnswerID,Answer\na.txt,{text}\na.txt,{text}\nb.txt,no parts\n"
    )
    (folder / "All-qrels.txt").write_text(
        "1 2-Related a.txt\n1 3-Incomplete a.txt\n2 4-Excellent b.txt\n"
    )
    (folder / "TestDataset/q.xml").write_text(
        "<S><NLM-QUESTION qid='TQ1'><Original-Question><MESSAGE>long</MESSAGE></Original-Question>"
        "<NLM-Summary>What is A?</NLM-Summary></NLM-QUESTION>"
        "<NLM-QUESTION qid='TQ2'><Original-Question><MESSAGE>and B?</MESSAGE></Original-Question>"
        "<NLM-Summary/></NLM-QUESTION></S>"
    )
    return folder


def test_liveqa_pools(liveqa: Path, tmp_path: Path) -> None:
    convert_liveqa(liveqa, tmp_path / "rows", pool="rows")
    convert_liveqa(liveqa, tmp_path / "answers", pool="answers")
    rows, answers = read_beir(tmp_path / "rows"), read_beir(tmp_path / "answers")
    assert rows.qrels == {"TQ1": {"a.txt#000": 0, "a.txt#001": 1}, "TQ2": {"b.txt#002": 1}}
    assert answers.qrels == {"TQ1": {"a.txt": 1}, "TQ2": {"b.txt": 1}}
    assert answers.queries == {"TQ1": "What is A?", "TQ2": "and B?"}
    first = json.loads((tmp_path / "answers/corpus.jsonl").read_text().splitlines()[0])
    assert (first["title"], first["text"]) == ("What is A ? (Also called: AA)", "A is.")


def test_liveqa_files_that_do_not_go_together(liveqa: Path, tmp_path: Path) -> None:
    (liveqa / "All-qrels.txt").write_text("1 2-Related b.txt\n")
    with pytest.raises(NotBeir, match="line by line"):
        convert_liveqa(liveqa, tmp_path / "out")


@pytest.mark.samples
def test_the_floor_is_beaten(samples: Path, tmp_path: Path) -> None:
    convert_liveqa(samples / "knowledge" / "medquad_liveqa_qrels", tmp_path)
    table = evaluate(read_beir(tmp_path))
    assert (table["documents"], table["queries"]) == (565, 39)
    figures = {row["system"]: row["map"] for row in table["systems"]}
    assert figures["plain BM25"] == pytest.approx(0.608, abs=0.02)  # the published floor
    assert min(figures["BM25"], figures["vectors"], figures["fused"]) > 0.66
    assert min(table["map_by_weight"].values()) > 0.66
