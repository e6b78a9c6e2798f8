"""Work done ahead in threads, so much of it at a time, in the order it was given."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def ahead(
    pool: ThreadPoolExecutor, work: Callable[[Given], Made], items: Iterable[Given], most: int
) -> Iterator[Made]:
    """`work(item)` in order; at most `most` items are begun and not yet taken.

    `items` is read as room comes, so a generator that decodes pictures stays flat in memory. What is
    left when the iterator is closed is cancelled.
    """
    begun: deque[Future[Made]] = deque()
    try:
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) >= most:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()
