"""Cognate's own part of the wire: method names and their params; ``results`` has what is answered.

Names are snake_case here and camelCase on the wire; ``codec`` reads and writes them. ``docs/protocol.md`` says the same
in words, and a client may count on it. Knows neither session nor engine.
"""

from dataclasses import dataclass

from lsprotocol.types import Position, Range, TextDocumentIdentifier

from cognate.commits import seconds_of
from cognate.errors import InvalidRequestError
from cognate.search.phrasings import MOST_WORDINGS
from cognate.search.request import KINDS, SIMILAR

SEARCH = "cognate/search"
SEARCH_CODE = "cognate/searchCode"
REPHRASE = "cognate/rephrase"
REPHRASED = "cognate/rephrased"
NARROW = "cognate/narrow"
RELATED = "cognate/related"
HISTORY = "cognate/history"
STATUS = "cognate/status"
EXPLAIN_FILE = "cognate/explainFile"
DID_CHANGE_STATUS = "cognate/didChangeStatus"

COMMAND_SEARCH = "cognate.search"
COMMAND_RELATED = "cognate.related"
COMMAND_REINDEX = "cognate.reindex"
COMMAND_PAUSE = "cognate.pause"
COMMAND_RESUME = "cognate.resume"
COMMAND_EXPLAIN_FILE = "cognate.explainFile"

BY_FOLDER, BY_LANGUAGE = "folder", "language"
"""What ``cognate/narrow`` limits a query by."""

MAX_LIMIT = 200
"""Most hits one request may ask for, the same as the largest ``searchLimit``."""

MAX_PASTED_LENGTH = 200_000
"""Longest query to the history, which may be a diff."""

MAX_QUERY_LENGTH = 10_000
"""Longest query in characters; far above what the encoder reads, it only keeps nonsense out."""


@dataclass(frozen=True)
class NoParams:
    """Params of requests that take none; what is sent is ignored."""


@dataclass(frozen=True)
class ScopeParams:
    """Limits a search; ``folders`` holds URIs or names of workspace folders, empty for all of them."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentRange:
    """A range in a document, or a position as a range of no length; ``range`` wins."""

    text_document: TextDocumentIdentifier
    position: Position | None = None
    range: Range | None = None

    def __post_init__(self) -> None:
        """Refuse a document alone."""
        if self.position is None and self.range is None:
            raise InvalidRequestError("position or range is missing.")

    @property
    def span(self) -> Range:
        """The range that is meant."""
        point = self.position or Position(0, 0)
        return self.range or Range(point, point)


@dataclass(frozen=True)
class SearchParams:
    """Params of ``cognate/search``; ``also`` holds other wordings of the query."""

    query: str
    also: tuple[str, ...] = ()
    limit: int | None = None
    scope: ScopeParams = ScopeParams()
    context: DocumentRange | None = None
    explain: bool = False

    def __post_init__(self) -> None:
        """Refuse what no search can answer."""
        _check_query(self.query)
        if len(self.also) > MOST_WORDINGS:
            raise InvalidRequestError(f"also must hold at most {MOST_WORDINGS} wordings.")
        for wording in self.also:
            _check_query(wording, "also")
        _check_limit(self.limit)


@dataclass(frozen=True)
class NarrowParams:
    """Params of ``cognate/narrow``; the query may be blank, ``text_document`` is the open one."""

    query: str
    by: str
    also: tuple[str, ...] = ()
    scope: ScopeParams = ScopeParams()
    text_document: TextDocumentIdentifier | None = None

    def __post_init__(self) -> None:
        """Refuse what nothing can be limited by."""
        if self.by not in {BY_FOLDER, BY_LANGUAGE}:
            raise InvalidRequestError(f"by must be {BY_FOLDER} or {BY_LANGUAGE}.")


@dataclass(frozen=True)
class SearchCodeParams:
    """Params of ``cognate/searchCode``, the same as of the agents' tool ``search_code``."""

    query: str
    also: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    limit: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no search can answer."""
        _check_query(self.query)
        _check_limit(self.limit)


@dataclass(frozen=True)
class RephraseParams:
    """Params of ``cognate/rephrase``."""

    query: str

    def __post_init__(self) -> None:
        """Refuse what no search can answer."""
        _check_query(self.query)


@dataclass(frozen=True)
class RephrasedParams(RephraseParams):
    """Params of ``cognate/rephrased``; without a reply, the endpoint of the settings is asked for one."""

    reply: str | None = None


@dataclass(frozen=True)
class RelatedParams(DocumentRange):
    """Params of ``cognate/related``; ``kind`` says how code is to be related."""

    kind: str = SIMILAR
    limit: int | None = None
    scope: ScopeParams = ScopeParams()
    explain: bool = False

    def __post_init__(self) -> None:
        """Refuse what no search can answer."""
        DocumentRange.__post_init__(self)
        if self.kind not in KINDS:
            raise InvalidRequestError(f"kind must be one of {', '.join(KINDS)}.")
        _check_limit(self.limit)


@dataclass(frozen=True)
class HistoryParams:
    """Params of ``cognate/history``: a query, or a document with a position or range, or only open documents."""

    query: str | None = None
    text_document: TextDocumentIdentifier | None = None
    position: Position | None = None
    range: Range | None = None
    limit: int | None = None
    since: str | None = None
    paths: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no history can answer."""
        if self.text_document is not None:
            DocumentRange(self.text_document, self.position, self.range)
        elif not self.open or self.query is not None:
            if not (self.query or "").strip():
                raise InvalidRequestError("query must hold more than blanks, unless textDocument names a place.")
            if len(self.query or "") > MAX_PASTED_LENGTH:
                raise InvalidRequestError(f"query must have at most {MAX_PASTED_LENGTH} characters.")
        if self.since is not None and seconds_of(self.since) is None:
            raise InvalidRequestError("since must be an ISO 8601 date.")
        _check_limit(self.limit)

    @property
    def span(self) -> Range:
        """The range that is meant."""
        point = self.position or Position(0, 0)
        return self.range or Range(point, point)


@dataclass(frozen=True)
class ExplainFileParams:
    """Params of ``cognate/explainFile``."""

    text_document: TextDocumentIdentifier


@dataclass(frozen=True)
class FoldersParams:
    """Params of ``cognate.reindex``, ``cognate.pause`` and ``cognate.resume``: folders, empty for all."""

    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class LensData:
    """What a code lens carries from ``textDocument/codeLens`` to ``codeLens/resolve``: the lines of its definition."""

    uri: str
    range: Range


def _check_query(text: str, field: str = "query") -> None:
    if not text.strip():
        raise InvalidRequestError(f"{field} must hold more than blanks.")
    if len(text) > MAX_QUERY_LENGTH:
        raise InvalidRequestError(f"{field} must have at most {MAX_QUERY_LENGTH} characters.")


def _check_limit(limit: int | None) -> None:
    if limit is not None and not 1 <= limit <= MAX_LIMIT:
        raise InvalidRequestError(f"limit must be an integer from 1 to {MAX_LIMIT}.")
