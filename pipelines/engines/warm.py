"""What the first row of a process would import, imported before workers are forked.

pyarrow imports pandas at the first list it converts, and the perceptual hash imports parts of SciPy:
together more than a second, once a process, unless the process they are forked from has it already.
"""

import numpy as np

import pipelines.run_task  # noqa: F401  (all phases)
from schemas.conform import to_table
from schemas.reject import REJECT
from transforms.encode import perceptual_hash

to_table([], REJECT)
perceptual_hash(np.zeros((8, 8), np.uint8))
