"""Is a thing in the image? Always two items: a yes, and a no of the same kind and the same stem."""

from dataclasses import replace

from schemas.fact import Fact
from schemas.ids import digest
from schemas.question import Question
from schemas.vocabulary import Finding, findings
from transforms.questions.draft import YES_NO, Draft, because, stem
from transforms.questions.refer import can_be_pointed_at
from transforms.questions.terms import plausible, related
from transforms.sheet import FactSheet
from transforms.words.nouns import noun_of
from transforms.words.whole import named

PAIRS = 2


def ask_finding_present(sheet: FactSheet) -> list[Question]:
    """Pairs (yes, no), twins of one another. No pair where no absence is known: silence is none."""
    pairs: list[Question] = []
    free = _deniable(sheet)
    for term in _present(sheet):
        rival = next((t for t in free if t.kind == term.kind and t.group == term.group), None)
        rival = rival or next((t for t in free if t.kind == term.kind), None)
        if rival is not None and len(pairs) < 2 * PAIRS:
            free.remove(rival)
            pairs += _pair(sheet, term, rival)
    return pairs


def _pair(sheet: FactSheet, term: Finding, rival: Finding) -> list[Question]:
    yes = _item(sheet, term, term, "yes", _supports(sheet, term.name))
    no = _item(sheet, rival, term, "no", [sheet.absent[rival.name]])
    return [replace(yes, twin_id=no.id), replace(no, twin_id=yes.id)]


def _item(
    sheet: FactSheet, term: Finding, chosen_by: Finding, answer: str, facts: list[Fact]
) -> Question:
    """Both items of a pair take the stem that the yes term picks, so that it tells nothing."""
    thing, plural = _thing(term), noun_of(term.name).plural_only
    question = stem(sheet, "finding_present", chosen_by.name, plural=plural, target=thing)
    why = because("yes" if answer == "yes" else "no", target=thing)
    regions = sheet.labelled(term.name) if answer == "yes" else []
    draft = Draft(sheet, "finding_present", question, why, facts, regions)
    return draft.fixed(answer, YES_NO)


def _thing(term: Finding) -> str:
    """ "a white blood cell", "the liver", "melanoma"."""
    noun = noun_of(term.name)
    return noun.first() if noun.unique else named(term.name)


def _present(sheet: FactSheet) -> list[Finding]:
    terms = [findings().get(name) for name in sorted(sheet.present)]
    seen = [t for t in terms if t is not None and not t.background and _supports(sheet, t.name)]
    return _shuffled(sheet, seen)


def _deniable(sheet: FactSheet) -> list[Finding]:
    """Terms known to be absent, that one would look for here and that nothing present implies."""
    terms = [findings().get(name) for name in sorted(sheet.absent)]
    return _shuffled(
        sheet,
        [
            t
            for t in terms
            if t is not None
            and not t.background
            and plausible(t, sheet)
            and not any(related(t.name, o) for o in (*sheet.present, *sheet.possible))
        ],
    )


def _shuffled(sheet: FactSheet, terms: list[Finding]) -> list[Finding]:
    return sorted(terms, key=lambda t: digest("finding_present", sheet.image.id, t.name))


def _supports(sheet: FactSheet, name: str) -> list[Fact]:
    whole = [f for f in sheet.stated_findings() if f.value == name and f.polarity == "present"]
    seen = any(can_be_pointed_at(r) for r in sheet.labelled(name))
    return whole + [f for r in sheet.labelled(name) if seen for f in sheet.about(r.id, "label")]
