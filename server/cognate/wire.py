"""What two processes on one folder say to each other after their greeting. Any thread.

Messages are JSON behind four bytes of length; ``cognate.greeting`` says who gets as far as that.
"""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from cognate.disk import write_whole
from cognate.errors import StoreError
from cognate.greeting import Note, Socket, StrangerError, framed, read_note, received
from cognate.places import OWNER_FILE, OWNER_SOCKET
from cognate.settings import Settings

MOST_BYTES = 1 << 28
"""A longer message is none of ours."""


class OwnerGoneError(StoreError):
    """The process that owns the index has ended, or talks no sense; the question may be asked again."""


@dataclass(frozen=True, slots=True)
class Guest:
    """What a process says of its needs when it comes.

    Attributes:
        model: the embedding model that it needs, None if any will do.
        reranker: the cross-encoder that it needs, None if any will do.
        has_settings: whether it brings a user's settings, which an owner without such takes over.
    """

    model: str | None = None
    reranker: str | None = None
    has_settings: bool = False


def guest_of(settings: Settings, *, has_settings: bool) -> Guest:
    """Return what a process with some settings says of itself; without a user's, an empty one asks for nothing."""
    if has_settings:
        return Guest(model=settings.model, has_settings=True)
    return Guest(model=settings.model or None, reranker=settings.reranker or None)


# -- the note


def leave_note(index_folder: Path, note: Note) -> None:
    """Write the note, for the user alone.

    Raises:
        OSError: when the disk refuses.
    """
    write_whole(index_folder / OWNER_FILE, note.lines().encode("utf-8", "surrogateescape"), private=True)


def remove_note(index_folder: Path, note: Note) -> None:
    """Remove the note and the socket, unless another owner has left its own by now."""
    if read_note(str(index_folder)) == note:
        for name in (OWNER_FILE, OWNER_SOCKET):
            with contextlib.suppress(OSError):
                (index_folder / name).unlink()


# -- messages


def frame(message: dict[str, Any]) -> bytes:
    """Return a message as it is sent."""
    return framed(json.dumps(message, separators=(",", ":")).encode("ascii"))


def message_of(data: bytes) -> dict[str, Any]:
    """Return the message in some bytes.

    Raises:
        StrangerError: when they hold none.
    """
    try:
        message = json.loads(data)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        raise StrangerError("What was sent is no message of ours.")
    return cast("dict[str, Any]", message)


def receive(connection: Socket) -> dict[str, Any]:
    """Return the next message, waiting for it.

    Raises:
        OSError: when the connection ends or the time runs out.
        StrangerError: when it is none of ours.
    """
    return message_of(received(connection, MOST_BYTES))
