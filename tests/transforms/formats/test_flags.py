"""Flags: one list, all documented."""

import re
from pathlib import Path

from transforms.formats.flags import FLAGS

ROOT = Path(__file__).resolve().parents[3]


def test_every_flag_is_on_the_page() -> None:
    page = (ROOT / "docs/pixels.md").read_text("utf-8")
    for flag, meaning in FLAGS.items():
        assert f"| `{flag}` | {meaning} |" in page


def test_readers_use_no_other_flag() -> None:
    sources = sorted((ROOT / "transforms/formats").glob("*.py"))
    literal = re.compile(r'flags\.append\("|flags=\("|flags = \("')
    assert [p.name for p in sources if literal.search(p.read_text("utf-8"))] == []
