"""The text is whole: one or more sentences without holes, placeholders or doubled marks."""

import re

from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "form"
FAULTS = (
    (re.compile(r"[{}\[\]<>|]"), "placeholder"),
    (re.compile(r"\b(?:None(?! of)|nan|NaN|null|undefined|TODO|unknown unknown)\b"), "placeholder"),
    (re.compile(r"\s{2,}|[\n\t\r]"), "doubled space"),
    (re.compile(r"\s[,.;:!?]|,,|;;|\.\.(?!\.)|,\.|\(\s*\)"), "stray mark"),
    (re.compile(r"\b(\w+) \1\b(?<!that that)(?<!had had)", re.IGNORECASE), "doubled word"),
    (re.compile(r"�"), "undecodable character"),
)


def judge_text(text: str, *, ends: str = ".!?", gate: str = GATE) -> Verdict:
    """Faults of form in a text that must begin with a capital or a digit and end with one of
    `ends`.
    """
    found = [name for pattern, name in FAULTS if pattern.search(text)]
    if not text.strip() or text != text.strip():
        found.append("empty or padded")
    elif ends and text.rstrip("\"'”’)")[-1:] not in tuple(ends):
        found.append("no end")
    elif text[0].islower():
        found.append("no capital")
    return judged(gate, found, "text_malformed")
