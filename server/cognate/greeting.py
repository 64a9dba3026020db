"""Where the owner of a folder's index listens, and how two processes know each other as the same user's. Any thread.

The owner listens on a Unix socket, or on a loopback port where there are none, and leaves a note of it in the index's
folder, which only the user can read. The note holds a random token. Each side proves that it knows the token by a keyed
digest of the other's random challenge, so that neither answers a stranger: not who found the port, nor who took a port
that its owner left, nor a web page. Then the guest says what it wants, in words, and the owner whether it is welcome.

Imports next to nothing, so that a process which only passes on what others say costs little more than Python itself.
"""

import os
import stat
import sys

from cognate import __version__
from cognate.errors import CognateError
from cognate.places import OWNER_FILE, OWNER_SOCKET

try:  # The public modules around these take longer to import than a search from a shell may last.
    import _socket as sockets
    from _blake2 import blake2b
    from _operator import _compare_digest as compare_digest  # pyright: ignore[reportPrivateUsage]
except ImportError:
    import socket as sockets
    from hashlib import blake2b
    from hmac import compare_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ENGINE, AGENT, EDITOR, SHELL = "engine", "agent", "editor", "shell"
"""What a guest calls itself: one that asks the engine and shows the answers itself; one that passes on an agent's lines
to a front end where the engine is; the same of an editor's messages; one that passes on a command, its working folder
and what its terminal shows."""

STAND_ALONE = "cognate/standAlone"
"""The notification by which the owner tells an editor's relay that it cannot serve this editor, after all."""

LOOKS: "tuple[str, ...]" = ("FORCE_COLOR", "NO_COLOR", "TERM")
"""Variables of the environment that say how an answer looks; a guest from the shell sends their values."""

HELLO = b"cognate2"
"""What a guest says first, with the version of the greeting; processes of other versions do not talk anyway."""

SECRET_BYTES = 32
"""The length of a token, a challenge and a proof."""

HELLO_BYTES = len(HELLO) + SECRET_BYTES
HEAD_BYTES = 4
"""What says how long a message behind it is."""

MOST_WORDS_BYTES = 1 << 20
"""What a guest may say of itself."""

MOST_NOTE_BYTES = 1 << 12

GREETING_S = 3.0
"""How long each side waits for the other's next word before it trusts it."""

LONGEST_SOCKET_PATH = 100
"""Systems take 103 to 107 bytes; a longer path gets a port."""

Socket = sockets.socket

_PEER_BYTES = 12
"""Process, user and group at the other end of a Unix socket, four bytes each."""


class StrangerError(CognateError):
    """The other side is not the user's, or cannot prove it."""


class RefusedError(CognateError):
    """The owner of the index does not serve this process; the message says why."""


class Note:
    """Where the owner of an index listens; a value.

    Attributes:
        pid: of its process.
        token: what each side must know, hexadecimal.
        socket: path of its Unix socket; empty where it has a port.
        port: on 127.0.0.1; 0 where it has a socket.
    """

    __slots__ = ("pid", "port", "socket", "token")

    def __init__(self, pid: int, token: str, socket: str = "", port: int = 0) -> None:
        self.pid, self.token, self.socket, self.port = pid, token, socket, port

    def lines(self) -> str:
        """Return the note as it is written."""
        return f"{self.pid}\n{self.token}\n{self.port}\n{self.socket}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Note) and self.lines() == other.lines()

    def __hash__(self) -> int:
        return hash(self.token)


# -- the note


def new_note(index_folder: str) -> Note:
    """Return a note of a fresh token, and of a socket if the system has them and the path is short enough."""
    path = os.path.join(index_folder, OWNER_SOCKET)  # noqa: PTH118
    fits = sys.platform != "win32" and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH
    return Note(os.getpid(), os.urandom(SECRET_BYTES).hex(), path if fits else "")


def read_note(index_folder: str) -> Note | None:
    """Return where the owner of an index listens, None where nobody does or the note cannot be trusted."""
    path = os.path.join(index_folder, OWNER_FILE)  # noqa: PTH118
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        if not _is_private(os.fstat(descriptor), stat.S_ISREG):
            return None
        pid, token, port, place = os.fsdecode(os.read(descriptor, MOST_NOTE_BYTES)).split("\n", 3)
        bytes.fromhex(token)
        return Note(int(pid), token, place, int(port))
    except (OSError, ValueError):
        return None
    finally:
        os.close(descriptor)


def _is_private(info: os.stat_result, is_kind: "Callable[[int], bool]") -> bool:
    """Whether a file is of a kind, and nobody but this user may change it."""
    return is_kind(info.st_mode) and (
        sys.platform == "win32" or (info.st_uid == os.geteuid() and not info.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    )


# -- the connection


def connected(note: Note) -> Socket:
    """Return a connection to the owner.

    Raises:
        OSError: when nobody listens.
        StrangerError: when what lies in the socket's place is not the user's.
    """
    if note.socket and not _is_private(os.lstat(note.socket), stat.S_ISSOCK):
        raise StrangerError(f"{note.socket} is not a socket of this user.")
    made = Socket(sockets.AF_UNIX if note.socket else sockets.AF_INET, sockets.SOCK_STREAM)
    try:
        made.settimeout(GREETING_S)
        made.connect(note.socket or ("127.0.0.1", note.port))
        check_peer(made)
    except BaseException:
        made.close()
        raise
    return made


def check_peer(connection: Socket) -> None:
    """Do nothing if the process at the other end of a Unix socket is this user's, as far as the system tells.

    Raises:
        StrangerError: when it is another user's.
    """
    if sys.platform == "linux" and connection.family == sockets.AF_UNIX:
        sent = connection.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, _PEER_BYTES)
        user = int.from_bytes(sent[4:8], sys.byteorder)
        if user != os.geteuid():
            raise StrangerError(f"The other process is of the user {user}.")


def exactly(connection: Socket, count: int) -> bytes:
    """Return the next bytes, waiting for them.

    Raises:
        OSError: when the connection ends or the time runs out.
    """
    data = bytearray()
    while len(data) < count:
        part = connection.recv(min(count - len(data), 1 << 20))
        if not part:
            raise ConnectionResetError("The other process has closed the connection.")
        data += part
    return bytes(data)


def write_all(descriptor: int, data: bytes) -> None:
    """Write bytes to a stream of this process, however many it takes at once.

    Raises:
        OSError: when it is closed, or its reader has gone.
    """
    while data:
        data = data[os.write(descriptor, data) :]


# -- the greeting


def challenge() -> bytes:
    """Return random bytes that the other side is to answer."""
    return os.urandom(SECRET_BYTES)


def proof(token: str, who: bytes, challenge: bytes) -> bytes:
    """Return the answer to a challenge.

    Args:
        token: which only this user's processes can read.
        who: ``owner`` or ``guest``, so that one's answer is of no use to the other.
        challenge: of the other side.
    """
    return blake2b(who + b" " + challenge, key=bytes.fromhex(token), digest_size=SECRET_BYTES).digest()


def is_proof(given: bytes, token: str, who: bytes, challenge: bytes) -> bool:
    """Whether an answer to our challenge is right."""
    return compare_digest(given, proof(token, who, challenge))


def framed(data: bytes) -> bytes:
    """Return bytes behind their length."""
    return len(data).to_bytes(HEAD_BYTES, "big") + data


def length_of(head: bytes, at_most: int) -> int:
    """Return the length of the message behind its first four bytes.

    Raises:
        StrangerError: when it is too long to be one of ours.
    """
    length = int.from_bytes(head, "big")
    if length > at_most:
        raise StrangerError(f"A message of {length} bytes is none of ours.")
    return length


def received(connection: Socket, at_most: int) -> bytes:
    """Return the next message, waiting for it; raises what ``exactly`` and ``length_of`` raise."""
    return exactly(connection, length_of(exactly(connection, HEAD_BYTES), at_most))


def words_of(data: bytes) -> list[str]:
    """Return the words that a guest says of itself: what it is, its version, and what that kind of guest adds."""
    return os.fsdecode(data).split("\0")


def greet(connection: Socket, note: Note, words: "Sequence[str]") -> None:
    """Introduce ourselves to the owner, and have it prove who it is.

    Raises:
        OSError: when it does not answer in time.
        StrangerError: when it cannot prove that it is the owner.
        RefusedError: when it does not serve us.
    """
    ours = challenge()
    connection.sendall(HELLO + ours)
    theirs, answer = exactly(connection, SECRET_BYTES), exactly(connection, SECRET_BYTES)
    if not is_proof(answer, note.token, b"owner", ours):
        raise StrangerError("The process that listens there does not know the owner's token.")
    connection.sendall(proof(note.token, b"guest", theirs) + framed(os.fsencode("\0".join(words))))
    if refused := received(connection, MOST_NOTE_BYTES):
        raise RefusedError(os.fsdecode(refused))


def attached(index_folder: str, kind: str, *more: str) -> Socket | None:
    """Return a connection to the process that owns an index, which has greeted; None when nobody listens.

    Args:
        index_folder: where its note lies.
        kind: what this process calls itself.
        more: what that kind of guest adds.

    Raises:
        RefusedError: when the owner does not serve this process.
        StrangerError: when who listens is not the user's.
    """
    note = read_note(index_folder)
    if note is None:
        return None
    try:
        connection = connected(note)
    except OSError:
        return None
    try:
        greet(connection, note, [kind, __version__, *more])
        connection.settimeout(None)
    except OSError:
        connection.close()
        return None
    except BaseException:
        connection.close()
        raise
    return connection
