"""How answers look on a terminal. The only module that writes to stdout, besides the protocol.

What a thread writes goes to the process's own streams, or, in ``written_to``, to those of another process's terminal.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

from cognate.commits import CommitHit, Together, iso_date
from cognate.duplicates import Cluster
from cognate.types import Hit, IndexInfo, State, Status, Timing, also

SIGNALS_SHOWN = 5
PLACES_SHOWN = 3  # Of a commit.
SHORT_ID = 10  # Digits of a commit's name.
LONGEST_SHOWN = 240  # Characters of a line; more of it is data, and buries the other answers.

CURRENT = frozenset({State.READY, State.LEXICAL_ONLY})
"""States in which a change has been brought in as far as it can be."""

UNDER_WAY = frozenset({State.INDEXING, State.CATCHING_UP})
"""States in which there is more to do."""

QUERY = "query"
"""What the times of searches are called."""

_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal may take for a command, what makes text look as if it stood elsewhere, and half a character."""

STYLES = {"bold": 1, "dim": 2, "green": 32, "yellow": 33, "cyan": 36}
"""Codes of the styles in use."""

_COLOURS = 30
"""Codes from there on are colours."""


class Terminal:
    """Where answers are shown, and how.

    Attributes:
        out: for answers.
        err: for sentences beside them.
        styles: codes of the styles that may be used there; none where it shows none.
    """

    def __init__(self, out: TextIO, err: TextIO, environment: Mapping[str, str], *, is_terminal: bool) -> None:
        self.out, self.err = out, err
        shows = (is_terminal or environment.get("FORCE_COLOR")) and environment.get("TERM") not in {"dumb", "unknown"}
        most = _COLOURS if environment.get("NO_COLOR") else max(STYLES.values())
        self.styles = {name: code for name, code in STYLES.items() if shows and code <= most}


_elsewhere: ContextVar[Terminal | None] = ContextVar("_elsewhere", default=None)


def _terminal() -> Terminal:
    if (elsewhere := _elsewhere.get()) is not None:
        return elsewhere
    is_terminal = sys.stdout.isatty()
    if is_terminal and sys.platform == "win32":
        os.system("")  # Has the console understand styles.
    return Terminal(sys.stdout, sys.stderr, os.environ, is_terminal=is_terminal)


@contextmanager
def written_to(terminal: Terminal) -> Generator[None]:
    """Have this thread write to another process's terminal while the block runs."""
    token = _elsewhere.set(terminal)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def cut(text: str) -> str:
    """Return a text out of a file as it may stand on one line of a terminal: nothing acts, and not too long."""
    if len(text) > LONGEST_SHOWN:
        text = text[: LONGEST_SHOWN - 1] + "…"
    return _safe(text)


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def write_line(text: str) -> None:
    """Write one line to stdout."""
    _put(_terminal().out, _safe(text) + "\n")


def _put(out: TextIO, text: str) -> None:
    """Write text; a pipe on Windows may know few characters, and gets question marks for the others."""
    try:
        out.write(text)
    except UnicodeEncodeError:
        out.write(text.encode(out.encoding, "replace").decode(out.encoding))


def write_json(value: Mapping[str, Any]) -> None:
    """Write one JSON object on a line of its own, its texts whole and as they are."""
    text, out = json.dumps(value, ensure_ascii=False), _terminal().out
    try:
        out.write(text + "\n")
    except UnicodeEncodeError:  # Half a character, or a terminal that knows few; JSON has a way to write both.
        out.write(json.dumps(value) + "\n")


def write_hits(hits: Sequence[Hit], *, explain: bool = False, prefix: str | None = None, query: str = "") -> None:
    """Write hits so that a person sees where and why, and an editor can follow ``path:line``.

    Args:
        hits: best first.
        explain: whether to say why they are there.
        prefix: what their paths are relative to, if that is not the current folder.
        query: what was asked; a hit that another wording found says so.
    """
    write = _writer()
    for hit in hits:
        path = _from(prefix, hit.path)
        write(
            (f"{_safe(path)}:{hit.focus_line + 1}", "bold cyan"),
            ("" if hit.cell is None else f" cell {hit.cell + 1}", "cyan"),
            (f"  {hit.symbol.kind} {cut(hit.symbol.qualified)}" if hit.symbol is not None else "", "green"),
            (f"  {hit.score:.2f}", "dim"),
            ("  stale" if hit.stale else "", "yellow"),
            (f" {also(len(hit.copies))}" if hit.copies else "", "dim"),
            (f"  as “{cut(hit.found_by)}”" if hit.found_by is not None and hit.found_by != query else "", "dim"),
        )
        write((f"    {cut(hit.focus_text.strip())}", ""))
        if explain and hit.why:
            shown = list(hit.why.items())[:SIGNALS_SHOWN]
            write(("    because " + ", ".join(f"{k} {v:+.2f}" for k, v in shown), "dim"))


def _writer() -> Callable[..., None]:
    """Return what writes a line of parts, each with its style."""
    terminal = _terminal()

    def write(*parts: tuple[str, str]) -> None:
        _put(terminal.out, "".join(_styled(text, style, terminal.styles) for text, style in parts) + "\n")

    return write


def _styled(text: str, style: str, styles: Mapping[str, int]) -> str:
    """Return a text between what turns its style on and off, as far as the terminal shows that."""
    codes = ";".join(str(styles[name]) for name in style.split() if name in styles)
    return f"\x1b[{codes}m{text}\x1b[0m" if codes and text else text


def write_clusters(clusters: Sequence[Cluster], *, prefix: str | None = None) -> None:
    """Write clusters of definitions that do the same, each a line of its own and below it its members.

    Args:
        clusters: in order.
        prefix: as for ``write_hits``.
    """
    write = _writer()
    for cluster in clusters:
        lines = max(member.end_line - member.start_line for member in cluster.members)
        write((f"{len(cluster.members)} places, {lines} lines each at most  {cluster.likeness:.2f}", "bold"))
        for member in cluster.members:
            write(
                (f"    {_safe(_from(prefix, member.path))}:{member.start_line + 1}-{member.end_line}", "cyan"),
                ("" if member.cell is None else f" cell {member.cell + 1}", "cyan"),
                (f"  {member.symbol.kind} {cut(member.symbol.qualified)}", "green"),
            )


def write_commits(hits: Sequence[CommitHit], *, prefix: str | None = None) -> None:
    """Write commits, each with what it led to in today's code.

    Args:
        hits: in order.
        prefix: as for ``write_hits``.
    """
    write = _writer()
    for hit in hits:
        commit = hit.commit
        write(
            (commit.id[:SHORT_ID], "yellow"),
            (f"  {iso_date(commit.date)[:10]}", "green"),
            (f"  {cut(commit.subject)}", "bold"),
            (f"  {hit.score:.2f}", "dim"),
        )
        for place in hit.places[:PLACES_SHOWN]:
            write(
                (f"    {_safe(_from(prefix, place.path))}:{place.start_line + 1}", "cyan"),
                (f"  {cut(place.symbol)}" if place.symbol else "", "green"),
            )
        if not hit.places and hit.files:
            files = ", ".join(_safe(_from(prefix, path)) for path in hit.files[:PLACES_SHOWN])
            more = len(hit.files) - PLACES_SHOWN
            write((f"    changed {files}{f' and {more} more' if more > 0 else ''}", "dim"))


def write_together(files: Sequence[Together], *, title: str, prefix: str | None = None) -> None:
    """Write files that usually change together with what was asked about."""
    write = _writer()
    write((f"{title}:", "bold"))
    for file in files:
        commits = f"{file.commits} {'commit' if file.commits == 1 else 'commits'}"
        write((f"    {_safe(_from(prefix, file.path))}", "cyan"), (f"  {file.score:.2f}, {commits}", "dim"))


def _from(prefix: str | None, path: str) -> str:
    return path if not prefix or prefix == "." else f"{prefix.rstrip('/')}/{path}"


def place_fields(path: str, start_line: int, end_line: int, cell: int | None = None) -> dict[str, object]:
    """Return where some lines stand as JSON has it: counted from 1, the last one included."""
    fields: dict[str, object] = {"path": path, "start_line": start_line + 1, "end_line": end_line}
    return fields if cell is None else {**fields, "cell": cell + 1}


def status_fields(status: Status, *, times: bool = False, summary: str = "") -> dict[str, object]:
    """Return an engine's state as JSON has it, with how long queries and jobs take if that is wanted."""
    return {
        "state": status.index.state.value,
        "summary": summary or status.index.summary,
        "folder": status.folder,
        "files": status.files,
        "chunks": status.index.chunks,
        "coverage": round(status.index.coverage, 4),
        "word_coverage": round(status.index.word_coverage, 4),
        "generation": status.index.generation,
        "model": status.model,
        "store": status.store,
        "message": status.message,
        "details": status.details_and_times if times else dict(status.details),
        **({"times": {name: _timing_fields(timing) for name, timing in status.times.items()}} if times else {}),
    }


def _timing_fields(timing: Timing) -> dict[str, float]:
    return {
        "p50_ms": round(timing.p50_ms, 3), "last_ms": round(timing.last_ms, 3),
        "count": timing.count, "total_s": round(timing.total_s, 3),
    }  # fmt: skip


def nothing_to_index(info: IndexInfo, folder: object) -> str:
    """Return what to say of a folder without any file to index, as far as its index is known to be complete."""
    if info.chunks or info.state not in CURRENT:
        return ""
    return f"There is no file to index in {folder}; cognate explain FILE says why one is left out."


def write_state(info: IndexInfo, folder: object) -> None:
    """Write on stderr what is to be known of the index behind an answer: it is not complete, or nothing is in it."""
    if nothing := nothing_to_index(info, folder):
        write_note(nothing)
    elif info.state in UNDER_WAY and info.coverage < 1.0:
        write_note(f"{info.extent}. An editor goes on with the rest, or cognate index.")


def write_status(status: Status, *, as_json: bool, times: bool = False, goes_on_with: str = "") -> None:
    """Write an engine's state.

    Args:
        status: the state.
        as_json: whether as JSON.
        times: whether with how long queries take; in JSON jobs, too.
        goes_on_with: the command that goes on where no process is at work.
    """
    info = status.index
    summary = info.summary
    if goes_on_with and info.state in UNDER_WAY:
        summary = f"{info.extent}; nobody is indexing: {goes_on_with} goes on"
    nothing = nothing_to_index(info, status.folder)
    if as_json:
        write_json(status_fields(status, times=times, summary=summary))
        if nothing:
            write_note(nothing)
        return
    if nothing:
        write_line(nothing)
        return
    write_line(f"{status.folder}: {summary}")
    by_model, by_words = info.percentages
    write_line(
        f"  {status.files} files, {info.chunks} chunks, {by_model}% embedded with {status.model}, "
        f"{by_words}% found by words and the translation table"
    )
    for name, detail in status.details.items():
        write_line(f"  {name}: {detail}")
    if times and QUERY in status.times:
        stages = {name.partition(": ")[2]: took for name, took in status.times.items() if name.startswith(f"{QUERY}: ")}
        last = ", ".join(f"{stage} {took.last_ms:.1f}" for stage, took in stages.items())
        write_line(f"  {QUERY}: {status.times[QUERY]} (last: {last})")
    write_line(f"  index in {status.store}")
    if status.message:
        write_line(f"  {status.message}")


def write_change(status: Status) -> None:
    """Write one line on the index after a change."""
    info = status.index
    write_line(f"generation {info.generation}: {status.files} files, {info.chunks} chunks")


def write_note(message: str) -> None:
    """Write sentences for people to stderr, out of the way of answers."""
    _terminal().err.write("cognate: " + "\n".join(map(_safe, message.split("\n"))) + "\n")


def write_wordings(also: Sequence[str]) -> None:
    """Write the other wordings that were searched for on one line of stderr; nothing where there are none."""
    if also:
        _terminal().err.write(f"also: {_safe(' · '.join(also))}\n")


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
