"""B10 through distilabel (its own environment: distilabel[openai], requests, pillow).

    python bench_asking_distilabel.py QUESTIONS URL OUT

A batch is asked at once and awaited whole, so batches of 64 are 64 calls in flight.
"""

import json
import os
import sys
from pathlib import Path

CONCURRENCY = 64
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["DISTILABEL_LOG_LEVEL"] = "ERROR"


def main(questions: str, url: str, out: str) -> None:
    from distilabel.models.llms import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    rows = [json.loads(line) for line in Path(questions).read_text().splitlines()]
    data = [{"id": row["id"], "instruction": row["text"]} for row in rows]
    sampling = {"temperature": 0.0, "max_new_tokens": 256}
    with Pipeline(name="b10") as pipeline:
        load = LoadDataFromDicts(data=data, batch_size=CONCURRENCY)
        model = OpenAILLM(
            model="fake-model",
            base_url=url,
            api_key="none",
            max_retries=6,
            generation_kwargs=sampling,
        )
        _ = load >> TextGeneration(llm=model, input_batch_size=CONCURRENCY)
    made = pipeline.run(use_cache=False)["default"]["train"]
    with Path(out).open("w") as file:
        for row in made:
            reason = "" if row["generation"] else "no generation"
            file.write(
                json.dumps({"id": row["id"], "text": row["generation"], "reason": reason}) + "\n"
            )


if __name__ == "__main__":
    main(*sys.argv[1:4])
