"""The tables of docs/experts.md, and the figures that `medgrain experts show` prints with a card."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from expert_models.experts.base import ExpertCard
from pipelines.errors import UsageError
from pipelines.evaluating.halves import Half
from pipelines.evaluating.tally import Row

BEGIN, END = "<!-- written by `medgrain experts evaluate`: begin -->", "<!-- end -->"
MEASURED = "measured.json"


def write_page(page: Path, cards: list[ExpertCard], rows: list[Row], half: Half) -> None:
    """Put both tables between the marks of the page. Raises UsageError where it lacks them."""
    text = page.read_text("utf-8") if page.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageError(f"{page}: no such page, or without the lines {BEGIN!r} and {END!r}")
    tables = [BEGIN, "", *_card_table(cards), "", *_row_table(rows, half), "", END]
    page.write_text(before + "\n".join(tables) + after, "utf-8")


def write_measured(path: Path, cards: list[ExpertCard], rows: list[Row]) -> None:
    """Keep the figures of each expert under its name and version."""
    versions = {card.name: card.producer for card in cards}
    kept: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        kept.setdefault(versions[row.expert], []).append(_rounded(row.as_json()))
    path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")


def measured(card: ExpertCard) -> list[dict[str, Any]]:
    """What was measured of exactly this version; [] where nothing was."""
    path = Path(str(files("expert_models") / "experts" / MEASURED))
    if not path.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8")).get(card.producer, [])
    return rows


def interval_text(low: float | None, high: float | None) -> str:
    """As tables print it."""
    return "-" if low is None or high is None else f"{low:.3f} to {high:.3f}"


def source_text(row: Row, half: Half) -> str:
    """As tables print it: without an annotated volume in the half asked for, the other was measured."""
    return row.source if row.half == half else f"{row.source} ({row.half} half)"


def _rounded(figures: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in figures.items()}


def _card_table(cards: list[ExpertCard]) -> list[str]:
    return [
        "| expert | finds | modality | body part | method | source |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| `{c.name}` {c.version} | {', '.join(c.labels)}{' (candidate)' if c.candidate else ''} "
            f"| {', '.join(c.modalities)} | {', '.join(c.anatomies) or 'any'} "
            f"| {_cell(c.method)} | {_cell(c.source)} |"
            for c in cards
        ),
    ]


def _row_table(rows: list[Row], half: Half) -> list[str]:
    return [
        f"Items: {half}.",
        "",
        "| expert | source | label | metric | value | 95 % interval | images | patients | refused | empty |",
        "| --- | --- | --- | --- | ---: | --- | ---: | ---: | ---: | ---: |",
        *(
            f"| `{r.expert}` | {source_text(r, half)} | {r.label} | {r.metric} "
            f"| {'-' if r.value is None else f'{r.value:.3f}'} | {interval_text(r.low, r.high)} "
            f"| {r.images} | {r.patients} | {r.refused} | {r.empty} |"
            for r in rows
        ),
    ]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
