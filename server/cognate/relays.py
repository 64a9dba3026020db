"""What relays have in common: finding the process that owns a folder's engine, and the next one when that ends."""

import os
import time
from contextlib import suppress

from cognate.errors import CognateError
from cognate.greeting import Socket, attached

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from cognate.index.lock import WriterLock

LOOK_EVERY_S = 0.02
"""How often an owner is looked for."""


def present_owner(index_folder: str, kind: str, patience_s: float) -> Socket | None:
    """Return a connection to the owner of an index; None where there is none, or it serves nobody like us.

    Args:
        index_folder: where its note lies.
        kind: what this process calls itself.
        patience_s: how long an owner that is starting may take to listen.
    """
    with suppress(CognateError, OSError):
        if (connection := attached(index_folder, kind)) is not None or not os.path.isdir(index_folder):  # noqa: PTH112
            return connection
        lock, until = writer_lock(index_folder), time.monotonic() + patience_s
        while connection is None and time.monotonic() < until:
            if lock.acquire():
                lock.release()
                return None
            time.sleep(LOOK_EVERY_S)
            connection = attached(index_folder, kind)
        return connection
    return None


def next_owner(
    index_folder: str, kind: str, goes_on: "Callable[[], bool]", leave_to_others_s: float = 0.0
) -> "Socket | WriterLock | None":
    """Return a connection to whoever owns an index next, or its lock where this process is to.

    Args:
        index_folder: where the note lies.
        kind: what this process calls itself.
        goes_on: called at every look; whether an owner is still needed.
        leave_to_others_s: for so long another process may take the lock.

    Returns:
        None where no owner is needed any more, or the next one does not serve this process.
    """
    lost = time.monotonic()
    with suppress(CognateError, OSError):  # The folder of the index may have been removed.
        lock = writer_lock(index_folder)
        while goes_on():
            if (connection := attached(index_folder, kind)) is not None:
                return connection
            if time.monotonic() - lost >= leave_to_others_s and lock.acquire():
                return lock
            time.sleep(LOOK_EVERY_S)
    return None


def writer_lock(index_folder: str) -> "WriterLock":
    """Return the lock of an index, not taken yet."""
    from pathlib import Path  # noqa: PLC0415 - not where an owner is found at once

    from cognate.index.lock import LOCK_FILE, WriterLock  # noqa: PLC0415

    return WriterLock(Path(index_folder, LOCK_FILE))


def end_sending(connection: Socket) -> None:
    """Tell the other side that nothing more comes."""
    with suppress(OSError):  # It was quicker.
        connection.shutdown(1)


def hang_up(connection: Socket) -> None:
    """Wake the thread that receives on a connection, as nothing more comes nor goes."""
    with suppress(OSError):  # The other side was quicker.
        connection.shutdown(2)
