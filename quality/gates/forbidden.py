"""The text speaks of the image, not of the files that describe it."""

import re

from quality.gates.verdicts import judged
from schemas.verdict import Verdict

GATE = "forbidden_words"
WORDS = (
    "caption", "captions", "according to", "annotation", "annotations", "annotated", "annotator",
    "annotators", "mask", "masks", "label file", "labels file", "label map", "ground truth", "dataset",
    "datasets", "data set", "database", "metadata", "file name", "filename", "the text", "the passage",
    "the context", "figure legend", "the legend", "json", "xml", "csv", "the prompt", "language model",
    "as an ai", "fact id", "region id",
)  # fmt: skip
_PATTERN = re.compile(r"\b(?:" + "|".join(re.escape(w) for w in WORDS) + r")\b", re.IGNORECASE)


def judge_text(text: str) -> Verdict:
    """Words of the record's making, in any case."""
    return judged(GATE, (m.group().lower() for m in _PATTERN.finditer(text)), "forbidden_words")
