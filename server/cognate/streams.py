"""The standard streams of a process that speaks the language protocol, and the frames on them. Any thread.

Imports little: a process that only passes on what an editor says needs no more.
"""

import os
import re
import sys

from cognate.greeting import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

STDIN, STDOUT, STDERR = 0, 1, 2

READ_BYTES = 1 << 16

_HEADERS_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length: (\d{1,15})\r\n", re.IGNORECASE | re.MULTILINE)


def guard_standard_streams() -> tuple[int, int]:
    """Take stdin and stdout for the protocol alone; return the descriptors that now stand for them.

    One stray byte on stdout makes some clients lose every later message. From here on whatever prints, native
    libraries and child processes included, prints to stderr, and nobody else can read stdin.
    """
    sys.stdout.flush()
    stdin, stdout = os.dup(STDIN), os.dup(STDOUT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, STDIN)
    os.close(nothing)
    os.dup2(STDERR, STDOUT)
    return stdin, stdout


def frame(body: bytes) -> bytes:
    """Return the body of a message with its header."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


class Out:
    """A descriptor as pygls writes to one.

    Args:
        descriptor: stays open until the process ends.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes) -> None:
        """Write a framed message.

        Raises:
            OSError: when nobody reads any more.
        """
        write_all(self._descriptor, data)

    def close(self) -> None:
        """Do nothing."""


class Frames:
    """The messages in a stream of bytes; headers that are unknown, and whatever else stands between frames, count not.

    Attributes:
        rest: the bytes that are no whole frame yet.
    """

    def __init__(self) -> None:
        self.rest = bytearray()

    def take(self, data: bytes) -> "Iterator[bytes]":
        """Yield the bodies of the messages that end with these bytes."""
        self.rest += data
        while (end := self.rest.find(_HEADERS_END)) >= 0:
            length = _LENGTH.search(self.rest, 0, end + 2)
            begin = end + len(_HEADERS_END)
            stop = begin + (int(length[1]) if length else 0)
            if len(self.rest) < stop:
                return
            body = bytes(self.rest[begin:stop])
            del self.rest[:stop]
            if body:
                yield body
