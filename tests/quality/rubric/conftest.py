"""A scripted verifier: it stands in for a model too big for tests, and answers by the request's schema."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from quality.rubric.choice import VerifyingChoice
from schemas.exchange import Answer, Failure, Request
from schemas.question import Question
from schemas.verdict import Verdict
from transforms.sheet import FactSheet
from transforms.showing.raster import encoded
from transforms.showing.view import View

Row = dict[str, Any]
Rule = Callable[[Request, str, str], Row]


class ScriptedJudge:
    """Answers favourably, each row with a true quote, but for what `rules` change.

    rules: title of the request's schema -> (request, name of the row, its text) -> fields to replace. right:
    options that it holds to be right answers. own: its open answer. raw: text sent instead of JSON.
    """

    def __init__(self, right: tuple[str, ...] = (), own: str = "", **rules: Rule) -> None:
        self.right, self.own, self.rules = right, own, rules
        self.requests: list[Request] = []
        self.raw: dict[str, str | Failure] = {}

    async def __call__(self, request: Request) -> Answer | Failure:
        self.requests.append(request)
        title = str((request.schema or {})["title"])
        raw = self.raw.get(title)
        if isinstance(raw, Failure):
            return raw
        text = raw if raw is not None else json.dumps(self._answer(request, title))
        return Answer("key", text, "scripted", "stop", 1, 1)

    def asked(self, title: str) -> list[Request]:
        return [r for r in self.requests if r.schema and r.schema["title"] == title]

    def _answer(self, request: Request, title: str) -> Row:
        schema: Any = request.schema
        answer: Row = {"code": schema["properties"]["code"]["enum"][0]}
        for name, part in schema["properties"].items():
            if name == "code":
                continue
            if "properties" not in part:
                answer[name] = self._bare(request, title, name)
            elif "quote" in part["properties"]:
                answer[name] = self._row(request, title, name, part)
            else:
                rows = part["properties"].items()
                answer[name] = {n: self._row(request, title, n, p) for n, p in rows}
        return answer

    def _bare(self, request: Request, title: str, name: str) -> Any:
        """Fields without evidence: a letter of a blind test, an equivalence."""
        rule = self.rules.get(title)
        given = rule(request, name, "") if rule else {}
        return given.get(name, True if name == "same" else "A")

    def _row(self, request: Request, title: str, name: str, schema: Any) -> Row:
        text = lines_of(request).get(name, "")
        quoted = text or next(iter(lines_of(request).values()))
        row: Row = {"quote": " ".join(quoted.split()[:3]), "refs": []}
        for field in schema["properties"]:
            if field == "verdict":
                row[field] = "supported"
            elif field == "correct":
                row[field] = text in self.right
            elif field in ("met", "good"):
                row[field] = True
            elif field == "answer":
                row[field] = self.own
        rule = self.rules.get(title)
        return row | (rule(request, name, text) if rule else {})


def lines_of(request: Request) -> dict[str, str]:
    """Name -> text of everything on trial: "S1: ...", "A. ...", "Q1: ...", and the stem as ""."""
    text = request.messages[-1].text
    fence = re.findall(r"<<(data-\w+)(?: [^\n]*)?\n(.*?)\n\1>>", text, re.DOTALL)[-1][1]
    found = {}
    for line in fence.splitlines():
        named = re.match(r"([A-Z]\d*)[:.] (.*)", line)
        found.setdefault(
            named[1] if named else "", named[2] if named else line.removeprefix("Question: ")
        )
    return found


@pytest.fixture
def scripted() -> type[ScriptedJudge]:
    return ScriptedJudge


@pytest.fixture
def on_trial() -> Callable[[Request], dict[str, str]]:
    return lines_of


@pytest.fixture
def run() -> Callable[[Awaitable[Any]], Any]:
    """Run a coroutine to its end."""

    async def awaited(work: Awaitable[Any]) -> Any:
        return await work

    return lambda work: asyncio.run(awaited(work))


@pytest.fixture
def failed() -> Callable[[list[Verdict]], dict[str, str | None]]:
    """Gate -> reason of the verdicts that failed."""
    return lambda verdicts: {v.gate: v.reason for v in verdicts if not v.passed}


@pytest.fixture(scope="session")
def view(chest: FactSheet) -> View:
    pixels = (np.indices((200, 300)).sum(0) % 251).astype(np.uint8)
    return View(chest, (), encoded(pixels))


@pytest.fixture(scope="session")
def strict() -> VerifyingChoice:
    """Nothing judged twice, no repairs."""
    return VerifyingChoice(model="judge", repeat=0, repairs=0)


OPTIONS = ["pulmonary nodule", "consolidation", "atelectasis", "pneumothorax", "lung abscess"]


@pytest.fixture(scope="session")
def item(chest: FactSheet) -> Question:
    """Five options, the first keyed."""
    return Question(
        "q-1", chest.image.id, "Which finding lies in the upper right of the image?", "which_finding",
        OPTIONS, OPTIONS[0], 0, region_ids=["small"], fact_ids=[chest.facts[0].id],
    )  # fmt: skip
