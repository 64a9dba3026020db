"""A syntax tree's lines, cut into chunks.

The algorithm of Kevin Lu, "Chunking 2M+ files a day for Code Search using Syntax Trees" (2023): siblings are bundled
greedily, a node that is too large is entered, a single-line rest joins its neighbour. Two things are added: chunks are
whole lines, and lines can be glued, so that a definition that fits is never cut and a header keeps the first lines of
its body.

Pure; walks with explicit stacks, so depth costs memory but never the call stack. Knows no language and no query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cognate.chunking.parts import inner_nodes
from cognate.chunking.text import Piece, Source, cut_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cognate.chunking.parse import Node
    from cognate.chunking.parts import Part
    from cognate.chunking.symbols import Definition

_Spanned: TypeAlias = "tuple[int, int, Node]"
"""A node with its first line and one past its last."""

_Group: TypeAlias = "tuple[int, int, list[_Spanned], bool]"
"""A run of lines, the nodes that may still divide it, and whether it opens the node that was entered last."""

_HEADER_DEPTH = 12  # A body lies a few levels below its definition (export, declaration, value, function, block).


def chunk_tree(
    root: Node, source: Source, definitions: Sequence[Definition], max_chars: int, parts: Sequence[Part] = ()
) -> list[Piece]:
    """Cut a file into pieces of whole lines, in order, blank lines at their edges left out.

    Args:
        root: the syntax tree of source.text.
        source: the text.
        definitions: the definitions to keep whole, outer before inner.
        max_chars: characters a piece may have, unless it is one line.
        parts: those with trees of their own, by which the nodes that hold them are divided.
    """
    if source.size(0, len(source.lines)) <= max_chars:
        piece = source.trim(0, len(source.lines))
        return [piece] if piece[0] < piece[1] else []
    glued, large = glue(definitions, source, max_chars)
    pieces = _bundle(root, source, glued, large, max_chars, inner=inner_nodes(parts))
    return _join_rests(pieces, source, max_chars)


def _bundle(
    root: Node, source: Source, glued: bytearray, large: set[int], max_chars: int, *, inner: Mapping[int, list[Node]]
) -> list[Piece]:
    """Bundle siblings greedily and enter what is too large.

    Args:
        root: the tree.
        source: its text.
        glued: by line, whether no cut may be made before it.
        large: first lines of definitions that are too large: what follows one begins a new piece.
        max_chars: characters a piece may have.
        inner: nodes to take for the children of others, by the id of these.
    """
    pieces: list[Piece] = []
    size = source.size
    count = len(source.lines)
    stack: list[_Group | None] = [(0, count, [(0, count, root)], False)]
    start = end = members = 0  # The bundle: lines and number of groups; empty when there are no members.
    opening = False  # Whether the bundle's first group opens an entered node.
    while stack:
        group = stack.pop()
        if group is None:
            if members:
                pieces.append((start, end))
                members = 0
            continue
        first, last, nodes, opens = group
        if not size(first, last):
            continue
        if members and size(start, last) <= max_chars:
            end = last
            members += 1
            continue
        fits = size(first, last) <= max_chars
        keeps_header = members and not fits and ((members == 1 and opening) or source.is_one_line(start, end))
        if members and not keeps_header:
            pieces.append((start, end))
            members = 0
        if fits:
            start, end, members, opening = first, last, 1, opens
            continue
        parts = _divide(first, last, nodes, glued, inner)
        if parts:
            if nodes[0][0] in large:
                stack.append(None)
            stack.extend(reversed(parts))
        else:
            windows = cut_lines(source, start if members else first, last, max_chars, glued)
            pieces.extend(windows[:-1])
            start, end = windows[-1]
            members, opening = 2, False
    if members:
        pieces.append((start, end))
    return pieces


def _divide(
    first: int, last: int, nodes: list[_Spanned], glued: bytearray, inner: Mapping[int, list[Node]]
) -> list[_Group]:
    """Divide a run of lines between the children of its nodes, as few levels down as possible; empty when it cannot."""
    while True:
        below: list[_Spanned] = []
        entered = False
        for spanned in nodes:
            start, end, node = spanned
            children = node.children if end - start > 1 else None
            if inner and end - start > 1:
                children = inner.get(node.id, children)
            if not children:
                below.append(spanned)
                continue
            entered = True
            for child in children:
                row = child.start_point[0]
                end_row, end_column = child.end_point
                below.append((row, end_row if end_column == 0 and end_row > row else end_row + 1, child))
        if not entered:
            return []
        groups = _group(first, last, below, glued)
        if len(groups) > 1:
            return groups
        nodes = groups[0][2]


def _group(first: int, last: int, nodes: list[_Spanned], glued: bytearray) -> list[_Group]:
    """Group nodes that share lines or are glued; the groups cover all lines from first to last."""
    groups: list[_Group] = []
    group: list[_Spanned] = []
    start = reach = first
    opens = first > 0
    for spanned in nodes:
        row, end, _ = spanned
        if group:
            if row >= reach:
                if not glued[row]:
                    groups.append((start, row, group, opens))
                    opens = False
                    start, group = row, []
            elif end - row == 1:
                continue  # On a line that another node has already; it can divide nothing.
            elif group[-1][0] == row and group[-1][1] == row + 1:
                group.pop()
        group.append(spanned)
        reach = max(reach, end)
    groups.append((start, last, group, opens))
    return groups


def glue(definitions: Sequence[Definition], source: Source, max_chars: int) -> tuple[bytearray, set[int]]:
    """Say before which lines no cut may be made, and where definitions begin that are too large to stay whole."""
    glued = bytearray(len(source.lines) + 1)
    whole: list[Definition] = []
    large: list[Definition] = []
    covered = 0
    for definition in definitions:
        if definition.end <= covered:
            continue
        if source.size(definition.start, definition.end) > max_chars:
            large.append(definition)
            continue
        if definition.end - definition.start > 1:
            _tie(glued, definition.start, definition.end, source, max_chars)
        whole.append(definition)
        covered = definition.end
    for definition in whole:
        _tie_leads(glued, definition, source, max_chars)
    for definition in large:
        _tie_leads(glued, definition, source, max_chars)
        for end in _header_ends(definition):
            if _tie(glued, definition.start, end, source, max_chars):
                break
    return glued, {definition.unit_start for definition in large}


def _tie_leads(glued: bytearray, definition: Definition, source: Source, max_chars: int) -> None:
    """Keep decorators and doc comment with the definition's first line, from the nearest up, as far as they fit."""
    for lead in definition.leads:
        if not _tie(glued, lead, definition.start + 1, source, max_chars):
            return


def _tie(glued: bytearray, start: int, end: int, source: Source, max_chars: int) -> bool:
    """Glue lines together, with what they are glued to already, if all of it fits."""
    first, last = start, end
    while glued[first]:
        first -= 1
    while glued[last]:
        last += 1
    if source.size(first, last) > max_chars:
        return False
    glued[start + 1 : end] = b"\1" * (end - start - 1)
    return True


def _header_ends(definition: Definition) -> list[int]:
    """Where a header may end, best first: after the first statement, inside it, after the docstring, before both."""
    body, statements = _body(definition)
    end_of_docs = 0
    first: Node | None = None
    for number, statement in enumerate(statements):
        if not (_is_comment(statement) or (number == 0 and _is_docstring(statement))):
            first = statement
            break
        end_of_docs = _end(statement)
    signature = body.start_point[0] + 1 if body else definition.start + 1
    ends = [signature]
    if statements:
        ends.append(statements[0].start_point[0] + 1)
    ends.append(end_of_docs)
    if first:
        ends += [first.start_point[0] + 1, _end(first)]
    return sorted({end for end in ends if definition.start < end <= definition.end}, reverse=True)


def _body(definition: Definition) -> tuple[Node | None, list[Node]]:
    """Find the node that holds a definition's statements or members, and those."""
    node = definition.node
    for _ in range(_HEADER_DEPTH):
        if node is None:
            break
        body = node.child_by_field_name("body")
        if body is not None and _end(body) - body.start_point[0] > 1:
            return body, body.named_children
        tall = [child for child in node.named_children if _end(child) - child.start_point[0] > 1]
        below = [child for child in node.named_children if child.start_point[0] > node.start_point[0]]
        if len(below) > 1 or not tall:
            return node, below
        node = tall[-1]
    return None, []


def _end(node: Node) -> int:
    row, column = node.end_point
    return row if column == 0 and row > node.start_point[0] else row + 1


def _is_comment(node: Node) -> bool:
    return "comment" in node.type


def _is_docstring(node: Node) -> bool:
    if node.type == "expression_statement" and node.child_count == 1:
        node = node.children[0]
    return node.type == "string"


def _join_rests(pieces: list[Piece], source: Source, max_chars: int) -> list[Piece]:
    """Join single-line pieces to a neighbour where both fit: a closing line to what it closes, others to the next."""
    trimmed = [source.trim(*piece) for piece in pieces]
    joined: list[Piece] = []
    for piece in trimmed:
        if joined:
            last = joined[-1]
            single = last[1] - last[0] == 1 or (piece[1] - piece[0] == 1 and _closes(source.lines[piece[0]]))
            if single and source.size(last[0], piece[1]) <= max_chars:
                joined[-1] = (last[0], piece[1])
                continue
        joined.append(piece)
    done: list[Piece] = []
    for piece in joined:
        if done and piece[1] - piece[0] == 1 and source.size(done[-1][0], piece[1]) <= max_chars:
            done[-1] = (done[-1][0], piece[1])
        else:
            done.append(piece)
    return done


def _closes(line: str) -> bool:
    """Whether a line holds nothing but the end of something."""
    word = line.strip().rstrip(";,)")
    return word in {"end", "fi", "done", "esac"} or not any(letter.isalnum() for letter in word)
