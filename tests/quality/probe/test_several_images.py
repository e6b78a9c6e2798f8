"""A question on several images is probed with all of them, in the order in which it names them."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from quality.probe.corpus import sheets_of
from quality.probe.exhibit import Exhibit
from quality.probe.judge import JudgeProbe, Verifier, sit
from quality.probe.material import Item, drawn_items
from quality.probe.pictures import drawn_pictures
from quality.probe.run import judged
from quality.rubric.choice import VerifyingChoice
from schemas.exchange import Answer, Failure, Request
from schemas.question import Question
from schemas.verdict import Verdict
from tests.quality.probe.released import release
from transforms.showing.copies import sent_copy
from transforms.showing.view import View

COUNT = 3
PICTURES = drawn_pictures(COUNT, 0)


def shown(exhibit: Exhibit) -> View:
    image, scale = sent_copy(PICTURES(exhibit.picture), side=512)
    return View(exhibit.sheet, exhibit.passages, image, None, scale)


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Each has one question, which names the images of the others, the last id first."""
    found = list(drawn_items(COUNT, 0))
    ids = sorted((item.sheet.image.id for item in found), reverse=True)
    for item in found:
        question = next(q for q in item.questions if len(q.options) > 2)
        further = [i for i in ids if i != item.sheet.image.id]
        item.questions = [replace(question, more_image_ids=further)]
    return found


@pytest.fixture(scope="module")
def item(items: list[Item], tmp_path_factory: pytest.TempPathFactory) -> Item:
    """One of them out of a corpus; the images that its question names are not drawn themselves."""
    return next(sheets_of(release(items, tmp_path_factory.mktemp("out")), most=1))


def known(verdicts: list[Verdict]) -> bool:
    return next(v.passed for v in verdicts if v.gate == "ids")


def test_the_judge_is_shown_every_image(item: Item) -> None:
    (question,) = item.questions
    sent: list[list[str]] = []

    async def note(request: Request) -> Answer | Failure:
        sent.append([i.sha256 for m in request.messages for i in m.images])
        return Failure("k", "endpoint_unavailable", "")

    verifier = Verifier(note, VerifyingChoice(model="judge", blind=None), shown)
    sittings = JudgeProbe([item], per_kind=1).sittings
    for sitting in (s for s in sittings if isinstance(s[0].row, Question)):
        told = asyncio.run(sit(sitting, verifier))
        assert all(known(opinion.gates) for opinion in told.values())
    ids = (question.image_id, *question.more_image_ids)
    copies = [sent_copy(PICTURES(i), side=512)[0].sha256 for i in ids]
    assert sent
    assert all(shas == copies for shas in sent)


def test_the_gates_know_every_image(item: Item) -> None:
    assert [known(judged(item, q)) for q in item.questions] == [True]


def test_a_question_on_an_image_that_was_not_released_is_left_out(
    items: list[Item], tmp_path: Path
) -> None:
    (alone,) = sheets_of(release(items[:1], tmp_path))
    assert alone.questions == []
