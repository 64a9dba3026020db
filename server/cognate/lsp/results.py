"""Cognate's own part of the wire: the results of its methods, whose names and params are in ``protocol``.

Names are snake_case here and camelCase on the wire, as ``codec`` writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lsprotocol.types import Location, Range


@dataclass(frozen=True)
class SearchCodeResult:
    """Result of ``cognate/searchCode``: text for a chat model."""

    text: str


@dataclass(frozen=True)
class RephraseResult:
    """Result of ``cognate/rephrase``: what to give to a chat model."""

    system: str
    user: str


@dataclass(frozen=True)
class RephrasedResult:
    """Result of ``cognate/rephrased``: other wordings, and a sentence that says why there are none."""

    also: tuple[str, ...]
    message: str | None = None


@dataclass(frozen=True)
class IndexPayload:
    """What every answer says of the index behind it; how much of the folder words find is a matter of the status."""

    state: str
    generation: int
    coverage: float
    chunks: int


@dataclass(frozen=True)
class SymbolPayload:
    """The definition that a hit is about; ``qualified`` is its name with its containers."""

    name: str
    kind: str
    container: str
    qualified: str


@dataclass(frozen=True)
class CopyPayload:
    """Another location with the same text; ``cell`` as in a hit."""

    uri: str
    range: Range
    cell: int | None = None


@dataclass(frozen=True)
class HitPayload:
    """One answer; ``cell`` counts notebook cells, and lines then count within the cell.

    ``found_by`` is the wording that found it, where the question was asked in several.
    """

    location: Location
    focus_range: Range
    focus_text: str
    score: float
    language: str
    preview: str
    stale: bool
    symbol: SymbolPayload | None = None
    cell: int | None = None
    copies: tuple[CopyPayload, ...] | None = None
    found_by: str | None = None
    why: Mapping[str, float] | None = None


@dataclass(frozen=True)
class FolderCount:
    """How many ranked chunks lie below a folder; ``path`` is relative to the workspace folder."""

    path: str
    count: int


@dataclass(frozen=True)
class LanguageCount:
    """How many ranked chunks are in a language."""

    language: str
    count: int


@dataclass(frozen=True)
class FacetsPayload:
    """Where the ranked chunks are, those beyond the limit included; the fullest first, then by name."""

    folders: tuple[FolderCount, ...]
    languages: tuple[LanguageCount, ...]


@dataclass(frozen=True)
class SearchResult:
    """Result of ``cognate/search`` and ``cognate/related``; ``queries`` are what to ask to follow the suggestions."""

    hits: tuple[HitPayload, ...]
    index: IndexPayload
    facets: FacetsPayload
    message: str | None = None
    suggestions: tuple[str, ...] | None = None
    queries: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ChoicePayload:
    """A query with a limit, and the workspace folders to search; ``about`` is for people."""

    label: str
    about: str
    query: str
    folders: tuple[str, ...]


@dataclass(frozen=True)
class NarrowResult:
    """Result of ``cognate/narrow``."""

    choices: tuple[ChoicePayload, ...]


@dataclass(frozen=True)
class CommitPlacePayload:
    """Where a commit's work stands in today's code; ``symbol`` is the qualified name of the definition there."""

    location: Location
    symbol: str | None = None


@dataclass(frozen=True)
class CommitPayload:
    """A commit; ``date`` is ISO 8601 in UTC, ``age`` as people say it, ``files`` are relative to ``folder``, a URI."""

    id: str
    date: str
    age: str
    subject: str
    body: str
    score: float
    files: tuple[str, ...]
    places: tuple[CommitPlacePayload, ...]
    folder: str


@dataclass(frozen=True)
class TogetherPayload:
    """A file that usually changes with the files in question; ``commits`` says how many commits changed both."""

    uri: str
    path: str
    score: float
    commits: int


@dataclass(frozen=True)
class HistoryResult:
    """Result of ``cognate/history``; ``covered`` counts the commits read so far, ``complete`` says if these are all."""

    commits: tuple[CommitPayload, ...]
    together: tuple[TogetherPayload, ...]
    index: IndexPayload
    covered: int
    complete: bool
    message: str | None = None


@dataclass(frozen=True)
class QueuePayload:
    """What waits: files to be read, chunks to be embedded."""

    files: int
    chunks: int


@dataclass(frozen=True)
class FolderStatusPayload:
    """One workspace folder's part of the status."""

    uri: str
    name: str
    state: str
    summary: str
    generation: int
    coverage: float
    word_coverage: float
    chunks: int
    files: int
    queue: QueuePayload
    phase: str
    model: str
    store: str
    message: str
    details: Mapping[str, str]


@dataclass(frozen=True)
class StatusResult:
    """Result of ``cognate/status``, and params of ``cognate/didChangeStatus``; ``memory`` is in bytes."""

    index: IndexPayload
    state: str
    summary: str
    short: str
    files: int
    chunks: int
    coverage: float
    word_coverage: float
    queue: QueuePayload
    model: str
    message: str
    folders: tuple[FolderStatusPayload, ...]
    memory: int | None = None


@dataclass(frozen=True)
class ExplainFileResult:
    """Result of ``cognate/explainFile``; ``path`` is relative to the folder, empty outside of all folders.

    ``summary`` says all of it in a few words for people.
    """

    uri: str
    path: str
    indexed: bool
    rule: str
    chunks: int
    summary: str
    index: IndexPayload
