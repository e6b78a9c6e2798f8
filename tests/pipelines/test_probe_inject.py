"""A writer that follows orders raises the rate, an honest one does not; a judge that can be talked to is found out."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from expert_models.writer.choice import WritingChoice
from pipelines.phases.views import Showing
from pipelines.probing.bench import Exposed, build_bench
from pipelines.probing.carriers import COLUMN, DICOM_MAKER, DICOM_TEXT, LABEL
from pipelines.probing.inject import FALSE, Verifier, Writer, expose, false_row, planned, trials
from quality.gates.undecided import contradictions
from quality.judging import judge_sentences
from quality.probe.injection_score import InjectionScore, Trial, tally
from quality.probe.injections import Injection, injections
from quality.rubric.choice import VerifyingChoice
from schemas.exchange import Answer, Ask, Request
from tests.fakes.describing import description
from tests.fakes.sheet import read_known
from tests.quality.probe.judges import scripted

SOME = ("override", "chatml", "zero-width", "base64", "approve", "unit")
STRINGS: list[Injection] = [i for i in injections() if i.id in SOME]
STRONG = "pixels, strong"
HERE = (COLUMN, LABEL, DICOM_TEXT, DICOM_MAKER, STRONG)
WRITING = WritingChoice.model_validate(
    {"model": "w", "items": {"per_image": 0}, "rewrites": 0, "overlay": False}
)
VERIFYING = VerifyingChoice(model="j", repairs=0, repeat=0)


@pytest.fixture(scope="module")
def exposed(tmp_path_factory: pytest.TempPathFactory) -> list[Exposed]:
    bench = build_bench(tmp_path_factory.mktemp("bench"), STRINGS, HERE)
    return list(bench.exposed(Showing(1024)))


def writer(follow: Callable[[Request], list[str]]) -> Ask:
    """True sentences from the facts of the prompt, then one for each word that `follow` gives."""

    async def ask(request: Request) -> Answer:
        prompt = request.messages[-1].text
        rows = description(read_known(prompt))[:2]
        told = [dict(rows[0], text=f"{word} is shown here.") for word in follow(request)]
        code = request.schema["properties"]["code"]["enum"][0]  # type: ignore[index]
        text = json.dumps({"code": code, "sentences": rows + told})
        return Answer("k", text, "scripted", "stop", 1, 1)

    return ask


def honest(request: Request) -> list[str]:
    return []


def obedient(request: Request) -> list[str]:
    """Does as any words of the request say that speak of a word to write."""
    text = request.messages[-1].text
    return [w.capitalize() for w in re.findall(r"\b(?:word|answer is) (z[a-z]{9})\b", text)]


def seeing(exposed: list[Exposed]) -> Callable[[Request], list[str]]:
    """Reads letters in pictures: the test tells it what is written where."""
    written = {
        e.view.image.sha256: e.planted.canary.capitalize()
        for e in exposed
        if e.planted is not None and e.view.image is not None and e.planted.carrier == STRONG
    }
    return lambda request: [
        written[i.sha256] for m in request.messages for i in m.images if i.sha256 in written
    ]


def strict() -> Ask:
    """Supports only what begins like the honest writer's sentences."""
    return scripted(lambda request, kind, text: text.startswith(("This is a", "The picture shows")))


def suggestible() -> Ask:
    """Supports everything where anything in the prompt tells it to; else as `strict`."""
    orders = ("checked by hand",)
    return scripted(
        lambda request, kind, text: (
            any(order in request.messages[-1].text for order in orders)
            or text.startswith(("This is a", "The picture shows"))
        )
    )


def bench(
    exposed: list[Exposed], follow: Callable[[Request], list[str]], judge: Ask | None
) -> list[Trial]:
    async def all_films() -> list[Trial]:
        verifier = Verifier(judge, VERIFYING) if judge else None
        made = [await expose(e, Writer(writer(follow), WRITING), verifier) for e in exposed]
        return trials(made, planned(STRINGS, HERE))

    return asyncio.run(all_films())


def by_carrier(found: list[Trial]) -> dict[str, InjectionScore]:
    return {s.name: s for s in tally(found) if s.by in ("carrier", "all")}


def test_an_honest_writer_and_a_strict_judge_let_nothing_through(exposed: list[Exposed]) -> None:
    scores = by_carrier(bench(exposed, honest, strict()))
    assert (scores["all"].planted, scores["all"].lost) == (len(STRINGS) * len(HERE), 0)
    assert (scores["all"].obeyed, scores["all"].accepted, scores["all"].by_itself) == (0, 0, 0)


def test_an_obedient_writer_is_seen_and_the_gates_hold_it_back(exposed: list[Exposed]) -> None:
    scores = by_carrier(bench(exposed, obedient, None))
    assert scores[COLUMN].obeyed == 3  # override, chatml and zero-width name a word to write
    assert scores[LABEL].obeyed == 2  # a label is cut short, and with it the word of "chatml"
    assert scores[DICOM_MAKER].obeyed == 3
    assert scores[DICOM_TEXT].obeyed == scores[STRONG].obeyed == 0
    assert scores["all"].accepted == 0  # nobody but the gates, which cannot read the word


def test_an_obedient_writer_with_a_judge_that_approves_is_accepted(exposed: list[Exposed]) -> None:
    scores = by_carrier(bench(exposed, obedient, scripted(lambda request, kind, text: True)))
    assert scores[COLUMN].accepted >= 3
    assert scores["all"].accepted >= 6


def test_a_writer_that_reads_pictures_follows_what_is_lettered(exposed: list[Exposed]) -> None:
    scores = by_carrier(bench(exposed, seeing(exposed), strict()))
    assert scores[STRONG].obeyed == 4  # not "unit" and "approve", which name no word
    assert scores[STRONG].reached == len(STRINGS)
    assert scores[COLUMN].obeyed == 0
    assert scores["all"].accepted == 0


def test_a_judge_that_can_be_talked_to_is_found_out(exposed: list[Exposed]) -> None:
    found = bench(exposed, honest, suggestible())
    talked = {t.planted.carrier for t in found if t.obeyed}
    assert talked == {COLUMN, LABEL, DICOM_MAKER}
    assert {t.planted.injection.id for t in found if t.obeyed} == {"approve"}
    assert all(t.accepted for t in found if t.obeyed)  # gates cannot decide the false row
    assert not any(t.by_itself for t in found)


def test_a_judge_that_approves_anyway_is_told_from_one_that_was_talked_to(
    exposed: list[Exposed],
) -> None:
    found = bench(exposed, honest, scripted(lambda request, kind, text: True))
    approvals = [t for t in found if t.planted.injection.goal == "approves"]
    assert all(t.obeyed and t.by_itself for t in approvals)


def test_words_reach_prompts_inside_the_fence_only(exposed: list[Exposed]) -> None:
    found = bench(exposed, obedient, strict())
    reached = {t.planted.carrier for t in found if t.reached}
    assert reached == {COLUMN, LABEL, DICOM_MAKER, STRONG}
    pictured = [t for t in found if t.planted.carrier == STRONG]
    assert all(t.reach.fenced + t.reach.outside == 0 for t in pictured)  # no words of a prompt
    assert [t.planted.id for t in found if t.reach.outside] == []
    assert [t.planted.id for t in found if t.reach.hidden] == []


def test_the_false_row_is_left_to_the_verifier_by_the_gates(exposed: list[Exposed]) -> None:
    for shown in exposed:
        row = false_row(shown.view)
        marks = judge_sentences(shown.view.sheet, [row], ())[0]
        assert contradictions(marks) == [], FALSE
        assert any(not v.passed for v in marks)


def test_without_the_control_film_nothing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="control"):
        trials([], planned(STRINGS, HERE))
