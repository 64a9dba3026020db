"""Owns embedding that goes on beside its owner: texts are queued, other threads encode them, vectors wait to be taken.

Where the encoder may use several threads, two more hand it batches in turns, so that it has the next one when it ends
one; else one does. One owner puts and takes; never knows what a chunk is.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from cognate.cancellation import CancelToken
from cognate.embedding.bulk import of_similar_length
from cognate.embedding.encoder import Encoder
from cognate.embedding.onnx import BATCH_SIZE
from cognate.errors import CancelledError
from cognate.types import Matrix, Vector

DISPATCHERS = 2
RUNS_A_BATCH = 2
"""Runs of the model in a batch, by thread: with one they would often wait for each other, with four a question or
an edit would wait twice as long."""


class EmbeddingStream:
    """Encodes queued texts, in the order in which they came by and large.

    Args:
        encoder: computes the vectors.
        threads: how many the encoder may use.
        give_way: called before each batch; may block for as long as others should go first.
    """

    def __init__(self, encoder: Encoder, *, threads: int, give_way: Callable[[], None]) -> None:
        self._encoder = encoder
        self._n_threads = max(1, threads)
        self._give_way = give_way
        self._condition = threading.Condition()
        self._queue: deque[tuple[bytes, str]] = deque()
        self._done: list[tuple[bytes, Vector]] = []
        self._n_under_way = 0
        self._leaves_a_core = self._closing = False
        self._error: Exception | None = None
        self._cancel = CancelToken()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"cognate-embed-{number}", daemon=True)
            for number in range(min(DISPATCHERS, self._n_threads))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def n_waiting(self) -> int:
        """Number of texts that no thread has begun with."""
        return len(self._queue)

    def leave_a_core(self, leave: bool) -> None:
        """Use one thread less than allowed from the next batch on, or all of them again."""
        with self._condition:
            self._leaves_a_core = leave
            self._condition.notify_all()

    def put(self, texts: Sequence[tuple[bytes, str]]) -> None:
        """Queue texts, each with its digest; those of similar length are encoded together."""
        with self._condition:
            self._queue.extend(of_similar_length(texts))
            self._condition.notify_all()

    def take(self, timeout: float) -> tuple[list[bytes], Matrix]:
        """Return digests and vectors that are done, waiting for the first; none when the time is up or nothing is left.

        Raises:
            ModelError: when the model failed; what was queued is given up.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._done or self._error or not self._is_busy, timeout)
            done, self._done = self._done, []
            error, self._error = (None, self._error) if done else (self._error, None)
        if error is not None:
            raise error
        if not done:
            return [], np.empty((0, 0), np.float32)
        return [digest for digest, _ in done], np.stack([vector for _, vector in done])

    @property
    def _is_busy(self) -> bool:
        return bool(self._queue or self._n_under_way)

    def drop(self) -> list[tuple[bytes, str]]:
        """Forget what no thread has begun with, and return it."""
        with self._condition:
            dropped = list(self._queue)
            self._queue.clear()
        return dropped

    def close(self) -> None:
        """End the threads, after the runs of the model that are under way."""
        with self._condition:
            self._closing = True
            self._queue.clear()
            self._cancel.cancel()
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    # -- the threads

    def _run(self, number: int) -> None:
        while self._wait_for_work(number):
            self._give_way()
            batch = self._next_batch(number)
            if not batch:
                continue
            found: Matrix | None = None
            error: Exception | None = None
            try:
                found = self._encoder.encode([text for _, text in batch], cancel=self._cancel)
            except CancelledError:
                pass
            except Exception as failure:
                error = failure
            with self._condition:
                self._n_under_way -= len(batch)
                if found is not None:
                    self._done += zip((digest for digest, _ in batch), found, strict=True)
                if error is not None:
                    self._error = error
                    self._queue.clear()
                self._condition.notify_all()

    def _wait_for_work(self, number: int) -> bool:
        """Return when there is a text for a thread, True, or when all ends, False."""

        def may_go() -> bool:
            return self._closing or (bool(self._queue) and self._batch_size(number) > 0)

        with self._condition:
            self._condition.wait_for(may_go)
            return not self._closing

    def _batch_size(self, number: int) -> int:
        if not self._leaves_a_core:
            return self._n_threads * RUNS_A_BATCH * BATCH_SIZE
        return (self._n_threads - 1) * BATCH_SIZE if number == 0 else 0

    def _next_batch(self, number: int) -> list[tuple[bytes, str]]:
        with self._condition:
            batch = [self._queue.popleft() for _ in range(min(self._batch_size(number), len(self._queue)))]
            self._n_under_way += len(batch)
        return batch
