"""What every front end asks of the engine of a folder, wherever that runs: in this process or in another one.

``cognate.engine.Engine`` does it here, ``cognate.remote.Remote`` asks another process, ``cognate.shared.SharedEngine``
does the one or the other; both of these are ``PassingOn``. Any thread may call the methods. Commands return at once;
questions block.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, get_type_hints

from cognate.cancellation import CancelToken
from cognate.commits import History
from cognate.duplicates import Duplicates
from cognate.search.request import DuplicatesRequest, HistoryRequest, RelatedRequest, SearchRequest, TwinsRequest
from cognate.settings import Settings
from cognate.types import Answer, Explanation, Status, Symbol

P = ParamSpec("P")
T = TypeVar("T")


class EngineFace(Protocol):
    """One folder's index, kept fresh, and the questions it answers."""

    folder: Path

    # -- commands

    def note_changed(self, paths: Iterable[str]) -> None:
        """Note files or folders that changed, came or went."""
        ...

    def reconcile(self) -> None:
        """Compare the index with the folder, as anything may have changed."""
        ...

    def set_buffer(self, path: str, text: str) -> None:
        """Let an open buffer's text mask the file."""
        ...

    def drop_buffer(self, path: str) -> None:
        """Let the file on disk count again."""
        ...

    def pause(self) -> None:
        """Stop indexing after the step under way; questions are answered all the same."""
        ...

    def resume(self) -> None:
        """Go on indexing."""
        ...

    def reindex(self) -> None:
        """Read every file again; vectors of unchanged text come from the cache."""
        ...

    def apply_settings(self, settings: Settings) -> None:
        """Use new settings from now on."""
        ...

    def watch(self, on_trouble: Callable[[str], None] = ...) -> None:
        """Find changes by watching the folder, where no client reports them."""
        ...

    def subscribe(self, listener: Callable[[Status], None]) -> None:
        """Have a function called with the status whenever it changes, on a thread of the engine's."""
        ...

    # -- questions

    def search(self, request: SearchRequest, cancel: CancelToken) -> Answer:
        """Answer a search by meaning.

        Raises:
            InvalidRequestError: when the query is empty or a pattern cannot be read.
            CancelledError: when the token was cancelled.
        """
        ...

    def related(self, request: RelatedRequest, cancel: CancelToken) -> Answer:
        """Answer what code is like that in a span of lines.

        Raises:
            InvalidRequestError: when a pattern cannot be read.
            CancelledError: when the token was cancelled.
        """
        ...

    def duplicates(self, request: DuplicatesRequest, cancel: CancelToken) -> Duplicates:
        """Return definitions of the folder that do the same.

        Raises:
            InvalidRequestError: when a pattern cannot be read.
            CancelledError: when the token was cancelled.
        """
        ...

    def twins(self, request: TwinsRequest, cancel: CancelToken) -> Duplicates:
        """Return what does the same as definitions of one file.

        Raises:
            CancelledError: when the token was cancelled.
        """
        ...

    def history(self, request: HistoryRequest, cancel: CancelToken) -> History:
        """Return commits, by words and meaning or of a place, and the files that usually change together.

        Raises:
            InvalidRequestError: when neither is asked about, or a pattern cannot be read.
            CancelledError: when the token was cancelled.
        """
        ...

    def wait_until_current(self, timeout: float | None = None, *, embedded: bool = True) -> bool:
        """Block until everything noted so far is searchable (and embedded); return False when the time ran out."""
        ...

    def status(self) -> Status:
        """Return the engine's state."""
        ...

    def paths(self) -> frozenset[str]:
        """Return the files in the index."""
        ...

    def languages(self) -> Mapping[str, int]:
        """Return how many files are in each language."""
        ...

    def symbols_in(self, path: str) -> tuple[Symbol, ...]:
        """Return the definitions in a file, in order."""
        ...

    def referrers(self, path: str) -> tuple[str, ...]:
        """Return the files that refer to a file, the strongest reference first."""
        ...

    def explain(self, path: str) -> Explanation:
        """Say whether a file is indexed, and the one rule that decided.

        Raises:
            WorkspaceError: when the path leads out of the folder.
        """
        ...

    def import_ranks(self, ranks: Mapping[str, float]) -> None:
        """Let ranks computed elsewhere count instead of ours, from now on and after a restart; none clears them.

        Raises:
            StoreError: when they cannot be kept.
        """
        ...

    def close(self) -> None:
        """End what this front end has of the engine; everything committed stays."""
        ...


@cache
def types_of(method: str) -> Mapping[str, Any]:
    """Return the types of a method's arguments by name, and that of its result as ``return``."""
    return get_type_hints(getattr(EngineFace, method))


def _given(method: Callable[..., Any], args: tuple[Any, ...], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call by name."""
    return {**dict(zip(method.__annotations__, args, strict=False)), **more}


def _command(method: Callable[Concatenate[Any, P], None]) -> Callable[Concatenate["PassingOn", P], None]:
    @wraps(method)
    def pass_on(self: "PassingOn", *args: P.args, **more: P.kwargs) -> None:
        self.tell(method.__name__, _given(method, args, more))

    return pass_on


def _question(method: Callable[Concatenate[Any, P], T]) -> Callable[Concatenate["PassingOn", P], T]:
    @wraps(method)
    def pass_on(self: "PassingOn", *args: P.args, **more: P.kwargs) -> T:
        return self.ask(method.__name__, _given(method, args, more))

    return pass_on


class PassingOn(ABC):
    """The face of an engine that is elsewhere: every command is told, every question is asked, by name."""

    @abstractmethod
    def tell(self, name: str, given: dict[str, Any]) -> None:
        """Pass a command on, with its arguments by name."""

    @abstractmethod
    def ask(self, name: str, given: dict[str, Any]) -> Any:
        """Pass a question on, with its arguments by name, and return its answer."""

    note_changed = _command(EngineFace.note_changed)
    reconcile = _command(EngineFace.reconcile)
    set_buffer = _command(EngineFace.set_buffer)
    drop_buffer = _command(EngineFace.drop_buffer)
    pause = _command(EngineFace.pause)
    resume = _command(EngineFace.resume)
    reindex = _command(EngineFace.reindex)
    apply_settings = _command(EngineFace.apply_settings)
    watch = _command(EngineFace.watch)
    subscribe = _command(EngineFace.subscribe)
    search = _question(EngineFace.search)
    related = _question(EngineFace.related)
    duplicates = _question(EngineFace.duplicates)
    twins = _question(EngineFace.twins)
    history = _question(EngineFace.history)
    wait_until_current = _question(EngineFace.wait_until_current)
    status = _question(EngineFace.status)
    paths = _question(EngineFace.paths)
    languages = _question(EngineFace.languages)
    symbols_in = _question(EngineFace.symbols_in)
    referrers = _question(EngineFace.referrers)
    explain = _question(EngineFace.explain)
    import_ranks = _question(EngineFace.import_ranks)
