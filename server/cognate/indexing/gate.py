"""Lets queries go first: background work asks the gate between small batches and waits while a query runs."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

LONGEST_WAIT_S = 0.5  # However many queries come, background work makes some progress.


class Gate:
    """Counts the queries under way. Any thread."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._queries = 0

    @contextmanager
    def query(self) -> Generator[None]:
        """Hold background work back while the block runs."""
        with self._condition:
            self._queries += 1
        try:
            yield
        finally:
            with self._condition:
                self._queries -= 1
                self._condition.notify_all()

    def give_way(self) -> None:
        """Return when no query runs, or after the longest wait."""
        with self._condition:
            self._condition.wait_for(lambda: self._queries == 0, LONGEST_WAIT_S)
