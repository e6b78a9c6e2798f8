"""Generated pages are current, links lead somewhere, and every source has its line."""

import re
from pathlib import Path

import pytest

from pipelines.docs import PAGES, main

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES_AND_README = [*sorted(DOCS.rglob("*.md")), DOCS.parent / "README.md"]


def test_generated_pages_are_current() -> None:
    assert main(DOCS, check=True) == 0, "run `make docs`"


def test_a_stale_page_is_found(tmp_path: Path) -> None:
    main(tmp_path, check=False)
    assert main(tmp_path, check=True) == 0
    name = next(iter(PAGES))
    (tmp_path / name).write_text("old")
    assert main(tmp_path, check=True) == 1


@pytest.mark.parametrize("page", PAGES_AND_README, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"
