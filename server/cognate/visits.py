"""Who comes to the ``Host``: guests, which ask the engine, and callers, whose front ends run beside it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from cognate import wire
from cognate.cancellation import CancelToken
from cognate.json_values import to_json
from cognate.settings import Settings
from cognate.types import Status
from cognate.wire import Guest

if TYPE_CHECKING:
    from cognate.engine import Engine

BACKLOG_BYTES = 1 << 20
"""A guest that reads so slowly gets no status until it has caught up."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A process that has greeted and whose front end runs here: it only passes on what its user says and is told.

    Attributes:
        number: of this visit.
        words: what it said of itself, after its kind and version.
        engine: to be asked; done as soon as there is one. To be shielded: it is everybody's.
        loop: of the host.
        threads: where questions run.
        turns: held while a question runs elsewhere.
        reader: of what it passes on.
        writer: of what it is to pass on.
        refusal: why what a guest needs cannot be had here, fit to show; empty if it can.
        take_settings: has the engine use a user's settings, if it has none. Any thread.
        subscribe: has a function called with each new status until the visit ends, on the loop. Any thread.
    """

    number: int
    words: Sequence[str]
    engine: "asyncio.Future[Engine]"
    loop: asyncio.AbstractEventLoop
    threads: ThreadPoolExecutor
    turns: threading.Semaphore
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    refusal: Callable[[Guest], Awaitable[str]]
    take_settings: Callable[[Settings], None]
    subscribe: Callable[[Callable[[Status], None]], None]


Front: TypeAlias = Callable[[Caller], Awaitable[None]]
"""A front end for callers of one kind; runs on the event loop of the host until the caller leaves, or is cancelled."""


class Visit:
    """A guest that is here. Event loop only."""

    def __init__(self, number: int, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.listeners: list[Callable[[Status], None]] = []
        self.asked: dict[int, tuple[CancelToken, asyncio.Task[None]]] = {}
        self.kept: set[asyncio.Task[None]] = set()
        self._writer = writer

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, if the guest is still there."""
        if not self._writer.is_closing():
            self._writer.write(wire.frame(message))

    def tell(self, status: Status) -> None:
        """Send a status, unless the guest reads too slowly."""
        if self._writer.transport.get_write_buffer_size() < BACKLOG_BYTES:
            self.send({"status": to_json(status)})

    def cancel(self, number: object) -> None:
        """Cancel a question."""
        if (asked := self.asked.get(cast("int", number))) is not None:
            asked[0].cancel()

    def end(self) -> None:
        """Stop what it asked; nobody reads the answers."""
        for token, _ in self.asked.values():
            token.cancel()
        self._writer.close()
