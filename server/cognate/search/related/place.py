"""The definition that related code is wanted of, and what every kind of related code needs to know. One snapshot."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from cognate.arrays import Vector
from cognate.index.snapshot import Snapshot, mean_of
from cognate.search.declarations import CALLABLE, TYPES, only_declares
from cognate.search.focus import innermost, lines_of, symbol_at
from cognate.search.related.uses import family_of
from cognate.types import KEY, ChunkId, ChunkRecord, Span, Symbol
from cognate.words import IDENTIFIER, name_key, split_identifier, stem
from cognate.workspace.path_facts import path_facts

DATA = frozenset({"constant", "field", "property", "variable"})
_UNNAMED = frozenset({KEY, "heading", "rule", "table"})
"""Kinds of what no code uses by its name."""

_CONSTRUCTORS = frozenset({"__construct", "__init__", "__new__", "constructor", "initialize"})
_TEST_MODULES = frozenset({"test", "tests"})
MAX_NAMESAKES = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of code that may be related.

    Attributes:
        record: its chunk, cut to the definition in it that is meant, if that is smaller.
        line: the line to look at first.
        points: 0 to 1.
        why: the parts of that.
    """

    record: ChunkRecord
    line: int
    points: float
    why: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Place:
    """A definition and where it stands.

    Attributes:
        snapshot: what holds it.
        path: its file.
        language: as code names it; that of the cell in a notebook.
        symbol: the definition.
        name: the name by which code uses it: of a constructor, its type's.
        owner: the type that it is a member of, empty for what is none.
        inside: the function that it is defined in, None for what can be used from outside.
        chunks: those that hold it, in order.
    """

    snapshot: Snapshot
    path: str
    language: str
    symbol: Symbol
    name: str
    owner: str
    inside: Symbol | None
    chunks: tuple[ChunkId, ...]

    @property
    def family(self) -> str:
        """The languages that can use it."""
        return family_of(self.language)

    @property
    def is_type(self) -> bool:
        """Whether it, or what it makes, is a type."""
        return self.symbol.kind in TYPES or self.name != self.symbol.name

    @property
    def is_test(self) -> bool:
        """Whether it is one of a test file."""
        return "test" in path_facts(self.path).kinds

    @cached_property
    def vector(self) -> Vector | None:
        """What it means: the mean of its chunks, None before they are embedded."""
        return mean_of(self.snapshot.vectors, self.chunks)

    def holds(self, path: str, line: int) -> bool:
        """Return whether a line is part of the definition, its comment and decorators included."""
        return path == self.path and self.symbol.start_line - self.symbol.attached_lines <= line < self.symbol.end_line

    def likeness(self, numbers: Iterable[ChunkId]) -> dict[ChunkId, float]:
        """Return how like it chunks are: 0 for what is ordinary in this workspace, 1 for the same."""
        wanted = list(dict.fromkeys(numbers))
        if self.vector is None or not wanted:
            return dict.fromkeys(wanted, 0.0)
        likeness = np.nan_to_num(self.snapshot.likeness(self.vector, wanted))
        return dict(zip(wanted, likeness.tolist(), strict=True))

    @cached_property
    def namesakes(self) -> tuple[tuple[str, Symbol], ...]:
        """Other definitions of the name that the same code could mean, by path; what only declares it is none."""
        found: list[tuple[str, Symbol]] = []
        for record in self.snapshot.read(self.snapshot.defining(self.name, MAX_NAMESAKES)):
            if family_of(record.chunk.language or record.language) != self.family:
                continue
            for symbol in record.chunk.definitions:
                is_own = record.path == self.path and (
                    symbol.qualified in (self.symbol.qualified, self.symbol.container)
                    or symbol.start_line == self.symbol.start_line
                )
                is_data = symbol.kind in DATA and bool(symbol.container) and self.symbol.kind not in DATA
                if symbol.name == self.name and not (is_own or is_data or only_declares(record, symbol)):
                    found.append((record.path, symbol))
        return tuple(found)


def place_at(snapshot: Snapshot, span: Span) -> Place | None:
    """Return the innermost definition around a span's first line, else the next one behind it; None without any."""
    outlines = snapshot.outlined(span.path, span.cell)
    symbols = [symbol for _, outline in outlines for symbol in outline.symbols if symbol.kind not in _UNNAMED]
    around = [s for s in symbols if s.start_line - s.attached_lines <= span.start_line < s.end_line]
    behind = [s for s in symbols if span.start_line < s.start_line]
    if not around and not behind:
        return None
    symbol = max(around, key=_depth) if around else min(behind, key=_depth)
    parent = next((s for s in symbols if s.qualified == symbol.container), None) if symbol.container else None
    owner, name = "", symbol.name
    inside = None
    if parent is not None and parent.kind in CALLABLE and parent.start_line < symbol.end_line <= parent.end_line:
        inside = parent
    elif (parent is not None and parent.kind in TYPES) or (symbol.container and symbol.kind in {"method", "field"}):
        owner = symbol.container.rpartition(".")[2]
        if symbol.kind == "constructor" or name in _CONSTRUCTORS:
            owner, name = "", owner
    holding = [(n, o) for n, o in outlines if o.start_line < symbol.end_line and symbol.start_line < o.end_line]
    language = next((o.language for _, o in holding if o.language), "") or snapshot.files[span.path].language
    return Place(snapshot, span.path, language, symbol, name, owner, inside, tuple(number for number, _ in holding))


def _depth(symbol: Symbol) -> tuple[int, int]:
    return symbol.start_line, -symbol.end_line


def part_around(record: ChunkRecord, line: int) -> ChunkRecord:
    """Return the definition around a line as far as it lies in its chunk; the whole chunk where there is none."""
    chunk = record.chunk
    symbol = innermost((s for s in chunk.definitions if s.kind not in DATA), line) or symbol_at(chunk, line)
    return part_of(record, symbol) if symbol is not None and symbol.kind not in DATA else record


def part_of(record: ChunkRecord, symbol: Symbol) -> ChunkRecord:
    """Return a definition with its comment and decorators, as far as it lies in its chunk."""
    chunk = record.chunk
    start = max(symbol.start_line - symbol.attached_lines, chunk.start_line)
    end = max(start + 1, min(symbol.end_line, chunk.end_line))
    return replace(record, chunk=lines_of(chunk, start, end, symbol.container))


def is_test(record: ChunkRecord, line: int) -> bool:
    """Return whether a line of a chunk is one of a test: of a test file, or of a module of tests in another one."""
    if "test" in path_facts(record.path).kinds:
        return True
    around = [s.container.split(".") for s in record.chunk.symbols if s.start_line <= line < s.end_line]
    return any(part in _TEST_MODULES for parts in [record.chunk.container.split("."), *around] for part in parts)


def words_holding(name: str) -> list[str]:
    """Return the words of the lexical index that every text with a name holds."""
    parts = split_identifier(name)
    if len(parts) > 1 and IDENTIFIER.fullmatch(name):
        return [stem(name_key(name))]
    return list(dict.fromkeys(map(stem, parts)))


def stems_of(name: str) -> frozenset[str]:
    """Return the stemmed words of a name."""
    return frozenset(map(stem, split_identifier(name)))


def ids_of(snapshot: Snapshot, paths: Iterable[str]) -> Iterator[ChunkId]:
    """Yield the chunks of files."""
    for path in paths:
        yield from snapshot.ids_in(path)
