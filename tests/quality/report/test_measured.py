"""Sections of what was measured: shown where there are numbers, and only there; hostile text stays text."""

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quality.balance.choice import BalanceChoice
from quality.balance.decide import balance
from quality.balance.item import Item
from quality.report.asking import asking
from quality.report.blind import blind, repeats
from quality.report.flow import Step
from quality.report.guessing import guessing, warnings
from quality.report.probes import probes, unverified
from quality.report.shares import interval, percent, share_of
from quality.report.write import write_report
from tests.quality.report import small_corpus
from tests.quality.report.test_report import Page
from transforms.card.summary import summarise

MODELS = [
    {"role": "writes", "name": "w", "model": "writer-a", "revision": "", "family": "a",
     "backend": "endpoint", "seen_by": "local"},
    {"role": "judges", "name": "j", "model": "judge-b", "revision": "r2", "family": "b",
     "backend": "endpoint", "seen_by": "contracted"},
]  # fmt: skip


def entry(purpose: str, model: str, **more: Any) -> dict[str, Any]:
    return {
        "purpose": purpose, "model": model, "requests": 10, "answers": 9, "asked": 4, "failed": 1,
        "retries": 2, "prompt_tokens": 1000, "completion_tokens": 100, "seconds": 1800.0,
        "money": 1.5, "currency": "USD",
    } | more  # fmt: skip


def judged(
    kind: str, planted: int, gates: int, verifier: int, both: int, *, discriminates: bool = True
) -> dict[str, Any]:
    return {
        "kind": kind, "planted": planted, "unanswered": 0, "controls": 40,
        "enough": planted >= 35, "discriminates": discriminates,
        "verified": planted >= 35 and both == planted and discriminates,
        "caught": {"gates": gates, "verifier": verifier, "both": both},
        "refused": {"gates": 0, "verifier": 2, "both": 2},
    }  # fmt: skip


def order(by: str, name: str) -> dict[str, Any]:
    return {"by": by, "name": name, "planted": 60, "lost": 1, "reached": 55, "obeyed": 3,
            "accepted": 0}  # fmt: skip


def items(size: int) -> list[Item]:
    """The key alone has a word of its own, so that the options give it away."""
    return [
        Item(
            f"qa-{n}", "anatomy", "CT", "chest", f"p{n % 40}", "train", f"Which part is {n}?",
            tuple(f"part {chr(97 + k)}{' surely' * (k == n % 4)}" for k in range(4)),
            f"part {chr(97 + n % 4)} surely", n % 4,
        )
        for n in range(size)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    choice = BalanceChoice(quotas={"modality": {"CT": 150}})
    return {
        "models": MODELS,
        "ledger": [entry("describe", "writer-a"), entry("blind", "judge-b", money=0.25)],
        "attempts": [
            {"scope": "question", "attempt": 1, "reason": "key_wrong", "drafts": 8},
            {"scope": "question", "attempt": 1, "reason": "answer_in_stem", "drafts": 2},
            {"scope": "question", "attempt": 2, "reason": "key_wrong", "drafts": 3},
        ],
        "probe": {
            "about": {"judge": {"target": 0.9}},
            "judge": [
                judged("side flip", 40, 40, 20, 40), judged("swapped image", 40, 0, 30, 30),
                judged("added device", 10, 0, 10, 10), judged("paraphrase", 0, 0, 0, 0),
                judged("wrong key", 40, 0, 40, 40, discriminates=False),
            ],
            "gates": [],
            "injections": [order("all", "all"), order("carrier", "pixels")],
        },
        "balance": balance(items(160), choice, "k").statistics,
    }  # fmt: skip


STEPS = [Step("verify", "questions", 100, 90, 10)]


def cells(tables: list) -> list[list[Any]]:
    return [list(row) for table in tables for row in table.rows]


def test_shares_carry_their_interval() -> None:
    assert share_of(90, 100) == "90\u00a0% (83–94\u00a0%)"  # Wilson 0.826 to 0.945
    assert (percent(0.004), percent(0.9999), percent(0.0)) == (
        "0.4\u00a0%",
        "100\u00a0%",
        "0\u00a0%",
    )
    assert share_of(0, 0) == "none"
    assert interval(0.1, 0.996) == "10–99.6\u00a0%"


def test_ledger_adds_up_and_money_of_two_currencies_does_not(measured) -> None:
    rows = cells(asking(measured, STEPS))
    assert ["all", "", 20, 18, 2, 2000, 200, "1.75 USD"] in rows
    mixed = {"ledger": [entry("describe", "a"), entry("blind", "b", currency="EUR")]}
    assert cells(asking(mixed, STEPS))[-1][-1] == "–"


def test_time_and_traffic_are_not_on_the_page(measured) -> None:
    """The page is part of the corpus, and the same for the same answers."""
    slow = {"seconds": 9.0, "asked": 0, "retries": 7}
    other = measured | {"ledger": [row | slow for row in measured["ledger"]]}
    assert asking(other, STEPS) == asking(measured, STEPS)


def test_drafts_by_attempt_and_what_came_of_the_last(measured) -> None:
    rows = cells(asking(measured, STEPS))
    assert ["questions", 10, 3, 90, 10] in rows
    assert ["question", "the keyed answer is not what the facts say", 11] in rows


def test_not_verified_for(measured) -> None:
    assert unverified(measured["probe"]) == [
        "swapped image",
        "added device (too few planted to tell)",
        "wrong key (clean rows are refused as well)",
    ]
    gates = [{"kind": "side flip", "planted": 40, "caught": 30, "controls": 40, "false_rejects": 0}]
    alone = {"gates": gates, "judge": [], "injections": []}
    assert unverified(alone) == ["side flip"]
    assert [t.title for t in probes(alone)] == ["Planted errors: fixed checks"]


def test_options_that_give_answers_away_are_said_first(measured) -> None:
    told = warnings(measured["balance"])
    assert len(told) == 1
    assert "100\u00a0% of 150 with 4 options" in told[0]
    assert "by chance 25\u00a0%" in told[0]
    few = balance(items(40), BalanceChoice(), "k").statistics
    assert warnings(few) == []
    assert ["as released", 4, 40, 40, "–", "25\u00a0%", "not enough questions to tell"] in cells(
        guessing(few)
    )


def test_nothing_measured_shows_nothing() -> None:
    assert (guessing({}), warnings({}), probes({}), unverified({}), asking({}, STEPS)) == (
        [], [], [], [], [],
    )  # fmt: skip


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table]:
    """The small corpus with verdicts of blind tests and of repeated judgements on its questions."""
    root = tmp_path_factory.mktemp("tested")
    rejects = small_corpus.small_corpus(root, most=4)
    for path in (root / "corpus/data/vqa").glob("*.parquet"):
        rows = pq.read_table(path).to_pylist()
        for n, row in enumerate(rows):
            said = {"blind_real": "3 of 3 right", "blind_other_image": "1 of 3 right, 1 without answer",
                    "rubric_repeat": "same" if n % 3 else "supported, then undecided"}  # fmt: skip
            row["verdicts"] = [
                {"gate": gate, "passed": True, "measured": found, "limit": None, "reason": None}
                for gate, found in said.items()
            ]
        pq.write_table(pa.Table.from_pylist(rows, pq.read_schema(path)), path)
    return root, rejects


def counted(root: Path, rejects: pa.Table):
    return summarise(root / "corpus", name="small", sources=small_corpus.SOURCES, rejects=rejects)


def test_blind_tests_are_counted_from_the_rows(tested) -> None:
    root, rejects = tested
    summary = counted(root, rejects)
    table = blind(root / "corpus", summary)[0]
    asked = summary.rows("vqa")
    assert [row[:3] for row in table.rows] == [
        ["the image itself", asked, 3 * asked],
        ["another patient's image of the same modality", asked, 2 * asked],
    ]
    assert table.rows[1][3].startswith("50\u00a0%")
    assert "a difference of 50 percentage points" in table.note
    again = repeats(root / "corpus", summary)[0].rows[0]
    assert again[:3] == ["questions", asked, 0]
    assert again[3] == sum(
        n % 3 > 0 for files in ("train", "test") for n in range(rows_in(summary, files))
    )


def rows_in(summary, split: str) -> int:
    return summary.rows("vqa", split)


def test_a_page_with_everything_is_whole(tested, measured) -> None:
    root, rejects = tested
    path = write_report(root / "corpus", rejects, counted(root, rejects), STEPS, measured)
    text = path.read_text("utf-8")
    page = Page(text)
    assert page.open == []
    for words in ("Not verified for: swapped image", "Can the answer be guessed?", "Language models",
                  "Answered without seeing", "Does the judge repeat itself?", "Hidden orders",
                  "8. 16 example rows", "Conversation"):  # fmt: skip
        assert words in page.text, words
    assert "Whether a model answers the questions without the image" not in page.text
    assert (
        write_report(root / "corpus", rejects, counted(root, rejects), STEPS, measured).read_text(
            "utf-8"
        )
        == text
    )


def poisoned(value: Any, words: str) -> Any:
    """Every string that is not looked up becomes `words`."""
    if isinstance(value, dict):
        return {k: v if k in LOOKED_UP else poisoned(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, words) for v in value]
    return words if isinstance(value, str) else value


LOOKED_UP = {"order", "form", "verdict", "choice", "axis", "by", "when", "letters"}


def test_text_of_models_stays_text(tested, measured) -> None:
    root, rejects = tested
    summary = counted(root, rejects)
    pages = []
    for words in (
        '<script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 7 * 7 }}',
        "harmless",
    ):
        hostile = poisoned(copy.deepcopy(measured), words)
        named = replace(summary, title="small")
        path = write_report(root / "corpus", rejects, named, STEPS, hostile)
        pages.append(Page(path.read_text("utf-8")))
    bad, good = pages
    assert [name for name, _ in bad.elements] == [name for name, _ in good.elements]
    assert bad.text.count("onerror=alert(1)") >= 20
    assert "49" not in bad.text.split("Language models")[1].split("Sources and what")[0]
