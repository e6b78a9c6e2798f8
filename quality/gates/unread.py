"""Every word of the text could be read: what no list holds is not believed."""

from quality.gates.verdicts import judged
from quality.reading.claims import Reading
from schemas.verdict import Verdict

GATE = "words_known"


def judge_reading(*readings: Reading) -> Verdict:
    """Words in no vocabulary, no lexicon of the reader, and not among the sheet's own labels.

    A text may claim what the other gates have no word for ("consistent with infarction"); this gate
    closes that door.
    """
    unknown = [w for r in readings for w in r.unread]
    return judged(GATE, unknown, "word_unknown")
