"""How far an apply is, on a terminal; nothing where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from iamsync.core.plan import Outcome


@contextmanager
def progress(total: int) -> Iterator[Callable[[Outcome], None]]:
    """A bar on stderr that moves with each outcome and is gone at the end."""
    console = Console(stderr=True)
    if not (console.is_terminal and total):
        yield lambda _: None
        return
    from rich import progress as rich  # noqa: PLC0415 - only people watch

    columns = (
        rich.TextColumn("applying"),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TimeElapsedColumn(),
    )
    with rich.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("applying", total=total)
        yield lambda _: bar.advance(task)
