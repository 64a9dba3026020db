"""Chunks with the very same text: one of them answers, and names where the others are. Any thread, one snapshot."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cognate.index.snapshot import Snapshot
from cognate.search.retrieve import Candidates
from cognate.types import ChunkId, ChunkRecord, Span
from cognate.workspace.path_facts import path_facts

MOST_ALIKE = 4
"""Candidates that seem to be copies of one chunk; more are left out, so that there is room for others."""

CROWDED = 0.25
"""Share of copies among the candidates from which on others are looked for in their place."""


MOST_ROUNDS = 5  # Of retrieving; a round finds some hundred copies.


def surplus(snapshot: Snapshot, found: Candidates, kept: Collection[ChunkId]) -> frozenset[ChunkId]:
    """Return the candidates to leave out, as others seem to be copies of them, in folders less deep. Reads no text."""
    named = Counter(map(_name, dict.fromkeys(found.paths.values())))
    common = {name for name, count in named.items() if count > MOST_ALIKE}
    alike: dict[tuple[str, str], list[ChunkId]] = {}
    for number, path in found.paths.items() if common else ():
        if (name := _name(path)) in common:
            entry = snapshot.files[path]
            alike.setdefault((name, entry.outlines[entry.ids.index(number)]), []).append(number)
    gone: set[ChunkId] = set()
    for numbers in alike.values():
        if len(numbers) > MOST_ALIKE:
            numbers.sort(key=lambda i: (found.paths[i].count("/"), found.paths[i]))
            gone.update(numbers[MOST_ALIKE:])
    return frozenset(gone.difference(kept))


def without_surplus(
    snapshot: Snapshot,
    retrieve: Callable[[frozenset[ChunkId] | None], Candidates],
    allowed: frozenset[ChunkId] | None,
    kept: Collection[ChunkId] = (),
) -> Candidates:
    """Return what is retrieved, few copies of anything; where most are copies, others are retrieved, too.

    Args:
        snapshot: what is searched.
        retrieve: returns candidates among the chunks that are given to it, None for all.
        allowed: the chunks to choose from, None for all.
        kept: chunks that stay whatever they are copies of.
    """
    found = retrieve(allowed)
    gone = surplus(snapshot, found, kept)
    for _ in range(MOST_ROUNDS):
        if len(gone) <= CROWDED * len(found.paths):
            break
        everything = allowed if allowed is not None else {i for path in snapshot.paths() for i in snapshot.ids_in(path)}
        allowed = frozenset(everything - gone)
        found = retrieve(allowed)
        gone = surplus(snapshot, found, kept)
    return replace(found, paths={i: path for i, path in found.paths.items() if i not in gone}) if gone else found


def copies_among(
    records: Sequence[ChunkRecord], near: Sequence[float] | NDArray[np.float64], first: Collection[int] = ()
) -> Mapping[int, tuple[int, ...]]:
    """Return for one of the rows that have the same text the others.

    The one is among the first, else nearest to the user, in no folder of tests or examples, in the least deep folder.

    Args:
        records: the chunks.
        near: how near each one's file is to the user.
        first: rows that the query points at.
    """
    alike: dict[str, list[int]] = {}
    for row, record in enumerate(records):
        alike.setdefault(record.chunk.text, []).append(row)

    def rank(row: int) -> tuple[bool, float, bool, int, str, int]:
        path = records[row].path
        return (
            row not in first,
            -near[row],
            bool(path_facts(path).kinds),
            path.count("/"),
            path,
            records[row].chunk.start_line,
        )

    several = (sorted(rows, key=rank) for rows in alike.values() if len(rows) > 1)
    return {best: tuple(others) for best, *others in several}


def locations_of_copies(
    snapshot: Snapshot, record: ChunkRecord, known: Sequence[ChunkRecord], allowed: frozenset[ChunkId] | None
) -> tuple[Span, ...]:
    """Return where the text of a chunk also stands, by path and line.

    Args:
        snapshot: what is searched.
        record: the chunk.
        known: copies of it that are known. There may be more: a file of the same name in another folder, often.
        allowed: the chunks that may be named, None for all.
    """
    if not known:
        return ()
    found = {copy.id: copy for copy in known}
    more = [i for i in _chunks_like(snapshot, record) if i not in found and (allowed is None or i in allowed)]
    found.update((copy.id, copy) for copy in snapshot.read(more) if copy.chunk.text == record.chunk.text)
    chunks = sorted((copy.path, copy.chunk.start_line, copy.chunk.end_line, copy.chunk.cell) for copy in found.values())
    return tuple(Span(*chunk) for chunk in chunks)


def _chunks_like(snapshot: Snapshot, record: ChunkRecord) -> Iterator[ChunkId]:
    """Yield the chunks of the same lines and symbols in files of the same name."""
    name, end = _name(record.path), f"/{_name(record.path)}"
    own = snapshot.files[record.path]
    outline = own.outlines[own.ids.index(record.id)]
    for path in snapshot.paths():
        if (path.endswith(end) or path == name) and path != record.path:
            entry = snapshot.files[path]
            yield from (i for i, other in zip(entry.ids, entry.outlines, strict=True) if other == outline)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
