"""Items written as a build releases them, without pixels."""

from pathlib import Path

import pyarrow.parquet as pq

from quality.probe.material import Item
from schemas.conform import plain, to_table
from schemas.corpus import TRIPLETS, VQA


def release(items: list[Item], out: Path) -> Path:
    """The folder `out`, which now holds the corpus."""
    generator = {"backend": "facts", "model": "m", "revision": "1", "prompt_sha256": None}
    triplets, vqa = [], []
    for item in items:
        image = plain(item.sheet.image) | {"facts": plain(item.sheet.facts)}
        shared = {"generator": generator, "verdicts": []}
        triplets.append(image | shared | {
            "regions": plain(item.sheet.regions), "description": "", "sentences": plain(item.sentences),
            "passages": plain(item.passages)})  # fmt: skip
        vqa += [plain(q) | {k: image[k] for k in ("image", "modality", "source", "license",
                                                  "patient_key", "split")} | shared for q in item.questions]  # fmt: skip
    for name, rows, schema in (("triplets", triplets, TRIPLETS), ("vqa", vqa, VQA)):
        folder = out / "corpus" / "data" / name
        folder.mkdir(parents=True)
        pq.write_table(to_table(rows, schema), folder / "train-00000-of-00001.parquet")
    return out
