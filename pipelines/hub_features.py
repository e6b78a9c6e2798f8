"""The Hub's features metadata: what makes `datasets.load_dataset` decode our image columns.

The `datasets` library writes it, once, into a file that ships with the code: importing that library
takes seconds, and the answer changes only with our schemas. A test compares the two.

    python -m pipelines.hub_features     renew the file
"""

import json
from pathlib import Path

from schemas.corpus import CONFIGS

FILE = Path(__file__).parent / "hub_features.json"


def hub_features() -> dict[str, str]:
    """{config: value of the Parquet key "huggingface"}, as shipped."""
    return {name: json.dumps(value) for name, value in json.loads(FILE.read_text("utf-8")).items()}


def ask_library() -> dict[str, object]:
    """The same from the `datasets` library itself."""
    from datasets import Features, Image, List

    found: dict[str, object] = {}
    for config, schema in CONFIGS.items():
        features = Features.from_arrow_schema(schema.remove_metadata())
        if "image" in features:
            features["image"] = Image()
        if "more_images" in features:
            features["more_images"] = List(Image())
        found[config] = json.loads(features.arrow_schema.metadata[b"huggingface"])
    return found


if __name__ == "__main__":
    FILE.write_text(json.dumps(ask_library(), indent=1) + "\n", "utf-8")
