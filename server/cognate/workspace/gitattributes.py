"""What ``.gitattributes`` says of ``linguist-generated`` and ``linguist-vendored``. Pure, any thread; reads no file.

Macros (``[attr]``) and all other attributes are passed over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cognate.workspace.globs import Parts
from cognate.workspace.patterns import Pattern, PatternList, parse_line

GENERATED = "linguist-generated"
VENDORED = "linguist-vendored"

_FIELDS = re.compile(rb"[ \t\r]+")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"[ \t\r]*')
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


@dataclass(frozen=True, slots=True)
class AttributeList:
    """The lines of one source that speak of one attribute; the last that matches a file counts.

    Attributes:
        patterns: which files.
        values: for each pattern True when it sets the attribute, False when it unsets it, None when it withdraws it.
    """

    patterns: PatternList
    values: tuple[bool | None, ...]

    def find(self, parts: Parts) -> tuple[Pattern, bool | None] | None:
        """Return the line that speaks of a file and the value, or None when no line does."""
        index = self.patterns.last_match(parts, is_folder=False)
        return None if index < 0 else (self.patterns.patterns[index], self.values[index])


def read_attributes(data: bytes) -> dict[str, AttributeList]:
    """Return by name what the bytes of a ``.gitattributes`` say of the two attributes; unknown ones are passed over."""
    found: dict[str, list[tuple[Pattern, bool | None]]] = {GENERATED: [], VENDORED: []}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if b"linguist-" not in line:
            continue
        glob, fields = _split(line.strip(b" \t\r"))
        if not glob or glob.startswith((b"#", b"!", b"[attr]")):
            continue  # Git forbids negated patterns here.
        pattern = parse_line(glob, number)
        for name, lines in found.items():
            values = [value for field in fields for value in _value(field, name.encode())]
            if pattern is not None and values:
                lines.append((pattern, values[-1]))
    return {
        name: AttributeList(PatternList(pattern for pattern, _ in lines), tuple(value for _, value in lines))
        for name, lines in found.items()
        if lines
    }


def _split(line: bytes) -> tuple[bytes, Sequence[bytes]]:
    quoted = _QUOTED.match(line)
    if quoted is not None:
        return _ESCAPE.sub(_unescaped, quoted[1]), _FIELDS.split(line[quoted.end() :])
    glob, *fields = _FIELDS.split(line)
    return glob, fields


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8) & 255]) if code.isdigit() else _ESCAPED.get(code, code)


def _value(field: bytes, name: bytes) -> list[bool | None]:
    """Return the value that a field gives an attribute: none, one, or one that is None for ``!name``."""
    if field == b"!" + name:
        return [None]
    if field == b"-" + name:
        return [False]
    key, equals, value = field.partition(b"=")
    if key != name:
        return []
    return [not equals or value.lower() not in {b"false", b"0", b"no"}]
