"""What the report is fed with is read from the run folder."""

from pathlib import Path

import pyarrow.parquet as pq

from pipelines.measured import measured
from pipelines.probing.results import save_section


def test_a_build_without_models(built: Path) -> None:
    found = measured(built)
    assert (found["models"], found["ledger"], found["attempts"]) == ([], [], [])
    assert found["probe"]["gates"] == []
    released = sum(pq.read_metadata(p).num_rows for p in (built / "corpus/data/vqa").iterdir())
    assert found["balance"]["kept"] == released
    letters = [r["letters"] for r in found["balance"]["letters"]
               if r["order"] == "even" and not r["question_type"]]  # fmt: skip
    assert letters
    assert all(max(n.values()) - min(n.values()) <= 1 for n in letters)


def test_probes_are_taken_up(built: Path) -> None:
    row = {"kind": "side flip", "planted": 3, "caught": 3, "controls": 3, "false_rejects": 0}
    save_section(built, "gates", [row], {"seed": 0})
    try:
        assert measured(built)["probe"]["gates"] == [row]
    finally:
        (built / "run" / "probe.json").unlink()
