"""How answers look on a terminal. The only module that writes to stdout, besides the protocol."""

import json
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cognate.types import Hit, Status

SIGNALS_SHOWN = 5


def write_line(text: str) -> None:
    """Write one line to stdout."""
    sys.stdout.write(text + "\n")


def write_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object on a line of its own."""
    write_line(json.dumps(value, ensure_ascii=False))


def write_hits(hits: Sequence[Hit], *, explain: bool = False, prefix: str | None = None) -> None:
    """Write hits so that a person sees where and why, and an editor can follow ``path:line``."""
    from rich.console import Console  # noqa: PLC0415 - what is read by programs needs none of it
    from rich.text import Text  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for hit in hits:
        path = hit.path if not prefix or prefix == "." else f"{prefix.rstrip('/')}/{hit.path}"
        cell = "" if hit.cell is None else f" cell {hit.cell + 1}"
        head = Text(f"{path}:{hit.focus_line + 1}", "bold cyan") + Text(cell, "cyan")
        if hit.symbol is not None:
            head += Text(f"  {hit.symbol.kind} {hit.symbol.qualified}", "green")
        head += Text(f"  {hit.score:.2f}", "dim") + Text("  stale" if hit.stale else "", "yellow")
        console.print(head)
        console.print(Text(f"    {hit.focus_text.strip()}"))
        if explain and hit.why:
            shown = list(hit.why.items())[:SIGNALS_SHOWN]
            console.print(Text("    because " + ", ".join(f"{k} {v:+.2f}" for k, v in shown), "dim"))


def status_fields(status: Status) -> dict[str, object]:
    """Return an engine's state as JSON has it."""
    return {
        "state": status.index.state.value,
        "summary": status.index.summary,
        "folder": status.folder,
        "files": status.files,
        "chunks": status.index.chunks,
        "coverage": round(status.index.coverage, 4),
        "generation": status.index.generation,
        "model": status.model,
        "store": status.store,
        "message": status.message,
    }


def write_status(status: Status, *, as_json: bool) -> None:
    """Write an engine's state."""
    if as_json:
        write_json(status_fields(status))
        return
    info = status.index
    write_line(f"{status.folder}: {info.summary}")
    write_line(f"  {status.files} files, {info.chunks} chunks, {info.coverage:.0%} embedded with {status.model}")
    write_line(f"  index in {status.store}")
    if status.message:
        write_line(f"  {status.message}")


def write_change(status: Status) -> None:
    """Write one line on the index after a change."""
    info = status.index
    write_line(f"generation {info.generation}: {status.files} files, {info.chunks} chunks")


def write_note(message: str) -> None:
    """Write a sentence for people to stderr, out of the way of answers."""
    sys.stderr.write(f"cognate: {message}\n")


@contextmanager
def progress(*, enabled: bool) -> Generator[Callable[[Status], None]]:
    """Show what an engine is doing on stderr while the block runs; yields what to subscribe with."""
    if not enabled:
        yield lambda status: None
        return
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("opening", total=None, counts="")

        def show(status: Status) -> None:
            if status.queue_files:
                total, done = status.files + status.queue_files, status.files
                counts = f"{done:,} of {total:,} files"
            else:
                total, done = status.index.chunks, status.index.chunks - status.queue_chunks
                counts = f"{done:,} of {total:,} chunks"
            description = status.phase or status.index.state.value
            bars.update(task, description=description, total=total or None, completed=done, counts=counts)

        yield show
