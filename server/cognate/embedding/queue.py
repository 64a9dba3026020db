"""Owns the one way to embed many texts: a queue with priorities, threads that encode, and vectors to be taken.

One owner puts, retains, takes and closes; any thread may ask for ``n_waiting``. As many threads as the encoder may use
each encode one small batch at a time, so that something urgent waits for the batches under way and no longer. Never
knows what a chunk or an index is.
"""

import threading
from collections import deque
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from cognate.arrays import Vector
from cognate.cancellation import CancelToken
from cognate.embedding.cache import rounded
from cognate.embedding.encoder import Encoder
from cognate.embedding.mount import VectorSource
from cognate.embedding.onnx import BATCH_SIZE
from cognate.errors import CancelledError

WINDOW = 512
"""Texts that are sorted by length together, so that little of a batch is padding; larger windows save no more."""

_Text = Callable[[], str]
_Batch = list[tuple[bytes, str]]


@dataclass(slots=True)
class _Level:
    """What is queued with one priority. An entry counts only while ``EmbeddingQueue._priorities`` has it with this one.

    Attributes:
        waiting: functions that return texts, by digest, in the order in which they were put.
        batches: texts of similar length, ready for the model.
        is_preparing: whether a thread makes batches out of a window.
    """

    waiting: dict[bytes, _Text] = field(default_factory=dict[bytes, _Text])
    batches: deque[_Batch] = field(default_factory=deque[_Batch])
    is_preparing: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.waiting or self.batches or self.is_preparing)


class EmbeddingQueue:
    """Embeds queued texts, the most urgent first; within one priority roughly in the order in which they were put.

    Args:
        encoder: computes the vectors that the cache does not know.
        cache: asked first, and given what was computed.
        threads: how many threads encode.
        give_way: called on these threads before each batch; may block for as long as others should go first.
    """

    def __init__(self, encoder: Encoder, cache: VectorSource, *, threads: int, give_way: Callable[[], None]) -> None:
        self._encoder = encoder
        self._cache = cache
        self._give_way = give_way
        self._condition = threading.Condition()
        self._levels: dict[int, _Level] = {}
        self._priorities: dict[bytes, int] = {}
        self._under_way: set[bytes] = set()
        self._done: dict[bytes, Vector] = {}
        self._error: Exception | None = None
        self._is_closing = False
        self._at_most = max(1, threads)
        self._cancel = CancelToken()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"cognate-embed-{number}", daemon=True)
            for number in range(self._at_most)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, items: Iterable[tuple[bytes, _Text]], *, priority: int) -> None:
        """Queue texts.

        A digest that is queued already keeps its better priority; one that is being embedded, or that waits to be
        taken, is not queued again.

        Args:
            items: digests, each with a function that returns its text. It is called on one of the queue's threads when
                the turn of the text comes, and only if the cache does not know the digest.
            priority: the smaller, the earlier.
        """
        items = list(items)
        with self._condition:
            for digest, text in items:
                if digest in self._under_way or digest in self._done:
                    continue
                queued = self._priorities.get(digest)
                if queued is not None:
                    if queued <= priority:
                        continue
                    self._levels[queued].waiting.pop(digest, None)
                self._priorities[digest] = priority
                self._levels.setdefault(priority, _Level()).waiting[digest] = text
            self._condition.notify_all()

    def known(self, digests: Iterable[bytes]) -> dict[bytes, Vector]:
        """Return those vectors that the cache knows, without the model."""
        return self._cache.get(list(digests))

    def take(self, timeout_s: float) -> dict[bytes, Vector]:
        """Return the vectors that were found since the last call, by digest, as the cache gives them back.

        Waits for the first one; returns none when the time is up, or at once when nothing is queued.

        Raises:
            ModelError: when the model failed, once the vectors that it had found before are taken. It is raised once,
                and everything that was queued is given up.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._done or self._error or not self.n_waiting, timeout_s)
            done, self._done = self._done, {}
            error, self._error = (None, self._error) if done else (self._error, None)
        if error is not None:
            raise error
        return done

    def retain(self, digests: Container[bytes]) -> None:
        """Forget what is queued and not among these, unless it is being embedded."""
        with self._condition:
            self._priorities = {digest: p for digest, p in self._priorities.items() if digest in digests}
            for level in self._levels.values():
                level.waiting = {digest: text for digest, text in level.waiting.items() if digest in self._priorities}
            self._remove_empty_levels()
            self._condition.notify_all()

    def use_threads(self, at_most: int) -> None:
        """Use no more threads than given from the next batch on; with 0, embed nothing until more are allowed."""
        with self._condition:
            self._at_most = at_most
            self._condition.notify_all()

    @property
    def n_waiting(self) -> int:
        """Number of texts that are queued or being embedded."""
        return len(self._priorities) + len(self._under_way)

    def close(self) -> None:
        """End the threads, after the batches that are under way; what is queued is given up."""
        with self._condition:
            self._is_closing = True
            self._cancel.cancel()
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    # -- the threads

    def _run(self, number: int) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._is_closing or self._has_work(number))
                if self._is_closing:
                    return
                level = self._levels[min(self._levels)]
                window = self._next_window(level)
            if window:
                self._prepare(level, window)
            else:
                self._give_way()
                batch = self._next_batch(number)
                if batch:
                    self._embed(batch)

    def _has_work(self, number: int) -> bool:
        if self._rests(number) or not self._levels:
            return False
        level = self._levels[min(self._levels)]
        return bool(level.batches or (level.waiting and not level.is_preparing))

    def _rests(self, number: int) -> bool:
        return number >= self._at_most

    def _next_window(self, level: _Level) -> dict[bytes, _Text]:
        """Return texts to make batches of, before the threads run out of batches; empty while there are enough."""
        if level.is_preparing or len(level.batches) >= len(self._threads):
            return {}
        window = dict(islice(level.waiting.items(), WINDOW))
        for digest in window:
            del level.waiting[digest]
        level.is_preparing = bool(window)
        return window

    def _prepare(self, level: _Level, window: Mapping[bytes, _Text]) -> None:
        """Look the vectors of a window up, and make batches of the texts whose vectors are unknown."""
        known: Mapping[bytes, Vector] = {}
        texts: _Batch = []
        error: Exception | None = None
        try:
            known = self.known(window)
            texts = [(digest, text()) for digest, text in window.items() if digest not in known]
        except Exception as failure:  # Whatever the owner's functions raise is told to the owner.
            error = failure
        texts.sort(key=lambda item: (len(item[1]), item[0]))
        with self._condition:
            level.is_preparing = False
            level.batches.extend(texts[start : start + BATCH_SIZE] for start in range(0, len(texts), BATCH_SIZE))
            self._remove_empty_levels()
            for digest, vector in known.items():
                if self._priorities.pop(digest, None) is not None:
                    self._done[digest] = vector
            self._finish(error)

    def _next_batch(self, number: int) -> _Batch:
        """Return the next texts to encode; none where something more urgent is still to be prepared."""
        with self._condition:
            if self._is_closing or not self._has_work(number):
                return []
            priority = min(self._levels)
            level = self._levels[priority]
            batch: _Batch = []
            while level.batches and not batch:
                batch = [item for item in level.batches.popleft() if self._priorities.get(item[0]) == priority]
            for digest, _ in batch:
                del self._priorities[digest]
                self._under_way.add(digest)
            self._remove_empty_levels()
        return batch

    def _embed(self, batch: _Batch) -> None:
        digests = [digest for digest, _ in batch]
        found: dict[bytes, Vector] = {}
        error: Exception | None = None
        try:
            vectors = rounded(self._encoder.encode([text for _, text in batch], cancel=self._cancel))
            self._cache.put(digests, vectors)
            found = dict(zip(digests, vectors, strict=True))
        except CancelledError:  # The queue is being closed.
            pass
        except Exception as failure:  # The owner is told, whatever it is; the threads go on with what is put next.
            error = failure
        with self._condition:
            self._under_way.difference_update(digests)
            self._done.update(found)
            self._finish(error)

    def _finish(self, error: Exception | None) -> None:
        """Wake whoever waits; give everything up that is queued when a step failed. Called with the lock held."""
        if error is not None:
            self._error = error
            self._levels.clear()
            self._priorities.clear()
        self._condition.notify_all()

    def _remove_empty_levels(self) -> None:
        for priority in [priority for priority, level in self._levels.items() if level.is_empty]:
            del self._levels[priority]
