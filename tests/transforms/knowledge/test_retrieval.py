"""Scores against sums done by hand and with numpy; the floor; what a topic lets through."""

import dataclasses
import math

import numpy as np
import pytest

from transforms.knowledge.entry import entry
from transforms.knowledge.floor import floor_of
from transforms.knowledge.index import Index
from transforms.knowledge.lexical import Lexical
from transforms.knowledge.semantic import Semantic
from transforms.knowledge.tokens import grams, stems
from transforms.knowledge.topic import Topic, mentions_of

DOCUMENTS = [["lung", "opacity", "lung"], ["lung", "nodule"], ["skin", "lesion", "border", "color"]]


def test_bm25_is_the_sum_done_by_hand() -> None:
    # N = 3, mean length 3; "lung" in 2 documents, "nodule" in 1; k1 = 1.5, b = 0.75
    lung = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))  # 0.4700
    nodule = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))  # 0.9808
    first = lung * 2 / (2 + 1.5 * (0.25 + 0.75 * 3 / 3))
    second = (lung + nodule) * 1 / (1 + 1.5 * (0.25 + 0.75 * 2 / 3))
    scores = Lexical.build(DOCUMENTS).scores(["lung", "nodule"])
    assert scores == pytest.approx([first / (lung + nodule), second / (lung + nodule), 0.0])


def test_a_term_that_no_document_has_lowers_the_share() -> None:
    model = Lexical.build(DOCUMENTS)
    unknown = math.log(1 + 3.5 / 0.5)
    assert model.ceiling(["zebra"]) == pytest.approx(unknown)
    assert model.scores(["zebra"]).tolist() == [0, 0, 0]
    alone, with_zebra = model.scores(["skin"])[2], model.scores(["skin", "zebra"])[2]
    skin = model.ceiling(["skin"])
    assert with_zebra == pytest.approx(alone * skin / (skin + unknown))


def test_stems_and_grams() -> None:
    assert stems("What are the Cysts of the œsophagus, naïve?") == ["cyst", "sophagus", "naiv"]
    assert grams("cysts") == ["cyst", "#cys", "cyst", "yst#"]


def test_vectors_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    texts = ["kidney stone in the kidney", "skin lesion", "lesion of the kidney", "lung nodule"]
    space, vectors = Semantic.build(texts, 3)
    weigh = TfidfVectorizer(analyzer=grams, sublinear_tf=True)
    svd = TruncatedSVD(3, n_iter=7, random_state=0).fit(table := weigh.fit_transform(texts))
    assert vectors == pytest.approx(normalize(svd.transform(table)), abs=1e-3)
    assert np.array([space.vector(t) for t in texts]) == pytest.approx(vectors, abs=1e-4)
    assert not space.vector("zzz").any()


def test_faiss_gives_what_numpy_gives(index: Index) -> None:
    query = index.query_vector("skin cancer")
    rows = np.arange(len(index.entries))
    by_hand = index.vectors.reconstruct_batch(rows).astype(np.float64) @ query
    ranked = index.rank("skin cancer", part="vectors", depth=100)
    assert ranked[0][0] == int(np.argmax(by_hand))
    assert [score for _, score in ranked] == pytest.approx(np.sort(by_hand.clip(0))[::-1], abs=1e-4)
    scores, found = index.vectors.search(query[None], len(rows))
    assert scores[0] == pytest.approx(by_hand[found[0]], abs=1e-5)
    assert by_hand.max() <= 1 + 1e-4  # mean of two cosines


def test_fused_is_the_weighted_sum_of_both_parts(index: Index) -> None:
    words = dict(index.rank("urine of the kidney", part="bm25", depth=100))
    cosines = dict(index.rank("urine of the kidney", part="vectors", depth=100))
    for row, score in index.rank("urine of the kidney", depth=100):
        expected = index.weight * words.get(row, 0) + (1 - index.weight) * cosines[row]
        assert score == pytest.approx(expected, abs=2e-4)


def test_search_finds_the_subject_and_nothing_below_the_floor(index: Index) -> None:
    found = index.search("melanoma cancer of the skin", limit=2)
    assert found[0].text == "The melanoma is a skin cancer."
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    assert index.search("stock market prices") == []  # a score of 0 is below any floor
    assert index.search("") == []
    least = found[1].score
    assert index.search("melanoma cancer of the skin", limit=99, floor=least + 1e-4) == found[:1]
    raised = dataclasses.replace(index, floor=least + 1e-4)
    assert raised.search("melanoma cancer of the skin", limit=99) == found[:1]


def test_the_floor_is_a_quantile_of_unrelated_pairs() -> None:
    titles = ["lung nodule", "lung mass", "skin lesion"]  # the first two share a word
    scores = {(0, 2): 0.10, (1, 2): 0.20, (2, 0): 0.30, (2, 1): 0.40}

    def score(query: str, rows: list[int]) -> list[float]:
        return [scores[titles.index(query), row] for row in rows]

    expected = np.quantile([0.10, 0.20, 0.30, 0.40], 0.999)
    assert floor_of(titles, score) == pytest.approx(expected, abs=1e-4)
    assert floor_of(titles[:2], score) == 0.0


def test_a_misspelt_name_is_still_met(index: Index) -> None:
    (found,) = index.search("pneumona", limit=1, floor=0)  # no such word in any passage
    assert found.concept == "pneumonia"
    assert index.rank("pneumona", part="bm25", depth=10) == []


@pytest.mark.parametrize(
    ("topic", "text", "admitted"),
    [
        (Topic("CT", "abdomen"), "The liver is an organ of the abdomen.", True),
        (Topic("CT", "abdomen"), "A mass of the breast.", False),
        (Topic("CT", "abdomen"), "It hurts.", True),  # names no body part
        (Topic("CT", "abdomen"), "Seen with ultrasound.", False),
        (Topic("CT", "abdomen"), "Treated in the US.", True),  # a country
        (Topic(findings=frozenset({"melanoma"})), "Malignant melanoma spreads.", True),
        (Topic(findings=frozenset({"polyp"})), "Polyposis is inherited.", False),
        (Topic(findings=frozenset({"polyp"})), "Polyps grow.", True),
    ],
)
def test_topic(topic: Topic, text: str, admitted: bool) -> None:
    assert topic.admits(mentions_of(text)) is admitted


def test_topic_filters_the_search() -> None:
    entries = [
        entry("d", "CC0-1.0", "cyst", "A cyst of the kidney holds fluid."),
        entry("d", "CC0-1.0", "cyst", "A cyst of the breast holds fluid."),
        entry("d", "CC0-1.0", "cough", "Cough is a sign of colds."),
    ]
    index = Index.build(entries)
    assert len(index.search("cyst with fluid", floor=0)) == 2
    (found,) = index.search("cyst with fluid", topic=Topic("CT", "abdomen"), floor=0)
    assert "kidney" in found.text


def test_an_index_needs_passages_each_once(index: Index) -> None:
    with pytest.raises(ValueError, match="needs passages"):
        Index.build([])
    with pytest.raises(ValueError, match="needs passages"):
        Index.build([index.entries[0], index.entries[0]])
