"""What a snapshot holds of each file, and which file a chunk belongs to. Frozen; only ``Paths`` grows."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cognate.index.lexical import file_number
from cognate.types import KEY, Chunk, ChunkId, FileStamp, Symbol


@dataclass(frozen=True, slots=True)
class Outline:
    """A chunk without its text.

    Attributes:
        start_line: first line.
        end_line: one past the last line.
        cell: index of the notebook cell, None outside notebooks.
        container: names of the definitions around its first line, joined by ``.``.
        symbols: definitions that begin inside it, in order.
        language: of the cell in a notebook, empty elsewhere.
    """

    start_line: int
    end_line: int
    cell: int | None = None
    container: str = ""
    symbols: tuple[Symbol, ...] = ()
    language: str = ""

    @property
    def definitions(self) -> tuple[Symbol, ...]:
        """The symbols that code can mean by their names, as ``Chunk.definitions``."""
        return tuple([symbol for symbol in self.symbols if symbol.kind != KEY])

    def with_text(self, text: str) -> Chunk:
        """Return the whole chunk."""
        return Chunk(self.start_line, self.end_line, text, self.symbols, self.container, self.cell, self.language)

    @staticmethod
    def of(chunk: Chunk) -> "Outline":
        """Return a chunk's outline."""
        return Outline(chunk.start_line, chunk.end_line, chunk.cell, chunk.container, chunk.symbols, chunk.language)

    def to_line(self) -> str:
        """Return the outline as JSON without line breaks, which takes a tenth of the memory of the objects."""
        symbols = [(s.name, s.kind, s.container, s.start_line, s.end_line, s.attached_lines) for s in self.symbols]
        own = (self.language,) if self.language else ()
        fields = (self.start_line, self.end_line, self.cell, self.container, symbols, *own)
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


_decoder = json.JSONDecoder()


@lru_cache(maxsize=8192)
def outline_of(line: str) -> Outline:
    """As ``read_outline``, remembered: a query reads some 200, half of them read by another before."""
    return read_outline(line)


def read_outline(line: str) -> Outline:
    """Return the outline that ``Outline.to_line`` wrote.

    Raises:
        ValueError: when it is something else.
    """
    (start, end, cell, container, symbols, *own), _ = _decoder.raw_decode(line)  # ``json.loads`` takes twice as long.
    return Outline(start, end, cell, container, tuple([Symbol(*symbol) for symbol in symbols]), *own)


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file that the index knows.

    Attributes:
        path: relative to the workspace folder.
        stamp: size and time when it was read; BUFFER_STAMP while an unsaved buffer stands for it.
        language: as in ChunkedFile.
        rule: why it has no chunks, a sentence; empty if it has some.
        ids: of its chunks, in order. Ids are never reused, and the text of an id never changes.
        digests: of the chunks' embedding texts, in the same order.
        outlines: of the chunks, in the same order, as ``Outline.to_line`` writes them.
    """

    path: str
    stamp: FileStamp
    language: str
    rule: str = ""
    ids: tuple[ChunkId, ...] = ()
    digests: tuple[bytes, ...] = ()
    outlines: tuple[str, ...] = ()

    def outline(self, position: int) -> Outline:
        """Return the outline of the chunk at a position."""
        return outline_of(self.outlines[position])

    def outlined(self) -> Iterator[tuple[ChunkId, Outline]]:
        """Yield id and outline of each chunk, in order."""
        return zip(self.ids, map(outline_of, self.outlines), strict=True)


class Paths:
    """Which file a chunk or a file number belongs to; shared by the snapshots of one index.

    Only ever added to: an id is never given to another file. Ids of removed chunks stay until there are many.
    """

    def __init__(self, entries: Iterable[FileEntry] = ()) -> None:
        self.of_chunk: dict[ChunkId, str] = {}
        self.of_number: dict[int, str] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: FileEntry) -> None:
        """Remember the chunks of a file."""
        if entry.ids:
            self.of_number[file_number(entry.path)] = entry.path
            self.of_chunk.update(dict.fromkeys(entry.ids, entry.path))
