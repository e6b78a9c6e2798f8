"""The command over a small source drawn on the spot, and over a few real pictures."""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from expert_models.experts import registry
from expert_models.experts.base import ExpertCard, Found, Prediction, Refusal, Scan
from pipelines.cli import app
from pipelines.errors import MedgrainError, UsageError
from pipelines.evaluating import page, run
from pipelines.evaluating.halves import half_of

DECLARATION = """
name: drawn
version: "1"
title: Drawn polyps
home: https://example.org/drawn
license: CC0-1.0
citation: none
endpoints: public
folder: drawn
modality: ES
anatomy: colon
split_of_origin: none stated
known_issues: []
images:
  - glob: images/*.png
    pattern: p(?P<patient>\\d)_
columns:
  patient: "{patient}"
annotations:
  - reader: mask
    file: masks/{file}
    label: polyp
    threshold: 128
    labels: {polyp: polyp}
    by: expert
"""


class Bright:
    """Finds what is bright; refuses pictures whose first pixel is 9, breaks off at 7, is blind at 5."""

    card = ExpertCard(
        "bright", "1", "segmenter", ("polyp",), ("ES",), ("colon",), "threshold", "none", "MIT"
    )
    seen: list[Scan]

    def __init__(self) -> None:
        self.seen = []

    def load(self) -> None:
        pass

    def predict(self, batch: Sequence[Scan]) -> list[Prediction]:
        self.seen += batch
        return [self._one(scan) for scan in batch]

    def _one(self, scan: Scan) -> Prediction:
        mark = scan.display[0, 0].max()
        if mark == 9:
            return Refusal("expert_input_missing", "no")
        if mark == 7:
            raise RuntimeError("boom")
        gray = scan.display if scan.display.ndim == 2 else scan.display[..., 0]
        return [] if mark == 5 else [Found("polyp", gray > 100, instance=False)]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("images", "masks"):
        (tmp_path / "drawn" / folder).mkdir(parents=True)
    names = ["p1_0", "p1_1", "p2_0", "p2_1", "p3_refused", "p4_broken", "p5_blind"]
    marks = {"p3_refused": 9, "p4_broken": 7, "p5_blind": 5}
    for number, name in enumerate(names):
        drawn = np.zeros((40, 64), np.uint8)
        drawn[5:15, 8 + number : 30] = 200
        Image.fromarray((drawn > 0).astype(np.uint8) * 255).save(
            tmp_path / f"drawn/masks/{name}.png"
        )
        drawn[0, 0] = marks.get(name, 0)
        Image.fromarray(drawn).save(tmp_path / f"drawn/images/{name}.png")
    path = tmp_path / "drawn.yaml"
    path.write_text(DECLARATION)
    monkeypatch.setattr(run, "shipped", lambda: {"drawn": path})
    return tmp_path


@pytest.fixture
def bright(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bright]:
    expert = Bright()
    monkeypatch.setattr(registry, "_known", lambda: ({"bright": expert}, ()))
    registry.expert_named.cache_clear()
    yield expert
    registry.expert_named.cache_clear()


def test_the_table_tells_value_interval_refused_and_empty(data: Path, bright: Bright) -> None:
    done = run.evaluate([bright], data, half="all")
    dice = next(row for row in done.rows if row.metric == "Dice")
    assert dice.value == pytest.approx(4 / 5)  # four right, one blind
    assert (dice.images, dice.patients, dice.refused, dice.empty) == (5, 3, 2, 1)
    assert dice.low is None  # three patients tell too little
    assert done.reasons == {
        ("bright", "drawn", "expert_input_missing"): 1,
        ("bright", "drawn", "expert_failed"): 1,
    }


def test_the_expert_sees_the_picture_and_not_the_truth(data: Path, bright: Bright) -> None:
    run.evaluate([bright], data, half="all", limit=1)
    (scan,) = bright.seen
    assert (scan.modality, scan.anatomy, scan.spacing_mm) == ("ES", "colon", None)
    assert scan.display[7, 10].max() == 200
    assert not hasattr(scan, "annotations")


def test_halves_share_nothing_and_leave_nothing(data: Path, bright: Bright) -> None:
    sizes = []
    for half in ("tune", "report"):
        bright.seen = []
        run.evaluate([bright], data, half=half)
        names = [scan.id.split("/", 1)[1].rpartition("/")[0] for scan in bright.seen]
        assert {half_of(name) for name in names} <= {half}
        sizes.append(len(names))
    assert sum(sizes) == 7


def test_a_broader_label_is_no_answer_and_no_miss(data: Path, bright: Bright) -> None:
    text = (data / "drawn.yaml").read_text().replace("{polyp: polyp}", "{polyp: left lung}")
    (data / "drawn.yaml").write_text(text)

    class Unsided(Bright):
        card = dataclasses.replace(Bright.card, labels=("left lung", "lung"))

        def predict(self, batch: Sequence[Scan]) -> list[Prediction]:
            return [[Found("lung", scan.display > 100)] for scan in batch]

    (row,) = run.evaluate([Unsided()], data, half="all").rows
    assert (row.label, row.value, row.refused, row.empty) == ("left lung", None, 7, 0)


def test_an_expert_of_another_modality_is_not_asked(data: Path, bright: Bright) -> None:
    other = Bright()
    other.card = dataclasses.replace(Bright.card, name="other", modalities=("US",))
    done = run.evaluate([other], data, half="all")
    assert done.rows == []
    assert done.skipped == ["other: no picture or volume that was read has its labels annotated"]
    assert other.seen == []


def test_a_source_that_is_not_there_is_told(tmp_path: Path, data: Path, bright: Bright) -> None:
    (empty := tmp_path / "empty").mkdir()
    done = run.evaluate([bright], empty, half="all")
    assert (done.rows, len(done.skipped)) == ([], 2)  # the source and the expert


def call(*words: str) -> str:
    result = CliRunner().invoke(app, ["experts", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_prints_the_table_and_json(data: Path, bright: Bright) -> None:
    words = ("evaluate", "bright", "--data-root", str(data), "--half", "all")
    assert "0.8" in call(*words)
    rows = json.loads(call(*words, "--json"))
    assert {"expert", "source", "metric", "value", "low", "high", "refused", "empty"} <= set(
        rows[0]
    )


@pytest.mark.parametrize("command", ["show", "evaluate"])
def test_an_unknown_expert_is_a_wrong_usage(command: str, data: Path, bright: Bright) -> None:
    more = ["--data-root", str(data)] if command == "evaluate" else []
    with pytest.raises(UsageError, match=r"'brigth'.*bright"):
        CliRunner().invoke(app, ["experts", command, "brigth", *more], catch_exceptions=False)


def test_a_broken_plug_in_is_shown_with_what_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = registry.Broken("theirs", "package their-experts", "ImportError: no module 'gone'")
    monkeypatch.setattr(registry, "_known", lambda: ({}, (lost,)))
    with pytest.raises(MedgrainError, match=r"'theirs' of package their-experts: .*'gone'") as told:
        CliRunner().invoke(app, ["experts", "show", "theirs"], catch_exceptions=False)
    assert "no expert is called" not in str(told.value)
    with pytest.raises(UsageError, match="no expert is called 'others'"):
        CliRunner().invoke(app, ["experts", "show", "others"], catch_exceptions=False)


def test_a_named_expert_that_does_not_load_is_an_error_and_a_line_among_all(
    data: Path, bright: Bright, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("no weights")

    monkeypatch.setattr(bright, "load", fail)
    words = ["experts", "evaluate", "--data-root", str(data)]
    with pytest.raises(MedgrainError, match="no weights"):
        CliRunner().invoke(app, [*words, "bright"], catch_exceptions=False)
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0
    assert "left out: expert 'bright' does not load" in result.stderr


def test_list_holds_generators_and_experts(bright: Bright) -> None:
    kinds = {row["name"]: row["kind"] for row in json.loads(call("list", "--json"))}
    assert kinds == {"facts": "generator", "bright": "segmenter"}
    assert "bright" in call("list")


def test_show_prints_the_whole_card_and_what_was_measured(
    data: Path, bright: Bright, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = data / page.MEASURED
    call("evaluate", "--data-root", str(data), "--half", "all", "--save", str(saved))
    monkeypatch.setattr(page, "MEASURED", str(saved))
    card = json.loads(call("show", "bright", "--json"))
    assert {field.name for field in dataclasses.fields(ExpertCard)} <= set(card)
    assert card["measured"][0]["value"] == 0.8
    text = call("show", "bright")
    assert "drawn, polyp: Dice 0.8" in text
    bright.card = dataclasses.replace(bright.card, version="2")
    assert json.loads(call("show", "bright", "--json"))["measured"] == []  # of another version


def test_the_page_keeps_its_own_words(data: Path, bright: Bright) -> None:
    path = data / "experts.md"
    path.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    words = ("evaluate", "--data-root", str(data), "--half", "all", "--page", str(path))
    call(*words)
    once = path.read_text()
    call(*words)
    assert path.read_text() == once
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "| `bright` | drawn | polyp | Dice | 0.800 |" in once
    path.write_text("no marks")
    with pytest.raises(UsageError, match="without the lines"):
        CliRunner().invoke(app, ["experts", *words], catch_exceptions=False)


@pytest.mark.samples
def test_nuclei_of_real_pictures(samples: Path) -> None:
    expert = registry.expert_named("fluorescence-nuclei")
    done = run.evaluate([expert], samples, limit=4)
    f1 = next(row for row in done.rows if row.metric == "F1 at IoU 0.5")
    assert f1.source == "dsb2018"
    assert f1.value is not None
    assert f1.value > 0.6
