"""The LiveQA-Med 2017 questions with judged MedQuAD answers, turned into the BEIR layout.

Source: Ben Abacha A, Demner-Fushman D, BMC Bioinformatics 20 (2019) 511; the questions are those of
the TREC 2017 LiveQA medical task. The two judgement files go line by line together: line n of the
qrels judges row n of the answers. 52 question-answer pairs are judged twice, with different grades.
"""

import csv
import re
from pathlib import Path
from typing import Any, Literal

from transforms.knowledge.beir import write_beir
from transforms.knowledge.entry import tidy
from transforms.knowledge.errors import NotBeir
from transforms.knowledge.hardened_xml import parse_xml, text_of

RELEVANT_FROM = 3  # of 1 incorrect, 2 related, 3 incomplete, 4 excellent
Pool = Literal["rows", "answers"]
_PARTS = re.compile(r"Question:(?P<title>.*?)\bURL:(?P<url>.*?)\bAnswer:(?P<text>.*)", re.DOTALL)


def convert_liveqa(folder: Path, out: Path, *, pool: Pool = "rows") -> None:
    """Write the judged answers, the questions and their judgements to `out`.

    pool "rows"     one document for each of the 565 judgements; a document is relevant to the one
                    question it was judged for. The published floor (MAP 0.608) counts so, though an
                    answer judged for several questions is several equal documents.
    pool "answers"  one document for each of the 446 distinct answers, with the best grade where a
                    pair was judged twice.

    A query is the NLM summary of the question (the NIST paraphrase, the message where it is empty).
    Grades 3 and 4 become 1, the others 0. Raises NotBeir where the files do not fit each other.
    """
    answers = _answers(_one(folder, "All-2479-Answers*.csv"))
    judged = _judgements(_one(folder, "All-qrels*.txt"))
    if [a for a, _ in answers] != [a for _, _, a in judged]:
        raise NotBeir("answers and judgements do not go line by line together")
    corpus: dict[str, dict[str, Any]] = {}
    qrels: dict[str, dict[str, int]] = {}
    for number, ((answer, text), judgement) in enumerate(zip(answers, judged, strict=True)):
        question, grade, _ = judgement
        id = f"{answer}#{number:03d}" if pool == "rows" else answer
        corpus[id] = {"_id": id, **_document(text)}
        grades = qrels.setdefault(question, {})
        grades[id] = max(grades.get(id, 0), int(grade >= RELEVANT_FROM))
    asked = _questions(folder)
    write_beir(out, list(corpus.values()), {q: asked[q] for q in qrels}, qrels)


def _one(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise NotBeir(f"{len(found)} files match {pattern}, expected one")
    return found[0]


def _answers(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(row["AnswerID"], row["Answer"]) for row in csv.DictReader(file)]


def _judgements(path: Path) -> list[tuple[str, int, str]]:
    """(question, grade, answer) of lines such as `1 2-Related GARD_0004375_Sec1.txt`."""
    lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
    return [(f"TQ{question}", int(grade[0]), answer) for question, grade, answer in lines]


def _document(text: str) -> dict[str, Any]:
    found = _PARTS.match(text)
    if found is None:
        return {"title": "", "text": tidy(text)}
    return {
        "title": tidy(found["title"]),
        "text": tidy(found["text"]),
        "metadata": {"url": tidy(found["url"])},
    }


def _questions(folder: Path) -> dict[str, str]:
    root = parse_xml(_one(folder, "TestDataset/*.xml"))
    texts: dict[str, str] = {}
    for question in root.iter("NLM-QUESTION"):
        words = [
            text_of(found)
            for name in ("NLM-Summary", "NIST-PARAPHRASE", "Original-Question/MESSAGE")
            if (found := question.find(name)) is not None
        ]
        texts[question.get("qid") or ""] = next((w for w in words if w), "")
    return texts
