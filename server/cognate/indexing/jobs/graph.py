"""Keeps the reference graph in step with the index: read from the store, updated file by file, ranked when idle.

Used by the writer thread alone. The graph follows the store.
What was ranked is kept beside the store, so that a start need not build the graph; the next change builds it.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from cognate.disk import write_whole
from cognate.errors import CancelledError, CognateError, StoreError
from cognate.graph import exchange
from cognate.graph.references import FileFacts, ReferenceGraph
from cognate.graph.view import pack, unpack, view_of, with_imported
from cognate.index.entries import Outline
from cognate.index.locations import GRAPH_FILE, IMPORTED_FILE
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.jobs.compact import Compact
from cognate.indexing.jobs.embed import Embed
from cognate.indexing.state import FolderState
from cognate.process import without_collections
from cognate.types import FileStamp, References, Symbol

log = logging.getLogger(__name__)

SHARE_OF_TIME = 0.1  # Following an index that changes all the time takes at most this share of it.
FILES_AT_ONCE = 50  # Taken in within 10 ms; an edit waits no longer.
REST_AT_LEAST_S = 1.0  # Ranks change little from one save to the next.

_DATA_KINDS = frozenset({"field", "property"})
_DATA_KINDS_OF_MEMBERS = frozenset({"constant", "variable"})
_KINDS_WITHOUT_USERS = frozenset({"heading", "rule"})
"""A style rule beside a script, such as ``main``, is not what the scripts of other files call by that name."""


class Graph:
    """The reference graph of one index, which follows the store.

    Args:
        state: of the folder; the graph's view is put into its index.
        embed: goes first, once a graph is known: it says what is embedded first.
        compact: a vector index is built meanwhile.
    """

    phase = Phase.GRAPH

    def __init__(self, state: FolderState, embed: Embed, compact: Compact) -> None:
        self._state = state
        self._index = state.index
        self._folder = state.storage.folder
        self._embed = embed
        self._compact = compact
        self._graph: ReferenceGraph | None = None
        self._unread: dict[str, References | None] = {}
        self._built_to = -1
        self._shown = -1
        self._saved = -1
        self._due_at = 0.0
        self._imported_stamp: FileStamp | None = None

    @property
    def is_behind(self) -> bool:
        """Whether the index has changed since the graph was ranked."""
        return self._shown != self._index.store_generation

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while there is no graph; later when the folder is idle and all is embedded."""
        if not self.is_behind:
            return None
        if self._shown < 0:
            return 0.0
        if self._embed.due(now, waited_for=waited_for) is not None:
            return None
        return 0.0 if waited_for else max(self._due_at - now, self._state.idle_in_s(now), 0.0)

    def run(self, budget: Budget) -> None:
        """Bring the graph to what the index holds, and rank it.

        Raises:
            StoreError: when the store cannot be read.
        """
        was_unknown = self._shown < 0
        if not was_unknown:
            self._compact.begin_if_wanted()
        self.catch_up(budget.should_yield)
        if was_unknown and self._shown >= 0:
            self._embed.put_in_order()
        if not self.is_behind:
            self._state.give_memory_back()
        self._state.publish()

    def catch_up(self, should_yield: Callable[[], bool]) -> None:
        """Bring the graph to what the index holds, and rank it.

        Args:
            should_yield: whether there is something more urgent; the rest is done when this is called again.

        Raises:
            StoreError: when the store cannot be read.
        """

        def go_on() -> None:
            self._state.services.gate.give_way()
            if should_yield():
                raise CancelledError("Something is more urgent than the reference graph.")

        began = time.monotonic()
        try:
            with without_collections():
                graph = self._read_changes(go_on)
                graph.resolve(go_on)
                self._index.use_graph(view_of(graph, self._index.saved.graph, between=go_on))
        except CancelledError:
            return
        except StoreError:
            raise
        except Exception:
            log.exception("The reference graph could not be made; answers go without until the next change")
            self._graph, self._unread = None, {}
            self._built_to = self._index.store_generation
        self._shown = self._built_to
        self.take_imported()
        now = time.monotonic()
        self._due_at = now + max(REST_AT_LEAST_S, (now - began) / SHARE_OF_TIME)

    def _read_changes(self, between: Callable[[], None]) -> ReferenceGraph:
        """Take in what changed, a few files at a time; what is left when ``between`` raises is read the next time."""
        index = self._index
        if self._graph is None:
            self._graph, self._built_to, self._unread = ReferenceGraph(), -1, {}
        graph = self._graph
        if not self._unread:
            used = index.store.uses_since(self._built_to)
            self._unread = {path: None for path in graph.paths if path not in used.paths}
            self._unread.update(used.references)
            self._built_to = index.store_generation
        while self._unread:
            between()
            changed: dict[str, FileFacts | None] = {}
            for path in list(islice(self._unread, FILES_AT_ONCE)):
                references = self._unread.pop(path)
                symbols = symbols_of(index.saved.outline(path))
                changed[path] = FileFacts(symbols, references) if references is not None else None
            graph.update(changed)
        return graph

    def load(self) -> None:
        """Take what was ranked before, if it belongs to what the index holds; called once, before all else."""
        if self._folder is None:
            return
        try:
            view = unpack((self._folder / GRAPH_FILE).read_bytes(), self._index.key)
        except FileNotFoundError:
            view = None
        except (OSError, ValueError) as error:
            log.info("The reference graph cannot be read: %s", error)
            view = None
        if view is not None:
            self._index.use_graph(view)
            self._shown = self._saved = self._index.store_generation
        self.take_imported()

    def save(self) -> None:
        """Keep what was ranked for the next start; a disk that refuses costs only the time to do it again."""
        if self._folder is None or self.is_behind or self._saved == self._shown:
            return
        try:
            write_whole(self._folder / GRAPH_FILE, pack(self._index.saved.graph, self._index.key))
            self._saved = self._shown
        except OSError as error:
            log.info("The reference graph cannot be kept: %s", error)

    def take_imported(self) -> None:
        """Let ranks that were imported count, or ours again if they are gone."""
        file = None if self._folder is None else self._folder / IMPORTED_FILE
        stamp = FileStamp.at(file) if file is not None else None
        if stamp == self._imported_stamp:
            return
        self._imported_stamp = stamp
        ranks: Mapping[str, float] = {}
        if file is not None and stamp is not None:
            try:
                ranks = exchange.read_ranks([file])
            except CognateError as error:
                log.warning("Imported ranks do not count: %s", error)
        if ranks or self._index.saved.graph.imported:
            self._index.use_graph(with_imported(self._index.saved.graph, ranks))


def symbols_of(outlines: Iterable[Outline]) -> tuple[tuple[str, bool], ...]:
    """Return the definitions in a file's chunks as the graph takes them."""
    return tuple(
        (symbol.qualified, _holds_data(symbol))
        for outline in outlines
        for symbol in outline.symbols
        if symbol.kind not in _KINDS_WITHOUT_USERS
    )


def _holds_data(symbol: Symbol) -> bool:
    return symbol.kind in _DATA_KINDS or (symbol.kind in _DATA_KINDS_OF_MEMBERS and bool(symbol.container))
