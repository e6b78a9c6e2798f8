"""The three released configs, column by column. `medgrain schema` prints them; check them in, break them never."""

import pyarrow as pa

from schemas.image import IMAGE, PICTURE
from schemas.passage import PASSAGE
from schemas.question import QUESTION
from schemas.region import REGION
from schemas.sentence import SENTENCE
from schemas.verdict import VERDICT

GENERATOR = pa.struct(
    [
        pa.field("backend", pa.string(), nullable=False),
        pa.field("model", pa.string(), nullable=False),
        pa.field("revision", pa.string(), nullable=False),
        pa.field("prompt_sha256", pa.string()),  # null: the backend has no prompt
    ]
)

IMAGES = pa.schema(list(IMAGE))

TRIPLETS = pa.schema(
    [
        *IMAGE,
        pa.field("regions", pa.list_(REGION), nullable=False),
        pa.field("description", pa.string(), nullable=False),  # the sentences, joined by a space
        pa.field("sentences", pa.list_(SENTENCE), nullable=False),
        pa.field("passages", pa.list_(PASSAGE), nullable=False),
        pa.field("generator", GENERATOR, nullable=False),
        pa.field("verdicts", pa.list_(VERDICT), nullable=False),
    ]
)

VQA = pa.schema(
    [
        *QUESTION,
        pa.field("image", PICTURE),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("license", pa.string(), nullable=False),
        pa.field("patient_key", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("generator", GENERATOR, nullable=False),
        pa.field("verdicts", pa.list_(VERDICT), nullable=False),
    ]
)

CONFIGS = {"images": IMAGES, "triplets": TRIPLETS, "vqa": VQA}
CONTRACT_VERSION = 1
