"""Answers questions to the history from one view of it and one snapshot of the code. Any thread.

The history knows commits, the snapshot knows what stands where now: here commits get their places in today's code, and
places get their commits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.commits import Commit, CommitHit, Place, Together
from cognate.errors import InvalidRequestError
from cognate.history.find import best_rows, scores_of
from cognate.history.lines import NO_DIGESTS, Digests, digests_of
from cognate.history.log import MOST_FILES
from cognate.history.question import read_question
from cognate.history.ties import commits_of_lines, earlier_names, later_names
from cognate.history.together import changed_with, weighed
from cognate.history.view import BEING_READ, HistoryView, StoredChange
from cognate.index.snapshot import Snapshot
from cognate.search.request import HistoryRequest
from cognate.search.scope import path_test
from cognate.types import Span, Symbol

MOST_PLACES = 5
MOST_TOGETHER = 10
LEAST_TOGETHER = 0.05
"""A file below this score changed together with what is asked by chance."""

NOTHING_CLOSE = "{}; none is close to this question."
NOTHING_WROTE = f"{{}}; none wrote these lines. Lines of a commit with more than {MOST_FILES} files do not count."
NOT_INDEXED = "The file is not in the index, so nothing is known of its lines."


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the history says to one question; see ``cognate.commits.History``."""

    commits: tuple[CommitHit, ...] = ()
    together: tuple[Together, ...] = ()
    message: str = ""


@dataclass
class _Today:
    """Today's code, asked where lines stand. For one question."""

    view: HistoryView
    snapshot: Snapshot
    files: dict[str, "_File"] = field(default_factory=dict[str, "_File"])

    def file(self, path: str) -> "_File":
        """Return a file, read once."""
        if path not in self.files:
            self.files[path] = _read(self.snapshot, path)
        return self.files[path]


@dataclass(frozen=True, slots=True)
class _File:
    """The lines of a file that say enough, and its definitions.

    Attributes:
        digests: of the lines.
        lines: their numbers.
        symbols: the definitions, in order.
        innermost: by line, the one around it that begins last.
    """

    digests: Digests
    lines: NDArray[np.int64]
    symbols: Sequence[Symbol]
    innermost: Mapping[int, Symbol]

    def around(self, line: int) -> tuple[int, int, str | None]:
        """Return the definition around a line; the line alone outside of all."""
        symbol = self.innermost.get(line)
        return (line, line + 1, None) if symbol is None else (symbol.start_line, symbol.end_line, symbol.qualified)


def _read(snapshot: Snapshot, path: str) -> _File:
    digests, lines = [NO_DIGESTS], [np.empty(0, np.int64)]
    for record in snapshot.read_file(path):
        if record.chunk.cell is None:
            found = digests_of(record.chunk.text)
            at = np.flatnonzero(found)
            digests.append(found[at])
            lines.append(at + record.chunk.start_line)
    symbols = [symbol for outline in snapshot.outline(path) for symbol in outline.definitions]
    innermost: dict[int, Symbol] = {}
    for symbol in sorted(symbols, key=lambda s: (s.start_line, -s.end_line)):
        innermost.update(dict.fromkeys(range(symbol.start_line - symbol.attached_lines, symbol.end_line), symbol))
    return _File(np.concatenate(digests), np.concatenate(lines), symbols, innermost)


def remembered(view: HistoryView, snapshot: Snapshot, request: HistoryRequest, cancel: CancelToken) -> Remembered:
    """Answer a question to the history.

    Raises:
        InvalidRequestError: when neither a query nor a place is asked about, or a pattern cannot be read.
        StoreError: when what lies on disk cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    if request.span is None and not request.query.strip() and not request.near:
        raise InvalidRequestError("Say what is looked for in the history, or a place.")
    if not view.n_commits:
        return Remembered(message=view.message if view.is_complete else BEING_READ)
    if request.span is not None:
        return _of_place(view, snapshot, request, request.span, cancel)
    return _of_question(view, snapshot, request, cancel)


def _of_question(view: HistoryView, snapshot: Snapshot, request: HistoryRequest, cancel: CancelToken) -> Remembered:
    question = read_question(request.query)
    scores = scores_of(view, question, _allowed(view, request))
    rows = best_rows(scores, view, request.limit)
    cancel.check()
    numbers = [int(view.numbers[row]) for row in rows]
    hits = _hits(view, snapshot, {n: float(scores[row]) for n, row in zip(numbers, rows, strict=True)}, numbers)
    near = tuple(dict.fromkeys((*request.near, *question.files)))
    if near:
        together = files_changed_with(view, snapshot, near)
    else:
        weights = {hit_number: float(scores[row]) for hit_number, row in zip(numbers, rows, strict=True)}
        together = _together(view, snapshot, weighed(view, weights, ()), ())
    nothing = _none_of(view, NOTHING_CLOSE) if not hits and request.query.strip() else ""
    return Remembered(hits, together, _sentences(nothing, view.message))


def _of_place(
    view: HistoryView, snapshot: Snapshot, request: HistoryRequest, span: Span, cancel: CancelToken
) -> Remembered:
    if not snapshot.ids_in(span.path):
        return Remembered(message=NOT_INDEXED)
    today = _Today(view, snapshot)
    start, end, names = _meant(today, span)
    file = today.file(span.path)
    lines = file.digests[(start <= file.lines) & (file.lines < end)].tolist()
    shares = commits_of_lines(view, span.path, lines, names)
    cancel.check()
    allowed = _allowed(view, request)
    numbers = [n for n in shares if allowed[view.rows_of([n])].all()]
    numbers.sort(key=lambda number: (view.date_of(number), number), reverse=True)
    hits = _hits(view, snapshot, shares, numbers[: request.limit])
    near = tuple(dict.fromkeys((span.path, *request.near)))
    together = files_changed_with(view, snapshot, near)
    return Remembered(hits, together, _sentences("" if hits else _none_of(view, NOTHING_WROTE), view.message))


def _none_of(view: HistoryView, nothing: str) -> str:
    """Return the sentence about a question without an answer: how many commits were read, and what they are not."""
    return nothing.format("1 commit was read" if view.n_commits == 1 else f"{view.n_commits:,} commits were read")


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _meant(today: _Today, span: Span) -> tuple[int, int, tuple[str, ...]]:
    """Return the lines that are asked about, and the name of the definition, if it is one."""
    file = today.file(span.path)
    if span.end_line - span.start_line > 1:
        exact = [s.name for s in file.symbols if s.start_line == span.start_line and s.end_line == span.end_line]
        return span.start_line, span.end_line, tuple(exact)
    symbol = file.innermost.get(span.start_line)
    if symbol is not None:
        return symbol.start_line - symbol.attached_lines, symbol.end_line, (symbol.name,)
    for outline in today.snapshot.outline(span.path):
        if outline.start_line <= span.start_line < outline.end_line:
            return outline.start_line, outline.end_line, ()
    return span.start_line, span.start_line + 1, ()


def _allowed(view: HistoryView, request: HistoryRequest) -> NDArray[np.bool_]:
    """Return which commits the request's limits let through."""
    allowed = np.ones(view.n_commits, np.bool_)
    if request.since is not None:
        allowed &= view.dates >= request.since
    if request.paths:
        has_path = path_test(request.paths)
        wanted = [number for number, path in view.all_paths() if has_path(path)]
        touching = view.commits_touching(wanted)
        allowed &= np.isin(view.numbers, np.fromiter(touching, np.int64))
    return allowed


# -- where commits led to


def _hits(
    view: HistoryView, snapshot: Snapshot, scores: Mapping[int, float], numbers: Sequence[int]
) -> tuple[CommitHit, ...]:
    commits = view.commits(numbers)
    changes: dict[int, list[StoredChange]] = {}
    for change in view.changes_of(numbers):
        changes.setdefault(change.commit, []).append(change)
    today = _Today(view, snapshot)
    return tuple(
        _hit(today, commits[number], scores[number], changes.get(number, ())) for number in numbers if number in commits
    )


def _hit(today: _Today, commit: Commit, score: float, changes: Sequence[StoredChange]) -> CommitHit:
    names = names_now(today.view, today.snapshot, changes)
    places = [place for change in changes for place in _places(today, change, names[change.path])]
    places.sort(key=lambda found: -found[0])
    return CommitHit(
        commit,
        min(1.0, max(0.0, score)),
        tuple(dict.fromkeys(names[change.path] for change in changes)),
        tuple(place for _, place in places[:MOST_PLACES]),
    )


def names_now(view: HistoryView, snapshot: Snapshot, changes: Iterable[StoredChange]) -> dict[int, str]:
    """Return the path that each changed file has today, or had last, by the number of the one it had then."""
    found: dict[int, str] = {}
    own = view.paths({change.path for change in changes})
    for change in changes:
        path = own.get(change.path, "")
        if path not in snapshot.files:
            later = later_names(view, change.path, view.date_of(change.commit))
            if len(later) > 1:
                known = view.paths(later)
                path = next((known[n] for n in later if known.get(n) in snapshot.files), path)
        found[change.path] = path
    return found


def _places(today: _Today, change: StoredChange, path: str) -> list[tuple[int, Place]]:
    """Return where lines of a change still stand, each definition with how many; else the definitions it names."""
    if not today.snapshot.ids_in(path):
        return []
    file = today.file(path)
    counts = Counter(file.around(line) for line in file.lines[np.isin(file.digests, change.lines)].tolist())
    if counts:
        return [(n, Place(path, *where)) for where, n in counts.items()]
    named = [symbol for symbol in file.symbols if symbol.name in change.names]
    return [(0, Place(path, symbol.start_line, symbol.end_line, symbol.qualified)) for symbol in named]


# -- what changes together


def files_changed_with(view: HistoryView, snapshot: Snapshot, near: Sequence[str]) -> tuple[Together, ...]:
    """Return the files of the snapshot that usually change with some files, the likeliest first.

    Raises:
        StoreError: when the history cannot be read.
    """
    return _together(view, snapshot, changed_with(view, near), near)


def _together(
    view: HistoryView, snapshot: Snapshot, found: Mapping[int, tuple[float, int]], near: Sequence[str]
) -> tuple[Together, ...]:
    best = sorted(found.items(), key=lambda item: (-item[1][0], item[0]))[: 4 * MOST_TOGETHER]
    names = view.paths([number for number, _ in best])
    by_path: dict[str, Together] = {}
    for number, (score, commits) in best:
        path = names.get(number, "")
        if path in snapshot.files and path not in near and path not in by_path and score >= LEAST_TOGETHER:
            by_path[path] = Together(path, min(1.0, score), commits)
    return tuple(by_path.values())[:MOST_TOGETHER]


def changed_most(view: HistoryView, snapshot: Snapshot, near: str, paths: Iterable[str]) -> dict[str, Place]:
    """Return what commits changed most often in files when they changed another one, too, by path.

    A definition goes before a line outside of all; a file of which nothing that they wrote is left has none.

    Args:
        view: the history.
        snapshot: today's code.
        near: the path of the other file.
        paths: of the files.

    Raises:
        StoreError: when the history cannot be read.
    """
    commits = view.commits_touching(earlier_names(view, near))
    today = _Today(view, snapshot)
    found: dict[str, Place] = {}
    for path in paths:
        counts: Counter[Place] = Counter()
        for change in view.changes_to(earlier_names(view, path)):
            if change.commit in commits:
                counts.update({place for _, place in _places(today, change, path)})
        if counts:
            found[path] = min(counts, key=lambda place: (place.symbol is None, -counts[place], place.start_line))
    return found
