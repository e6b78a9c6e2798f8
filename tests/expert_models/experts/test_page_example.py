"""The example of docs/experts.md, installed as a package of its own, is an expert like any other."""

import importlib
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from expert_models.experts import registry
from expert_models.experts.base import Refusal, Scan

PAGE = Path(__file__).resolve().parents[3] / "docs" / "experts.md"


def block(language: str, after: str) -> str:
    """The first code block of a language after some words of the page."""
    rest = PAGE.read_text("utf-8").partition(after)[2]
    body = rest.partition(f"```{language}\n")[2].partition("```")[0]
    return textwrap.dedent(body)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The two files of the page, as an installer would lay them."""
    package = tmp_path / "my_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "spots.py").write_text(block("python", "## Add an expert in two files"))
    header, line = block("toml", "## Add an expert in two files").strip().splitlines()
    group = header.partition("entry-points.")[2].strip('"]')
    info = tmp_path / "my_package-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{line.replace(chr(34), '')}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    for kept in (registry._known, registry.expert_named):
        kept.cache_clear()
    yield
    for kept in (registry._known, registry.expert_named):
        kept.cache_clear()
    for name in ("my_package", "my_package.spots"):
        sys.modules.pop(name, None)


def test_the_two_files_make_an_expert(installed: None) -> None:
    assert [b for b in registry.broken() if b.name == "bright-spots"] == []
    assert "bright-spots" in [card.name for card in registry.suitable("GM-FL", None)]
    display = np.full((40, 60), 20, np.uint8)
    display[5:12, 30:50] = 200
    expert = registry.picture_expert("bright-spots")
    seen, refused = expert.predict([Scan("a", display, "GM-FL"), Scan("b", display, "CT")])
    assert isinstance(seen, list)
    assert (seen[0].mask == (display > 100)).all()
    assert isinstance(refused, Refusal)
    with pytest.raises(ValueError, match="not at volumes"):
        registry.volume_expert("bright-spots")
