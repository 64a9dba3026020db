r"""Bytes to text, text to lines, and cutting lines where there is no syntax tree.

Owns what a text file is, and what a line is: it ends at ``\n``, ``\r\n`` or ``\r`` and nowhere else, as the Language
Server Protocol counts. Pure; never opens a file, never looks at a syntax tree.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

Piece: TypeAlias = tuple[int, int]
"""A run of lines, half-open."""

PARAGRAPH_SHARE = 0.4  # A blank line this far into a window is a better line to cut at than the window's very end.

SNIFFED = 8192  # As git does: a NUL among the first bytes means that the file is no text.
CONTROL_SHARE = 0.1  # Text in an old encoding has hardly any control characters; compressed data has about 10 in 100.

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SHIFT = b"\x1b$"  # Begins Japanese, Chinese or Korean in ISO 2022, whose bytes are all valid UTF-8.
_BLANKS = bytes(code if code == ord("\n") else ord(" ") for code in range(256))
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"


def decode(data: bytes) -> str | None:
    """Decode a file: by its byte order mark, else UTF-8, else an older encoding; None when it is binary.

    The byte order mark is left out. ``encodings`` says which of the older ones it is.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    head = data[:SNIFFED]
    if b"\0" in head:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        controls = len(head) - len(head.translate(None, _CONTROLS))
        if controls > len(head) * CONTROL_SHARE:
            return None
    else:
        if _SHIFT not in data:
            return text
    from cognate.chunking import encodings  # noqa: PLC0415 - few files need it

    return encodings.decode_legacy(data)


def blanked(data: bytes) -> bytes:
    """Return blanks in the place of a text, its line ends kept."""
    return data.translate(_BLANKS)


@dataclass(frozen=True, slots=True)
class Source:
    r"""A text as lines, with sizes of line runs at hand.

    Attributes:
        text: the text, lines ending in ``\n``.
        lines: its lines.
        offsets: where each line starts in text, in characters, and one past the end.
        first_content: by line, the first line from there on that is not blank.
        last_content: by line, one past the last line before it that is not blank.
    """

    text: str
    lines: list[str]
    offsets: list[int]
    first_content: list[int]
    last_content: list[int]

    @classmethod
    def of(cls, text: str) -> "Source":
        """Read a text with any line endings."""
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
        count = len(lines)
        offsets = [0, *accumulate([len(line) + 1 for line in lines])]
        blank = [not line or line.isspace() for line in lines]
        ends = accumulate([0 if empty else number for number, empty in enumerate(blank, 1)], max)
        starts = accumulate([count if blank[number] else number for number in range(count - 1, -1, -1)], min)
        last_content = [0, *ends]
        first_content = [count, *starts]
        first_content.reverse()
        return cls(text, lines, offsets, first_content, last_content)

    def trim(self, start: int, end: int) -> Piece:
        """Leave out blank lines at both ends; of blank lines alone nothing is left."""
        start = self.first_content[start]
        return start, max(start, self.last_content[end])

    def size(self, start: int, end: int) -> int:
        """Count the characters of the lines, newlines between them included, blank lines at both ends not."""
        start = self.first_content[start]
        end = self.last_content[end]
        return self.offsets[end] - self.offsets[start] - 1 if end > start else 0

    def is_one_line(self, start: int, end: int) -> bool:
        """Whether a run of lines is a single line, but for blank ones around it."""
        start, end = self.trim(start, end)
        return end - start == 1

    def slice(self, start: int, end: int) -> str:
        r"""Return the lines, joined by ``\n``."""
        return self.text[self.offsets[start] : self.offsets[end] - 1] if end > start else ""


def cut_lines(source: Source, start: int, end: int, max_chars: int, glued: Sequence[int] | None = None) -> list[Piece]:
    """Cut a run of lines into windows of at most max_chars, at blank lines where there are some.

    Args:
        source: the text.
        start: first line.
        end: one past the last line.
        max_chars: a window is larger only when it is one single line.
        glued: by line, whether no cut may be made before it; a run of glued lines must fit into a window.
    """
    pieces: list[Piece] = []
    start, end = source.trim(start, end)
    while start < end:
        cut = _cut(source, start, end, max_chars, glued)
        pieces.append(source.trim(start, cut))
        start = source.first_content[cut]
    return pieces


def _cut(source: Source, start: int, end: int, max_chars: int, glued: Sequence[int] | None) -> int:
    """Return where the window that begins at start ends."""
    best = paragraph = start + 1
    limit = source.offsets[start] + max_chars + 1
    line = start + 1
    while line < end and source.offsets[line + 1] <= limit:
        line += 1
        if glued and line < end and glued[line]:
            continue
        best = line
        if source.last_content[line] < line:
            paragraph = line
    if line >= end:
        return end
    if glued:
        while best < end and glued[best] and source.size(start, best + 1) <= max_chars:
            best += 1
    full = source.offsets[best] - source.offsets[start]
    if source.offsets[paragraph] - source.offsets[start] >= full * PARAGRAPH_SHARE:
        return paragraph
    return best
