"""Options of questions put in a new order, in Arrow."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def reordered(questions: pa.Table, decided: pa.Table) -> pa.Table:
    """Questions with the options and the place of the key that balance decided; rows in one order.

    decided: columns `order` (old places of the options in their new order, null: as they were) and
    `answer_index` (null: as it was). The answer itself is text and stays.
    """
    options = questions["options"].combine_chunks()
    moved = _permuted(options, decided) if len(options) else options
    place = pc.coalesce(decided["answer_index"], questions["answer_index"])
    for name, column in (("options", moved), ("answer_index", place)):
        questions = questions.set_column(questions.schema.get_field_index(name), name, column)
    return questions


def _permuted(options: pa.Array, decided: pa.Table) -> pa.Array:
    lengths = pc.list_value_length(options).to_numpy(zero_copy_only=False)
    ends = np.cumsum(lengths)
    moves = decided["order"].combine_chunks()
    moving = pc.is_valid(moves).to_numpy(zero_copy_only=False)
    places = np.arange(ends[-1])
    new = pc.list_flatten(moves).to_numpy(zero_copy_only=False)
    places[np.repeat(moving, lengths)] = new + np.repeat((ends - lengths)[moving], lengths[moving])
    offsets = pa.array(np.concatenate([[0], ends]), pa.int32())
    values = pc.list_flatten(options).take(pa.array(places))
    return pa.ListArray.from_arrays(offsets, values, type=options.type)
