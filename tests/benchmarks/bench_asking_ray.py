"""B10 through the HTTP processor of ray.data.llm.

    python bench_asking_ray.py QUESTIONS URL OUT

With its defaults the processor asks one question of a batch at a time and works on four batches, so four calls are
in flight. Batches of one row and 64 batches at a time are as near to 64 calls as its settings reach. It tries again
on 408, 429, 502, 503, 504; a 500 comes back as the row's response.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

CONCURRENCY = 64
os.environ["RAY_DATA_DEFAULT_ASYNC_BATCH_UDF_MAX_CONCURRENCY"] = str(CONCURRENCY)
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_DATA_USE_DATASOURCE_V2"] = "0"


def payload(row: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "user", "content": row["text"]}
    return {
        "id": row["id"],
        "payload": {"model": "fake-model", "messages": [message], "temperature": 0},
    }


def said(row: dict[str, Any]) -> dict[str, Any]:
    """Only the words, or the server's error."""
    response = row["http_response"]
    if response.get("error"):
        return {"id": row["id"], "text": "", "reason": str(response["error"])}
    return {"id": row["id"], "text": response["choices"][0]["message"]["content"], "reason": ""}


def main(questions: str, url: str, out: str) -> None:
    import ray
    from ray.data.llm import HttpRequestProcessorConfig, build_processor

    ray.init(
        num_cpus=2,
        object_store_memory=300 * 1024**2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )
    config = HttpRequestProcessorConfig(
        url=f"{url}/chat/completions",
        batch_size=1,
        concurrency=1,
        max_retries=5,
        base_retry_wait_time_in_s=0.5,
    )
    rows = [json.loads(line) for line in Path(questions).read_text().splitlines()]
    asked = build_processor(config, preprocess=payload, postprocess=said)(
        ray.data.from_items(rows, override_num_blocks=2)
    )
    Path(out).write_text("".join(json.dumps(row) + "\n" for row in asked.take_all()))


if __name__ == "__main__":
    main(*sys.argv[1:4])
