"""Questions to AWS that are asked at once: the same about many things, or one while others are asked."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")


def each(ask: Callable[[Key], Answer], keys: Sequence[Key], at_once: int) -> dict[Key, Answer]:
    """The answer for each key, asked concurrently. The first error ends it: nothing waits for answers nobody wants."""
    if not keys:
        return {}
    pool = ThreadPoolExecutor(max_workers=at_once)
    try:
        return dict(zip(keys, pool.map(ask, keys), strict=True))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def meanwhile(ask: Callable[[], Answer]) -> Iterator[Callable[[], Answer]]:
    """Ask in another thread. The block gets a function that waits for the answer and returns it, or raises what asking
    has raised; a block that ends without the answer does not wait for it.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        yield pool.submit(ask).result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
