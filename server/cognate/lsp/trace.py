"""Sends the trace of queries and jobs to a client that asks for it, as ``$/logTrace``. Threads of engines write it.

A server that is a guest of another process's engine has its own questions to show; jobs are in the trace of the owner.
One that runs beside the engine for another process's editor shows all that the engine does.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lsprotocol import types

from cognate.timing import TRACE


class TraceFeed(logging.Handler):
    """Passes on what the trace says while the client listens; ``listen`` is called on the event loop."""

    def __init__(self, notify: Callable[[str, Any], None]) -> None:
        super().__init__()
        self._notify = notify
        self._loop: asyncio.AbstractEventLoop | None = None

    def listen(self, value: types.TraceValue | str | None) -> None:
        """Begin to listen, or stop: with ``off``, and without a value."""
        if value in {None, types.TraceValue.Off}:
            self.close()
        else:
            self._loop = asyncio.get_running_loop()
            TRACE.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one line on. Any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # The loop is closed: nobody is left to tell.
                self._loop.call_soon_threadsafe(
                    self._notify, types.LOG_TRACE, types.LogTraceParams(record.getMessage())
                )

    def close(self) -> None:
        """Pass nothing more on."""
        TRACE.removeHandler(self)
        super().close()
