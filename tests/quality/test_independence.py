"""The gates share nothing with what writes the words, read all it may write, and are documented."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from quality.gates.registry import GATES, table
from quality.reading.reader import read

ROOT = Path(__file__).resolve().parents[2]
READERS = sorted((ROOT / "quality" / "gates").glob("*.py")) + sorted(
    (ROOT / "quality" / "reading").glob("*.py")
)
PHRASES = sorted(ROOT.glob("transforms/words/phrases/*.yaml")) + sorted(
    ROOT.glob("transforms/questions/phrases/*.yaml")
)


@pytest.mark.parametrize("path", READERS, ids=lambda p: p.name)
def test_no_gate_imports_the_writer(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {a.name for a in node.names}
    assert not [n for n in names if n.startswith(("transforms.words", "transforms.questions"))]


@pytest.mark.parametrize("path", PHRASES, ids=lambda p: f"{p.parents[1].name}-{p.stem}")
def test_every_word_of_every_phrasing_can_be_read(path: Path) -> None:
    """A phrasing with a word unknown to the reader would be written and refused for ever."""
    unread = {}
    for family, texts in yaml.safe_load(path.read_text("utf-8")).items():
        for text in texts if isinstance(texts, list) else [texts]:
            for form in (1, 2):
                bare = re.sub(r"\[([^|\]]*)\|([^|\]]*)\]", rf"\{form}", text)
                words = read(re.sub(r"\{\w+\}", "image", bare)).unread
                if words:
                    unread[family, text] = words
    assert unread == {}


@pytest.mark.parametrize("kind", GATES)
def test_the_docs_hold_every_gate_with_its_line(kind: str) -> None:
    assert table(kind) in (ROOT / "docs" / "gates.md").read_text("utf-8")


def test_every_kind_of_the_probe_has_a_line_in_the_docs() -> None:
    from quality.probe.run import CONTROLS, IN_QUESTIONS, IN_SENTENCES

    page = (ROOT / "docs" / "gates.md").read_text("utf-8")
    assert [k for k in (*IN_SENTENCES, *IN_QUESTIONS, *CONTROLS) if f"| {k} |" not in page] == []
