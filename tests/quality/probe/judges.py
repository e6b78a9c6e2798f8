"""Scripted judges, in place of a big model: one that knows the truth, one that approves, one that guesses.

They read rows, code and region boxes from the request as a model would, and answer in its schema.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from quality.probe.exhibit import Show, exhibit_of
from quality.probe.judge_kinds import judge_plants
from quality.probe.material import Item
from quality.probe.run import OWN_WORDS, PARAPHRASE
from schemas.exchange import Answer, Ask, Request
from schemas.ids import pick
from schemas.question import Question
from schemas.sentence import Sentence
from transforms.prompting.fence import clean

Decide = Callable[[Request, str, str], bool]
"""(request, kind of row, its text) -> is it right? Kinds: sentence, option, item."""

_ROW = re.compile(r"^(S\d+): (.*)$|^([A-J])\. (.*)$", re.MULTILINE)
_TRIAL = re.compile(r"<<(data-\w+) (?:TEXTS|QUESTION|ITEM)[^\n]*\n(.*?)\n\1>>", re.DOTALL)
_REGION = re.compile(r"^Region (R\d+):.*?, box (\d+ \d+ \d+ \d+)", re.MULTILINE)


def scripted(decide: Decide, point: Callable[[Request, str], list[str]] | None = None) -> Ask:
    """An `Ask` that answers by `decide`; `point`: aliases that a supported sentence rests on."""

    async def ask(request: Request) -> Answer:
        text = request.messages[-1].text
        trial = _TRIAL.findall(text)[-1][1]
        rows = {m[0] or m[2]: m[1] or m[3] for m in _ROW.findall(trial)}
        said = _answer(request, trial, rows, decide, point or (lambda r, t: []))
        code = request.schema["properties"]["code"]["enum"][0]  # type: ignore[index]
        return Answer("k", json.dumps({"code": code, **said}), "scripted", "stop", 1, 1)

    return ask


def _answer(
    request: Request, trial: str, rows: dict[str, str], decide: Decide, point: Any
) -> dict[str, Any]:
    names = request.schema["properties"]  # type: ignore[index]
    if "sentences" in names:
        return {"sentences": {n: _sentence(request, rows[n], decide, point) for n in _keys(names)}}
    if "options" in names:
        of = {
            n: _row(rows[n], {"correct": decide(request, "option", rows[n])}) for n in _keys(names)
        }
        return {"options": of}
    stem = trial.split("\n")[0].removeprefix("Question: ")
    if "criteria" in names:
        met = {"met": decide(request, "item", trial)}
        return {"criteria": {n: _row(stem, met) for n in _keys(names)}}
    if "own" in names:
        right = decide(request, "open", stem)
        return {
            "own": _row(
                stem, {"answer": _ANSWERS.get(request.subject, "1") if right else "0.001 mm"}
            )
        }
    one, other = trial.split("\n")[-2:]
    return {"same": one.split(": ", 1)[1] == other.split(": ", 1)[1]}


_ANSWERS: dict[str, str] = {}


def _keys(names: dict[str, Any]) -> list[str]:
    inner = next(v for k, v in names.items() if k != "code")
    return list(inner["properties"])


def _row(text: str, said: dict[str, Any], refs: Iterable[str] = ()) -> dict[str, Any]:
    return {"quote": " ".join(text.split()[:3]), "refs": list(refs), **said}


def _sentence(request: Request, text: str, decide: Decide, point: Any) -> dict[str, Any]:
    right = decide(request, "sentence", text)
    verdict = "supported" if right else "contradicted"
    return _row(text, {"verdict": verdict}, point(request, text) if right else ())


def approving() -> Ask:
    """Finds everything right, pointing at nothing."""
    return scripted(lambda request, kind, text: True)


def guessing(share: float) -> Ask:
    """Finds a keyed share of all things right."""
    return scripted(
        lambda request, kind, text: pick(1000, request.subject, kind, text) < 1000 * share
    )


class Truth:
    """All that is true of some items, in the words of generator, probe and paraphrase, with its regions."""

    def __init__(self, items: list[Item], show: Show, seed: int, per_kind: int) -> None:
        self.regions: dict[tuple[str, str], list[list[int]]] = {}
        self.questions = {q.id: q for item in items for q in item.questions}
        self.pictures: dict[str, str] = {}
        self.image: dict[str, str] = {q.id: q.image_id for q in self.questions.values()}
        for item in items:
            view = show(exhibit_of(item))
            if view.image is not None:
                self.pictures[item.sheet.image.id] = view.image.sha256
            for row in (*item.sentences, *item.own_words):
                self._add(item, row)
            for question in item.questions:
                self.regions[question.id, clean(question.rationale or "", 1000)] = []
        told = judge_plants(items, seed, per_kind)
        for plant in (*told[PARAPHRASE], *told[OWN_WORDS]):
            if isinstance(plant.edited, Sentence):
                self._add(plant.item, plant.edited)
        _ANSWERS.update({q.id: q.answer for q in self.questions.values()})

    def _add(self, item: Item, row: Sentence) -> None:
        boxes = [[int(edge) for edge in r.box] for r in item.regions_of(row)]
        self.regions[item.sheet.image.id, clean(row.text, 1000)] = boxes

    def sees(self, request: Request) -> bool:
        """The picture sent is that of the image in question."""
        image = self.image.get(request.subject, request.subject)
        sent = [i.sha256 for m in request.messages for i in m.images]
        return bool(sent) and sent[0] == self.pictures[image]

    def decide(self, request: Request, kind: str, text: str) -> bool:
        if not self.sees(request):
            return False
        if kind == "sentence":
            return (request.subject, text) in self.regions
        question = self.questions[request.subject]
        if kind == "option":
            return text == clean(question.answer, 1000)
        return kind == "open" or text == _told(question)

    def point(self, request: Request, text: str) -> list[str]:
        """The regions that the sentence is truly about, by their boxes in the prompt."""
        boxes = self.regions[request.subject, text]
        listed = _REGION.findall(request.messages[-1].text)
        near = [a for a, box in listed if any(_close(b, box) for b in boxes)]
        return near[:3]

    def ask(self) -> Ask:
        """A judge that knows all of it."""
        return scripted(self.decide, self.point)


def _close(box: list[int], listed: str) -> bool:
    return all(abs(a - int(b)) <= 1 for a, b in zip(box, listed.split(), strict=True))


def _told(question: Question) -> str:
    """The item as the rubric shows it."""
    letters = "ABCDEFGHIJ"
    lines = [f"Question: {question.question}"]
    lines += [f"{letters[n]}. {o}" for n, o in enumerate(question.options)]
    at = question.answer_index
    letter = f"{letters[at]}. " if question.options and at is not None else ""
    return "\n".join([*lines, f"Keyed answer: {letter}{question.answer}"])
