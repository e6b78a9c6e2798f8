"""Time the transformers engine: requests a second, free and held to a JSON schema, by batch size.

    python tests/benchmarks/bench_inprocess.py [--requests 64] [--tokens 128] [--batches 1,8,32]

On a GPU: Qwen2-VL at its 2B size with random weights in bfloat16 (written to a temporary folder, 4.4 GB, and
loaded as any model is). Without one: a tiny model of the same kind, which times our own code and little else.
What a random model says means nothing; how long it takes to say it is that of a trained one.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from expert_models.llm.choice import ModelChoice  # noqa: E402
from expert_models.llm.inprocess.transformers_engine import TransformersEngine  # noqa: E402
from schemas.exchange import Answer, Request, Sampling  # noqa: E402
from tests.real_engines.questions import keyed, picture, question  # noqa: E402
from tests.real_engines.tiny_models import qwen2_vl_2b, tiny_qwen2_vl  # noqa: E402

SIDE = 512  # px
WORDS = 600  # of a prompt with facts, passages and rules
# An answer of any length that the limit allows: nothing but the limit ends it.
SCHEMA = {
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 5000}},
    "required": ["text"],
    "additionalProperties": False,
}


def requests(count: int, tokens: int) -> list[Request]:
    words = "The lung field of region R1 is darker than its surround, says fact F2. " * (
        WORDS // 14
    )
    drawn = Sampling(max_tokens=tokens)
    return [
        question(f"{n} {words}", picture(n % 256, SIDE, SIDE), sampling=drawn) for n in range(count)
    ]


def timed(engine: TransformersEngine, asked: list[Request]) -> tuple[float, int, int]:
    """Seconds, prompt tokens and answer tokens of all requests. Raises ValueError where one failed."""
    started = time.perf_counter()
    answers = list(engine.answer(keyed(*asked)))
    seconds = time.perf_counter() - started
    good = [a for a in answers if isinstance(a, Answer)]
    if len(good) < len(asked):
        raise ValueError(f"{len(asked) - len(good)} requests failed: {answers}")
    return seconds, sum(a.prompt_tokens for a in good), sum(a.completion_tokens for a in good)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--batches", default="1,8,32")
    given = parser.parse_args()
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    make = qwen2_vl_2b if torch.cuda.is_available() else tiny_qwen2_vl
    asked = requests(given.requests, given.tokens)
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        make(Path(folder))
        print(f"{make.__name__} on {device}: made in {time.perf_counter() - started:.1f} s")
        print("batch | held | seconds | requests/s | prompt tokens/s | answer tokens/s | peak GB")
        for batch in map(int, given.batches.split(",")):
            _measure(folder, batch, asked)


def _measure(folder: str, batch: int, asked: list[Request]) -> None:
    import torch

    choice = ModelChoice(
        backend="transformers", model=folder, family="bench", engine={"batch_size": batch}
    )
    engine = TransformersEngine(choice)
    timed(engine, asked[:2])  # loads, and warms kernels
    for held in (False, True):
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        run = [replace(r, schema=SCHEMA if held else None) for r in asked]
        seconds, prompt, answer = timed(engine, run)
        peak = torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0
        print(
            f"{batch:5} | {'yes' if held else 'no':4} | {seconds:7.1f} | {len(run) / seconds:10.2f} | "
            f"{prompt / seconds:15.0f} | {answer / seconds:15.0f} | {peak:7.1f}",
            flush=True,
        )
    engine.close()


if __name__ == "__main__":
    main()
