"""``search`` and ``related``: ask the process that holds the index, or the index as it lies on disk, or an engine.

Import nothing of what only an engine needs before one is needed.
"""

import argparse
import gc
import json
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from cognate.cancellation import CancelToken
from cognate.cli import output, waiting
from cognate.cli.exit_codes import FOUND, NOTHING_FOUND
from cognate.cli.loading import check_line, inside, loading_model, settings_of
from cognate.commits import History
from cognate.duplicates import Duplicates
from cognate.errors import InvalidRequestError, StoreError, WorkspaceError
from cognate.greeting import RefusedError, StrangerError
from cognate.index.locations import default_cache_dir, store_folder, workspace_folder
from cognate.remote import Remote, connect
from cognate.search.request import CHANGED_WITH, DuplicatesRequest, HistoryRequest, RelatedRequest, SearchRequest
from cognate.timing import traced
from cognate.types import Answer, Hit, Scope, Span
from cognate.wire import OwnerGoneError, guest_of

if TYPE_CHECKING:
    from cognate.face import EngineFace
    from cognate.ready_index import ReadyIndex
    from cognate.shared import SharedEngine


T = TypeVar("T")

LOOK_S = 0.1
"""How often it is looked whether the history has been read."""


class Index(Protocol):
    """Whoever answers one command.

    Attributes:
        folder: the workspace folder.
        here: the working folder of the command.
    """

    folder: Path
    here: Path

    def search(self, request: SearchRequest) -> Answer:
        """Answer a search."""
        ...

    def related(self, request: RelatedRequest) -> Answer:
        """Answer what code is related to that at a location."""
        ...

    def engine(self) -> "EngineFace":
        """Return an engine, its index up to date."""
        ...


class Asked:
    """Whoever answers: the process that holds the index, a clean index as it lies on disk, or an engine made here.

    The last from the moment on that one is needed: for a folder that nobody holds and whose index is not clean.
    """

    def __init__(self, options: argparse.Namespace, path: str, stack: ExitStack) -> None:
        self.folder, self.here = workspace_folder(Path(path)), Path.cwd()
        self._options = options
        self._stack = stack
        self._is_for_now = waiting.is_for_now(options)
        self._ready: ReadyIndex | None = None
        self._engine: Remote | SharedEngine | None = self._elsewhere()
        if self._engine is None:
            _set_up_logs(options)
            self._options.services = stack.enter_context(loading_model(options))
            from cognate.ready_index import ready_index  # noqa: PLC0415 - imports what an index needs

            self._ready = ready_index(self.folder, settings_of(options), self._options.services)
            if self._ready is not None:
                stack.callback(self._ready.close)

    def _elsewhere(self) -> Remote | None:
        """Return the engine of another process, its index up to date, if there is one that serves this search."""
        guest = guest_of(settings_of(self._options), has_settings=False)
        try:
            remote = connect(self.folder, store_folder(default_cache_dir(), self.folder), guest)
        except (RefusedError, StrangerError):
            return None
        if remote is not None:
            self._stack.callback(remote.close)
            threading.Thread(target=remote.run, name="cognate-remote", daemon=True).start()
            if not remote.wait_until_current(0.0, embedded=not self._is_for_now):
                bars = waiting.shows_bars(self._options)
                with output.progress(enabled=bars) as show:
                    remote.subscribe(show)
                    hint = waiting.hint(self._options)
                    waiting.until_current(remote, embedded=not self._is_for_now, says=not bars, hint=hint)
        return remote

    def search(self, request: SearchRequest) -> Answer:
        """Answer a search."""
        return self._answer(lambda index: index.search(request, CancelToken()))

    def related(self, request: RelatedRequest) -> Answer:
        """Answer what code is related to that at a location."""
        return self._answer(lambda index: index.related(request, CancelToken()))

    def duplicates(self, request: DuplicatesRequest) -> Duplicates:
        """Return definitions that do the same."""
        return self._answer(lambda index: index.duplicates(request, CancelToken()))

    def history(self, request: HistoryRequest) -> History:
        """Return commits, by words and meaning or of a place, once the history has been read."""
        with waiting.reading_history(on_terminal=waiting.shows_bars(self._options)) as show:
            while not (found := self._answer(lambda index: index.history(request, CancelToken()))).is_complete:
                show(found.covered)
                time.sleep(LOOK_S)
        return found

    def wait_for_history(self) -> None:
        """Return once the history has been read."""
        self.history(HistoryRequest(near=("",)))

    def languages(self) -> Mapping[str, int]:
        """Return how many files are in each language."""
        return (self._ready or self.engine()).languages()

    def _answer(self, ask: "Callable[[Remote | ReadyIndex | SharedEngine], T]") -> T:
        if self._ready is not None:
            try:
                return ask(self._ready)
            except StoreError:
                self._ready = None  # An engine mends it or does without, and says so.
        try:
            return ask(self.engine())
        except OwnerGoneError:
            self._engine = None
            return ask(self.engine())

    def engine(self) -> "Remote | SharedEngine":
        """Return an engine, its index up to date."""
        if self._engine is None:
            from cognate.cli import commands  # noqa: PLC0415 - takes as long as the answer

            _set_up_logs(self._options)
            gc.enable()
            self._engine = self._stack.enter_context(
                commands.open_current(self._options, str(self.folder), current=not self._is_for_now)
            )
        return self._engine


@contextmanager
def asked(options: argparse.Namespace, path: str) -> Generator[Asked]:
    """Yield who answers for a folder, brought up to date with it."""
    with ExitStack() as stack:
        yield Asked(options, path, stack)


def search(options: argparse.Namespace) -> int:
    """Answer one query, or a file of queries."""
    if options.queries is not None:
        return _search_many(options)
    if not options.query:
        raise InvalidRequestError('Say what to look for: cognate search "how are requests retried"')
    with asked(options, options.path or ".") as index:
        also = _rephrasing(options, index)(options.query, _wordings(options.also))
        if options.rephrase and not options.json:
            output.write_wordings(also)
        return _answer_search(options, index, also)


def answer_search(options: argparse.Namespace, index: Index) -> int:
    """Have one query answered, which no chat model is to put into other words."""
    return _answer_search(options, index, _wordings(options.also))


def _answer_search(options: argparse.Namespace, index: Index, also: Sequence[str]) -> int:
    answer = index.search(_request(options, options.query, also))
    _write_answer(options, answer, index.folder, options.query)
    return FOUND if answer.hits else NOTHING_FOUND


def _search_many(options: argparse.Namespace) -> int:
    """One query a line in, one JSON object a line out."""
    if options.query and options.path:
        raise InvalidRequestError("--queries takes the place of QUERY: cognate search --queries FILE [PATH] --json")
    try:
        text = sys.stdin.read() if str(options.queries) == "-" else options.queries.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError(f"The queries in {options.queries} cannot be read: {error}") from error
    queries = [_read_line(line.strip()) for line in text.splitlines() if line.strip()]
    found, last = False, None
    with asked(options, options.query or options.path or ".") as index:
        rephrase = _rephrasing(options, index)
        for query, given in queries:
            also = rephrase(query, _wordings([*options.also, *given]))
            answer = index.search(_request(options, query, also))
            found, last = found or bool(answer.hits), answer.index
            _trace(options, "query", answer)
            if options.json:
                advice = {"message": answer.advice.message} if answer.advice.message else {}
                results = [_hit_fields(hit) for hit in answer.hits]
                output.write_json({"query": query, **({"also": also} if also else {}), "results": results, **advice})
            else:
                if options.rephrase:
                    output.write_wordings(also)
                output.write_line(f"# {query}")
                output.write_hits(answer.hits, explain=options.explain, query=query)
                if answer.advice.message:
                    output.write_note(answer.advice.message)
        if last is not None:
            output.write_state(last, index.folder)
    return FOUND if found else NOTHING_FOUND


def _rephrasing(options: argparse.Namespace, index: Asked) -> Callable[[str, tuple[str, ...]], tuple[str, ...]]:
    """Return what adds other wordings to those that were given; none without ``--rephrase``."""
    if not options.rephrase:
        return lambda _query, given: given
    from cognate.cli.rephrase import Rephrasing  # noqa: PLC0415 - nothing else needs it

    return Rephrasing(options, index.languages).add_to


def _read_line(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the query in a line, and its other wordings if the line is a JSON object; any other text is a query.

    Raises:
        InvalidRequestError: when the object is no query.
    """
    try:
        fields = json.loads(line) if line.startswith("{") else None
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        return line, ()
    query, also = cast("dict[str, object]", fields).get("query"), cast("dict[str, object]", fields).get("also", [])
    if not isinstance(query, str) or not isinstance(also, list):
        raise InvalidRequestError(f'A line of --queries is a query, or {{"query": "…", "also": ["…"]}}, not {line}')
    return query, _wordings(cast("list[object]", also))


def _wordings(given: Sequence[object]) -> tuple[str, ...]:
    """Return other wordings as they were given.

    Raises:
        InvalidRequestError: when there are too many, or one is no text.
    """
    if not given:
        return ()
    from cognate.search.phrasings import MOST_WORDINGS  # noqa: PLC0415 - reads replies, too

    wordings = tuple(text for text in given if isinstance(text, str) and text.strip())
    if len(wordings) < len(given):
        raise InvalidRequestError("Another wording of a query must be text, and not blank.")
    if len(wordings) > MOST_WORDINGS:
        raise InvalidRequestError(f"A query may have at most {MOST_WORDINGS} other wordings.")
    return wordings


def related(options: argparse.Namespace) -> int:
    """Find code that is related to that at FILE:LINE."""
    _located(options, workspace_folder(Path(options.path or ".")), Path.cwd())  # To say at once what is wrong with it.
    with asked(options, options.path or ".") as index:
        if options.kind == CHANGED_WITH:
            index.wait_for_history()
        return answer_related(options, index)


def _located(options: argparse.Namespace, folder: Path, here: Path) -> Span:
    """Return the line that FILE:LINE names.

    Raises:
        InvalidRequestError: when it is none.
        WorkspaceError: when there is no such file in the folder, or no such line in the file.
    """
    file, _, line = options.location.rpartition(":")
    if not file or not line.isdecimal() or int(line) < 1:
        raise InvalidRequestError(f"Say FILE:LINE, such as src/app.py:42, not {options.location!r}.")
    path = inside(folder, file, here)
    check_line(folder, path, int(line))
    return Span(path, int(line) - 1, int(line))


def answer_related(options: argparse.Namespace, index: Index) -> int:
    """Have one question for related code answered."""
    span = _located(options, index.folder, index.here)
    answer = index.related(RelatedRequest(span, options.limit, scope_of(options), options.explain, kind=options.kind))
    if not answer.hits and not (known := index.engine().explain(span.path)).indexed:
        raise WorkspaceError(f"{span.path} is not in the index: {known.rule}")
    _write_answer(options, answer, index.folder)
    return FOUND if answer.hits else NOTHING_FOUND


def _set_up_logs(options: argparse.Namespace) -> None:
    """Set the log up as soon as there may be one: a question to another process writes none."""
    from cognate.cli import logs  # noqa: PLC0415 - takes as long as that question

    logs.set_up(options)


def _request(options: argparse.Namespace, query: str, also: Sequence[str]) -> SearchRequest:
    return SearchRequest(query, options.limit, scope_of(options), explain=options.explain, also=tuple(also))


def scope_of(options: argparse.Namespace) -> Scope:
    """Return the scope that a command's arguments stand for."""
    return Scope(tuple(options.include), tuple(options.exclude), frozenset(options.lang))


def _write_answer(options: argparse.Namespace, answer: Answer, folder: Path, query: str = "") -> None:
    if options.json:
        for hit in answer.hits:
            output.write_json(_hit_fields(hit))
    else:
        output.write_hits(answer.hits, explain=options.explain, prefix=options.path, query=query)
    _trace(options, "query" if query else "related", answer)
    if answer.advice.message:
        output.write_note(answer.advice.message)
    elif not (answer.hits or options.json or output.nothing_to_index(answer.index, folder)):
        output.write_note("nothing close was found")
    output.write_state(answer.index, folder)


def _trace(options: argparse.Namespace, kind: str, answer: Answer) -> None:
    """Say how long each stage of an answer took, wherever it was given, if that is wanted."""
    if options.stages:
        output.write_note(traced(kind, answer.stages))


def _hit_fields(hit: Hit) -> dict[str, object]:
    fields: dict[str, object] = {
        **output.place_fields(hit.path, hit.start_line, hit.end_line, hit.cell),
        "focus_line": hit.focus_line + 1,
        "focus_text": hit.focus_text,
        "score": round(hit.score, 4),
        "symbol": hit.symbol.name if hit.symbol else None,
        "kind": hit.symbol.kind if hit.symbol else None,
        "language": hit.language,
        "preview": hit.preview,
        "why": {name: round(value, 4) for name, value in hit.why.items()} if hit.why is not None else None,
    }
    if hit.copies:
        fields["copies"] = [output.place_fields(c.path, c.start_line, c.end_line, c.cell) for c in hit.copies]
    if hit.found_by is not None:
        fields["found_by"] = hit.found_by
    if hit.stale:
        fields["stale"] = True
    return fields
