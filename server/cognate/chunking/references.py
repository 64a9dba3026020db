"""What a file uses: names in its code by the definition that uses them, and what it imports.

Pure; takes what the language's ``references.scm`` finds. A name counts where the syntax tree has neither comment nor
literal text, and unless it is a keyword. Whose name it is, ``graph`` decides.

Captures, besides those of ``symbols``:

* ``opaque`` on text that is no code: a comment, the inside of a string; ``code`` on what is code inside it;
* ``imported`` on an import, or on the path in it; ``_is.A-or-B`` beside it as in ``symbols``.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from cognate.chunking import parse
from cognate.chunking.symbols import has_conditions, holds
from cognate.languages.imports import READERS
from cognate.languages.registry import LANGUAGES, REFERENCES, query_text
from cognate.types import References

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cognate.chunking.parse import Node, Tree
    from cognate.chunking.symbols import Definition

SHORTEST_NAME = 4  # As measured: shorter names are locals and say nothing of who defines them ...
SHORTEST_TYPE_NAME = 2  # ... but those that begin with a capital, such as Go's ``DB``; ``T`` is a type parameter.

_WORD = re.compile(rb"[\w\x80-\xff]")
_QUIET_KINDS = frozenset({"constant", "field", "property", "variable"})
_FIRST_CAPITAL, _LAST_CAPITAL = b"AZ"


def references_of(
    language: str, trees: Iterable[Tree], *, definitions: Iterable[Definition], data: bytes, line_ends: Sequence[int]
) -> References:
    """Return what a text uses; nothing in a language without ``references.scm``.

    Args:
        language: name of the grammar.
        trees: the syntax tree, or those of the parts that are in the language.
        definitions: those in the text, outer before inner.
        data: the text that was parsed, UTF-8.
        line_ends: 0 and one past each line's end in characters; they are bytes, too, in a text that is ASCII.
    """
    patterns = query_text(language, REFERENCES)
    if not patterns:
        return References()
    entry = LANGUAGES[language]
    captures = _captures(language, patterns, trees, data)
    code = _code(captures, data)
    imports: dict[str, None] = {}
    for node in sorted(captures.get("imported", ()), key=lambda node: node.start_byte):
        start, end = node.start_byte, node.end_byte
        text = data[start:end].decode("utf-8", "replace")
        code[start:end] = bytes(end - start)  # The folders of a module are no names of definitions.
        imports.update((path, None) for path in READERS[entry.import_style](text) if path.isprintable())
    no_names = _no_names(language)
    words = bytes(code).translate(_only_words(entry.name_characters))
    ends = line_ends if len(data) == line_ends[-1] - 1 else _line_ends(data)
    by_owner: dict[str, list[bytes]] = {}
    for start, end, owner in _segments(definitions, len(ends) - 1):
        found = words[ends[start] : ends[end]].split()
        if found:
            by_owner.setdefault(owner, []).extend(found)
    uses: list[tuple[str, str]] = []
    for owner, found in by_owner.items():
        own = owner.rpartition(".")[2].encode()
        names = b" ".join(
            [
                word
                for word in dict.fromkeys(found)
                if (len(word) >= SHORTEST_NAME or _is_type_name(word))
                and word not in no_names
                and word != own
                and word.strip(b"_")
            ]
        )
        if names:
            uses.append((owner, names.decode("utf-8", "replace")))
    return References(entry.family, tuple(imports), tuple(uses))


def _captures(language: str, patterns: str, trees: Iterable[Tree], data: bytes) -> Mapping[str, Sequence[Node]]:
    """Return what a query captures where its conditions are met; where it has none, by capture, a third faster."""
    found: dict[str, list[Node]] = {}
    conditional = has_conditions(patterns)
    for tree in trees:
        if not conditional:
            every = [parse.run_captures(language, patterns, tree)]
        else:
            every = [match for _, match in parse.run_query(language, patterns, tree) if holds(match, data)]
        for captures in every:
            for name, nodes in captures.items():
                found.setdefault(name, []).extend(nodes)
    return found


@cache
def _only_words(further: str) -> bytes:
    """Return a table that leaves letters, digits, ``_`` and what else is given, and puts a space for all others."""
    letters = further.encode()
    return bytes(code if _WORD.match(bytes([code])) or code in letters else 0x20 for code in range(256))


@cache
def _no_names(language: str) -> frozenset[bytes]:
    """Return the words of a language that name no definition of the file, though they look like names."""
    return parse.keywords(language) | {name.encode() for name in LANGUAGES[language].built_in}


def _line_ends(data: bytes) -> list[int]:
    return [0, *accumulate([len(line) + 1 for line in data.split(b"\n")])]


def _is_type_name(word: bytes) -> bool:
    return len(word) >= SHORTEST_TYPE_NAME and _FIRST_CAPITAL <= word[0] <= _LAST_CAPITAL


def joined(parts: Iterable[References]) -> References:
    """Return the references of a text that is made of several, such as the cells of a notebook, as one."""
    imports: dict[str, None] = {}
    by_owner: dict[str, dict[str, None]] = {}
    family = ""
    for part in parts:
        family = family or part.family
        if part.family != family:
            continue
        imports.update(dict.fromkeys(part.imports))
        for owner, names in part.uses:
            by_owner.setdefault(owner, {}).update(dict.fromkeys(names.split()))
    return References(family, tuple(imports), tuple((owner, " ".join(names)) for owner, names in by_owner.items()))


def _code(captures: Mapping[str, Sequence[Node]], data: bytes) -> bytearray:
    """Return a text with what is no code blanked out.

    Where some of that is code again, nodes are painted from the outermost to the innermost.
    """
    text = bytearray(data)
    opaque = [(node.start_byte, node.end_byte) for node in captures.get("opaque", ())]
    if "code" not in captures:
        for start, end in opaque:
            text[start:end] = bytes(end - start)
        return text
    spans = [(start, -end, True) for start, end in opaque]
    spans += [(node.start_byte, -node.end_byte, False) for node in captures["code"]]
    for start, end, is_opaque in sorted(spans):
        text[start:-end] = bytes(-end - start) if is_opaque else data[start:-end]
    return text


def _segments(definitions: Iterable[Definition], n_lines: int) -> list[tuple[int, int, str]]:
    """Divide all lines among the innermost definitions around them, each with its decorators.

    A field or constant on one line has hardly any uses of its own: they, and its name, count for what is around it.
    """
    segments: list[tuple[int, int, str]] = []
    open_: list[tuple[int, str]] = [(n_lines, "")]
    reached = 0

    def advance(line: int) -> None:
        nonlocal reached
        while open_[-1][0] <= line and len(open_) > 1:
            end, owner = open_.pop()
            if end > reached:
                segments.append((reached, end, owner))
                reached = end
        if line > reached:
            segments.append((reached, line, open_[-1][1]))
            reached = line

    for definition in definitions:
        if definition.kind in _QUIET_KINDS and definition.end - definition.start == 1:
            continue
        advance(min(definition.unit_start, n_lines))
        open_.append((min(definition.end, n_lines), definition.path))
    advance(n_lines)
    return segments
