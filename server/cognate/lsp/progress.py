"""Tells the client how far the indexes are: the status a few times a second, and work-done progress.

``StatusFeed.post`` is called on engine threads, possibly often; everything else runs on the event loop. The last state
is always delivered. Never asks an engine anything.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol
from uuid import uuid4

from cognate.types import State, Status

log = logging.getLogger(__name__)

STATUS_INTERVAL_S = 0.3
"""At most about three messages a second: smooth for eyes, nothing for the pipe."""

MIN_QUEUE_SHOWN = 20
"""Fewer waiting files and chunks than this are done before anyone could read a progress message."""

BUSY_STATES = frozenset({State.INDEXING, State.CATCHING_UP})


class StatusFeed:
    """Keeps the newest status of each folder and delivers them together, spaced in time."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        deliver: Callable[[dict[str, Status]], None],
        interval_s: float = STATUS_INTERVAL_S,
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._latest: dict[str, Status] = {}
        self._armed = False
        self._closed = False
        self._last_at = float("-inf")

    def post(self, folder: str, status: Status) -> None:
        """Note a folder's status. Any thread; returns at once."""
        with self._lock:
            if self._closed:
                return
            self._latest[folder] = status
            if self._armed:
                return
            self._armed = True
        try:
            self._loop.call_soon_threadsafe(self._arm)
        except RuntimeError:  # the loop is closed: nobody is left to tell
            self.close()

    def close(self) -> None:
        """Deliver nothing more."""
        with self._lock:
            self._closed = True
            self._latest.clear()

    def _arm(self) -> None:
        wait = self._last_at + self._interval_s - self._loop.time()
        if wait > 0:
            self._loop.call_later(wait, self._flush)
        else:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            latest, self._latest = self._latest, {}
            self._armed = False
        self._last_at = self._loop.time()
        if latest:
            self._deliver(latest)


class ProgressLink(Protocol):
    """What progress needs of the connection."""

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        ...

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return the client's result."""
        ...


class FolderProgress:
    """Shows one folder's indexing as work-done progress, one run after the other."""

    def __init__(
        self, link: ProgressLink, spawn: Callable[[Coroutine[Any, Any, None], str], object], name: str
    ) -> None:
        self._link = link
        self._spawn = spawn
        self._title = f"Indexing {name}" if name else "Indexing"
        self._token: str | None = None
        self._shown = False
        self._refused = False
        self._latest: Status | None = None

    def update(self, status: Status) -> None:
        """Begin, report or end, as the status asks for."""
        self._latest = status
        if self._shown:
            if _is_busy(status):
                self._send({"kind": "report", "message": _message(status), "percentage": _percentage(status)})
            else:
                self.end()
        elif self._token is None and not self._refused and _is_worth_showing(status):
            self._token = f"cognate/indexing/{uuid4()}"
            self._spawn(self._create(), "progress")

    def end(self) -> None:
        """End what is shown, if anything is."""
        if self._shown:
            self._send({"kind": "end", "message": _message(self._latest) if self._latest else ""})
        self._token, self._shown = None, False

    async def _create(self) -> None:
        token = self._token
        try:
            await self._link.request("window/workDoneProgress/create", {"token": token})
        except Exception as error:  # whatever the client says, indexing goes on unseen
            log.info("The client refused progress: %s", error)
            self._token, self._refused = None, True
            return
        status = self._latest
        if status is None or self._token != token:
            return
        if not _is_busy(status):
            self._token = None
            return
        self._shown = True
        self._send(
            {
                "kind": "begin",
                "title": self._title,
                "cancellable": False,
                "message": _message(status),
                "percentage": _percentage(status),
            }
        )

    def _send(self, value: dict[str, Any]) -> None:
        self._link.notify("$/progress", {"token": self._token, "value": value})


def _is_busy(status: Status) -> bool:
    return status.index.state in BUSY_STATES


def _is_worth_showing(status: Status) -> bool:
    return _is_busy(status) and status.queue_files + status.queue_chunks >= MIN_QUEUE_SHOWN


def _percentage(status: Status) -> int:
    return max(0, min(100, int(status.index.coverage * 100)))


def _message(status: Status) -> str:
    parts = [status.phase] if status.phase else []
    parts.append(f"{status.files} files, {status.index.chunks} chunks")
    return ", ".join(parts)
