"""The protocol's edits of open documents, applied. Pure; called on the event loop for each keystroke."""

import re
from collections.abc import Iterable

from lsprotocol.types import Position, TextDocumentContentChangeEvent, TextDocumentContentChangeWholeDocument

from cognate.text_edits import character_index, edited, line_at


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
    return edited(text, (first.line, first.character), (last.line, last.character), edit.text, encoding)


def word_at(text: str, position: Position, encoding: str) -> str:
    """Return the identifier at or just before a position, empty when there is none."""
    line = line_at(text, position.line)
    index = character_index(line, position.character, encoding)
    return next((word[0] for word in re.finditer(r"\w+", line) if word.start() <= index <= word.end()), "")
