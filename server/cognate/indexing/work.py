"""What the writer does to an open index, one step at a time: compare with the folder, read, embed, tidy.

Used by the writer thread alone. Decides what comes next, never when: the loop and all waiting are in ``writer``.
"""

import logging
import time
from collections.abc import Callable, Mapping
from itertools import takewhile
from pathlib import Path

from cognate.embedding.cross_encoder import PairScorer
from cognate.errors import MemoryLimitError, ModelError
from cognate.index.index import Index
from cognate.index.opening import remove_other_models
from cognate.index.snapshot import IndexSnapshot
from cognate.indexing import steps
from cognate.indexing.compactor import Compactor
from cognate.indexing.embedder import Embedder
from cognate.indexing.overlay import Overlay
from cognate.indexing.prefetch import Prefetch
from cognate.indexing.references import GraphFollower
from cognate.indexing.services import Model, Services
from cognate.indexing.storage import Storage
from cognate.indexing.update import saved_text
from cognate.process import give_memory_back
from cognate.settings import Settings
from cognate.types import State
from cognate.workspace.buffers import Buffers
from cognate.workspace.files import stamp_of
from cognate.workspace.ignore import Rules

log = logging.getLogger(__name__)

BATTERY_REST_S = 2.0  # On battery, each small step of embedding is followed by a rest as long as it took, up to this.
CALM_S = 5.0
"""The reference graph follows when nothing was noted for so long: an edit interrupts it, and ranking begins anew."""

ON_BATTERY = "On battery: embedding slowly."


class Work:
    """An index, what it lacks, and the model that goes with it.

    Args:
        index: just opened.
        settings: the folder's.
        storage: tells whether this process writes.
        folder: the workspace folder.
        services: what the process shares.
        documents: open buffers.
        publish: called after each step that changed what can be answered.
    """

    def __init__(
        self, index: Index, settings: Settings, *, storage: Storage, folder: Path, services: Services,
        documents: Buffers, publish: Callable[[], None],
    ) -> None:  # fmt: skip
        self.index = index
        self.settings = settings
        self.model: Model | None = None
        self.reranker: PairScorer | None = None
        self.model_message = self.reranker_message = self.power_message = ""
        self.phase = "opening"
        self.backlog: dict[str, None] = {}
        self.missing: list[int] = []
        self.rest_s = 0.0
        self._storage = storage
        self._folder = folder
        self._services = services
        self._documents = documents
        self._publish = publish
        self._rules = Rules(folder, settings.exclude, settings.max_file_bytes)
        self._rules_changed = False
        self._noted_at = -CALM_S
        self._has_worked = False  # Since memory was given back.
        self._first_time = not index.files
        self._overlay = Overlay()
        self._buffers: dict[str, None] = dict.fromkeys(documents.paths())
        self._prefetch: Prefetch | None = None
        self._embedder: Embedder | None = None
        self._compactor = Compactor(index)
        self.graph = GraphFollower(index, storage.place, writes=storage.writes, give_way=services.gate.give_way)

    def snapshot(self) -> IndexSnapshot:
        """Return what may be answered from: the index, with unsaved buffers over it."""
        return self._overlay.over(self.index.snapshot())

    @property
    def has_buffers_to_lay(self) -> bool:
        """Whether the overlay lags behind the open buffers."""
        return bool(self._buffers)

    def state(self) -> State:
        """Return how far the index is."""
        if self.backlog or self.missing or self.phase or self._prefetch:
            return State.INDEXING if self._first_time else State.CATCHING_UP
        return State.READY if self.model else State.LEXICAL_ONLY

    def note(self, noted: Mapping[str, bool]) -> None:
        """Queue files that may have changed; a follower leaves all but its own open buffers to its writer.

        Args:
            noted: paths, and whether each was only typed in: then its file is not read, unless it has changed, too.
        """
        if not noted:
            return
        self._noted_at = time.monotonic()
        opened = self._documents.paths() | self._overlay.paths
        self._buffers.update((path, None) for path in noted if path in opened)
        if self._storage.writes:
            to_read = [path for path, typed in noted.items() if not (typed and self._is_current(path))]
            self.backlog.update(dict.fromkeys(to_read))
            self._rules_changed |= any(self._rules.outdated_by(path) for path in to_read)

    def step(self, *, stop: Callable[[], bool], hurry: Callable[[], bool], in_demand: bool) -> bool:
        """Bring the index a step closer to the folder; return whether anything was left to do.

        Args:
            stop: whether reading is to end.
            hurry: whether there is something more urgent than embedding.
            in_demand: whether somebody waits for the end, so that no rests are taken.

        Raises:
            StoreError: when the disk refuses; what was to be done is still queued.
            MemoryLimitError: when the process has reached its memory limit; the same.
        """
        self.rest_s = 0.0
        if self._prefetch is not None and (self._prefetch.is_done or not self.backlog):
            self.load_model(self._prefetch)
            if self.model is not None and self.backlog:
                self._embed_beside(self.model)
            self._publish()
        if self._compactor.take():
            self._publish()
        if self._buffers:
            self.lay_buffers(hurry)
            return True
        if self._rules_changed or self.backlog or self.missing:
            self._hold_memory()
        if self.model is not None and self._overlay.missing():
            self._embed_buffers(self.model, hurry)
            self._publish()
        elif self._rules_changed:
            self.reconcile()
        elif self.backlog:
            self._read_some(stop)
        elif self.missing and self.model is not None and self.graph.is_unknown:
            self._embed_beside(self.model)
            self._catch_up_graph(hurry)  # It says what is to be embedded first.
            self._find_missing()
        elif self.missing and self.model is not None:
            self._embed_some(self.model, hurry, saving=not in_demand and self._services.on_battery())
        else:
            return self._tidy(hurry) or self.when_calm(hurry, in_demand=in_demand)
        return True

    def when_calm(self, hurry: Callable[[], bool], *, in_demand: bool) -> bool:
        """Do what comes once edits have ceased, if it is time; return whether there is more, perhaps after a rest.

        The reference graph is brought up to date, and memory that edits took and nobody needs any more is given back.

        Args:
            hurry: whether there is something more urgent.
            in_demand: whether somebody waits for the graph, so that no rest is taken before it.
        """
        now = time.monotonic()
        calm_in_s = max(self._noted_at + CALM_S - now, 0.0)
        self.rest_s = 0.0
        if self.graph.is_behind:
            if not in_demand:
                self.rest_s = max(self.graph.wait_s(now), calm_in_s)
            if not self.rest_s:
                self._catch_up_graph(hurry)
                return True
        if self._has_worked:
            if calm_in_s:
                self.rest_s = calm_in_s
            else:
                self._give_memory_back()
        return self.rest_s > 0

    def _catch_up_graph(self, hurry: Callable[[], bool]) -> None:
        self.graph.catch_up(hurry)
        self._publish()
        if not self.graph.is_behind:
            self._give_memory_back()

    def _give_memory_back(self) -> None:
        self._has_worked = False
        if self.model is not None:
            self.model.encoder.give_memory_back()
        give_memory_back()

    def _hold_memory(self) -> None:
        limit, used = self.settings.memory_limit_mb, self._services.resident_mb()
        if limit and used > limit:  # Part of it may be free, and only kept for later.
            self._give_memory_back()
            used = self._services.resident_mb()
        if limit and used > limit:
            raise MemoryLimitError(
                f"Indexing holds: the process uses {used:,.0f} MB, and memoryLimitMb allows {limit:,}. "
                "Raise it, or leave more files out with exclude."
            )

    def load_reranker(self) -> None:
        """Use the cross-encoder that the settings name, if any; without it searches have one stage."""
        self.reranker, self.reranker_message = None, ""
        if not self.settings.reranker:
            return
        try:
            self.reranker = self._services.reranker(self.settings.reranker, self.settings.background_threads)
        except ModelError as error:
            self.reranker_message = f"The reranker cannot be used, and searches go without it. {error}"

    def load_model(self, prefetch: Prefetch | None = None) -> None:
        """Use the model that the settings name, with those of its vectors that are on disk or were read just now."""
        self._let_go_of_model()
        try:
            model = self._services.model(self.settings.model, self.settings.background_threads)
        except ModelError as error:
            self.model, self.model_message = None, str(error)
            self.index.use_model("none", 0)
        else:
            self.model, self.model_message = model, ""
            encoder = model.encoder
            self.index.use_model(encoder.fingerprint, encoder.dimensions, prefetch.vectors() if prefetch else None)
            if self._storage.writes and self._storage.place is not None:
                remove_other_models(self._storage.place, encoder.fingerprint)
        self._overlay.forget_vectors()
        self._buffers.update(dict.fromkeys(self._overlay.paths))
        if self._storage.writes:
            self._find_missing()
        else:
            self.take_known_vectors()

    def load_model_beside(self, prefetch: Prefetch) -> None:
        """Use the model as soon as it is loaded; where nothing is indexed yet, files are read meanwhile."""
        if self.index.records or not self._storage.writes:
            self.load_model(prefetch)
        else:
            self._prefetch = prefetch

    def _let_go_of_model(self) -> None:
        """End what other threads do with the model, before another one comes or all ends."""
        self._prefetch = None
        if self._embedder is not None:
            self._embedder.close()
            self._embedder = None
        self._compactor.drop()

    def close(self) -> None:
        """End all threads, and let go of what is on disk."""
        if self._prefetch is not None:
            self._prefetch.model()
        self._let_go_of_model()
        self.index.close()

    def lay_buffers(self, hurry: Callable[[], bool]) -> None:
        """Bring the overlay to what the open buffers hold; a buffer that is as saved needs none."""
        self._has_worked = True
        for path in list(self._buffers):
            text = self._documents.get(path)
            if text is not None and not text.isascii():
                text = text.encode("utf-8", "replace").decode()  # A client may send half a surrogate pair.
            if text is None or self._is_as_indexed(path, text) or not self._rules.file(path, len(text)).included:
                self._overlay.lift(path)
            else:
                saved = [self.index.records[number] for number in self.index.by_path.get(path, ())]
                self._overlay.lay(path, text, saved)
            self._buffers.pop(path, None)
        if self.model is not None:
            self._embed_buffers(self.model, hurry)
        self.index.generation += 1
        self._publish()

    def _is_as_indexed(self, path: str, text: str) -> bool:
        return path in self.index.files and self._is_current(path) and text == saved_text(self._folder, path)

    def _is_current(self, path: str) -> bool:
        """Whether the index holds a file as it lies on disk, or there is none."""
        row = self.index.files.get(path)
        return (row.stamp if row is not None else None) == stamp_of(self._folder, path)

    def _embed_buffers(self, model: Model, hurry: Callable[[], bool]) -> None:
        missing = self._overlay.missing()
        if missing:
            found = steps.embed_texts(model, missing, give_way=self._services.gate.give_way, stop=hurry)
            self._overlay.set_vectors(found)

    def _find_missing(self) -> None:
        self.missing = steps.embedding_order(self.index, self._documents) if self.model is not None else []
        if self._embedder is not None and not self.graph.is_unknown:  # Then it says what is to come first.
            self._embedder.drop()

    def reconcile(self, *, everything: bool = False) -> None:
        """Hold the index against the folder and queue what differs; a follower leaves that to its writer."""
        if not self._storage.writes:
            return
        self.phase = "looking for changes"
        self._publish()
        self._rules = Rules(self._folder, self.settings.exclude, self.settings.max_file_bytes)
        self._rules_changed = False
        different = steps.differing(self.index, self._folder, self._rules, self._documents, everything=everything)
        self.backlog.update(dict.fromkeys(different))
        self.phase = ""
        self._publish()

    def _read_some(self, stop: Callable[[], bool]) -> None:
        self.phase = "reading files"
        taken, changes = steps.read_batch(
            self.index, self._folder, list(self.backlog), self._rules,
            give_way=self._services.gate.give_way, stop=stop,
        )  # fmt: skip
        newest = next(reversed(self.index.records), 0)
        if changes:
            self._has_worked = True
            self.index.apply(changes)
            opened = self._documents.paths()
            self._buffers.update((change.path, None) for change in changes if change.path in opened)
        for path in taken:
            self.backlog.pop(path, None)
        if not self.backlog:
            self.phase = ""
            self._find_missing()
            self._fill_from_cache()
        elif self.model is not None:
            added = list(takewhile(lambda number: number > newest, reversed(self.index.records)))
            self.missing += steps.embedding_order(self.index, self._documents, among=added)
            self._embed_beside(self.model)
        self._publish()

    def _embed_beside(self, model: Model) -> None:
        """Have the model work on a core that is free while files are read, and take what it has done."""
        if self._services.on_battery():
            return
        self._embedder_of(model).ask(self.missing, at_most=steps.EMBED_BATCH, beside_reading=True)
        self._collect(0, lambda: True)

    def _fill_from_cache(self) -> None:
        """Give new chunks the vectors that are known already, in one go."""
        if self.model is None or not self.missing:
            return
        digests = self.index.digests
        known = self.model.cache.get([digests[i] for i in self.missing])
        self.index.set_vectors({i: known[digests[i]] for i in self.missing if digests[i] in known})
        self.missing = [i for i in self.missing if digests[i] not in known]

    def take_known_vectors(self) -> bool:
        """As a follower, read vectors that others computed from the cache; return whether there were any."""
        lacking = self.index.without_vectors() if self.model is not None else []
        if not lacking or self.model is None:
            return False
        digests = self.index.digests
        known = self.model.cache.get([digests[i] for i in lacking])
        self.index.set_vectors({i: known[digests[i]] for i in lacking if digests[i] in known})
        if self.index.vectors.needs_compaction:
            self.index.compact(self.settings.background_threads)
            self._give_memory_back()
        return bool(known)

    def _embed_some(self, model: Model, hurry: Callable[[], bool], *, saving: bool) -> None:
        self.phase = "embedding"
        began = time.monotonic()
        embedder = self._embedder_of(model)
        if saving:
            embedder.ask(self.missing, at_most=steps.BATTERY_BATCH)
            self._collect(steps.BATTERY_BATCH, hurry)
        else:  # More than is waited for, so that the model always has something to do.
            embedder.ask(self.missing, at_most=steps.EMBED_BATCH + steps.EMBED_AHEAD)
            self._collect(steps.EMBED_BATCH, hurry)
        if hurry():
            embedder.drop()
        if not self.missing:
            self.phase = ""
            self._first_time = False
        self.power_message = ON_BATTERY if saving and self.missing else ""
        if self.power_message:
            self.rest_s = min(time.monotonic() - began, BATTERY_REST_S)
        self._publish()

    def _embedder_of(self, model: Model) -> Embedder:
        if self._embedder is None:
            self._embedder = Embedder(
                self.index, model, threads=self.settings.background_threads, give_way=self._services.gate.give_way
            )
        return self._embedder

    def _collect(self, enough: int, stop: Callable[[], bool]) -> None:
        """Give chunks the vectors that came; a model that fails is not asked again."""
        assert self._embedder is not None
        try:
            found = self._embedder.collect(enough, stop)
        except ModelError as error:
            log.error("%s", error)
            self._let_go_of_model()
            self.model, self.model_message, self.missing = None, str(error), []
            return
        index = self.index
        index.set_vectors({number: vector for number, vector in found.items() if number not in index.vectors})
        self.missing = [i for i in self.missing if i not in found and i in index.records]
        if index.vectors.needs_compaction:
            self._compactor.begin(self.settings.background_threads)

    def _tidy(self, hurry: Callable[[], bool]) -> bool:
        if self._compactor.is_building:
            self._compactor.wait(hurry)
            return True
        if self._compactor.is_due:
            self.phase = "tidying"
            self._compactor.tidy(self.settings.background_threads)
            return True
        if self.phase or self._first_time:
            self.phase, self._first_time = "", False
            self._give_memory_back()
            self._publish()
        return False
