"""medgrain knowledge: exit codes, and what is printed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.commands.knowledge import app
from pipelines.errors import MedgrainError, UsageError
from pipelines.knowledge import sources
from schemas.declaration.errors import DeclarationError
from transforms.knowledge.beir import write_beir
from transforms.knowledge.declaration import load_source

run = CliRunner()


@pytest.fixture
def declaration(tmp_path: Path) -> Path:
    lines = [{"id": str(n), "title": t, "text": f"The {t} is an organ.", "concept": t}
             for n, t in enumerate(["liver", "kidney", "heart", "spleen"])]  # fmt: skip
    text = "\n".join(json.dumps(row) for row in lines)
    (tmp_path / "own.jsonl").write_text(f"{text}\nbroken\n")
    path = tmp_path / "own.yaml"
    path.write_text(
        "name: own\nversion: '1'\ntitle: Own\nlicense: CC0-1.0\ncitation: us\n"
        "format: jsonl\npaths: [own.jsonl]\n"
    )
    return path


def build(declaration: Path, out: Path, *more: str) -> list[str]:
    return ["build", "--out", str(out), "--source", str(declaration),
            "--data-root", str(declaration.parent), *more]  # fmt: skip


def test_build_then_search(declaration: Path, tmp_path: Path) -> None:
    out = tmp_path / "base"
    made = run.invoke(app, build(declaration, out, "--json"))
    assert made.exit_code == 0, made.output
    manifest = json.loads(made.stdout)
    (source,) = manifest["sources"]
    assert (source["kept"], source["rejected"]) == (4, 1)
    assert (manifest["passages"], manifest["findings_defined"]) == (4, 4)
    found = json.loads(run.invoke(app, ["search", str(out), "kidney", "-k", "1", "--json"]).stdout)
    assert [(p["concept"], p["license"]) for p in found] == [("kidney", "CC0-1.0")]
    nothing = run.invoke(app, ["search", str(out), "zebra"])
    assert nothing.exit_code == 0
    assert "nothing above the floor" in nothing.stdout


def test_a_source_that_gives_nothing_ends_with_4(declaration: Path, tmp_path: Path) -> None:
    absent = tmp_path / "absent.yaml"
    absent.write_text(declaration.read_text().replace("own", "absent"))
    made = run.invoke(app, build(declaration, tmp_path / "base", "--source", str(absent)))
    assert made.exit_code == 4
    assert "absent" in made.stderr
    alone = run.invoke(app, build(absent, tmp_path / "none"))
    assert isinstance(alone.exception, UsageError)


def test_a_wrong_declaration_stops_before_any_work(declaration: Path, tmp_path: Path) -> None:
    declaration.write_text("name: own\n")
    made = run.invoke(app, build(declaration, tmp_path / "base"))
    assert isinstance(made.exception, DeclarationError)
    assert not (tmp_path / "base").exists()


def test_a_changed_index_is_refused(declaration: Path, tmp_path: Path) -> None:
    out = tmp_path / "base"
    run.invoke(app, build(declaration, out))
    (out / "vectors.faiss").write_bytes(b"\0" * 200)
    refused = run.invoke(app, ["search", str(out), "kidney"])
    assert isinstance(refused.exception, MedgrainError)
    assert "vectors.faiss" in str(refused.exception)


def test_evaluate_prints_the_table(tmp_path: Path) -> None:
    corpus = [{"_id": "d1", "title": "kidney", "text": "makes urine"},
              {"_id": "d2", "title": "skin", "text": "covers the body"}]  # fmt: skip
    write_beir(tmp_path / "set", corpus, {"q": "urine"}, {"q": {"d1": 1}})
    shown = run.invoke(app, ["evaluate", str(tmp_path / "set")])
    assert shown.exit_code == 0, shown.output
    assert all(name in shown.stdout for name in ("plain BM25", "vectors", "fused", "ndcg_at_10"))
    table = json.loads(run.invoke(app, ["evaluate", str(tmp_path / "set"), "--json"]).stdout)
    assert table["systems"][0] == {
        "system": "plain BM25",
        "map": 1.0,
        "ndcg_at_10": 1.0,
        "recall_at_100": 1.0,
    }
    assert isinstance(run.invoke(app, ["evaluate", str(tmp_path)]).exception, MedgrainError)


def test_shipped_declarations_are_whole() -> None:
    declared = [load_source(path) for path in sources()]
    assert len({source.name for source in declared}) == len(declared) >= 6
    assert all(source.citation and source.license for source in declared)
    assert declared[0].root == "shipped"
