"""Brings what another thread reads to a server's event loop. Imports little."""

import asyncio
import threading
from contextlib import suppress


class Feed:
    """A stream of bytes that is read on one event loop and written on any thread, also before that loop runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._early: list[bytes] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def put(self, data: bytes) -> None:
        """Add bytes. Any thread."""
        if data:
            self._put(data)

    def end(self) -> None:
        """Say that no bytes follow. Any thread."""
        self._put(b"")

    def _put(self, data: bytes) -> None:
        with self._lock:
            if self._loop is None:
                self._early.append(data)
                return
            with suppress(RuntimeError):  # The loop is closed: nobody reads on.
                self._loop.call_soon_threadsafe(self._take, data)

    def reader(self) -> asyncio.StreamReader:
        """Return the stream to be read on the running event loop; called once."""
        self._reader = asyncio.StreamReader()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            for data in self._early:
                self._take(data)
            self._early.clear()
        return self._reader

    def _take(self, data: bytes) -> None:
        if data:
            self._reader.feed_data(data)
        else:
            self._reader.feed_eof()
