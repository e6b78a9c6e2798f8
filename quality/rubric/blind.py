"""Blind tests: is an item answered right although what it asks about cannot be seen?

No fact sheet is shown, nor the key. `no_image` and `options_only` decide: who answers right there needs
no picture, and a corpus of such items teaches to ignore pictures (training on text alone keeps 81 % of
the score on VQA-RAD with blank images, arXiv 2603.03437). `blank`, `other_image`, `masked` and `real`
measure how much of the answers comes from the picture.

Chance: one of five options is hit by guessing once in five, so that two of three draws are right in 10 %
of items of which nothing is known. Yes or no is hit every other time; such an item fails only where its
twin falls to the same test, and is only marked where no twin is given.
"""

from dataclasses import dataclass

from quality.rubric.blind_ask import Sitting, answered_right
from quality.rubric.choice import DECIDING, BlindChoice, Test, VerifyingChoice
from quality.rubric.craft import kind_of
from quality.rubric.outcome import Outcome
from quality.rubric.questions import bench_of
from quality.rubric.together import together
from schemas.exchange import Ask, SentImage
from schemas.question import Question
from schemas.verdict import Verdict
from transforms.showing.copies import blank_copy, masked_copy
from transforms.showing.view import View


@dataclass(frozen=True)
class Blinds:
    """What blind tests show in place of the picture.

    png: the released picture of the view's own image, from which regions are taken out; other: the sent
    copy of another patient's image of the same modality. A test without its picture is left out.
    """

    png: bytes = b""
    other: SentImage | None = None


async def blind_tests(
    view: View, question: Question, ask: Ask, choice: VerifyingChoice, blinds: Blinds | None,
    *, twin: Question | None = None,
) -> list[Verdict]:  # fmt: skip
    """One verdict a test of the recipe that this item can take: `blind_no_image`, ..., in its order.

    `measured` is "2 of 3 right" (see `outcome.outcome_of`); only the deciding tests can fail. Options
    alone are no test of yes/no and open items. Exceptions of `ask` pass through.
    """
    if choice.blind is None:
        return []
    outcomes = await _outcomes(view, question, ask, choice, blinds or Blinds())
    known = {}
    if kind_of(question) == "yes_no" and twin is not None:
        of_twin = await _outcomes(view, twin, ask, choice, blinds or Blinds())
        known = {o.test: o for o in of_twin}
    return [_verdict(question, o, known.get(o.test), choice.blind) for o in outcomes]


async def _outcomes(
    view: View, question: Question, ask: Ask, choice: VerifyingChoice, blinds: Blinds
) -> list[Outcome]:
    shown = bench_of(view, question, ask, choice).view
    tests = choice.blind.tests if choice.blind else ()
    sittings = [
        Sitting(question, test, pictures, round(1 / shown.scale, 3))
        for test in tests
        if (pictures := _pictures(shown, question, test, blinds)) is not None
    ]
    return await together(_outcome(s, ask, choice) for s in sittings)


async def _outcome(sitting: Sitting, ask: Ask, choice: VerifyingChoice) -> Outcome:
    blind = choice.blind or BlindChoice()
    heat = blind.temperature if blind.samples > 1 else 0.0
    draws = [answered_right(sitting, ask, choice, heat, n) for n in range(blind.samples)]
    found = await together(draws)
    return Outcome(sitting.test, found.count(True), len(found), found.count(None))


def _pictures(
    view: View, question: Question, test: Test, blinds: Blinds
) -> tuple[SentImage, ...] | None:
    """The pictures of a test; None where it cannot be made. Of several images `other_image` and `masked`
    change the first.
    """
    if test == "no_image":
        return ()
    if test == "options_only":
        return () if kind_of(question) == "choice" else None
    first, rest = view.image, tuple(v.image for v in view.others if v.image is not None)
    if first is None:
        return None
    if test == "real":
        return (first, *rest)
    if test == "blank":
        return tuple(blank_copy(image) for image in (first, *rest))
    if test == "other_image":
        return None if blinds.other is None else (blinds.other, *rest)
    regions = [r for r in view.sheet.regions if r.id in question.region_ids]
    if not regions or not blinds.png:
        return None
    return (masked_copy(blinds.png, regions, side=max(first.width, first.height)), *rest)


def _verdict(
    question: Question, outcome: Outcome, twin: Outcome | None, blind: BlindChoice
) -> Verdict:
    gate, limit = f"blind_{outcome.test}", f"fewer than {blind.limit}"
    if outcome.test not in DECIDING:
        return Verdict(gate, True, outcome.told)
    known = outcome.right >= blind.limit
    open_still = not known and outcome.right + outcome.silent >= blind.limit
    if kind_of(question) == "yes_no":
        known = known and (twin is None or twin.right >= blind.limit)
    dropped = blind.action == "drop" and (twin is not None or kind_of(question) != "yes_no")
    if known:
        reason = "answerable_blind" if dropped else None
        return Verdict(gate, not dropped, f"{outcome.told}; answerable blind", limit, reason)
    if open_still and dropped:
        return Verdict(gate, False, outcome.told, limit, "verifier_failed")
    return Verdict(gate, True, outcome.told, limit)
