"""Lets queries go first: background work asks the gate between small batches and waits while a query runs."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

LONGEST_WAIT_S = 0.5  # However many queries come, background work makes some progress.


class Gate:
    """Counts the queries under way, and knows when the last one was. Any thread.

    Args:
        clock: returns the time in seconds, of the monotonic clock.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._condition = threading.Condition()
        self._queries = 0
        self._clock = clock
        self.asked_at = clock()
        """When a query began or ended last; in the beginning, when the process did."""

    @contextmanager
    def query(self) -> Generator[None]:
        """Hold background work back while the block runs."""
        with self._condition:
            self._queries += 1
            self.asked_at = self._clock()
        try:
            yield
        finally:
            with self._condition:
                self._queries -= 1
                self.asked_at = self._clock()
                self._condition.notify_all()

    def give_way(self) -> None:
        """Return when no query runs, or after the longest wait."""
        with self._condition:
            self._condition.wait_for(lambda: self._queries == 0, LONGEST_WAIT_S)
