"""The Hub's features metadata: what makes `datasets.load_dataset` decode our image column."""

import json

from schemas.corpus import CONFIGS


def hub_features() -> dict[str, str]:
    """{config: value of the Parquet key "huggingface"}, written by the `datasets` library itself."""
    from datasets import Features, Image

    texts = {}
    for config, schema in CONFIGS.items():
        features = Features.from_arrow_schema(schema.remove_metadata())
        features["image"] = Image()
        metadata = features.arrow_schema.metadata[b"huggingface"]
        texts[config] = json.dumps(json.loads(metadata), sort_keys=True)
    return texts
