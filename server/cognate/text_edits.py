r"""The text of open documents, kept in step with an editor's edits. Pure; any thread.

Lines end as the protocol says, at ``\n``, ``\r\n`` and ``\r`` and nowhere else. (``str.splitlines``, which pygls'
own workspace uses, also breaks at form feeds and U+2028, and then puts edits on wrong lines.)
Called for each keystroke, so it works with the string searches of C. Imports little, so that a process which only
passes on what an editor says can remember what that has open.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Place: TypeAlias = tuple[int, int]
    """A line and a character in it, in code units of the position encoding that was agreed on; both from 0."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_LONE_RETURN = re.compile(r"\r(?!\n)")


def edited(text: str, start: "Place", end: "Place", new: str, encoding: str) -> str:
    """Return ``text`` with what is between two places replaced; places beyond a line or the text mean its end."""
    origin = _line_start(text, start[0])
    if origin is None:
        return text + new
    rest = text[origin:]  # large files: the lines before are counted once
    first = last = _offset_at(rest, (0, start[1]), encoding)
    if end > start:
        last = max(first, _offset_at(rest, (end[0] - start[0], end[1]), encoding))
    return text[: origin + first] + new + rest[last:]


def _offset_at(text: str, place: "Place", encoding: str) -> int:
    """Return the index in ``text`` of a place."""
    start = _line_start(text, place[0])
    if start is None:
        return len(text)
    return start + character_index(_line_from(text, start), place[1], encoding)


def line_at(text: str, line: int) -> str:
    """Return a line's text without its end, empty beyond the last line."""
    start = _line_start(text, line)
    return "" if start is None else _line_from(text, start)


def code_units(text: str, encoding: str) -> int:
    """Return the length of ``text`` in code units of ``utf-8``, ``utf-16`` or ``utf-32``; others are a ValueError."""
    if encoding == "utf-8":
        return len(text.encode(errors="surrogatepass"))
    if encoding == "utf-16":
        return len(text) + sum(character > "\uffff" for character in text)
    if encoding == "utf-32":
        return len(text)
    raise ValueError(f"{encoding} is not a position encoding")


def character_index(line: str, units: int, encoding: str) -> int:
    """Return the index in ``line`` after ``units`` code units, its length when the line is shorter.

    A count that ends within a character is rounded down to that character's start.
    """
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    passed = 0
    for index, character in enumerate(line):
        passed += code_units(character, encoding)
        if passed > units:
            return index
    return len(line)


def _line_start(text: str, line: int) -> int | None:
    if line == 0:
        return 0
    if "\r" in text and _LONE_RETURN.search(text):
        ends = (found.end() for found in _LINE_END.finditer(text))
        return next((end for number, end in enumerate(ends, start=1) if number == line), None)
    rest = text.split("\n", line)
    return len(text) - len(rest[-1]) if len(rest) == line + 1 else None


def _line_from(text: str, start: int) -> str:
    found = _LINE_END.search(text, start)
    return text[start : found.start()] if found else text[start:]
