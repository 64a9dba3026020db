"""A flag that asks running work to stop at its next check between stages. Any thread may set or read it."""

import threading

from cognate.errors import CancelledError

CANCEL_EVERY_S = 0.02
"""How soon a question that waits notices that it was cancelled."""

INTERRUPT_S = 1.0
"""How soon a wait notices Ctrl-C on Windows, where it is seen between two waits only."""


class CancelToken:
    """Set once by whoever loses interest, checked by the work between stages."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop; calling it again does nothing."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether the work should stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Go on, or stop here.

        Raises:
            CancelledError: when the token was cancelled.
        """
        if self._event.is_set():
            raise CancelledError("The request was cancelled.")
