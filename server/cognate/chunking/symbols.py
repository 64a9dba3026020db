"""Definitions of a file: names, kinds, containers and the lines that belong to them.

Turns the captures of a language's ``definitions.scm`` into an ordered list. Pure; how lines are grouped into chunks
is said in ``tree``.

Captures of a query, each on the node that is the whole definition unless said otherwise:

* a kind of SYMBOL_KINDS;
* ``callable``: a method inside a type, else a function; ``member``: likewise, or a constructor when it is named like
  its type; ``prototype``: likewise, but no definition inside a function; ``equation``: a function that may stand in
  several parts, one below the other;
* ``untyped``: a constructor when it is named like its type, and else no definition: C++ has nothing but macros there;
* ``scope``: gives a container but is no symbol, such as a Rust impl block;
* ``import``: looks like a definition and is none;
* ``local``: unnamed, its variables are its own affair, such as a function's body;
* ``name`` on the name; ``container`` on a container that the definition itself names, such as a Go receiver's type;
* ``_is.A-or-B`` on what must read A or B, ``_not.A-or-B`` on what must read neither, ``_begins.A-or-B`` on what must
  begin with one of them, a leading ``@`` left out (a predicate of tree-sitter would crash on a tree that was parsed
  through a callback);
* ``attached`` on comments, decorators and the like, which belong to a definition that starts on the next line.

Where two patterns name the same node, the one that stands first in the file wins. A kind on two nodes that stand side
by side makes them one definition, for grammars in which a body is no part of its function.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from cognate.types import KEY, SYMBOL_KINDS, Chunk, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognate.chunking.macros import Names
    from cognate.chunking.parse import Match, Node
    from cognate.chunking.text import Piece, Source

CONDITIONS = ("_is.", "_not.", "_begins.")
"""What the name of a capture begins with that is a condition."""

MAX_NAME = 120  # A CSS selector list can be as long as a page; more of it names nothing better.

MAX_KEYS = 300
"""Keys of data in a file. With more it is a table, such as all texts of a program in one language, and the keys are
rows that would take as much memory as the text."""

_PLAIN = 2  # Most patterns capture a name and a definition, and make no condition.
_CALLABLES = frozenset({"callable", "equation", "member", "prototype", "untyped"})
_CAPTURED_KINDS = SYMBOL_KINDS | _CALLABLES | {"import", "scope"}
_TYPE_KINDS = frozenset({"class", "enum", "interface", "scope", "struct", "trait", "type", "union"})
_LOCAL_KINDS = frozenset({"constant", "field", "property", "prototype", "untyped", "variable"})
_FUNCTION_KINDS = frozenset({"constructor", "function", "method"})
_COLON = re.compile(r"^:(?=\w)|(?<=\w): ?$")  # A symbol of Ruby or Elixir, or a key before its colon.
_SEPARATORS = re.compile(r"::|->|[\\#:/]")
_TEMPLATE_ARGUMENTS = re.compile(r"<[^<>]*>")
_QUOTES = "\"'`"
_OPERATOR = re.compile(r"(?<=[^r\s(])\s*\(.*")  # What is behind the type in ``operator bool() const``.
_NO_NAMES = frozenset({"", "_"})
_NO_CONTAINERS = re.compile(r"(?:^|\.)(?:module|exports|this|self|prototype|window|global|globalThis)(?=\.|$)")


@dataclass(slots=True)
class Definition:
    """A named range of a file.

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


@dataclass(slots=True)
class _Found:
    """What one match of a query says, not yet put into order; without a name it is ``local``."""

    start: int
    end: int
    kind: str
    node: Node
    captures: dict[str, list[Node]]


def find_definitions(matches: Iterable[Match], data: bytes, names: Names | None = None) -> list[Definition]:
    """Read the matches of a definition query, in the order of the file.

    Args:
        matches: pattern number and captures, as tree-sitter gives them.
        data: the text, UTF-8.
        names: what macros define; the tree has other names there.
    """
    named: dict[int, tuple[int, dict[str, list[Node]]]] = {}
    found: list[_Found] = []
    attached: dict[int, int] = {}
    for pattern, captures in matches:
        named_nodes = captures.get("name")
        if named_nodes is None:
            if (nodes := captures.get("attached")) is not None:
                for node in nodes:
                    _attach(node, data, attached)
            elif (bodies := captures.get("local")) is not None:
                found += [_Found(node.start_byte, node.end_byte, "local", node, captures) for node in bodies]
            continue
        if len(captures) > _PLAIN and not holds(captures, data):
            continue
        key = named_nodes[0].start_byte
        if key not in named or pattern < named[key][0]:
            named[key] = (pattern, captures)
    for _, captures in named.values():
        kind = next(capture for capture in captures if capture in _CAPTURED_KINDS)
        if kind != "import":
            first, last = captures[kind][0], captures[kind][-1]
            found.append(_Found(first.start_byte, last.end_byte, kind, first, captures))
    if sum(item.kind == KEY for item in found) > MAX_KEYS:
        found = [item for item in found if item.kind != KEY]
    found.sort(key=_place)
    return _nest(found, data, attached, names or {})


def named_chunks(source: Source, pieces: Sequence[Piece], definitions: Sequence[Definition]) -> tuple[Chunk, ...]:
    """Return the chunks of a text's pieces, each with the symbols that begin in it and what encloses it."""
    symbols = _symbols_of(definitions)
    containers = _containers_at(definitions, (start for start, _ in pieces))
    return tuple(
        Chunk(start, end, source.slice(start, end), _symbols_between(symbols, start, end), container)
        for (start, end), container in zip(pieces, containers, strict=True)
    )


def _symbols_of(definitions: Iterable[Definition]) -> list[Symbol]:
    """Leave out what only gives a container, and order by first line."""
    symbols = [
        Symbol(
            definition.name,
            definition.kind,
            definition.container,
            definition.start,
            definition.end,
            definition.start - definition.unit_start,
        )
        for definition in definitions
        if definition.kind != "scope"
    ]
    symbols.sort(key=lambda symbol: symbol.start_line)
    return symbols


def _symbols_between(symbols: list[Symbol], start: int, end: int) -> tuple[Symbol, ...]:
    """Return the symbols that begin in the lines, given all of them in order."""
    first = bisect_left(symbols, start, key=lambda symbol: symbol.start_line)
    last = bisect_left(symbols, end, first, key=lambda symbol: symbol.start_line)
    return tuple(symbols[first:last])


def _containers_at(definitions: Iterable[Definition], lines: Iterable[int]) -> list[str]:
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


def _place(found: _Found) -> tuple[int, int, int]:
    """Order by position: outer before inner, and of several in one statement the one named first."""
    names = found.captures.get("name")
    return found.start, -found.end, names[0].start_byte if names else -1


def has_conditions(patterns: str) -> bool:
    """Whether a query makes conditions, so that its matches are to be asked ``holds``."""
    return any(condition in patterns for condition in CONDITIONS)


def holds(captures: dict[str, list[Node]], data: bytes) -> bool:
    """Whether every condition of a match is met."""
    return all(
        _is_met(capture, data[node.start_byte : node.end_byte].removeprefix(b"@"))
        for capture, nodes in captures.items()
        if capture.startswith(CONDITIONS)
        for node in nodes
    )


def _is_met(capture: str, text: bytes) -> bool:
    condition, words = _condition(capture)
    return text.startswith(words) if condition == "_begins" else (text in words) is (condition == "_is")


@cache
def _condition(capture: str) -> tuple[str, tuple[bytes, ...]]:
    condition, _, words = capture.partition(".")
    return condition, tuple(words.encode().split(b"-or-"))


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


def _nest(found: Sequence[_Found], data: bytes, attached: dict[int, int], names: Names) -> list[Definition]:
    """Give each definition its container; leave out what is local to a function."""
    ends = {start: end for end, start in attached.items()}
    definitions: list[Definition] = []
    enclosing: list[tuple[_Found, Definition | None, bool]] = []  # With the definition, and whether it is a function.
    for item in found:
        while enclosing and (
            enclosing[-1][0].end <= item.start
            or (enclosing[-1][0].end == item.end and enclosing[-1][0].start == item.start)
        ):
            enclosing.pop()
        outer, in_function = enclosing[-1][1:] if enclosing else (None, False)
        if item.kind == "local":
            enclosing.append((item, outer, True))
            continue
        told = names.get(item.captures["name"][0].start_byte) if names else None
        if in_function and (told or item.kind in _LOCAL_KINDS):
            continue
        definition = _define(item, outer, ends, attached, told or _called(item, data))
        if definition is None:
            continue
        last = definitions[-1] if definitions else None
        if item.kind == "equation" and last and (last.name, last.container) == (definition.name, definition.container):
            last.end = definition.end
            continue
        definitions.append(definition)
        enclosing.append((item, definition, definition.kind in _FUNCTION_KINDS))
    return definitions


def _define(
    found: _Found,
    outer: Definition | None,
    ends: dict[int, int],
    attached: dict[int, int],
    called: tuple[str, str],
) -> Definition | None:
    """Read container and lines; None when it has no name.

    Args:
        found: the match.
        outer: the definition around it.
        ends: first line of a comment or decorator → line after it.
        attached: the reverse.
        called: what contains it by its own words, and its name.
    """
    name_node = found.captures["name"][0]
    own, name = called
    if name in _NO_NAMES:
        return None
    container = outer.path if outer else ""
    if own:
        container = f"{container}.{own}" if container else own
    if found.kind == "untyped" and name != container.rpartition(".")[2]:
        return None
    kind = _kind(found.kind, name, container, outer, bool(own) or (outer is not None and outer.kind in _TYPE_KINDS))
    name_row = name_node.start_point[0]
    start = found.node.start_point[0]
    while (below := ends.get(start, name_row + 1)) <= name_row:
        start = below  # The grammar counts an annotation to the definition.
    last = found.captures[found.kind][-1]
    end_row, end_column = last.end_point
    end = max(start + 1, end_row if end_column == 0 else end_row + 1)
    leads: list[int] = []
    above = attached.get(start)
    while above is not None:
        leads.append(above)
        above = attached.get(above)
    return Definition(kind, name, container, start, end, tuple(leads), last)


def _called(found: _Found, data: bytes) -> tuple[str, str]:
    """Return the container that a definition names itself, and its name."""
    name_node = found.captures["name"][0]
    name = _text(data, name_node)
    own = ".".join(_own_container(_text(data, part)) for part in found.captures.get("container", ()))
    if name_node.type == "command_argument":
        name = name.partition("(")[0]  # To Vim's parser "def Sum(a: number)" is a command with two arguments.
    if name_node.type == "variable":
        name = name.removeprefix("$")  # PowerShell; in JavaScript the sign is part of an identifier.
    if found.kind != "rule":
        name = _COLON.sub("", name)
    if "::" in name and found.kind != "rule" and not _is_title(data, name_node):
        qualifier, name = _unqualified(name)
        own = _own_container(qualifier)
    elif found.kind == "variable":
        name = name.rstrip("?+:")  # make: "CC?=" without blanks.
    if name.startswith("operator"):
        name = _OPERATOR.sub("", name)
    return own, name


def _is_title(data: bytes, name: Node) -> bool:
    """Whether a name is written as a string, so that nothing in it has a meaning."""
    return (
        data[name.start_byte : name.start_byte + 1] in _QUOTES.encode()
        or "string" in name.type
        or "quoted" in name.type
    )


def _kind(kind: str, name: str, container: str, outer: Definition | None, in_type: bool) -> str:
    if kind in _CALLABLES:
        if kind in {"member", "prototype", "untyped"} and in_type and name == container.rsplit(".", 1)[-1]:
            return "constructor"
        return "method" if in_type else "function"
    in_class = kind == "field" and outer is not None and outer.kind in {"class", "enum", "interface"}
    if (kind == "variable" or in_class) and len(name) > 1 and name.isupper():
        return "constant"
    return kind


def _unqualified(name: str) -> tuple[str, str]:
    """Split ``ns::Queue<T>::push`` into its qualifier, without template arguments, and the name."""
    head, operator, tail = name.partition("operator")
    while head != (plain := _TEMPLATE_ARGUMENTS.sub("", head)):
        head = plain
    qualifier, _, last = head.rpartition("::")
    return qualifier, (last + operator + tail).strip()


def _own_container(text: str) -> str:
    """Reduce a written qualifier to names joined by ``.``: ``Foo.prototype`` → Foo, ``module.exports`` → nothing."""
    return _NO_CONTAINERS.sub("", _SEPARATORS.sub(".", text)).strip(".")


def _text(data: bytes, node: Node) -> str:
    text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
    if len(text) > MAX_NAME or "\n" in text or "  " in text:
        text = " ".join(text[: 8 * MAX_NAME].split())[:MAX_NAME]
    quoted = text[:1] in _QUOTES  # Only a pair of quotes is no part of a name: foldl' is one.
    return (text.strip(_QUOTES) if quoted else text) or text
