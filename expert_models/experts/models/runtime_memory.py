"""When memory runs out: half the batch, down to one, and no other change of what is found."""

import gc
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from expert_models.experts.base import Refusal

One = TypeVar("One")
Made = TypeVar("Made")

REASON = "expert_out_of_memory"
DETAIL_CHARS = 300
ALLOCATION = (
    "out of memory",  # CUDA, HIP, MPS
    "not enough memory",  # torch on a CPU: "DefaultCPUAllocator: not enough memory"
    "can't allocate memory",
    "failed to allocate memory",  # ONNX Runtime: "Failed to allocate memory for requested buffer"
    "alloc_failed",  # CUDNN_STATUS_ALLOC_FAILED, CUBLAS_STATUS_ALLOC_FAILED
    "bad_alloc",  # std::bad_alloc
    "bad allocation",
)
"""What allocators say in errors that have no type of their own, in lower case."""


def is_out_of_memory(error: BaseException) -> bool:
    """An allocation that failed: MemoryError, torch's, or ONNX Runtime's, which is known by its text."""
    if isinstance(error, MemoryError):
        return True
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(error, torch.OutOfMemoryError):
        return True
    if not isinstance(error, RuntimeError) and "onnxruntime" not in type(error).__module__:
        return False
    text = str(error).lower()
    return any(words in text for words in ALLOCATION)


def free_memory() -> None:
    """Give back what the failed attempt held on a GPU; on the host it is gone with its last name."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()


def halving(
    predict: Callable[[Sequence[One]], Sequence[Made]],
    batch: Sequence[One],
    alone: Callable[[One], Made],
) -> list[Made]:
    """`predict(batch)`, in halves where memory runs out, in quarters where it still does, down to one.

    Each prediction is a function of its own scan, so halves give what the whole would have given. One that
    does not fit alone becomes `alone(it)`, such as `too_large(it)`. Other errors rise.
    """
    try:
        return list(predict(batch))
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    # The error is gone here, and with its frames the tensors they held.
    free_memory()
    if len(batch) > 1:
        middle = len(batch) // 2
        upper = halving(predict, batch[:middle], alone)
        return upper + halving(predict, batch[middle:], alone)
    return [alone(one) for one in batch]


def too_large(_: object) -> Refusal:
    """What becomes of a scan that does not fit into memory alone."""
    return Refusal(REASON, "not even one at a time fits into memory")


def contained(work: Callable[..., Made], *given: object) -> Made | Refusal:
    """`work(*given)`, or the Refusal that its failure is: one scan costs itself and no other."""
    try:
        return work(*given)
    except Exception as error:  # code and weights that are not ours may fail in any way
        if is_out_of_memory(error):
            return too_large(given)
        return Refusal("expert_failed", f"{type(error).__name__}: {_short(error)}")


def _short(error: Exception) -> str:
    """First and last line of a message: between them frameworks tell their stack, with paths."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    told = lines[0] if len(lines) == 1 else f"{lines[0]} ... {lines[-1]}"
    return told[:DETAIL_CHARS]
