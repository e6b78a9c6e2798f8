"""The card: its header loads with `datasets`, its tables add up, no cell breaks."""

from pathlib import Path

import pytest
import yaml

from transforms.card.columns import contract_page
from transforms.card.licences import hub_licence
from transforms.card.meanings import MEANINGS, NESTED, OF_VOLUMES
from transforms.card.readme import plain, size_category, table, write_card
from transforms.card.summary import Summary, total

ROOT = Path(__file__).parents[3]


def header(corpus: Path) -> dict:
    return yaml.safe_load((corpus / "README.md").read_text("utf-8").split("---\n")[1])


def test_datasets_loads_every_config_and_split(corpus: Path, tmp_path: Path) -> None:
    from datasets import load_dataset

    expected = {
        "images": {"train": 18, "test": 5},
        "triplets": {"train": 18, "test": 5},
        "vqa": {"train": 54, "test": 15},
        "conversations": {"train": 6},
    }
    for config, rows in expected.items():
        loaded = load_dataset(str(corpus), config, cache_dir=str(tmp_path))
        assert {s: d.num_rows for s, d in loaded.items()} == rows
    row = load_dataset(str(corpus), "triplets", split="train", cache_dir=str(tmp_path))[0]
    assert row["image"].size == (row["width"], row["height"])
    stream = load_dataset(str(corpus), split="test", streaming=True)  # triplets is the default
    assert "description" in next(iter(stream))


def test_header(corpus: Path) -> None:
    told = header(corpus)
    assert told["license"] == ["cc0-1.0", "mit"]
    assert told["size_categories"] == ["n<1K"]
    assert [c["config_name"] for c in told["configs"]] == [
        "conversations", "images", "triplets", "vqa",
    ]  # fmt: skip
    assert {"dms", "us", "op", "gm-bf"} < set(told["tags"])


def test_counts(summary: Summary) -> None:
    assert sum(summary.images.values()) == summary.rows("images") == 23
    assert total(summary.images, 1) == {("DMS",): 5, ("GM-BF",): 4, ("OP",): 6, ("US",): 8}
    assert total(summary.regions, 0, 2)[("mass", "mask")] == 8
    assert total(summary.regions, 2)[("mask",)] == 8  # boxes of cells and discs are boxes only
    assert sum(summary.questions.values()) == summary.rows("vqa") == 69
    assert total(summary.questions, 1) == {("4 options",): 23, ("open",): 23, ("yes/no",): 23}
    assert summary.passages == {("glossary", "CC0-1.0"): 8}
    assert summary.gates[("vqa", "modality", "passed")] == 69
    assert summary.gates[("conversations", "modality", "passed")] == 6
    assert summary.conversations == {("4", "US"): 6}
    assert (summary.asked, summary.several) == (23, 4)
    assert summary.missing[("patient age",)] == 23
    assert summary.missing[("anatomy",)] == 0
    assert summary.rejects[("ingest", "item", "read", "truncated")] == 2


def test_same_words_each_time_and_no_path_of_the_host(summary: Summary, corpus: Path) -> None:
    text = (corpus / "README.md").read_text("utf-8")
    assert text == write_card(summary)
    assert str(corpus.parent) not in text


def test_what_the_card_says(corpus: Path) -> None:
    text = (corpus / "README.md").read_text("utf-8")
    for line in (
        "| breast | US | 6 | 2 |",
        "| item | ingest | the file ends before its declared content | 2 |",
        "- citation: not reported",
        "- known issue: no &lt;b&gt;spacing&lt;/b&gt;",
        "- home: https://example.org/a\\|b",
        "| patient age | 23 | of 23 |",
        "63 checked sentences, 69 questions and 6 conversations",
        "| 4 | US | 6 |",
    ):
        assert line in text, line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a|b\nc", "a\\|b c"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("[x](javascript:y)", "\\[x\\](javascript:y)"),
        ("![x](y)", "!\\[x\\](y)"),
    ],
)
def test_text_stays_text(text: str, told: str) -> None:
    assert plain(text) == told


def test_numbers_stand_right() -> None:
    assert table(["a", "n"], [["x", 1234]])[1:] == ["| --- | ---: |", "| x | 1,234 |"]


@pytest.mark.parametrize(("rows", "told"), [(999, "n<1K"), (1000, "1K<n<10K"), (10**6, "n>1M")])
def test_size_category(rows: int, told: str) -> None:
    assert size_category(rows) == told


@pytest.mark.parametrize(
    ("spdx", "hub"),
    [
        ("CC-BY-NC-SA-4.0", "cc-by-nc-sa-4.0"),
        ("ODC-By-1.0", "odc-by"),
        ("LicenseRef-private", "other"),
        ("CC-BY-5.0", "other"),
    ],
)
def test_hub_licence(spdx: str, hub: str) -> None:
    assert hub_licence(spdx) == hub


def test_contract_page_is_current() -> None:
    """Write it again with `python -m transforms.card.columns > docs/contract.md`."""
    assert (ROOT / "docs/contract.md").read_text("utf-8") == contract_page()


def test_no_meaning_without_a_column() -> None:
    page = contract_page()
    told = {f"`{name}`" for names in MEANINGS.values() for name in names}
    parts = {"size": "mask", "counts": "mask"} | dict.fromkeys(
        ("mean", "sd", "p5", "median", "p95"), "hu"
    )
    assert {t for t in told if f"| {t} |" not in page} == {f"`{name}`" for name in parts}
    assert all(f"| `{outer}.{name}` |" in page for name, outer in parts.items())
    assert {*NESTED.values(), *OF_VOLUMES.values()} <= set(MEANINGS)
