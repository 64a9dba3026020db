"""What stands beside a definition in the same role. Any thread, one snapshot."""

import math
import re
from collections.abc import Iterable

from cognate.languages.registry import entry_of
from cognate.search.declarations import CALLABLE, TYPES
from cognate.search.related.place import DATA, Candidate, Place, ids_of, part_of, stems_of, words_holding
from cognate.search.related.uses import family_of, uses_in
from cognate.types import ChunkId, ChunkRecord, Symbol
from cognate.words import common_start, split_identifier

# What makes a sibling, in points; judged by eye on eight projects, and together more than one.
SAME_BASE = 0.45
SAME_NAME = 0.35
SAME_CONTAINER = 0.3
SAME_FILE = 0.2
SAME_FOLDER = 0.12
SAME_PATTERN = 0.3
SAME_DECORATOR = 0.15
LIKENESS = 0.25
SHAPE = 0.1
LEAST_OF_SIBLING = 0.35

FILES_OF_FOLDER = 30  # Looked at in the folder, those that the reference graph links first.
CHUNKS_BY_NAME = 60
CHUNKS_BY_BASE = 120
SIBLINGS_READ = 120  # Best by their outline, where no base is to be found in their text.
HEADER_LINES = 4  # Of a type, read for what it is derived from.

_HEADER_WORDS = frozenset(
    {"ABC", "Generic", "Protocol", "metaclass", "object", "public", "private", "protected", "virtual"}
)
_HEADER_END = re.compile(r"\{|:\s*$|;\s*$", re.MULTILINE)


def siblings(place: Place, allowed: frozenset[ChunkId] | None) -> list[Candidate]:
    """Return definitions that play the role of a definition elsewhere in its type, file, folder or family of types."""
    snapshot = place.snapshot
    bases = _bases(place)
    numbers = [n for n in dict.fromkeys(_around(place, bases)) if allowed is None or n in allowed]
    rated: list[tuple[float, ChunkId, Symbol]] = []
    for number in numbers:
        path = snapshot.path_of(number)
        entry = snapshot.files.get(path) if path is not None else None
        if path is None or entry is None or family_of(entry.language) not in {place.family, "notebook"}:
            continue
        rated += [
            (_points_of_outline(place, path, symbol), number, symbol)
            for symbol in entry.outline(entry.ids.index(number)).symbols
            if _has_role(place, symbol) and not (path == place.path and _overlaps(place.symbol, symbol))
        ]
    rated.sort(key=lambda item: (-item[0], item[1], item[2].start_line))
    if not bases:
        rated = rated[:SIBLINGS_READ]
    records = {record.id: record for record in snapshot.read(dict.fromkeys(number for _, number, _ in rated))}
    like = place.likeness(records)
    decorators = _decorators(place)
    found: list[Candidate] = []
    for points, number, symbol in rated:
        record = records.get(number)
        if record is None:
            continue
        has_base = bool(bases & _bases_in(record, symbol)) if bases and symbol.kind in TYPES else False
        has_decorator = bool(decorators & _decorators_in(record, symbol)) if decorators else False
        total = points + SAME_BASE * has_base + SAME_DECORATOR * has_decorator + LIKENESS * like[number]
        total = min(1.0, total)
        if total >= LEAST_OF_SIBLING:
            why = {"role": total - LIKENESS * like[number], "similarity": like[number]}
            found.append(Candidate(part_of(record, symbol), symbol.start_line, total, why))
    return found


def _around(place: Place, bases: frozenset[str]) -> Iterable[ChunkId]:
    """Yield chunks that may define siblings: of the file, its folder, those with a like name, those with its bases."""
    snapshot = place.snapshot
    yield from snapshot.ids_in(place.path)
    folder = place.path.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    beside = [
        path
        for path, entry in snapshot.files.items()
        if path.startswith(prefix) and "/" not in path[len(prefix) :] and path != place.path and entry.ids
    ]
    linked = snapshot.graph.neighbours(place.path)
    yield from ids_of(snapshot, sorted(beside, key=lambda path: (path not in linked, path))[:FILES_OF_FOLDER])
    yield from snapshot.defining(place.symbol.name, CHUNKS_BY_NAME)
    ends = _ends(place.symbol.name)
    if ends:
        words = {word: 1.0 for end in ends for word in stems_of(end)}
        yield from snapshot.lexical.score_chunks(words, {"names": 1.0}, CHUNKS_BY_NAME)
    for base in sorted(bases):
        words = dict.fromkeys(words_holding(base), 1.0)
        yield from snapshot.lexical.score_chunks(words, {"body": 1.0}, CHUNKS_BY_BASE)


def _has_role(place: Place, symbol: Symbol) -> bool:
    mine = next((kinds for kinds in (TYPES, CALLABLE, DATA) if place.symbol.kind in kinds), {place.symbol.kind})
    return symbol.kind in mine and bool(symbol.container) == bool(place.symbol.container)


def _overlaps(one: Symbol, other: Symbol) -> bool:
    return one.start_line < other.end_line and other.start_line < one.end_line


def _points_of_outline(place: Place, path: str, symbol: Symbol) -> float:
    """Return what the outline alone says of a sibling."""
    mine = place.symbol
    points = 0.0
    if path == place.path:
        points += SAME_CONTAINER if symbol.container == mine.container else SAME_FILE
    elif path.rpartition("/")[0] == place.path.rpartition("/")[0]:
        points += SAME_FOLDER
        if symbol.container and symbol.container == mine.container:
            points += SAME_CONTAINER - SAME_FOLDER  # Go's methods stand in any file of a package.
    if symbol.name == mine.name:
        points += SAME_NAME
    else:
        points += SAME_PATTERN * _likeness_of_names(mine.name, symbol.name)
    lines = max(1, mine.end_line - mine.start_line), max(1, symbol.end_line - symbol.start_line)
    points += SHAPE * math.exp(-abs(math.log(lines[0] / lines[1])))
    return points


def _ends(name: str) -> tuple[str, ...]:
    """Return the first and the last word of a name that has several."""
    parts = split_identifier(name)
    return (parts[0], parts[-1]) if len(parts) > 1 else ()


def _likeness_of_names(one: str, other: str) -> float:
    """Return how much two names follow one pattern: the share of words that both begin or both end with."""
    first, second = split_identifier(one), split_identifier(other)
    if len(first) < 2 or len(second) < 2:  # noqa: PLR2004
        return 0.0
    shared = max(common_start(first[:-1], second[:-1]), common_start(first[:0:-1], second[:0:-1]))
    return shared / (max(len(first), len(second)) - 1)


def _bases(place: Place) -> frozenset[str]:
    """Return the names of what a type is derived from."""
    if place.symbol.kind not in TYPES:
        return frozenset()
    (record, *_) = place.snapshot.read(place.chunks) or (None,)
    return _bases_in(record, place.symbol) if record is not None else frozenset()


def _bases_in(record: ChunkRecord, symbol: Symbol) -> frozenset[str]:
    chunk = record.chunk
    start = symbol.start_line - chunk.start_line
    if start < 0:
        return frozenset()
    header = "\n".join(chunk.text.split("\n")[start : start + HEADER_LINES])
    behind = header[header.find(symbol.name) + len(symbol.name) :]
    end = _HEADER_END.search(behind)
    language = chunk.language or record.language
    names = {use.name for use in uses_in(behind[: end.start()] if end else behind.partition("\n")[0], language)}
    return frozenset(name for name in names - entry_of(language).keywords - _HEADER_WORDS if name[:1].isupper())


def _decorators(place: Place) -> frozenset[str]:
    (record, *_) = place.snapshot.read(place.chunks) or (None,)
    return _decorators_in(record, place.symbol) if record is not None and place.symbol.attached_lines else frozenset()


def _decorators_in(record: ChunkRecord, symbol: Symbol) -> frozenset[str]:
    """Return the names of the decorators and annotations above a definition."""
    end = symbol.start_line - record.chunk.start_line
    lines = record.chunk.text.split("\n")[max(0, end - symbol.attached_lines) : end]
    found = (re.match(r"\s*(?:@|#\[)\s*([\w.]+)", line) for line in lines)
    return frozenset(match[1] for match in found if match)
