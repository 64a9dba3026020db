"""What two processes on one folder say to each other, and how each knows that the other is the user's. Any thread.

The owner of a folder's index listens on a Unix socket, or on a loopback port where there are none, and leaves a note of
it in the index's folder, which only the user can read. The note holds a random token. Each side proves that it knows
the token by a keyed digest of the other's random challenge, so that neither answers a stranger: not who found the port,
nor who took a port that its owner left, nor a web page. After that, messages are JSON behind four bytes of length.
"""

import contextlib
import hashlib
import json
import os
import socket
import stat
import struct
import sys
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import Any, cast

from cognate import __version__
from cognate.errors import CognateError, StoreError
from cognate.index.locations import OWNER_FILE, OWNER_SOCKET, write_whole
from cognate.json_values import to_json
from cognate.settings import Settings

WIRE_VERSION = 1
"""Of the messages; processes of different versions of Cognate do not talk to each other anyway."""

MOST_BYTES = 1 << 28
"""A longer message is none of ours."""

MOST_GREETING_BYTES = 1 << 12
"""What a stranger can make us read."""

GREETING_S = 3.0
"""How long each side waits for the other's next word before it trusts it."""

LONGEST_SOCKET_PATH = 100
"""Systems take 103 to 107 bytes; a longer path gets a port."""

_LENGTH = struct.Struct(">I")
_PEER_CREDENTIALS = struct.Struct("3i")


class OwnerGoneError(StoreError):
    """The process that owns the index has ended, or talks no sense; the question may be asked again."""


class StrangerError(CognateError):
    """The other side is not the user's, or cannot prove it."""


@dataclass(frozen=True, slots=True)
class Note:
    """Where the owner of an index listens.

    Attributes:
        pid: of its process.
        token: what each side must know, hexadecimal.
        socket: path of its Unix socket; empty where it has a port.
        port: on 127.0.0.1; 0 where it has a socket.
    """

    pid: int
    token: str
    socket: str = ""
    port: int = 0


@dataclass(frozen=True, slots=True)
class Guest:
    """What a process says of itself when it comes.

    Attributes:
        version: of Cognate.
        model: the embedding model that it needs, None if any will do.
        reranker: the cross-encoder that it needs, None if any will do.
        has_settings: whether it brings a user's settings, which an owner without such takes over.
    """

    version: str = __version__
    model: str | None = None
    reranker: str | None = None
    has_settings: bool = False


def guest_of(settings: Settings, *, has_settings: bool) -> Guest:
    """Return what a process with some settings says of itself; without a user's, an empty one asks for nothing."""
    if has_settings:
        return Guest(model=settings.model, has_settings=True)
    return Guest(model=settings.model or None, reranker=settings.reranker or None)


# -- the note


def new_note(index_folder: Path) -> Note:
    """Return a note of a fresh token, and of a socket if the system has them and the path is short enough."""
    path = str(index_folder / OWNER_SOCKET)
    fits = hasattr(socket, "AF_UNIX") and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH
    return Note(os.getpid(), os.urandom(32).hex(), path if fits else "")


def leave_note(index_folder: Path, note: Note) -> None:
    """Write the note, for the user alone.

    Raises:
        OSError: when the disk refuses.
    """
    file = index_folder / OWNER_FILE
    fields = {"pid": note.pid, "token": note.token, "socket": note.socket, "port": note.port}
    write_whole(file, json.dumps(fields).encode("ascii"), private=True)


def read_note(index_folder: Path) -> Note | None:
    """Return where the owner of an index listens, None where nobody does or the note cannot be trusted."""
    try:
        descriptor = os.open(index_folder / OWNER_FILE, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not _is_private(os.fstat(descriptor), stat.S_ISREG):
                return None
            fields = json.loads(file.read(MOST_GREETING_BYTES))
        return Note(int(fields["pid"]), str(fields["token"]), str(fields["socket"]), int(fields["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remove_note(index_folder: Path, note: Note) -> None:
    """Remove the note and the socket, unless another owner has left its own by now."""
    if read_note(index_folder) == note:
        for name in (OWNER_FILE, OWNER_SOCKET):
            with contextlib.suppress(OSError):
                (index_folder / name).unlink()


def connected(note: Note) -> socket.socket:
    """Return a connection to the owner.

    Raises:
        OSError: when nobody listens.
        StrangerError: when what lies in the socket's place is not the user's.
    """
    if not note.socket:
        return socket.create_connection(("127.0.0.1", note.port), GREETING_S)
    if not _is_private(os.lstat(note.socket), stat.S_ISSOCK):
        raise StrangerError(f"{note.socket} is not a socket of this user.")
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        made.settimeout(GREETING_S)
        made.connect(note.socket)
        check_peer(made)
    except BaseException:
        made.close()
        raise
    return made


def _is_private(info: os.stat_result, is_kind: Any) -> bool:
    """Whether a file is of a kind, and nobody but this user may change it."""
    return is_kind(info.st_mode) and (
        sys.platform == "win32" or (info.st_uid == os.geteuid() and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    )


def check_peer(connection: socket.socket) -> None:
    """Do nothing if the process at the other end of a Unix socket is this user's, as far as the system tells.

    Raises:
        StrangerError: when it is another user's.
    """
    if sys.platform == "linux" and connection.family == socket.AF_UNIX:
        sent = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER_CREDENTIALS.size)
        _, user, _ = _PEER_CREDENTIALS.unpack(sent)
        if user != os.geteuid():
            raise StrangerError(f"The other process is of the user {user}.")


# -- the greeting


def challenge() -> str:
    """Return a random text that the other side is to answer."""
    return os.urandom(32).hex()


def proof(token: str, who: str, challenge: str) -> str:
    """Return the answer to a challenge.

    Args:
        token: which only this user's processes can read.
        who: ``owner`` or ``guest``, so that one's answer is of no use to the other.
        challenge: of the other side.
    """
    return hashlib.blake2b(f"{who} {challenge}".encode(), key=bytes.fromhex(token), digest_size=32).hexdigest()


def is_proof(given: object, token: str, who: str, challenge: str) -> bool:
    """Whether an answer to our challenge is right."""
    return isinstance(given, str) and compare_digest(given.encode(), proof(token, who, challenge).encode())


def greet(connection: socket.socket, note: Note, guest: Guest) -> str:
    """Introduce ourselves to the owner, and have it prove who it is; return why it refuses, or nothing.

    Raises:
        OSError: when it does not answer in time.
        StrangerError: when it cannot prove that it is the owner.
    """
    ours = challenge()
    connection.sendall(frame({"wire": WIRE_VERSION, "challenge": ours}))
    answer = receive(connection, MOST_GREETING_BYTES)
    theirs = answer.get("challenge")
    if not is_proof(answer.get("proof"), note.token, "owner", ours) or not isinstance(theirs, str):
        raise StrangerError("Who listens there does not know the owner's token.")
    connection.sendall(frame({"proof": proof(note.token, "guest", theirs), "guest": to_json(guest)}))
    return str(receive(connection, MOST_GREETING_BYTES).get("refused", ""))


# -- messages


def frame(message: dict[str, Any]) -> bytes:
    """Return a message as it is sent."""
    data = json.dumps(message, separators=(",", ":")).encode("ascii")
    return _LENGTH.pack(len(data)) + data


def length_of(head: bytes, at_most: int) -> int:
    """Return the length of the message behind its first four bytes.

    Raises:
        StrangerError: when it is too long to be one of ours.
    """
    (length,) = _LENGTH.unpack(head)
    if length > at_most:
        raise StrangerError(f"A message of {length} bytes is none of ours.")
    return length


HEAD_BYTES = _LENGTH.size


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


def receive(connection: socket.socket, at_most: int = MOST_BYTES) -> dict[str, Any]:
    """Return the next message, waiting for it.

    Raises:
        OSError: when the connection ends or the time runs out.
        StrangerError: when it is none of ours.
    """
    return message_of(_exactly(connection, length_of(_exactly(connection, HEAD_BYTES), at_most)))


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        part = connection.recv(min(count - len(data), 1 << 20))
        if not part:
            raise ConnectionResetError("The other process has closed the connection.")
        data += part
    return bytes(data)
