"""OUT/corpus/report/index.html: one self-contained page, the same for the same corpus."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from quality.report import tables
from quality.report.asking import asking
from quality.report.blind import blind, repeats
from quality.report.examples import examples, found_by_experts, rejected_examples
from quality.report.experts import experts, flagged
from quality.report.flow import Line, flow, reconciles
from quality.report.guessing import guessing, warnings
from quality.report.page import render
from quality.report.probes import probes, target, unverified
from quality.report.shares import percent
from transforms.card.summary import Summary

EXAMPLES = 20
REJECTED_EXAMPLES = 10
EXPERT_EXAMPLES = 8


def write_report(
    corpus: Path,
    rejects: pa.Table,
    summary: Summary,
    books: Sequence[Line] = (),
    measured: Mapping[str, Any] | None = None,
) -> Path:
    """Write the report of a released corpus and return its path.

    rejects  rows of schemas.reject.REJECT      summary  the counts of this corpus
    books    taken, kept and rejected by phase; without them the page cannot show that they add up
    measured what the build and its probes measured (keys models, ledger, attempts, probe, balance, experts, as
             pipelines.measured says); a section without numbers is left out

    Everything is inside the page: no script, no remote load, images as lossless PNG.
    """
    steps, found = flow(books), measured or {}
    balance, probe = found.get("balance", {}), found.get("probe", {})
    text = render(
        "report.html.j2",
        summary=summary,
        steps=steps,
        reconciles=reconciles(steps),
        uses=tables.uses(summary),
        rejects=tables.rejects(summary),
        contents=tables.contents(summary),
        questions=tables.questions(summary),
        guessing=guessing(balance),
        warnings=warnings(balance),
        blind=blind(corpus, summary),
        gates=tables.gates(summary),
        probes=probes(probe),
        unverified=unverified(probe),
        target=percent(target(probe)),
        experts=experts(found.get("experts", {})),
        flagged=flagged(found.get("experts", {})),
        seen=found_by_experts(corpus, summary, limit=EXPERT_EXAMPLES),
        asking=[*asking(found, steps), *repeats(corpus, summary)],
        licences=tables.licences(summary),
        missing=tables.missing(summary),
        examples=examples(corpus, summary, limit=EXAMPLES),
        rejected=rejected_examples(rejects, limit=REJECTED_EXAMPLES),
    )
    path = corpus / "report" / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    attempt = path.with_name(f".index.html.{os.getpid()}.attempt")
    attempt.write_text(text, "utf-8")
    attempt.replace(path)
    return path
