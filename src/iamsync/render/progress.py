"""How far an apply is, on a terminal; nothing where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from iamsync.core.plan import Outcome


@contextmanager
def progress(total: int) -> Iterator[Callable[[Outcome], None]]:
    """A bar on stderr that moves with each outcome and is gone at the end."""
    console = Console(stderr=True)
    columns = (TextColumn("applying"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not (console.is_terminal and total)) as bar:
        task = bar.add_task("applying", total=total)
        yield lambda _: bar.advance(task)
