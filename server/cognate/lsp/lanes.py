"""The threads that requests run on: two for queries, one for slow work about whole folders.

pygls reads stdin through its own thread pool, so that pool is never used. Called on the event loop. The work gets a
token and looks at it between stages; it never sees the session.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cognate.cancellation import CancelToken

T = TypeVar("T")

INTERACTIVE_THREADS = 2
"""One query may still be stopping while the next one, or a hover, runs."""


class Lanes:
    """Owns the executors; ``close`` drops what has not begun."""

    def __init__(self) -> None:
        self._interactive = ThreadPoolExecutor(INTERACTIVE_THREADS, thread_name_prefix="cognate-interactive")
        self._admin = ThreadPoolExecutor(1, thread_name_prefix="cognate-admin")

    async def interactive(self, work: Callable[[CancelToken], T]) -> T:
        """Run a query. Cancelling the task sets the work's token."""
        return await _run(self._interactive, work)

    async def admin(self, work: Callable[[CancelToken], T]) -> T:
        """Run slow work, one at a time and in order."""
        return await _run(self._admin, work)

    def close(self) -> None:
        """Let running work end by itself and drop the rest."""
        self._interactive.shutdown(wait=False, cancel_futures=True)
        self._admin.shutdown(wait=False, cancel_futures=True)


async def _run(executor: ThreadPoolExecutor, work: Callable[[CancelToken], T]) -> T:
    token = CancelToken()
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work, token)
    except asyncio.CancelledError:
        token.cancel()
        raise
