"""The definitions of a snapshot that are worth comparing: those that somebody wrote and that do something.

Tests, examples, type stubs and generated code repeat themselves by nature; they are left out. Any thread, one snapshot.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from cognate.index.snapshot import Snapshot
from cognate.search.declarations import CALLABLE
from cognate.types import ChunkId, ChunkRecord, Symbol
from cognate.workspace.content import generated_notice
from cognate.workspace.path_facts import path_facts

COMPARED_KINDS = CALLABLE | {"class"}

MIN_LINES = 5
MAX_CHUNKS = 5
"""A definition is not compared that has fewer lines, or is spread over more chunks."""

LEFT_OUT = frozenset({"example", "docs", "types", "configuration"})
"""Kinds of files whose definitions repeat each other by nature, or are none."""

_TEST_FILE = re.compile(r"(?:^|/)tests?\.\w+$")
_TEST_NAME = re.compile(r"(?:^|\.)(?:tests?(?:\.|$)|test_|test(?=[A-Z])|Test(?=[A-Z])[^.]*$)")
"""A test, or what is in a module of tests, in a file of other things."""

_TEST_MARK = re.compile(r"#\[(?:\w+::)*test\b|@(?:\w+\.)*(?:Test|ParameterizedTest|pytest)\b|\[(?:Test|Fact|Theory)\b")
"""What is written above a test, or above a part of one."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition and where it is.

    Attributes:
        path: of its file.
        language: in which it is written.
        symbol: what it defines; its lines are the definition's.
        cell: index of the notebook cell, None outside notebooks.
        ids: the chunks that it is in, in order.
    """

    path: str
    language: str
    symbol: Symbol
    cell: int | None
    ids: tuple[ChunkId, ...]

    @property
    def is_callable(self) -> bool:
        """Whether it is a function of any sort, rather than a type."""
        return self.symbol.kind in CALLABLE

    def overlaps(self, other: "Definition") -> bool:
        """Whether one is in the other."""
        mine, theirs = self.symbol, other.symbol
        same_file = (self.path, self.cell) == (other.path, other.cell)
        return same_file and mine.start_line < theirs.end_line and theirs.start_line < mine.end_line

    def overloads(self, other: "Definition") -> bool:
        """Whether both are forms of one function of one type, or of one file."""
        return self.path == other.path and self.symbol.qualified == other.symbol.qualified


def is_compared(path: str, *, with_tests: bool = False) -> bool:
    """Whether the definitions of a file are compared, by its path."""
    kinds = path_facts(path).kinds
    is_test = "test" in kinds or _TEST_FILE.search(path)
    return not kinds & LEFT_OUT and (with_tests or not is_test)


def definitions_in(
    snapshot: Snapshot, paths: Iterable[str], *, with_tests: bool = False
) -> Iterator[tuple[Definition, str]]:
    """Yield the definitions of files that are worth comparing, and their lines, in the order of the files.

    Raises:
        StoreError: when the texts cannot be read.
    """
    for path in paths:
        if not is_compared(path, with_tests=with_tests):
            continue
        outlines = snapshot.outline(path)
        if any(_may_be_compared(symbol, with_tests) for outline in outlines for symbol in outline.symbols):
            records = snapshot.read_file(path)
            if not _is_generated(records):
                yield from _definitions_of(records, with_tests)


def _may_be_compared(symbol: Symbol, with_tests: bool) -> bool:
    is_large = symbol.end_line - symbol.start_line >= MIN_LINES
    return is_large and symbol.kind in COMPARED_KINDS and (with_tests or not _TEST_NAME.search(symbol.qualified))


def _is_generated(records: Sequence[ChunkRecord]) -> bool:
    first = records[0].chunk
    return first.start_line == 0 and generated_notice(first.text.encode("utf-8", "surrogatepass")) is not None


def _definitions_of(records: Sequence[ChunkRecord], with_tests: bool) -> Iterator[tuple[Definition, str]]:
    for _, cell in groupby(records, lambda record: record.chunk.cell):
        chunks = list(cell)
        lines, first = _lines_of(chunks), chunks[0].chunk.start_line
        symbols = [symbol for record in chunks for symbol in record.chunk.symbols]
        last_lines = {symbol.qualified: lines[min(symbol.end_line - first, len(lines)) - 1] for symbol in symbols}
        for at, record in enumerate(chunks):
            for symbol in record.chunk.symbols:
                if _may_be_compared(symbol, with_tests):
                    ids = tuple(r.id for r in chunks[at : at + MAX_CHUNKS + 1] if r.chunk.start_line < symbol.end_line)
                    start, end = symbol.start_line - first, symbol.end_line - first
                    above = "" if with_tests else "\n".join(lines[max(start - symbol.attached_lines, 0) : start])
                    text = "\n".join(lines[start:end])
                    is_declared = symbol.kind in CALLABLE and _has_no_body(text, last_lines[symbol.qualified])
                    if len(ids) <= MAX_CHUNKS and not is_declared and not _TEST_MARK.search(above):
                        language = record.chunk.language or record.language
                        yield Definition(record.path, language, symbol, record.chunk.cell, ids), text


def _has_no_body(text: str, last_line: str) -> bool:
    """Whether a function is only declared.

    Args:
        text: of the definition; it ends as ``): string;`` or ``: ...`` does, and not as ``};`` or a call.
        last_line: of the last definition of that name; where it is a brace, those before it without one are overloads.
    """
    text = text.rstrip()
    if text.endswith(";"):
        return text[-2:-1] not in {")", "}"}
    return text.endswith("...") or (last_line.strip() in {"}", "};"} and not text.endswith(("}", ",")))


def _lines_of(records: Sequence[ChunkRecord]) -> list[str]:
    """Return the lines from the first chunk's first to the last one's last; those between chunks are blank."""
    lines: list[str] = []
    first = records[0].chunk.start_line
    for record in records:
        lines += [""] * (record.chunk.start_line - first - len(lines))
        lines += record.chunk.text.split("\n")
    return lines
