"""Gives chunks their vectors: those of unsaved buffers first, then what a person is likely to need first.

The model works on threads of its own (``embedding.queue``); the writer feeds it and takes what has come, also between
the steps of other jobs.
"""

import logging
import math
import os
import time
from collections.abc import Callable, Collection, Iterable
from functools import partial
from itertools import islice

from cognate.arrays import Vector
from cognate.embedding.mount import KnownVectors, VectorSource, open_mounts
from cognate.embedding.queue import EmbeddingQueue
from cognate.embedding.text import embedding_text
from cognate.errors import ModelError
from cognate.graph.view import GraphView
from cognate.index.opening import remove_other_models
from cognate.index.snapshot import Snapshot
from cognate.indexing.jobs import Budget, Phase
from cognate.indexing.jobs.compact import Compact
from cognate.indexing.loading import Loading
from cognate.indexing.pace import QUICKLY, QUIET_S, Pace, pace_of
from cognate.indexing.state import FolderState
from cognate.power import Power
from cognate.settings import IDLE
from cognate.types import ChunkId
from cognate.workspace.path_facts import path_facts

log = logging.getLogger(__name__)

BATCH = 1024  # Chunks embedded between two snapshots.
AHEAD = 512  # Chunks that the queue still has when a batch has come, so that the model always has something to do.
GENTLE_BATCH = 128  # The same at a gentle pace.
LONGEST_REST_S = 2.0  # At a gentle pace each batch is followed by a rest as long as it took, up to this.
LOAD_LASTS_S = 60.0  # For so long our own threads are part of what keeps the machine busy.
LOOK_AT_MACHINE_S = 1.0  # How soon it is asked again whether the machine is to be spared.
LOOK_EVERY_S = 0.02  # How soon it is noticed that something more urgent waits.
URGENT, ORDINARY = 0, 1  # Priorities in the queue: unsaved buffers, all else.

LONG = 40  # Lines from which a chunk is as worth a vector as one that is longer.

_DEFINITIONS = frozenset(
    {"function", "method", "constructor", "class", "struct", "interface", "trait", "enum", "module", "type"}
)
_NEVER = (float("inf"),)


class Embed:
    """The chunks without a vector, and the model.

    Args:
        state: of the folder.
        compact: told when enough vectors have come.
    """

    def __init__(self, state: FolderState, compact: Compact) -> None:
        self._state = state
        self._compact = compact
        self._missing: dict[ChunkId, None] = {}
        self._asked: dict[bytes, list[ChunkId]] = {}
        self._queue: EmbeddingQueue | None = None
        self._known_vectors: KnownVectors | None = None
        self._mount_problems: list[str] = []
        self._loading: Loading | None = None
        self._rest_until = 0.0
        self._worked_at = self._looked_at = -math.inf
        self._power, self._n_busy = Power.UNKNOWN, 0.0

    @property
    def phase(self) -> Phase:
        """What the status says; nothing of embedding while only unsaved buffers lack vectors."""
        return Phase.EMBED if self._missing or self._loading is not None else Phase.BUFFERS

    @property
    def n_missing(self) -> int:
        """How many saved chunks lack a vector."""
        return len(self._missing)

    @property
    def is_loading(self) -> bool:
        """Whether the model is still being read."""
        return self._loading is not None

    @property
    def known_vectors(self) -> VectorSource:
        """What need not be computed; there is a model."""
        assert self._known_vectors is not None
        return self._known_vectors

    # -- the model

    def load(self, loading: Loading, *, wait: bool) -> None:
        """Use a model with its vectors, now or as soon as it is read; files can be read meanwhile."""
        self._release_model()
        self._loading = loading
        if wait:
            self._use_loaded()

    def _use_loaded(self) -> None:
        assert self._loading is not None
        state, loading = self._state, self._loading
        self._loading = None
        try:
            model = loading.model()
        except ModelError as error:
            self._go_without_model(error)
            state.index.use_model("none", 0, None)
        else:
            encoder = model.encoder
            state.model = model
            state.problems.pop("model", None)
            state.index.use_model(encoder.fingerprint, encoder.dimensions, loading.vectors(encoder.fingerprint))
            if state.storage.folder is not None:
                remove_other_models(state.storage.folder, encoder.fingerprint)
            known = self._known_vectors = KnownVectors(model.cache)
            self._open_mounts()
            self._queue = EmbeddingQueue(
                encoder, known, threads=state.settings.background_threads, give_way=state.services.gate.give_way
            )
        state.unsaved.forget_vectors()
        if self._queue is not None:
            self._missing = dict.fromkeys(state.index.without_vectors())
            self.put_in_order()
        state.publish()

    def use_mounts(self) -> None:
        """Look into the mounts that the settings name from now on, and give chunks the vectors that they have."""
        if self._queue is not None:
            self._open_mounts()
            self.put_in_order()
            self._state.publish()

    def _open_mounts(self) -> None:
        settings, model = self._state.settings, self._state.model
        assert self._known_vectors is not None
        assert model is not None
        mounts, self._mount_problems = open_mounts(settings.vectors, settings.vectors_key, model.encoder)
        self._known_vectors.use(mounts)
        self._tell_of_mounts()

    def _count(self, digests: Iterable[bytes]) -> None:
        if self._known_vectors is not None:
            self._known_vectors.count(digests)

    def _tell_of_mounts(self) -> None:
        """Let the status say how many vectors came from where, and what is wrong with a mount."""
        if self._known_vectors is None:
            return
        problems = [*self._mount_problems, *self._known_vectors.problems()]
        for told, name, text in (
            (self._state.problems, "mounts", " ".join(problems)),
            (self._state.facts, "sources", self._known_vectors.summary()),
        ):
            told.pop(name, None)
            if text:
                told[name] = text

    def _go_without_model(self, error: ModelError) -> None:
        self._state.model = None
        self._state.problems["model"] = str(error)
        self._missing.clear()

    def _release_model(self) -> None:
        """End what other threads do with the model, before another one comes or all ends."""
        if self._queue is not None:
            self._queue.close()
            self._queue = None
        self._asked.clear()
        self._compact.drop()

    def close(self) -> None:
        """End all threads."""
        if self._loading is not None:
            self._loading.wait()
        self._release_model()

    # -- what is missing

    def want(self, numbers: Iterable[ChunkId]) -> None:
        """Note new chunks, which have no vector."""
        if self._queue is not None:
            self._missing.update(dict.fromkeys(self._in_order(numbers)))

    def put_in_order(self) -> None:
        """Give the chunks that the cache knows their vectors, and put the others in order anew."""
        if self._queue is not None:
            saved = self._state.index.saved
            if len(self._missing) < saved.n_chunks - len(saved.vectors):  # A change failed half-way.
                self._missing = dict.fromkeys(self._state.index.without_vectors())
            known = self._known(self._missing)
            self._missing = dict.fromkeys(self._in_order(n for n in self._missing if n not in known))
            self._queue.retain(())
            self._asked.clear()
            self._tell_of_mounts()

    def _in_order(self, numbers: Iterable[ChunkId]) -> list[ChunkId]:
        return embedding_order(self._state.index.saved, self._state.buffers.paths(), numbers)

    def _known(self, numbers: Iterable[ChunkId]) -> frozenset[ChunkId]:
        """Give chunks the vectors that the cache has; return those that have one now, and those that are gone."""
        assert self._queue is not None
        numbers = list(numbers)
        index = self._state.index
        digests = index.digests_of(numbers)
        found = self._queue.known(set(digests.values())) if digests else {}
        vectors = {number: found[digest] for number, digest in digests.items() if digest in found}
        self._count(found)
        index.set_vectors(vectors)
        self._compact.begin_if_needed()
        return frozenset(vectors.keys() | (set(numbers) - digests.keys()))

    # -- the work

    def due(self, now: float, *, waited_for: bool) -> float | None:
        """Return 0 while chunks lack a vector and there is a model; later where the pace says so."""
        if self._loading is not None:
            return 0.0
        if self._queue is None or not (self._missing or self._state.unsaved.missing()):
            self._say("")
            return None
        pace = QUICKLY if waited_for else self._pace(now)
        self._say(pace.message)
        wait = 0.0 if waited_for else max(0.0, pace.wait_s, self._rest_until - now)
        if wait > 0.0:
            self._queue.use_threads(0)
        return wait

    def wait_s(self, now: float) -> float:
        """Return how long whatever else is embedded has to wait, by the pace."""
        return self._pace(now).wait_s

    def _pace(self, now: float) -> Pace:
        state = self._state
        if now - self._looked_at >= LOOK_AT_MACHINE_S:
            self._looked_at, self._power, self._n_busy = now, state.services.power(), state.services.n_busy()
        n_ours = state.settings.background_threads if now - self._worked_at < LOAD_LASTS_S else 0
        busy = (self._n_busy - n_ours) / (os.cpu_count() or 1)
        return pace_of(state.settings.indexing_pace, self._power, unused_s=state.unused_s(now), busy=busy)

    def _say(self, message: str) -> None:
        """Let the status say why embedding is slow or waits."""
        problems = self._state.problems
        if problems.get("pace", "") != message:
            problems.pop("pace", None)
            if message:
                problems["pace"] = message
            self._state.publish()

    def beside(self) -> bool:
        """Go on while another job runs: use a model that has been read, feed it, and take the vectors that have come.

        Returns:
            Whether readers can see a difference.
        """
        if self._loading is not None and self._loading.is_done:
            self._use_loaded()
        if self._queue is None:
            return False
        if self._pace(time.monotonic()) == QUICKLY:
            self._queue.use_threads(self._state.settings.background_threads - bool(self._state.backlog))
            self._feed(BATCH)
        return self._take(0.0) > 0

    def run(self, budget: Budget) -> None:
        """Embed a batch."""
        if self._loading is not None:
            self._use_loaded()
            return
        state = self._state
        state.check_memory()
        assert self._queue is not None
        began = time.monotonic()
        pace = QUICKLY if budget.waited_for else self._pace(began)
        enough = GENTLE_BATCH if pace.is_gentle else BATCH
        self._queue.use_threads(1 if pace.is_gentle else state.settings.background_threads)
        self._feed(enough if pace.is_gentle else enough + AHEAD)
        n_found = 0
        while n_found < enough and self._is_anything_asked() and not self._is_to_stop(budget):
            n_found += self._take(LOOK_EVERY_S)
        self._worked_at = now = time.monotonic()
        if pace.is_gentle:
            self._rest_until = now + min(now - began, LONGEST_REST_S)
        state.publish()

    def _is_to_stop(self, budget: Budget) -> bool:
        is_patient = self._state.settings.indexing_pace == IDLE and not budget.waited_for
        return budget.should_yield() or (is_patient and self._state.unused_s(time.monotonic()) < QUIET_S)

    def _is_anything_asked(self) -> bool:
        return self._queue is not None and bool(self._asked or self._state.unsaved.missing())

    def _feed(self, at_most: int) -> None:
        """Queue chunks, so that as many are waiting as given; unsaved buffers always."""
        assert self._queue is not None
        unsaved = self._state.unsaved.missing()
        self._queue.put([(key, partial(str, text)) for key, text in unsaved.items()], priority=URGENT)
        room = at_most - self._queue.n_waiting
        if room <= 0 or not self._missing:
            return
        index = self._state.index
        asked = {number for numbers in self._asked.values() for number in numbers}
        some = list(islice((number for number in self._missing if number not in asked), room))
        digests = index.digests_of(some)
        items: list[tuple[bytes, Callable[[], str]]] = []
        for record in index.saved.read(some):
            key = digests[record.id]
            if key in self._asked:
                self._asked[key].append(record.id)
            else:
                self._asked[key] = [record.id]
                items.append((key, partial(embedding_text, record.path, record.chunk)))
        for number in some:
            if number not in digests:  # It was removed.
                del self._missing[number]
        self._queue.put(items, priority=ORDINARY)

    def _take(self, timeout_s: float) -> int:
        """Give chunks the vectors that have come, and return how many; a model that fails is not asked again."""
        assert self._queue is not None
        try:
            found = self._queue.take(timeout_s)
        except ModelError as error:
            log.error("%s", error)
            self._release_model()
            self._go_without_model(error)
            self._state.publish()
            return 0
        if found:
            self._state.unsaved.set_vectors(found)
            vectors: dict[ChunkId, Vector] = {}
            self._count(key for key in found if key in self._asked)
            for key, vector in found.items():
                vectors.update(dict.fromkeys(self._asked.pop(key, ()), vector))
            for number in vectors:
                self._missing.pop(number, None)
            self._state.index.set_vectors(vectors)
            self._compact.begin_if_needed()
            self._tell_of_mounts()
        return len(found)


def embedding_order(saved: Snapshot, opened: Collection[str], numbers: Iterable[ChunkId]) -> list[ChunkId]:
    """Return chunks in the order in which a person is likely to need them.

    Open files, then their neighbours in the reference graph, then code before tests and docs. In each of these the
    chunks in which a definition begins come first, the longest before the others, since a question is rarely about two
    lines; of equally long ones those that much else refers to. A tenth of the chunks then has a third of the answers to
    labelled questions.
    """
    wanted = list(numbers)
    centrality = _by_centrality(saved.graph, opened)
    urgencies: dict[ChunkId, tuple[float, ...]] = {}
    for path in dict.fromkeys(map(saved.path_of, wanted)):
        if path is None:  # It was removed.
            continue
        near, central = centrality(path)
        of_file = (path not in opened, near, len(path_facts(path).kinds))
        for number, outline in saved.files[path].outlined():
            defines = any(symbol.kind in _DEFINITIONS for symbol in outline.symbols)
            lines = min(outline.end_line - outline.start_line, LONG)
            urgencies[number] = (*of_file, not defines, -lines, central, number)
    return sorted(wanted, key=lambda number: urgencies.get(number, _NEVER))


def _by_centrality(view: GraphView, opened: Iterable[str]) -> Callable[[str], tuple[float, float]]:
    """Return a key that puts files near the open ones first, then those that are central."""
    near: dict[str, float] = {}
    for path in opened:
        for other, weight in view.neighbours(path).items():
            near[other] = near.get(other, 0.0) + weight
    return lambda path: (-near.get(path, 0.0), -view.document_rank(path))
