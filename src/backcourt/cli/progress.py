"""A run's progress on stderr: a Rich bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from backcourt.cli.output import say


@contextmanager
def progress() -> Iterator[Callable[[dict[str, Any]], None]]:
    """Gives the function that takes a run's events."""
    if not sys.stderr.isatty():
        yield _plain
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        tasks: dict[str, Any] = {}

        def show(event: dict[str, Any]) -> None:
            table = event.get("table")
            if event["event"] == "chunk_started" and table:
                if table not in tasks:
                    tasks[table] = bar.add_task(str(table), total=0, told="")
                task = bar.tasks[tasks[table]]
                bar.update(tasks[table], total=(task.total or 0) + event["partitions"])
            elif event["event"] == "chunk_built" and table:
                done = event["built"] + event["unchanged"] + event["failed"]
                bar.update(tasks[table], advance=done, told=f"{event['rows']:,} rows")
            elif event["event"] == "partition_failed":
                bar.console.print(f"failed: {table} {event['date']}: {event['message']}")

        yield show


def _plain(event: dict[str, Any]) -> None:
    if event["event"] == "chunk_built":
        say(
            f"{event['table']}: {event['built']:,} built, {event['unchanged']:,} unchanged, {event['failed']} failed, "
            f"{event['rows']:,} rows, {event['seconds']:.2f} s"
        )
    elif event["event"] == "partition_failed":
        say(f"failed: {event['table']} {event['date']}: {event['message']}")
