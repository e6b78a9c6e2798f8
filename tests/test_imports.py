"""The drawing in docs/architecture.md, as a test: imports point down, without cycles."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "schemas": set(),
    "transforms": {"schemas"},
    "expert_models": {"schemas", "transforms"},
    "quality": {"schemas", "transforms"},
    "pipelines": {"schemas", "transforms", "expert_models", "quality"},
}
ENGINE_PACKAGES = {"ray", "apache_beam"}
MODULES = sorted(path for folder in MAY_IMPORT for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Full names of everything a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_point_down(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imported(path)} & set(MAY_IMPORT)
    assert ours <= MAY_IMPORT[folder] | {folder}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_only_engines_know_ray_and_beam(path: Path) -> None:
    if path.parent == ROOT / "pipelines" / "engines":
        return
    assert not {name.split(".")[0] for name in imported(path)} & ENGINE_PACKAGES


def test_the_writers_and_the_checkers_share_no_code() -> None:
    writers = ("transforms.words", "transforms.questions", "expert_models")
    for path in (ROOT / "quality").rglob("*.py"):
        if "probe" in path.parts:
            continue  # the probe plants errors in honest text, so it asks the writers for some
        assert not [name for name in imported(path) if name.startswith(writers)], path


def test_no_cycles() -> None:
    name_of = {_module_name(path): path for path in MODULES}
    graph = {
        name: {found for found in imported(path) if found in name_of and found != name}
        for name, path in name_of.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
