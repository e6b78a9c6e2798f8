"""Ask an engine of another environment: `python -m tests.real_engines.ask_engine ENGINE FOLDER`.

ENGINE: vllm, or ray (vLLM by ray.data.llm). Asks the questions of `questions.several`, and one that is too
long; prints one JSON object: result by key, the engine's card, and how often it says the same again.
"""

import json
import sys
from dataclasses import asdict

from expert_models.llm.choice import ModelChoice
from expert_models.llm.inprocess.base import BulkEngine
from expert_models.llm.inprocess.load import load_engine
from tests.real_engines.questions import TOO_LONG, keyed, question, several

SMALL = {"max_model_len": 2048, "max_num_seqs": 8, "enforce_eager": True, "dtype": "float32"}
ON_A_CPU = {"placement": {"bundles": [{"CPU": 1}]}}
MARK = "RESULT "


def main(name: str, folder: str) -> None:
    settings = SMALL | (ON_A_CPU if name == "ray" else {})
    choice = ModelChoice(backend="vllm", model=folder, family="tiny", engine=settings)
    engine = _engine(name, choice)
    try:
        asked = [*keyed(question(TOO_LONG)), *several(pictures=True)]
        results = {r.key: asdict(r) for r in engine.answer(iter(asked))}
        told = {"results": results, "card": asdict(engine.card)}
    finally:
        engine.close()
    print(MARK + json.dumps(told))


def _engine(name: str, choice: ModelChoice) -> BulkEngine:
    if name == "ray":
        from pipelines.engines.bulk_ray import RayBulk

        return RayBulk(choice)
    return load_engine(choice)


if __name__ == "__main__":  # vLLM starts processes that import this file again
    main(*sys.argv[1:])
