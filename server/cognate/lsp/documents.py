r"""The text of open documents, kept in step with the client's edits.

Lines end as the protocol says, at ``\n``, ``\r\n`` and ``\r`` and nowhere else. (``str.splitlines``, which pygls'
own workspace uses, also breaks at form feeds and U+2028, and then puts edits on wrong lines.)
Pure; called on the event loop for each keystroke, so it works with the string searches of C.
"""

import re
from collections.abc import Iterable

from lsprotocol.types import Position, TextDocumentContentChangeEvent, TextDocumentContentChangeWholeDocument

from cognate.lsp.convert import character_index

_LINE_END = re.compile(r"\r\n|\r|\n")
_LONE_RETURN = re.compile(r"\r(?!\n)")


def apply_edits(text: str, edits: Iterable[TextDocumentContentChangeEvent], encoding: str) -> str:
    """Return ``text`` after edits, one after the other."""
    for edit in edits:
        text = apply_edit(text, edit, encoding)
    return text


def apply_edit(text: str, edit: TextDocumentContentChangeEvent, encoding: str) -> str:
    """Return ``text`` after one edit. Positions beyond a line or the text mean its end."""
    if isinstance(edit, TextDocumentContentChangeWholeDocument):
        return edit.text
    first, last = edit.range.start, edit.range.end
    origin = _line_start(text, first.line)
    if origin is None:
        return text + edit.text
    rest = text[origin:]  # large files: the lines before are counted once
    start = offset_at(rest, Position(0, first.character), encoding)
    end = start
    if last > first:
        end = max(start, offset_at(rest, Position(last.line - first.line, last.character), encoding))
    return text[: origin + start] + edit.text + rest[end:]


def offset_at(text: str, position: Position, encoding: str) -> int:
    """Return the index in ``text`` of a position."""
    start = _line_start(text, position.line)
    if start is None:
        return len(text)
    return start + character_index(_line_from(text, start), position.character, encoding)


def line_at(text: str, line: int) -> str:
    """Return a line's text without its end, empty beyond the last line."""
    start = _line_start(text, line)
    return "" if start is None else _line_from(text, start)


def word_at(text: str, position: Position, encoding: str) -> str:
    """Return the identifier at or just before a position, empty when there is none."""
    line = line_at(text, position.line)
    index = character_index(line, position.character, encoding)
    return next((word[0] for word in re.finditer(r"\w+", line) if word.start() <= index <= word.end()), "")


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
