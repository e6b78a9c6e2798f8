"""Questions on several images: what is said of each image is compared with that image's facts."""

import re
from collections.abc import Callable
from dataclasses import replace

from quality.gates.asked import QuestionCase
from quality.gates.holds import conjoined
from quality.gates.truth import true_option
from quality.gates.undecided import is_undecided
from quality.gates.world import World
from quality.reading.claims import Reading
from quality.reading.reader import read
from schemas.question import Question
from schemas.verdict import Verdict

ANY = ("words_known", "stem", "options_parallel", "numeric_answer")
"""Gates that one of the images satisfies: a word, a thing or a number is one of its own."""
ALL = ("candidate",)
"""Gates that every image must satisfy: what is a candidate in one of them is none in a stem on all."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_PART = re.compile(
    r"\s*(?P<said>.+?),? (?:in|on|of|for) (?:the )?(?P<which>" + "|".join(_ORDINALS) + r")"
    r"(?: (?:image|picture|one))?\s*(?:[,;] and |[,;]| and |\.?$)",
    re.IGNORECASE,
)


def truth_of(case: QuestionCase, option: Reading) -> bool | None:
    """Is the option true of the image, or, part by part, of each of several ("PA in the first, ...")?

    None where the parts cannot be told apart, or one image's facts are silent.
    """
    if not case.others:
        return true_option(case, option)
    worlds = (case.world, *case.others)
    parts = _parts(option.text, len(worlds))
    if parts is None:
        return None
    pairs = zip(worlds, parts, strict=True)
    return conjoined(true_option(_alone(case, w), read(p, w.extra)) for w, p in pairs)


def _parts(text: str, images: int) -> list[str] | None:
    """What the text says of each image, in their order; None unless it speaks of each of them once."""
    said: dict[str, str] = {}
    at = 0
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or found["which"].lower() in said:
            return None
        said[found["which"].lower()] = found["said"]
        at = found.end()
    named = list(_ORDINALS[:images])
    return [said[name] for name in named] if sorted(said) == sorted(named) else None


def _alone(case: QuestionCase, world: World) -> QuestionCase:
    """The same question, of one of its images."""
    own = [i for i in case.question.region_ids if i in world.sheet.region]
    asked = replace(
        case.question, image_id=world.image.id, more_image_ids=[], region_ids=own, answer_index=None
    )
    return QuestionCase(world, asked, case.all)


def _without_ordinals(question: Question, images: int) -> Question:
    """The words that tell images apart are no claims, though "third" alone might be a share."""
    told = [", ".join(_parts(o, images) or [o]) for o in question.options]
    return replace(question, options=told)


def judge_over_images(
    case: QuestionCase, name: str, gate: Callable[[QuestionCase], Verdict]
) -> Verdict:
    """The verdict of a gate on a question that may name several images.

    A reason may speak of any of them, so that no single sheet can confirm it.
    """
    if not case.others or name not in (*ANY, *ALL, "rationale"):
        return gate(case)
    if name == "rationale":
        unread = Verdict(name, False, "speaks of several images", None, "key_unconfirmed")
        return unread if case.question.rationale else gate(case)
    worlds = (case.world, *case.others)
    asked = (
        _without_ordinals(case.question, len(worlds)) if name == "words_known" else case.question
    )
    verdicts = [gate(QuestionCase(w, asked, case.all)) for w in worlds]
    if name in ALL:
        return next((v for v in verdicts if not v.passed), verdicts[0])
    return min(verdicts, key=lambda v: (not v.passed, not is_undecided(v)))
