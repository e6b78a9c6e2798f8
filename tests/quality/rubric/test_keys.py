"""The same things on trial give the same requests, byte for byte, in every process."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import asyncio, json, runpy, sys
made = runpy.run_path("tests/quality/rubric/conftest.py")
hand = runpy.run_path("tests/quality/conftest.py")
from schemas.exchange import request_key
from schemas.sentence import Sentence
from schemas.question import Question
from quality.rubric.choice import VerifyingChoice, BlindChoice
from quality.rubric.blind import blind_tests
from quality.rubric.questions import rate_question
from quality.rubric.sentences import rate_sentences
from transforms.showing.view import View
from transforms.showing.raster import encoded
import numpy as np
sheet = hand["chest"]._get_wrapped_function()()
view = View(sheet, (), encoded(np.full((200, 300), 7, np.uint8)))
judge = made["ScriptedJudge"](right=("pulmonary nodule",))
choice = VerifyingChoice(model="j", repeat=1)
item = made["item"]._get_wrapped_function()(sheet)
rows = [Sentence(f"Nodule {n}.", "roi_position", ["small", "large"], []) for n in range(6)]
async def main():
    await rate_sentences(view, rows, judge, choice)
    await rate_question(view, item, judge, choice)
    await blind_tests(view, item, judge, choice, None)
asyncio.run(main())
print(json.dumps([request_key("m", "", r) for r in judge.requests]))
"""


def keys(seed: str) -> str:
    root = Path(__file__).resolve().parents[3]
    env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_keys_do_not_depend_on_the_process() -> None:
    first = keys("1")
    assert first.count('"') == 2 * (2 + 2 + 2 + 6)
    assert first == keys("2")
