"""Question: one VQA item, its key, and the ids the key rests on."""

from dataclasses import dataclass, field

import pyarrow as pa

FACT_TYPES = (
    "modality", "plane", "anatomy", "finding_present", "which_finding", "where_position",
    "where_side", "how_many", "how_large", "larger_of_two", "relation", "appearance",
)  # fmt: skip
"""Types whose keys are the facts' own words."""

MODEL_TYPES = ("best_diagnosis", "next_step", "comparison")
"""Types that only a model writes: their keys need knowledge besides the facts."""

QUESTION_TYPES = FACT_TYPES + MODEL_TYPES

QUESTION = pa.struct(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("image_id", pa.string(), nullable=False),
        pa.field("question", pa.string(), nullable=False),
        pa.field("question_type", pa.string(), nullable=False),
        pa.field("options", pa.list_(pa.string()), nullable=False),  # empty: open answer
        pa.field("answer", pa.string(), nullable=False),
        pa.field("answer_index", pa.int32()),  # place of the answer among the options, from 0
        pa.field("answer_value", pa.float64()),  # unrounded, for measured answers
        pa.field("unit", pa.string()),
        pa.field("tolerance", pa.float64()),  # absolute, in `unit`
        pa.field("region_ids", pa.list_(pa.string()), nullable=False),
        pa.field("fact_ids", pa.list_(pa.string()), nullable=False),
        pa.field("passage_ids", pa.list_(pa.string()), nullable=False),
        pa.field("rationale", pa.string()),
        pa.field("twin_id", pa.string()),  # the item of the same kind with the opposite answer
        # Further images of an item on several; `image_id` is the first of them.
        pa.field("more_image_ids", pa.list_(pa.string()), nullable=False),
    ]
)


@dataclass(frozen=True)
class Question:
    """One row of QUESTION."""

    id: str
    image_id: str
    question: str
    question_type: str
    options: list[str]
    answer: str
    answer_index: int | None = None
    answer_value: float | None = None
    unit: str | None = None
    tolerance: float | None = None
    region_ids: list[str] = field(default_factory=list)
    fact_ids: list[str] = field(default_factory=list)
    passage_ids: list[str] = field(default_factory=list)
    rationale: str | None = None
    twin_id: str | None = None
    more_image_ids: list[str] = field(default_factory=list)
