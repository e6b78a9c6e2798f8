"""Gates of questions: the key re-derived from the facts, and the item's craft."""

from collections.abc import Callable, Mapping, Sequence

from quality.gates import candidate, forbidden, form, stem, unread
from quality.gates.asked import YES_NO, QuestionCase
from quality.gates.described import silent
from quality.gates.kinds import kinds_of_option
from quality.gates.leak import leaked
from quality.gates.numbers import converted
from quality.gates.rationale import judge_rationale
from quality.gates.several import judge_over_images, truth_of
from quality.gates.truth import true_numbers
from quality.gates.verdicts import judged
from quality.gates.world import World
from quality.reading.claims import Reading
from quality.reading.reader import read
from schemas.question import Question
from schemas.verdict import Verdict
from transforms.sheet import FactSheet


def judge_form(case: QuestionCase) -> Verdict:
    """A stem that ends with a question mark; options and answer without holes."""
    verdict = form.judge_text(case.question.question, ends="?")
    texts = [*case.question.options, case.question.answer]
    broken = [t for t in texts if not t.strip() or any(p.search(t) for p, _ in form.FAULTS)]
    return verdict if not verdict.passed else judged(form.GATE, broken, "text_malformed")


def judge_forbidden(case: QuestionCase) -> Verdict:
    """Words such as caption or according to, in stem, options and rationale."""
    question = case.question
    return forbidden.judge_text(
        " | ".join([question.question, *question.options, question.rationale or ""])
    )


def judge_unread(case: QuestionCase) -> Verdict:
    """Every word of stem and options could be read. So could every word of the rationale."""
    reason = read(case.question.rationale or "", case.world.extra)
    return unread.judge_reading(case.stem, *case.options, reason)


def judge_ids(case: QuestionCase) -> Verdict:
    """Image, region and fact ids exist on the sheet."""
    sheets, question = [w.sheet for w in (case.world, *case.others)], case.question
    images = [question.image_id, *question.more_image_ids]
    unknown = [] if images == [s.image.id for s in sheets] else images
    unknown += [i for i in question.region_ids if not any(i in s.region for s in sheets)]
    unknown += [i for i in question.fact_ids if not any(i in s.by_id for s in sheets)]
    return judged("ids", unknown, "id_unknown")


def judge_basis(case: QuestionCase) -> Verdict:
    """The key rests on at least one fact."""
    ids = [*case.world.spoken(case.question.fact_ids), *case.question.passage_ids]
    return judged(
        "basis", () if ids else ["no fact"], "rests_on_nothing", measured=f"{len(ids)} ids"
    )


def judge_key(case: QuestionCase) -> Verdict:
    """The keyed option is true of the image by stem, text and facts, and is the option at its index.

    Wrong when a fact speaks against it. Where the facts are silent the key is unconfirmed, but for a
    "no": absence that nobody knows of is no answer.
    """
    question = case.question
    if question.options and not _at_index(question):
        return judged("key", ["answer is not the option at its index"], "key_wrong")
    at = question.answer_index if question.options else 0
    option = case.options[at or 0]
    truth = truth_of(case, option)
    faults = [] if truth else [f"{question.answer!r} is {'false' if truth is False else 'unknown'}"]
    return judged("key", faults, _why_not(case, option, truth), measured=question.answer)


def _why_not(case: QuestionCase, option: Reading, truth: bool | None) -> str:
    if truth is None:
        denied = YES_NO.get(case.question.answer.strip().lower()) is False
        return "absence_unsupported" if denied else "key_unconfirmed"
    return "key_unconfirmed" if not case.others and silent(case, option) else "key_wrong"


def _at_index(question: Question) -> bool:
    at = question.answer_index
    return (
        at is not None
        and 0 <= at < len(question.options)
        and question.options[at] == question.answer
    )


def judge_single(case: QuestionCase) -> Verdict:
    """No option besides the key is true of the image, or might be."""
    question = case.question
    truths = [
        (text, truth_of(case, option))
        for n, (text, option) in enumerate(zip(question.options, case.options, strict=False))
        if n != question.answer_index and not case.polar
    ]
    true = [text for text, truth in truths if truth]
    unknown = [text for text, truth in truths if truth is None]
    return judged(
        "single_option", true or unknown, "options_many_true" if true else "key_unconfirmed",
        measured=f"{len(question.options)} options",
    )  # fmt: skip


def judge_distinct(case: QuestionCase) -> Verdict:
    """No option twice, in any case, with or without articles; and more than one of them."""
    options = case.question.options
    plain = [" ".join(w for w in o.lower().split() if w not in ("a", "an", "the")) for o in options]
    faults = [o for n, o in enumerate(plain) if o in plain[:n]]
    faults += ["a single option"] if len(options) == 1 else []
    return judged("options_distinct", faults, "options_repeat", measured=f"{len(options)} options")


def judge_parallel(case: QuestionCase) -> Verdict:
    """Options of one semantic type: all modalities, all places, all findings of one kind, all in
    one unit.

    Options whose type could not be read contradict nothing; the types that were read must agree.
    """
    if not case.question.options:
        return judged("options_parallel", (), "options_not_parallel", measured="open")
    kinds = [kinds_of_option(o) for o in case.options]
    read = [k for k in kinds if k]
    shared = set.intersection(*read) if read else set()
    odd = [] if shared and len(read) == len(kinds) else [_typed(k) for k in kinds]
    contradicted = bool(read) and not shared
    return judged(
        "options_parallel", odd, "options_not_parallel" if contradicted else "word_unknown",
        measured=", ".join(sorted(shared)),
    )  # fmt: skip


def _typed(kinds: set[str]) -> str:
    return ", ".join(sorted(kinds)) or "unread"


def judge_leak(case: QuestionCase) -> Verdict:
    """The stem does not hold the answer, in its own words or a synonym, unless it holds every
    option.
    """
    return judged("stem_leak", leaked(case), "answer_in_stem")


def judge_twin(case: QuestionCase) -> Verdict:
    """A yes/no item has a twin among the questions, of the same type, with the opposite key."""
    question = case.question
    own = YES_NO.get(question.answer.strip().lower())
    if own is None:
        return judged("twin", (), "twin_missing", measured="not polar")
    twin = case.all.get(question.twin_id or "")
    fits = (
        twin is not None
        and twin.twin_id == question.id
        and twin.question_type == question.question_type
    )
    fits = fits and twin is not None and YES_NO.get(twin.answer.strip().lower()) is (not own)
    return judged("twin", () if fits else [question.twin_id or "none"], "twin_missing")


def judge_number(case: QuestionCase) -> Verdict:
    """A measured answer: the value is the fact's, in the unit said, shown within its tolerance."""
    question = case.question
    if question.answer_value is None:
        return judged("numeric_answer", (), "number_contradicted", measured="not measured")
    unit = None if question.unit in (None, "1") else question.unit
    known = [converted(n, u, unit or u) for n, u in true_numbers(case, unit)]
    value, tolerance = question.answer_value, question.tolerance
    faults = []
    if not any(k is not None and abs(k - value) <= 1e-6 * max(1.0, abs(k)) for k in known):
        faults.append(f"{value:g} {unit or ''} is no fact's".strip())
    said = [c.quantity for c in case.options[question.answer_index or 0].claims if c.quantity]
    if (
        len(said) != 1
        or said[0].unit not in (unit, None)
        or (said[0].unit is None and unit is not None)
    ):
        faults.append("number or unit of the answer")
    elif (
        tolerance is None or tolerance < 0 or abs(said[0].values[0] - value) > max(tolerance, 1e-9)
    ):
        faults.append(f"shown as {said[0].values[0]:g}")
    if case.unit_of_stem not in (None, unit) and unit is not None:
        faults.append(f"the stem asks for {case.unit_of_stem}")
    return judged("numeric_answer", faults, "number_contradicted", measured=f"{value:g}")


QUESTION_GATES: dict[str, Callable[[QuestionCase], Verdict]] = {
    "form": judge_form,
    "forbidden_words": judge_forbidden,
    "words_known": judge_unread,
    "ids": judge_ids,
    "basis": judge_basis,
    candidate.GATE: candidate.judge_question,
    stem.GATE: stem.judge,
    "options_distinct": judge_distinct,
    "options_parallel": judge_parallel,
    "key": judge_key,
    "single_option": judge_single,
    "stem_leak": judge_leak,
    "numeric_answer": judge_number,
    "twin": judge_twin,
    "rationale": judge_rationale,
}


def judge_questions(
    sheet: FactSheet, questions: Sequence[Question], others: Sequence[FactSheet] = ()
) -> list[list[Verdict]]:
    """For each question one verdict of every gate, in the order of QUESTION_GATES.

    `questions` are all of the image: twins are looked up among them. `others` are the sheets of further
    images that questions on several name; where one is missing, the gate `ids` fails.
    """
    world, further = World(sheet), {s.image.id: World(s) for s in others}
    known = {q.id: q for q in questions}
    cases = [QuestionCase(world, q, known, _shown(q, further)) for q in questions]
    return [
        [judge_over_images(case, name, gate) for name, gate in QUESTION_GATES.items()]
        for case in cases
    ]


def _shown(question: Question, further: Mapping[str, World]) -> tuple[World, ...]:
    return tuple(further[i] for i in question.more_image_ids if i in further)
