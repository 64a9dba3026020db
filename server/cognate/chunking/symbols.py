"""Definitions of a file: names, kinds, containers and the lines that belong to them.

Turns the captures of a definition query into an ordered list. Pure; which patterns name a definition in which language
is said in queries.py, and how lines are grouped into chunks in chunker.py.

Captures of a query:

* a kind of SYMBOL_KINDS, on the node that is the whole definition; ``callable`` is a method inside a type, else a
  function;
* ``scope``, on a node that gives a container but is no symbol, such as a Rust impl block;
* ``import``, on what looks like a definition and is none;
* ``name`` on the name, ``container`` on a container that the definition itself names, such as a Go receiver's type;
* ``_is.TEXT`` on what must read TEXT (a predicate of tree-sitter would crash on a tree parsed through a callback);
* ``attached`` on comments, decorators and the like, which belong to a definition that starts on the next line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognate.types import SYMBOL_KINDS, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cognate.chunking.grammars import Match, Node

MAX_NAME = 120  # A CSS selector list can be as long as a page; more of it names nothing better.

_CONDITION = "_is."
_PLAIN = 2  # Most patterns capture a name and a definition, and make no condition.
_KIND_CAPTURES = SYMBOL_KINDS | {"callable", "import", "scope"}
_TYPE_KINDS = frozenset({"class", "enum", "interface", "scope", "struct", "trait", "type", "union"})
_LOCAL_KINDS = frozenset({"constant", "field", "property", "variable"})  # Inside a function these are its own affair.
_FUNCTION_KINDS = frozenset({"constructor", "function", "method"})
_SEPARATORS = re.compile(r"::|->|[\\#:/]")
_NO_CONTAINERS = re.compile(r"(?:^|\.)(?:module|exports|this|self|prototype|window|global|globalThis)(?=\.|$)")


@dataclass(slots=True)
class Definition:
    """A named place in the syntax tree.

    Attributes:
        kind: one of SYMBOL_KINDS, or ``scope``.
        name: as written.
        container: names of the enclosing definitions, joined by ``.``.
        start: first line, annotations not included.
        end: one past the last line.
        leads: where the lines attached above it begin: nearest comment or decorator first.
        node: the whole definition, where there is a syntax tree.
    """

    kind: str
    name: str
    container: str
    start: int
    end: int
    leads: tuple[int, ...] = ()
    node: Node | None = None

    @property
    def unit_start(self) -> int:
        """First line with the doc comment and decorators."""
        return self.leads[-1] if self.leads else self.start

    @property
    def path(self) -> str:
        """The name with its containers."""
        return f"{self.container}.{self.name}" if self.container else self.name


def find_definitions(matches: Iterable[Match], data: bytes) -> list[Definition]:
    """Read the matches of a definition query, in the order of the file.

    Args:
        matches: pattern number and captures, as tree-sitter gives them.
        data: the text that was parsed, UTF-8.
    """
    found: dict[int, tuple[int, str, dict[str, list[Node]]]] = {}
    attached: dict[int, int] = {}
    for pattern, captures in matches:
        names = captures.get("name")
        if names is None:
            for node in captures.get("attached", ()):
                _attach(node, data, attached)
            continue
        if len(captures) > _PLAIN and not _holds(captures, data):
            continue
        key = names[0].start_byte
        known = found.get(key)
        if known is None or pattern < known[0]:
            kind = next(kind for kind in captures if kind in _KIND_CAPTURES)
            found[key] = (pattern, kind, captures)
    placed: list[tuple[int, int, int, Node, str, dict[str, list[Node]]]] = []
    for key, (_, kind, captures) in found.items():
        if kind == "import":
            continue
        node = captures[kind][0]
        placed.append((node.start_byte, -node.end_byte, key, node, kind, captures))
    placed.sort(key=lambda item: item[:3])
    return _nest(placed, data, attached)


def symbols_of(definitions: Iterable[Definition]) -> list[Symbol]:
    """Leave out what only gives a container, and order by first line."""
    symbols = [
        Symbol(definition.name, definition.kind, definition.container, definition.start, definition.end)
        for definition in definitions
        if definition.kind != "scope"
    ]
    symbols.sort(key=lambda symbol: symbol.start_line)
    return symbols


def symbols_between(symbols: list[Symbol], start: int, end: int) -> tuple[Symbol, ...]:
    """Return the symbols that begin in the lines, given all of them in order."""
    first = bisect_left(symbols, start, key=lambda symbol: symbol.start_line)
    last = bisect_left(symbols, end, first, key=lambda symbol: symbol.start_line)
    return tuple(symbols[first:last])


def containers_at(definitions: list[Definition], lines: Iterable[int]) -> list[str]:
    """For each line, in rising order, return the path of the innermost definition that encloses it and began before."""
    paths: list[str] = []
    ordered = sorted(definitions, key=lambda definition: (definition.start, -definition.end))
    open_: list[Definition] = []
    following = 0
    for line in lines:
        while following < len(ordered) and ordered[following].start < line:
            open_.append(ordered[following])
            following += 1
        open_ = [definition for definition in open_ if definition.end > line]
        paths.append(open_[-1].path if open_ else "")
    return paths


def _holds(captures: dict[str, list[Node]], data: bytes) -> bool:
    return all(
        data[node.start_byte : node.end_byte] == capture[len(_CONDITION) :].encode()
        for capture, nodes in captures.items()
        if capture.startswith(_CONDITION)
        for node in nodes
    )


def _attach(node: Node, data: bytes, attached: dict[int, int]) -> None:
    """Note a comment or decorator that has its lines to itself: line after it → its first line."""
    row, column = node.start_point
    start = node.start_byte
    if column and not data[start - column : start].isspace():
        return
    end_row, end_column = node.end_point
    if end_column == 0 and end_row > row:
        attached[end_row] = row
    elif data[node.end_byte : node.end_byte + 1] in {b"\n", b""}:
        attached[end_row + 1] = row


def _nest(
    placed: list[tuple[int, int, int, Node, str, dict[str, list[Node]]]], data: bytes, attached: dict[int, int]
) -> list[Definition]:
    """Give each definition its container; leave out what is local to a function."""
    starts_below = {start: end for end, start in attached.items()}
    definitions: list[Definition] = []
    enclosing: list[tuple[int, int, Definition]] = []
    for start_byte, negative_end, name_start, node, kind, captures in placed:
        while enclosing and (enclosing[-1][1] <= start_byte or enclosing[-1][:2] == (start_byte, -negative_end)):
            enclosing.pop()
        outer = enclosing[-1][2] if enclosing else None
        if outer is not None and outer.kind in _FUNCTION_KINDS and kind in _LOCAL_KINDS:
            continue
        name_node = captures["name"][0]
        name = _text(data, name_node)
        container = outer.path if outer else ""
        in_type = outer is not None and outer.kind in _TYPE_KINDS
        own = ".".join(_own_container(_text(data, part)) for part in captures.get("container", ()))
        if own:
            container = f"{container}.{own}" if container else own
            in_type = True
        start, end = _rows(node, name_node.start_point[0], starts_below)
        leads = _leads(start, attached)
        definition = Definition(_kind(kind, name, in_type), name, container, start, end, leads, node)
        definitions.append(definition)
        enclosing.append((start_byte, -negative_end, definition))
    return definitions


def _own_container(text: str) -> str:
    """Reduce a written qualifier to names joined by ``.``: ``Foo.prototype`` → Foo, ``module.exports`` → nothing."""
    return _NO_CONTAINERS.sub("", _SEPARATORS.sub(".", text)).strip(".")


def _kind(kind: str, name: str, in_type: bool) -> str:
    if kind == "callable":
        return "method" if in_type else "function"
    if kind == "variable" and name.isupper():
        return "constant"
    return kind


def _rows(node: Node, name_row: int, starts_below: dict[int, int]) -> tuple[int, int]:
    """Return a definition's lines, without annotations that the grammar counts to it."""
    start = node.start_point[0]
    while (below := starts_below.get(start, name_row + 1)) <= name_row:
        start = below
    end_row, end_column = node.end_point
    return start, max(start + 1, end_row if end_column == 0 else end_row + 1)


def _leads(start: int, attached: dict[int, int]) -> tuple[int, ...]:
    leads: list[int] = []
    while (above := attached.get(start)) is not None:
        leads.append(above)
        start = above
    return tuple(leads)


def _text(data: bytes, node: Node) -> str:
    text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if len(text) > MAX_NAME or "\n" in text or "  " in text:
        text = " ".join(text[: 8 * MAX_NAME].split())[:MAX_NAME]
    return text.strip("\"'`")
