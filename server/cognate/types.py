"""The frozen nouns that several rooms share. Imports nothing of ours.

Lines are 0-based and half-open, ``[start_line, end_line)``, everywhere inside the package;
the command line and the wire convert at their edge. Paths are relative to the workspace folder, with ``/``.
In a notebook, lines count within the source of one cell, and ``cell`` is the cell's 0-based index.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

ChunkId: TypeAlias = int
"""Identifies a chunk in one store; never given to another chunk."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition found in the syntax tree.

    Attributes:
        name: the name as written, without its container.
        kind: one of SYMBOL_KINDS.
        container: names of the enclosing definitions, outermost first, joined by ``.``; empty at top level.
        start_line: first line, its doc comment and decorators not included.
        end_line: one past its last line.
        attached_lines: how many lines above it are its doc comment and decorators.
    """

    name: str
    kind: str
    container: str
    start_line: int
    end_line: int
    attached_lines: int = 0

    @property
    def qualified(self) -> str:
        """The name with its containers."""
        return f"{self.container}.{self.name}" if self.container else self.name


SYMBOL_KINDS = frozenset(
    {
        "class", "constant", "constructor", "enum", "field", "function", "heading", "interface", "key", "macro",
        "method", "module", "namespace", "property", "rule", "struct", "table", "trait", "type", "union", "variable",
    }
)  # fmt: skip

KEY = "key"
"""Kind of what names an entry of data, such as a key of YAML: shown to people, but no answer to what defines a name."""


@dataclass(frozen=True, slots=True)
class Chunk:
    r"""A run of whole lines of one file, the unit that is embedded, ranked and shown.

    Attributes:
        start_line: first line.
        end_line: one past the last line.
        text: the lines, joined by ``\n``, without a final newline.
        symbols: definitions and keys of data that begin inside the chunk, in order.
        container: names of the definitions that enclose the chunk's first line and began before it, joined by ``.``.
        cell: index of the notebook cell, None outside notebooks.
        language: of the cell in a notebook; elsewhere empty, as it is the file's.
    """

    start_line: int
    end_line: int
    text: str
    symbols: tuple[Symbol, ...] = ()
    container: str = ""
    cell: int | None = None
    language: str = ""

    @property
    def definitions(self) -> tuple[Symbol, ...]:
        """The symbols that code can mean by their names: keys of data are left out."""
        return tuple([symbol for symbol in self.symbols if symbol.kind != KEY])


@dataclass(frozen=True, slots=True)
class References:
    """What a file uses by name.

    Attributes:
        family: languages whose definitions it can use; empty when it can use none.
        imports: what it imports, as paths with ``/``; ``./`` and ``../`` begin those relative to its folder.
        uses: names by the definition that uses them, as its name with its containers, empty outside all; the names
            are joined by blanks.
    """

    family: str = ""
    imports: tuple[str, ...] = ()
    uses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkedFile:
    """What chunking made of one file.

    Attributes:
        language: name of the grammar, ``notebook``, or ``text`` where there is none.
        chunks: a partition of the file's non-blank lines, in order.
        problems: sentences about what could not be understood; the chunks are usable all the same.
        references: what it uses by name.
    """

    language: str
    chunks: tuple[Chunk, ...]
    problems: tuple[str, ...] = ()
    references: References = References()


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells cheaply whether a file changed: size in bytes and modification time in nanoseconds."""

    size: int
    mtime_ns: int

    @classmethod
    def of(cls, info: os.stat_result) -> "FileStamp":
        """Return the stamp that a ``stat`` says."""
        return cls(info.st_size, info.st_mtime_ns)

    @classmethod
    def at(cls, path: "str | os.PathLike[str]") -> "FileStamp | None":
        """Return the stamp of what lies at a path or is linked from there, None where there is nothing."""
        try:
            return cls.of(os.stat(path))  # noqa: PTH116 - asked often
        except (OSError, ValueError):
            return None


BUFFER_STAMP = FileStamp(-1, 0)
"""The stamp of a file whose text is an open buffer's: it equals no file's."""


@dataclass(frozen=True, slots=True)
class ChunkRecord:
    """A chunk with the store's number for it, its file, and the file's language as in ChunkedFile."""

    id: ChunkId
    path: str
    language: str
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Scope:
    """Limits a search to part of a workspace; an empty field limits nothing.

    Attributes:
        include: a path must match one of these, gitignore-style globs or folder prefixes.
        exclude: a path must match none of these.
        languages: what people or editors call them; a chunk must be in one of these.
        phrases: text that a chunk must contain, case-insensitive.
        without_languages: a chunk must be in none of these.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    languages: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()
    without_languages: frozenset[str] = frozenset()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == EVERYTHING


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Span:
    """A run of lines in a file, ``[start_line, end_line)``."""

    path: str
    start_line: int
    end_line: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer.

    Attributes:
        path: relative to the workspace folder.
        start_line: first line of the chunk.
        end_line: one past its last line.
        focus_line: the line inside the chunk that answers best.
        focus_text: that line's text, without its newline.
        score: between 0 and 1, comparable between queries and folders.
        symbol: the definition that the hit is about, if any.
        language: as in ChunkedFile.
        preview: a few lines around the focus line.
        stale: the file on disk is no longer what was indexed.
        cell: index of the notebook cell, None outside notebooks.
        why: contribution of each signal to the score, only when asked for.
        copies: where the chunk's text also stands, by path and line.
        digest: of the chunk's text; hits of several folders that have the same are copies.
        found_by: the wording that found it, where a question was asked in several.
    """

    path: str
    start_line: int
    end_line: int
    focus_line: int
    focus_text: str
    score: float
    symbol: Symbol | None
    language: str
    preview: str
    stale: bool = False
    cell: int | None = None
    why: Mapping[str, float] | None = None
    copies: tuple[Span, ...] = ()
    digest: bytes = b""
    found_by: str | None = None


def also(copies: int) -> str:
    """Return how many more places a hit has, as a list shows it behind the first; empty when there are none."""
    return f" and {copies} more {'place' if copies == 1 else 'places'}" if copies else ""


class State(Enum):
    """How far an index is; the value is what the wire says."""

    EMPTY = "empty"
    INDEXING = "indexing"
    CATCHING_UP = "catching-up"
    READY = "ready"
    PAUSED = "paused"
    LEXICAL_ONLY = "lexical-only"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What every answer says about the index behind it.

    Attributes:
        state: how far the index is.
        generation: grows by one with each change that readers can see.
        coverage: share of the chunks that have an embedding of the model, 0 to 1.
        chunks: number of chunks.
        word_coverage: share of the folder that is found by its words and by the translation table, 0 to 1.
    """

    state: State
    generation: int
    coverage: float
    chunks: int
    word_coverage: float = 1.0

    @property
    def percentages(self) -> tuple[int, int]:
        """Both coverages in per cent, by embeddings and by words, rounded down: 100 means that nothing is left."""
        return int(self.coverage * 100), int(self.word_coverage * 100)

    @property
    def extent(self) -> str:
        """How much is indexed, while that is not all."""
        percent, by_words = self.percentages
        missing = self.chunks > 0 and percent < 100  # noqa: PLR2004
        found = f"{percent} % of {self._counted} have embeddings" if missing else f"{self._counted} so far"
        if by_words < 100:  # noqa: PLR2004
            return f"{found}; words find {by_words} % of the folder"
        return f"{found}; words find all of them" if missing else found

    @property
    def _counted(self) -> str:
        return f"{self.chunks:,} {'chunk' if self.chunks == 1 else 'chunks'}"

    @property
    def summary(self) -> str:
        """The state as one short sentence for people; every client and the command line show this one."""
        return {
            State.EMPTY: "Starting: nothing is indexed yet",
            State.INDEXING: f"Indexing: {self.extent}",
            State.CATCHING_UP: f"Catching up: {self.extent}",
            State.READY: f"Ready: {self._counted}",
            State.PAUSED: "Paused",
            State.LEXICAL_ONLY: "Words only: no model",
            State.ERROR: "Error: the index cannot be used",
        }[self.state]

    @property
    def short(self) -> str:
        """The state as a word for a status line: how far indexing is, or what is unusual; empty where it is ready."""
        if self.state in {State.INDEXING, State.CATCHING_UP}:
            percent = self.percentages[0] if self.chunks else 0
            return f"{percent} %" if percent < 100 else "…"  # noqa: PLR2004
        return "" if self.state is State.READY else self.state.value


@dataclass(frozen=True, slots=True)
class Facets:
    """How many ranked chunks of an answer, those beyond its limit included, are in each folder and in each language.

    The fullest first, then by name; a folder is relative to the workspace folder, and counts what is deeper, too.
    """

    folders: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()


NO_FACETS = Facets()


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say where filters leave nothing or name what there is not, or where answers are weak.

    Attributes:
        message: a sentence or two for people; empty where all is well.
        suggestions: filters as they are typed, or words of the workspace; the likeliest first.
    """

    message: str = ""
    suggestions: tuple[str, ...] = ()


NO_ADVICE = Advice()


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, best first, the index that gave them, where else answers were found, what to ask instead.

    And how long it took, in seconds by stage, in order; a stage without a name is the whole.
    """

    hits: tuple[Hit, ...]
    index: IndexInfo
    facets: Facets = NO_FACETS
    advice: Advice = NO_ADVICE
    stages: Mapping[str, float] = field(default_factory=dict[str, float], compare=False)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a file is indexed now, with how many chunks, and a sentence that names the one rule that decided."""

    path: str
    indexed: bool
    rule: str
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one kind of work takes: the median of the newest, the last one, how many there were, and their sum."""

    p50_ms: float
    last_ms: float
    count: int
    total_s: float

    def __str__(self) -> str:
        return (
            f"p50 {self.p50_ms:.1f} ms, last {self.last_ms:.1f} ms, {self.count:,} times, {self.total_s:.1f} s in all"
        )


IN_MEMORY = "memory"
"""What a status says where the index lies, if it lies nowhere on disk."""


@dataclass(frozen=True, slots=True)
class Status:
    """An engine's state, for people.

    Attributes:
        index: state, generation, coverage and number of chunks.
        files: files in the index.
        queue_files: files waiting to be read.
        queue_chunks: chunks waiting for an embedding.
        phase: what the writer is doing, in a word or two; empty when idle.
        model: name of the embedding model, or why there is none.
        folder: absolute path of the workspace folder.
        store: absolute path of the folder that holds the index, or IN_MEMORY.
        message: the last problem worth showing, or empty.
        details: further facts, by name, for people.
        times: of each kind of query and job and of their stages, by name; empty where nobody asked for the status.
    """

    index: IndexInfo
    files: int
    queue_files: int
    queue_chunks: int
    phase: str
    model: str
    folder: str
    store: str
    message: str = ""
    details: Mapping[str, str] = field(default_factory=dict[str, str])
    times: Mapping[str, Timing] = field(default_factory=dict[str, Timing])

    @property
    def details_and_times(self) -> dict[str, str]:
        """Both as sentences, as clients get them."""
        return {**self.details, **{name: str(timing) for name, timing in self.times.items()}}
