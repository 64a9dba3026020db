"""Reads text in C and its family without a parser: past comments, directives, brackets and function bodies. Pure."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

MAX_ARGUMENTS = 2000  # Bytes in which the arguments of a macro must end.
LONGEST_HEAD = 600  # Bytes of a function's head; the body of one with a longer head is read, too.
LOOK_BACK = 300  # Bytes; what stands before a macro in its own statement is shorter.
LONGEST_COMMENT = 5000  # Bytes.

PLAIN_NAME = re.compile(rb"[A-Za-z_]\w*")
_BRACKET = re.compile(rb"[()]|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.){1,8}'", re.DOTALL)
_GAP = re.compile(rb"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_BODY = re.compile(rb"\{[ \t]*\n")
_FUNCTION_HEAD = re.compile(rb"(?!namespace|class)(?:[^;{}#/\n]|\n(?!\s*\n))*\)[ \w]*\n?")
_GAP_STARTS = frozenset({b" ", b"\n", b"\t", b"/"})
_CONTINUED = ord("\\")


def code_before(data: bytes, end: int, hidden: Mapping[int, int] = MappingProxyType({})) -> bytes:
    """Return up to LOOK_BACK bytes of code that end before an offset, less comments, directives and hidden macros.

    Args:
        data: text in a language with the comments and directives of C, UTF-8.
        end: the offset.
        hidden: where hidden macros end → where they begin.
    """
    while True:
        first = max(0, end - LOOK_BACK)
        tail = data[first:end].rstrip()
        end = first + len(tail)
        if end in hidden:
            end = hidden[end]
            continue
        start = tail.rfind(b"\n")
        while start > 0 and tail[start - 1] == _CONTINUED:
            start = tail.rfind(b"\n", 0, start)
        line = tail[start + 1 :]
        if tail.endswith(b"*/"):
            end = max(0, data.rfind(b"/*", max(0, end - LONGEST_COMMENT), end))
        elif b"//" in line:
            end -= len(line) - line.index(b"//")
        elif line.lstrip().startswith(b"#"):
            end -= len(line)
        else:
            return tail


def outside_bodies(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the text begins and ends that is not in the body of a function that begins and ends at the margin."""
    start = 0
    for brace in _BODY.finditer(data):
        opening = brace.start()
        if opening < start:
            continue
        head = data[max(start, opening - LONGEST_HEAD) : opening]
        begin = _last_at_margin(head)
        if begin < 0 or not _FUNCTION_HEAD.fullmatch(head, begin):
            continue
        end = data.find(b"\n}", opening)
        if end < 0:
            break
        yield start, opening + 1
        start = end
    yield start, len(data)


def _last_at_margin(head: bytes) -> int:
    """Return where the last line begins that has a name at the margin; less than 0 when there is none."""
    line = len(head)
    while line >= 0:
        line = head.rfind(b"\n", 0, line)
        if PLAIN_NAME.match(head, line + 1):
            return line + 1 if line >= 0 else -1
    return -1


def next_code(data: bytes, start: int) -> int:
    """Return where the next byte stands that is neither blank nor comment."""
    if data[start : start + 1] not in _GAP_STARTS:
        return start
    gap = _GAP.match(data, start)
    return gap.end() if gap else start


def closing_bracket(data: bytes, opening: int) -> int:
    """Return one past the bracket that closes another; 0 when there is none in MAX_ARGUMENTS bytes."""
    depth = 0
    for bracket in _BRACKET.finditer(data, opening, opening + MAX_ARGUMENTS):
        if bracket[0] == b"(":
            depth += 1
        elif bracket[0] == b")":
            depth -= 1
            if not depth:
                return bracket.end()
    return 0
