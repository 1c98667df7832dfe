"""A progress bar on a terminal, and nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int, str], None]]:
    """Give a function of (done, total, label) that draws a bar on standard error while the block runs.

    A total of 0 is one that nobody knows yet: the bar only shows that there is work. Labels are shown as they are.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    label_column = TextColumn("{task.description}", markup=False)  # a label may hold a layer's name, hence brackets
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), label_column)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def show(done: int, total: int, label: str) -> None:
            text = "".join(letter if letter.isprintable() else " " for letter in label)
            bar.tasks[0].total = total or None  # `update` cannot take a total back
            bar.update(task, completed=done, description=text)

        yield show
