"""Which parts of a text are in a language of their own, and the trees of all.

Pure. A language's ``injections.scm`` says where such parts are and what they are in, with the captures and settings
that editors use:

* ``injection.content`` on the part;
* ``injection.language`` on what names its language, or ``(#set! injection.language "name")``;
* ``(#set! injection.combined)`` where the parts of a pattern are one text;
* ``_is.A-or-B`` as in ``symbols``.

Where two patterns name the same part, the one that stands first in the file wins, even if its language is unknown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from cognate.chunking import outline, parse
from cognate.chunking.symbols import find_definitions, has_conditions, holds
from cognate.chunking.text import blanked
from cognate.languages.registry import DEFINITIONS, INJECTIONS, called_language, entry_of, outline_entry, query_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cognate.chunking.macros import Names
    from cognate.chunking.parse import Node, Tree
    from cognate.chunking.symbols import Definition

MAX_DEPTH = 4  # A script in a page in a template in Markdown.

Spans = list[tuple[int, int]]
"""Runs of bytes, half-open, in order."""


_BEYOND_SCRIPTS = re.compile(rb"\xf0[\xb0-\xbf][\x80-\xbf]{2}|[\xf1-\xf4][\x80-\xbf]{3}")
"""Characters from U+30000 on: hardly any is assigned, and none stands in code."""

_SOME_LETTER = "\U00020000".encode()


def parser_bytes(text: str) -> bytes:
    """Return a text as parsers take it, of the same length: a NUL would be read as the end.

    D's scanner looks characters up in a table that ends before those beyond the scripts, and crashes the process.
    """
    data = text.encode("utf-8", "surrogatepass").replace(b"\0", b" ")
    return data if text.isascii() else _BEYOND_SCRIPTS.sub(_SOME_LETTER, data)


@dataclass(frozen=True, slots=True)
class Part:
    """A text, or a part of one, with its syntax tree.

    Attributes:
        language: name of the grammar.
        data: the whole text that the part is in, without tags, UTF-8.
        tree: the part's tree, at its place in the whole text.
        spans: the bytes that were parsed; empty where all were.
        holders: the nodes of another part's tree whose text this part is.
        names: what macros define in it, by where they stand.
    """

    language: str
    data: bytes
    tree: Tree
    spans: Sequence[tuple[int, int]] = ()
    holders: Sequence[Node] = ()
    names: Names = field(default_factory=dict["int", "tuple[str, str]"])

    def definitions(self, data: bytes) -> list[Definition]:
        """Return the definitions of the part, outer before inner, given the whole text as it was written."""
        patterns = query_text(self.language, DEFINITIONS)
        matches = parse.run_query(self.language, patterns, self.tree) if patterns else []
        if outline_entry(self.language):
            matches += outline.matches(self.language, visible([self]) if self.spans else data)
        return find_definitions(matches, data, self.names) if matches else []


class Reader:
    """Parses parts of one text, which share the time that a text may take, and keeps why one was not parsed.

    Attributes:
        data: the whole text.
        line_starts: where its lines start, in bytes, and one past its end.
        problems: a sentence about the part that could not be parsed; no part is parsed after it.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.line_starts = [0, *accumulate([len(line) + 1 for line in data.split(b"\n")])]
        self.problems: list[str] = []
        self._limit = parse.time_limit()

    def read(self, language: str, spans: Spans, holders: Sequence[Node] = ()) -> Part | None:
        """Parse a part; None when it is not parsed."""
        if self.problems:
            return None
        text = b"".join([self.data[start:end] for start, end in spans]).decode("utf-8", "replace")
        problem = parse.danger(language, text)
        if not problem:
            tree = parse.parse(language, self.data, cut=parse.Cut(spans, self.line_starts, self._limit))
            if tree is not None:
                return Part(language, self.data, tree, spans, holders)
            problem = f"Not parsed: the parser for {language} made no headway."
        line = bisect_right(self.line_starts, spans[0][0])
        self.problems.append(f"Line {line}: {problem}")
        return None


def parts_of(part: Part, reader: Reader | None = None) -> tuple[list[Part], list[str]]:
    """Parse what in a part is in another language, and what is in that.

    Args:
        part: what is parsed already.
        reader: reads parts of the same text; made here when None.

    Returns:
        The part itself, then those in it, and sentences about what was not parsed.
    """
    sign = entry_of(part.language).parts_sign
    if not query_text(part.language, INJECTIONS) or (sign and not re.match(sign.encode(), part.data)):
        return [part], []
    reader = reader or Reader(part.data)
    found = [part]
    waiting = [(part, 0)]
    while waiting:
        outer, depth = waiting.pop()
        for language, spans, holders in _injected(outer):
            inner = reader.read(language, spans, holders)
            if inner is not None:
                found.append(inner)
                if depth + 1 < MAX_DEPTH:
                    waiting.append((inner, depth + 1))
    return found, reader.problems


def in_order(definitions: Sequence[list[Definition]]) -> list[Definition]:
    """Join the definitions of several parts, outer before inner."""
    if sum(map(bool, definitions)) <= 1:
        return list(chain.from_iterable(definitions))
    return sorted(chain.from_iterable(definitions), key=lambda definition: (definition.start, -definition.end))


def inner_nodes(parts: Iterable[Part]) -> dict[int, list[Node]]:
    """Return by the id of each node that holds a part the nodes of the part that lie in it, largest first."""
    found: dict[int, list[Node]] = {}
    for part in parts:
        if len(part.holders) == 1:
            found[part.holders[0].id] = part.tree.root_node.children
        elif part.holders:
            _share(part.tree.root_node, part.holders, found)
    return found


def visible(parts: Sequence[Part]) -> bytes:
    """Return the text that parts are in, with all that is in none of them blanked out, line ends kept."""
    data = parts[0].data
    if not parts[0].spans:
        return data
    text = bytearray(blanked(data))
    for part in parts:
        for start, end in part.spans:
            text[start:end] = data[start:end]
    return bytes(text)


def _share(root: Node, holders: Sequence[Node], found: dict[int, list[Node]]) -> None:
    """Give each holder the largest nodes that lie in it; a node that reaches over several is entered."""
    starts = [holder.start_byte for holder in holders]
    stack = [root]
    while stack:
        node = stack.pop()
        number = bisect_right(starts, node.start_byte) - 1
        if number >= 0 and node.end_byte <= holders[number].end_byte:
            found.setdefault(holders[number].id, []).append(node)
        else:
            stack.extend(reversed(node.children))


def _injected(part: Part) -> Iterator[tuple[str, Spans, list[Node]]]:
    """Find the parts in a part's tree: language, place, and the nodes that they are the text of."""
    patterns = query_text(part.language, INJECTIONS)
    if not patterns:
        return
    conditional = has_conditions(patterns)
    first: dict[int, tuple[int, Mapping[str, list[Node]]]] = {}
    for number, captures in parse.run_query(part.language, patterns, part.tree):
        if not conditional or holds(captures, part.data):
            start = captures["injection.content"][0].start_byte
            if start not in first or number < first[start][0]:
                first[start] = (number, captures)
    combined: dict[tuple[int, str], list[Node]] = {}
    for _, (number, captures) in sorted(first.items()):
        language, is_combined = _settings(part.language)[number]
        if language is None:
            named = captures.get("injection.language", ())
            language = called_language(
                "".join(part.data[n.start_byte : n.end_byte].decode("utf-8", "replace") for n in named)
            )
        if language is None:
            continue
        nodes = captures["injection.content"]
        if is_combined:
            combined.setdefault((number, language), []).extend(nodes)
        elif spans := _spans(nodes, part):
            yield language, spans, nodes
    for (_, language), nodes in combined.items():
        if spans := _spans(nodes, part):
            yield language, spans, nodes


@cache
def _settings(language: str) -> list[tuple[str | None, bool]]:
    """Return for each pattern of a language's injections the language that it sets, and whether it combines."""
    settings = parse.query_settings(language, query_text(language, INJECTIONS))
    return [(setting.get("injection.language"), "injection.combined" in setting) for setting in settings]


def _spans(nodes: Iterable[Node], outer: Part) -> Spans:
    """Return the bytes of nodes that the outer part was parsed from; nothing when they are blank."""
    spans: Spans = []
    for node in nodes:
        start, end = node.start_byte, node.end_byte
        if not outer.spans:
            spans.append((start, end))
            continue
        number = max(0, bisect_right(outer.spans, (start, end)) - 1)
        while number < len(outer.spans) and outer.spans[number][0] < end:
            low, high = max(start, outer.spans[number][0]), min(end, outer.spans[number][1])
            if low < high:
                spans.append((low, high))
            number += 1
    has_text = any(not outer.data[start:end].isspace() for start, end in spans if start < end)
    return [span for span in spans if span[0] < span[1]] if has_text else []
