"""Which models were asked, what it took, what was sent back, and whether a judge repeats itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from quality.report.flow import Step
from quality.report.tables import Table, words
from schemas.reasons import REASONS

Rows = Sequence[Mapping[str, Any]]
SEEN_BY = {
    "local": "machines of the builder",
    "contracted": "a contracted service",
    "public": "a public service",
}
SUMMED = ("requests", "answers", "failed", "prompt_tokens", "completion_tokens")
MOST_REASONS = 12


def asking(measured: Mapping[str, Any], steps: Sequence[Step]) -> list[Table]:
    """Tables of models, ledger and attempts; empty where no model was asked."""
    made = [
        _models(measured.get("models", ())),
        _ledger(measured.get("ledger", ())),
        _sent_back(measured.get("attempts", ()), steps),
        _reasons(measured.get("attempts", ())),
    ]
    return [table for table in made if table.rows]


def _models(rows: Rows) -> Table:
    told = [
        [row["role"], row["model"], row["revision"] or "not stated", row["family"], row["backend"],
         SEEN_BY.get(row["seen_by"], row["seen_by"])]
        for row in rows
    ]  # fmt: skip
    head = ["it", "model", "version", "family", "runs by", "data are seen by"]
    note = "Words are judged by a model of another family than wrote them, unless the recipe says otherwise."
    return Table("Models", head, told, note)


def _ledger(rows: Rows) -> Table:
    """Nothing of clocks and retries: this page is the same for the same corpus, whoever built it."""
    told = [
        [words(row["purpose"]), row["model"], *(row[name] for name in SUMMED), _money(row)]
        for row in rows
    ]
    if len(rows) > 1:
        sums = [sum(row[name] for row in rows) for name in SUMMED]
        told.append(["all", "", *sums, _total(rows)])
    head = ["for", "model", "requests", "different answers", "failed", "tokens in", "tokens out",
            "money"]  # fmt: skip
    note = (
        "An answer that serves several requests was fetched and paid once. What this very build asked,"
        " how long it took and what was tried again is in its ledger (medgrain ledger)."
    )
    return Table("Requests", head, told, note, (0, 7))


def _money(row: Mapping[str, Any]) -> str:
    return f"{row['money']:,.2f} {row['currency']}".strip() if row["money"] else "–"


def _total(rows: Rows) -> str:
    """The sum where there is one currency."""
    currencies = {row["currency"] for row in rows if row["money"]}
    if len(currencies) != 1:
        return "–"
    return f"{sum(row['money'] for row in rows):,.2f} {currencies.pop()}".strip()


def _sent_back(rows: Rows, steps: Sequence[Step]) -> Table:
    """Drafts sent back after each attempt, and what verification made of the last ones."""
    drafts: Counter[tuple[str, int]] = Counter()
    for row in rows:
        drafts[row["scope"], row["attempt"]] += row["drafts"]
    attempts = sorted({attempt for _, attempt in drafts})
    end = {step.what: step for step in steps if step.phase == "verify"}
    told = []
    for scope in sorted({scope for scope, _ in drafts}):
        last = end.get(f"{scope}s")
        kept, refused = (last.kept, last.rejected) if last else ("–", "–")
        told.append([f"{scope}s", *(drafts[scope, a] for a in attempts), kept, refused])
    head = ["what", *(f"sent back after attempt {a}" for a in attempts),
            "kept in the end", "refused in the end"]  # fmt: skip
    note = "A draft that failed a check was written again with the reasons; every draft is kept in the run folder."
    return Table("Drafts sent back", head, told, note)


def _reasons(rows: Rows) -> Table:
    drafts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        drafts[row["scope"], row["reason"]] += row["drafts"]
    ranked = sorted(drafts.items(), key=lambda pair: (-pair[1], pair[0]))
    told = [[scope, REASONS.get(reason, reason), n] for (scope, reason), n in ranked[:MOST_REASONS]]
    if rest := sum(n for _, n in ranked[MOST_REASONS:]):
        told.append(["", "other reasons", rest])
    return Table("Why drafts were sent back", ["what", "reason", "drafts"], told)
