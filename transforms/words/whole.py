"""Labels of the image as a whole: said to be so, since nothing tells where they hold."""

from schemas.fact import Fact
from schemas.sentence import Sentence
from schemas.vocabulary import findings
from transforms.sheet import FactSheet
from transforms.words.grammar import article, joined
from transforms.words.narrator import Narrator, sentence

ABSENT_SAID = 4


def tell_whole(sheet: FactSheet, narrator: Narrator) -> list[Sentence]:
    """What is reported present and what absent, without a place. Silence is not absence."""
    stated = [f for f in sheet.stated_findings() if f.value]
    located = {
        r.label for r in sheet.regions if not r.candidate
    }  # told with its place, further down
    present = [f for f in stated if f.polarity == "present" and f.value not in located]
    absent = [f for f in stated if f.polarity == "absent" and f.value in sheet.absent][:ABSENT_SAID]
    ailing = [f for f in present if _is_disease(f)]
    shown = [f for f in present if f not in ailing]
    return [
        *_present(ailing, "whole_case", narrator),
        *_present(shown, "whole", narrator),
        *_absent(absent, narrator),
    ]


def _is_disease(fact: Fact) -> bool:
    """A disease is what the patient has; whether this image shows it, the label does not say."""
    term = findings().get(fact.value)
    return term is not None and term.kind == "disease"


def _present(facts: list[Fact], family: str, narrator: Narrator) -> list[Sentence]:
    if not facts:
        return []
    names = joined([named(str(f.value)) for f in facts])
    text = narrator.say(family, len(facts) > 1, findings=names)
    return [sentence(text, "roi_position", facts)]


def _absent(facts: list[Fact], narrator: Narrator) -> list[Sentence]:
    if not facts:
        return []
    text = narrator.say("whole_absent", findings=joined([_bare(str(f.value)) for f in facts], "or"))
    return [sentence(text, "roi_position", facts)]


def named(label: str) -> str:
    """ "melanoma", "pleural effusion", "a mass": diseases and signs go without an article."""
    term = findings().get(label)
    bare = term is None or term.kind in ("disease", "sign") or not term.countable
    bare = bare or (term is not None and term.many() == term.name)
    return _bare(label) if bare else article(label)


def _bare(label: str) -> str:
    return label if label in findings() else f'"{label}"'
