"""The five released configs, column by column. `medgrain schema` prints them; check them in, break them never."""

import pyarrow as pa

from schemas.conversation import TURN
from schemas.image import IMAGE, PICTURE
from schemas.passage import PASSAGE
from schemas.question import QUESTION
from schemas.region import REGION
from schemas.sentence import SENTENCE
from schemas.verdict import VERDICT
from schemas.volume import VOLUME

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
        # In the order of more_image_ids. Nullable, though never null, as `image` of IMAGE is.
        pa.field("more_images", pa.list_(PICTURE)),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("license", pa.string(), nullable=False),
        pa.field("patient_key", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("generator", GENERATOR, nullable=False),
        pa.field("verdicts", pa.list_(VERDICT), nullable=False),
    ]
)

CONVERSATIONS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("image", PICTURE),
        pa.field("turns", pa.list_(TURN), nullable=False),  # user and assistant in turn
        pa.field("modality", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("license", pa.string(), nullable=False),
        pa.field("patient_key", pa.string(), nullable=False),
        pa.field("split", pa.string(), nullable=False),
        pa.field("generator", GENERATOR, nullable=False),
        pa.field("verdicts", pa.list_(VERDICT), nullable=False),
    ]
)

VOLUMES = pa.schema(list(VOLUME))

CONFIGS = {
    "images": IMAGES,
    "triplets": TRIPLETS,
    "vqa": VQA,
    "conversations": CONVERSATIONS,
    "volumes": VOLUMES,
}
"""A config of which a corpus has no row is not released."""

CONTRACT_VERSION = 1
