"""Definitions found line by line, in languages whose parser cannot be used or does not know them.

Gives what a definition query would give: ``matches`` for ``symbols``, and ``root`` in place of a syntax tree. The
patterns stand in a language's ``outline.json``. Pure; in time about proportional to the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

from cognate.chunking.text import blanked
from cognate.languages.registry import outline_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognate.chunking.parse import Match, Node

FIRST_NUMBER = 100_000
"""Number of the first row as a pattern: behind those of all queries, so that what a syntax tree shows comes first."""

_INDENT = "{indent}"


@dataclass(slots=True)
class Region:
    """A run of bytes with what chunking reads of a node; points are row and column in bytes."""

    start_byte: int
    end_byte: int
    start_point: tuple[int, int]
    end_point: tuple[int, int]
    children: list[Region] = field(default_factory=list["Region"])
    type: str = "region"

    @property
    def named_children(self) -> list[Region]:
        """All children."""
        return self.children

    def child_by_field_name(self, _name: str) -> None:
        """Nothing: regions have no fields."""
        return


@dataclass(frozen=True, slots=True)
class _Row:
    """How one kind of definition is written: its first line with a group ``name``, and what it ends with."""

    kind: str
    begin: re.Pattern[bytes]
    end: str


@dataclass(frozen=True, slots=True)
class _Outline:
    """What ``outline.json`` says; see ``docs/adding-a-language.md``."""

    rows: tuple[_Row, ...]
    blank: tuple[re.Pattern[bytes], ...]
    blank_for_parser: tuple[re.Pattern[bytes], ...]
    attached: re.Pattern[bytes] | None


def matches(language: str, data: bytes) -> list[Match]:
    """Return the definitions that lines show, in the form of a query's matches.

    Args:
        language: name of the grammar.
        data: the text, UTF-8.
    """
    outline = _outline(language)
    if outline is None:
        return []
    starts = [0, *(newline.end() for newline in re.finditer(rb"\n", data))]
    attached = [found.span() for found in outline.attached.finditer(data)] if outline.attached else []
    text = _blanked(data, (*outline.blank_for_parser, *outline.blank))
    found: list[Match] = [(FIRST_NUMBER, {"attached": [_node(span, starts)]}) for span in attached]
    for number, row, begin, end in _spans(outline, text):
        start = max(begin.start(), text.rfind(b"\n", 0, begin.start("name")) + 1)  # The line on which the name stands.
        captures = {"name": [_node(begin.span("name"), starts)], row.kind: [_node((start, end), starts)]}
        if begin.groupdict().get("container"):
            captures["container"] = [_node(begin.span("container"), starts)]
        found.append((FIRST_NUMBER + number, captures))
    return found


def for_parser(language: str, data: bytes) -> bytes:
    """Blank out what a language's parser takes for something else, such as the comments of fixed-form Fortran."""
    outline = _outline(language)
    return _blanked(data, outline.blank_for_parser) if outline else data


def root(found: Sequence[Match], data: bytes) -> Node:
    """Return a tree of the definitions in some matches, to cut a text along that has no syntax tree."""
    kinds = {"name", "attached", "container"}
    nodes = [nodes[0] for _, captures in found for kind, nodes in captures.items() if kind not in kinds]
    regions = sorted(cast("list[Region]", nodes), key=lambda region: (region.start_byte, -region.end_byte))
    whole = Region(0, len(data), (0, 0), (data.count(b"\n"), len(data) - data.rfind(b"\n") - 1))
    open_ = [whole]
    for region in regions:
        while len(open_) > 1 and open_[-1].end_byte < region.end_byte:
            open_.pop()
        open_[-1].children.append(region)
        open_.append(region)
    return cast("Any", whole)


def _blanked(data: bytes, patterns: Sequence[re.Pattern[bytes]]) -> bytes:
    for pattern in patterns:
        data = pattern.sub(lambda found: blanked(found[0]), data)
    return data


def _spans(outline: _Outline, text: bytes) -> list[tuple[int, _Row, re.Match[bytes], int]]:
    """Find each definition with the number of its row and its end.

    It ends with what its row says, or before the next definition of the same row or one above it.
    """
    named: dict[int, tuple[int, _Row, re.Match[bytes]]] = {}
    for number, row in enumerate(outline.rows):
        for begin in row.begin.finditer(text):
            named.setdefault(begin.start("name"), (number, row, begin))
    spans: list[tuple[int, _Row, re.Match[bytes], int]] = []
    following = [len(text)] * len(outline.rows)  # By row, where the next one of the same row or one above it begins.
    for number, row, begin in sorted(named.values(), key=lambda item: -item[2].start()):
        bound = following[number]
        closed = None
        if row.end:
            indent = begin[0][: len(begin[0]) - len(begin[0].lstrip())]
            closed = _end(row.end, indent).search(text, begin.end(), bound)
        end = closed.end() if closed else _content_end(outline, text, begin.end(), bound)
        spans.append((number, row, begin, end))
        following[number:] = [begin.start()] * (len(outline.rows) - number)
    return spans


def _content_end(outline: _Outline, text: bytes, start: int, end: int) -> int:
    """Leave out blank lines and attached ones, which belong to what follows."""
    while (end := start + len(text[start:end].rstrip())) > start:
        line = text.rfind(b"\n", start, end) + 1
        if line <= start or outline.attached is None or not outline.attached.match(text, line):
            break
        end = line
    return end


def _node(span: tuple[int, int], starts: Sequence[int]) -> Node:
    first, last = ((row := bisect_right(starts, offset) - 1, offset - starts[row]) for offset in span)
    return cast("Any", Region(span[0], span[1], first, last))


@cache
def _outline(language: str) -> _Outline | None:
    entry = outline_entry(language)
    if not entry:
        return None
    rows = tuple(_Row(row["kind"], _compiled(row["begin"]), row.get("end", "")) for row in entry["definitions"])
    attached = entry.get("attached")
    blank, for_parser = (
        tuple(_compiled(pattern) for pattern in entry.get(key, ())) for key in ("blank", "blank_for_parser")
    )
    return _Outline(rows, blank, for_parser, _compiled(attached) if attached else None)


@lru_cache(maxsize=256)
def _end(pattern: str, indent: bytes) -> re.Pattern[bytes]:
    return _compiled(pattern.replace(_INDENT, re.escape(indent).decode("latin-1")))


def _compiled(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode("latin-1"), re.MULTILINE)
