"""Cognate's own part of the wire: method names, their params and results, and how both are read and written.

Names are snake_case here and camelCase on the wire. ``docs/protocol.md`` says the same in words, and a client may
count on it. Runs on the event loop; pure, knows neither session nor engine.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, cast

from cognate.errors import InvalidRequestError
from cognate.lsp import decode
from cognate.lsp.decode import Position, Range

SEARCH = "cognate/search"
RELATED = "cognate/related"
STATUS = "cognate/status"
EXPLAIN_FILE = "cognate/explainFile"
DID_CHANGE_STATUS = "cognate/didChangeStatus"

COMMAND_SEARCH = "cognate.search"
COMMAND_RELATED = "cognate.related"
COMMAND_REINDEX = "cognate.reindex"
COMMAND_PAUSE = "cognate.pause"
COMMAND_RESUME = "cognate.resume"
COMMAND_EXPLAIN_FILE = "cognate.explainFile"

MAX_LIMIT = 200
"""Most hits one request may ask for, the same as the largest ``searchLimit``."""

MAX_QUERY_LENGTH = 10_000
"""Longest query in characters; far above what the encoder reads, it only keeps nonsense out."""


@dataclass(frozen=True, slots=True)
class ScopeParams:
    """Limits a search; ``folders`` holds URIs or names of workspace folders, empty for all of them."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A range in a document; a position is a range of no length."""

    uri: str
    range: Range


@dataclass(frozen=True, slots=True)
class SearchParams:
    """Params of ``cognate/search``."""

    query: str
    limit: int | None = None
    scope: ScopeParams = ScopeParams()
    context: TextPlace | None = None
    explain: bool = False


@dataclass(frozen=True, slots=True)
class RelatedParams:
    """Params of ``cognate/related``."""

    place: TextPlace
    limit: int | None = None
    scope: ScopeParams = ScopeParams()
    explain: bool = False


@dataclass(frozen=True, slots=True)
class ExplainFileParams:
    """Params of ``cognate/explainFile``."""

    uri: str


@dataclass(frozen=True, slots=True)
class FoldersParams:
    """Params of ``cognate.reindex``, ``cognate.pause`` and ``cognate.resume``: folders, empty for all."""

    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexPayload:
    """What every answer says about the index behind it."""

    state: str
    generation: int
    coverage: float
    chunks: int


@dataclass(frozen=True, slots=True)
class LocationPayload:
    """A range in a file."""

    uri: str
    range: Range


@dataclass(frozen=True, slots=True)
class SymbolPayload:
    """The definition that a hit is about."""

    name: str
    kind: str
    container: str


@dataclass(frozen=True, slots=True)
class HitPayload:
    """One answer; ``cell`` counts notebook cells, and lines then count within the cell."""

    location: LocationPayload
    focus_range: Range
    focus_text: str
    score: float
    language: str
    preview: str
    stale: bool
    symbol: SymbolPayload | None = None
    cell: int | None = None
    why: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class FolderCount:
    """How many ranked locations a folder holds; its path is relative to the workspace folder."""

    path: str
    count: int


@dataclass(frozen=True, slots=True)
class LanguageCount:
    """How many ranked locations a language has."""

    language: str
    count: int


@dataclass(frozen=True, slots=True)
class FacetsPayload:
    """Where the ranked locations of an answer are, the fullest first."""

    folders: tuple[FolderCount, ...]
    languages: tuple[LanguageCount, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Result of ``cognate/search`` and ``cognate/related``."""

    hits: tuple[HitPayload, ...]
    facets: FacetsPayload
    index: IndexPayload


@dataclass(frozen=True, slots=True)
class QueuePayload:
    """What waits: files to be read, chunks to be embedded."""

    files: int
    chunks: int


@dataclass(frozen=True, slots=True)
class FolderStatusPayload:
    """One workspace folder's part of the status."""

    uri: str
    name: str
    state: str
    generation: int
    coverage: float
    chunks: int
    files: int
    queue: QueuePayload
    phase: str
    summary: str
    model: str
    store: str
    message: str
    details: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class StatusResult:
    """Result of ``cognate/status``, and params of ``cognate/didChangeStatus``; ``memory`` is in bytes."""

    index: IndexPayload
    state: str
    files: int
    chunks: int
    coverage: float
    queue: QueuePayload
    summary: str
    model: str
    message: str
    folders: tuple[FolderStatusPayload, ...]
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class ExplainFileResult:
    """Result of ``cognate/explainFile``; ``path`` is relative to the folder, empty outside of all folders."""

    uri: str
    path: str
    indexed: bool
    rule: str
    chunks: int
    index: IndexPayload


def search_params(raw: Any) -> SearchParams:
    """Read the params of ``cognate/search``."""
    query = decode.required(raw, "query", decode.text)
    if not query.strip():
        raise InvalidRequestError("params.query must hold more than blanks.")
    if len(query) > MAX_QUERY_LENGTH:
        raise InvalidRequestError(f"params.query must have at most {MAX_QUERY_LENGTH} characters.")
    return SearchParams(
        query=query,
        limit=decode.maybe(raw, "limit", decode.whole_number(1, MAX_LIMIT)),
        scope=decode.optional(raw, "scope", _scope, ScopeParams()),
        context=decode.maybe(raw, "context", _place),
        explain=decode.optional(raw, "explain", decode.boolean, False),
    )


def related_params(raw: Any) -> RelatedParams:
    """Read the params of ``cognate/related``."""
    return RelatedParams(
        place=_place(raw, "params"),
        limit=decode.maybe(raw, "limit", decode.whole_number(1, MAX_LIMIT)),
        scope=decode.optional(raw, "scope", _scope, ScopeParams()),
        explain=decode.optional(raw, "explain", decode.boolean, False),
    )


def explain_file_params(raw: Any) -> ExplainFileParams:
    """Read the params of ``cognate/explainFile``."""
    return ExplainFileParams(decode.document_uri(raw))


def folders_params(raw: Any) -> FoldersParams:
    """Read the argument of the commands about whole folders; no argument means all folders."""
    if raw is None:
        return FoldersParams()
    return FoldersParams(decode.optional(raw, "folders", decode.list_of(decode.text), ()))


def no_params(raw: Any) -> None:
    """Accept an absent, empty or filled object, and nothing else."""
    if raw is not None and raw != []:
        decode.an_object(raw, "params")


def _scope(value: Any, where: str) -> ScopeParams:
    texts = decode.list_of(decode.text)
    return ScopeParams(
        include=decode.optional(value, "include", texts, (), where),
        exclude=decode.optional(value, "exclude", texts, (), where),
        languages=decode.optional(value, "languages", texts, (), where),
        folders=decode.optional(value, "folders", texts, (), where),
    )


def _place(value: Any, where: str) -> TextPlace:
    uri = decode.document_uri(value, where=where)
    found = decode.maybe(value, "range", decode.text_range, where)
    if found is None:
        point: Position | None = decode.maybe(value, "position", decode.position, where)
        if point is None:
            raise InvalidRequestError(f"{where} must have a position or a range.")
        found = Range(point, point)
    return TextPlace(uri, found)


def to_wire(value: Any) -> Any:
    """Return JSON for a payload: camelCase names, no absent fields, finite numbers with four decimals at most.

    JSON has no infinity; one in a reply would make clients lose the whole message.
    """
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else 0.0
    if names := _wire_names(kind):
        pairs = ((wire_name, getattr(value, name)) for name, wire_name in names)
        return {wire_name: to_wire(item) for wire_name, item in pairs if item is not None}
    if isinstance(value, Mapping):
        return {str(key): to_wire(item) for key, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_wire(item) for item in cast("Sequence[Any]", value)]
    return value.value if isinstance(value, Enum) else value


_PLAIN = frozenset({str, int, bool, NoneType})


@cache
def _wire_names(kind: type) -> tuple[tuple[str, str], ...]:
    """Return the fields of a payload, as they are called here and on the wire; none of what is no payload."""
    return tuple((field.name, _camel_case(field.name)) for field in fields(kind)) if is_dataclass(kind) else ()


def _camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match.group(1).upper(), name)
