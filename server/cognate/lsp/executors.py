"""The two threads that requests run on, and on which engines are opened and closed.

pygls would read stdin and run handlers on one pool of threads, so that four busy requests keep the next message
waiting; that pool is never used. Called on the event loop. The work gets a token, looks at it between stages, and never
sees the session.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from cognate.cancellation import CancelToken

T = TypeVar("T")

INTERACTIVE_THREADS = 2
"""One query may still be stopping while the next one, or a hover, runs."""


class Executor:
    """Owns the threads; ``close`` drops what has not begun."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(INTERACTIVE_THREADS, thread_name_prefix="cognate-interactive")

    async def run(self, work: Callable[[CancelToken], T]) -> T:
        """Run work that may block. Cancelling the task sets the work's token."""
        token = CancelToken()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, token)
        except asyncio.CancelledError:
            token.cancel()
            raise

    def close(self) -> None:
        """Let running work end by itself and drop the rest."""
        self._threads.shutdown(wait=False, cancel_futures=True)
