"""The command line: exit codes, JSON on stdout, help with an example."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipelines.cli import app, main
from pipelines.docs import walk

RUN = CliRunner()
COMMANDS = walk("medgrain", typer.main.get_command(app))


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[path for path, _ in COMMANDS])
def test_every_command_has_help_with_an_example(path: str, command) -> None:
    assert command.help, path
    assert "Example:" in command.help, path
    assert path in command.help.split("Example:")[1], path


def test_verify_passes_and_fails_with_exit_3(built: Path, tmp_path: Path) -> None:
    assert RUN.invoke(app, ["verify", str(built)]).exit_code == 0
    result = RUN.invoke(app, ["verify", str(tmp_path), "--json"])
    assert result.exit_code == 3
    assert json.loads(result.stdout)["ok"] is False


def test_trace_of_an_image_a_region_and_a_question(built: Path) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(sorted((built / "corpus/data/triplets").glob("*.parquet"))[0])
    row = next(r for r in table.select(["id", "regions", "facts"]).to_pylist() if r["regions"])
    for id in (row["id"], row["regions"][0]["id"], row["facts"][0]["id"]):
        found = json.loads(RUN.invoke(app, ["trace", str(built), id, "--json"]).stdout)
        assert found["image_id"] == row["id"]
        assert found["verify"]["sentences"]


def test_trace_of_nothing_is_wrong_usage(
    built: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setattr("sys.argv", ["medgrain", "trace", str(built), "img-none"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert "is in no phase" in capsys.readouterr().err


def test_rejects_reconcile_with_the_summary(built: Path) -> None:
    rows = json.loads(RUN.invoke(app, ["rejects", str(built), "--rows", "--json"]).stdout)
    counted = json.loads(RUN.invoke(app, ["rejects", str(built), "--json"]).stdout)
    assert sum(line["count"] for line in counted) == len(rows)


@pytest.mark.parametrize(
    "name", ["recipe", "source", "images", "triplets", "vqa", "reasons", "facts"]
)
def test_schemas_print(name: str) -> None:
    result = RUN.invoke(app, ["schema", name, "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)


def test_doctor_names_every_extra_with_its_cure() -> None:
    checks = json.loads(RUN.invoke(app, ["doctor", "--json"]).stdout)
    assert {"ray", "apache-beam", "faiss-cpu"} <= {check["what"] for check in checks}
    assert all(check["cure"] for check in checks if check["mark"] != "ok")


def test_a_wrong_recipe_exits_2_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text("name: r\nsources: [no-such-source, neither-this]\n")
    monkeypatch.setattr(
        "sys.argv", ["medgrain", "build", str(recipe), "--out", str(tmp_path / "out")]
    )
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert "no-such-source" in message
    assert "neither-this" in message
    assert not (tmp_path / "out").exists()
