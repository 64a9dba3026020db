"""One file's text to chunks: picks the reader by language and puts chunks, symbols, uses and problems together.

Pure and total: every text gives a ChunkedFile, in time about proportional to its length.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cognate.chunking import outline, parse
from cognate.chunking.conditionals import hide_branches
from cognate.chunking.macros import hide_macros
from cognate.chunking.markdown import chunk_markdown
from cognate.chunking.notebooks import read_notebook
from cognate.chunking.parts import Part, in_order, parser_bytes, parts_of, visible
from cognate.chunking.references import joined, references_of
from cognate.chunking.symbols import find_definitions, named_chunks
from cognate.chunking.templates import code_part, find_tags, is_template, tag_definitions, without_tags
from cognate.chunking.text import Source, cut_lines
from cognate.chunking.tree import chunk_tree
from cognate.languages.registry import (
    LANGUAGES,
    MARKDOWN,
    MDX,
    NOTEBOOK,
    REFERENCES,
    TEXT,
    entry_of,
    language_of,
    query_text,
    refine,
    text_language,
)
from cognate.types import Chunk, ChunkedFile, References

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognate.chunking.macros import Names
    from cognate.chunking.parse import Tree
    from cognate.chunking.symbols import Definition

MAX_CHARS = 1500  # About 40 lines, one small function or class; the article's figure, for encoders of 512 tokens.
MAX_PARSED_CHARS = 1_000_000  # A parser needs up to seconds for more, and such files are data or generated.
FIRST_LINES = 400  # Characters in which the interpreter of a script is named.
LONG_LINES = 1000  # Characters a line has on average in minified code or data; no chunk of it would hold two lines.
LONG_LINES_FROM = 100_000  # Characters; a shorter text costs too little to be worth a shortcut.


def chunk_file(path: str, text: str, *, max_chars: int = MAX_CHARS) -> ChunkedFile:
    """Cut a file into chunks of at most max_chars characters and name the definitions in them.

    Never raises, whatever the text: what has no grammar or is too large to parse is cut by lines.

    Args:
        path: name of the file, from which its language follows.
        text: its text, with any line endings.
        max_chars: a chunk is larger only when it is one single line.
    """
    return _chunk_file(path, text, max_chars, None)[0]


@dataclass(frozen=True, slots=True)
class Parsed:
    """What is kept of a text so that its next version is parsed faster.

    Attributes:
        language: name of the grammar.
        data: the text as it was parsed, in UTF-8.
        tree: its syntax tree; never changed, an edit is made on a copy.
    """

    language: str
    data: bytes
    tree: Tree


def chunk_edited(path: str, text: str, before: Parsed | None) -> tuple[ChunkedFile, Parsed | None]:
    """Cut a file as ``chunk_file`` does, parsing only what changed since ``before``.

    Args:
        path: name of the file.
        text: its text now.
        before: what this function returned for the file's last text, or None.

    Returns:
        What ``chunk_file(path, text)`` returns, and what to give for the next text; None where nothing was parsed.
    """
    return _chunk_file(path, text, MAX_CHARS, before)


def _chunk_file(path: str, text: str, max_chars: int, before: Parsed | None) -> tuple[ChunkedFile, Parsed | None]:
    language = language_of(path, text[:FIRST_LINES]) or TEXT
    if language == NOTEBOOK:
        return _chunk_notebook(text, max_chars), None
    return _chunk(refine(language, path, text), text, max_chars, before, path)


def _preprocessed(language: str, data: bytes) -> tuple[bytes, Names]:
    """Return a text as its grammar can read it, of the same length, and what macros define in it."""
    entry = entry_of(language)
    names: Names = {}
    if entry.has_macros:
        data, names = hide_macros(data)
    if entry.has_conditionals:
        data = hide_branches(data)
    return data, names


def _chunk(
    language: str, text: str, max_chars: int, before: Parsed | None = None, path: str = ""
) -> tuple[ChunkedFile, Parsed | None]:
    """Cut a text of a known language, and return what its next version is to be parsed from, if it was parsed."""
    source = Source.of(text)
    has_tags = is_template(language, source.text)
    read_as = text_language(language, path) if has_tags else language
    entry = LANGUAGES.get(read_as)
    if entry is None or entry.without_grammar:
        return ChunkedFile(language, _chunk_lines(source, max_chars)), None
    if MARKDOWN in {read_as, entry.dialect_of}:
        chunks, problems = chunk_markdown(source, max_chars, has_scripts=read_as == MDX)
        return ChunkedFile(language, chunks, tuple(problems)), None
    data = parser_bytes(source.text)
    problem = _why_not_parsed(read_as, source)
    if problem:
        return _chunk_unparsed((language, read_as), source, data, max_chars, problem), None
    tags = find_tags(language, data) if has_tags else []
    whole = without_tags(data, tags) if tags else data
    shown, names = _preprocessed(read_as, outline.for_parser(read_as, whole))
    old = None
    if before and before.language == read_as and not before.tree.root_node.has_error:
        old = parse.edited(before.tree, before.data, shown)  # From a tree with errors others are found than without.
    tree = parse.parse(read_as, shown, old)
    if tree is None:
        problem = f"Not parsed: the parser for {read_as} made no headway."
        return _chunk_unparsed((language, read_as), source, data, max_chars, problem), None
    parts, problems = parts_of(Part(read_as, whole, tree, names=names))
    named: list[Definition] = []
    if tags:
        named = tag_definitions(language, data, tags)
        code, not_parsed = code_part(language, data, tags)
        parts[1:1] = code
        problems += not_parsed
    chunked = _chunk_parts(language, source, data, parts, max_chars, named=named)
    return replace(chunked, problems=tuple(problems)), Parsed(read_as, shown, tree)


def _chunk_parts(
    language: str,
    source: Source,
    data: bytes,
    parts: Sequence[Part],
    max_chars: int,
    *,
    named: Iterable[Definition] = (),
) -> ChunkedFile:
    """Cut a text along the trees of its parts.

    Args:
        language: of the file.
        source: the text.
        data: the text in UTF-8, as it was written.
        parts: first the one that is cut, then those that lie in it or beside it.
        max_chars: a chunk is larger only when it is one single line.
        named: definitions that no tree has.
    """
    found = [part.definitions(data) for part in parts]
    definitions = in_order([*found, list(named)])
    pieces = chunk_tree(parts[0].tree.root_node, source, definitions, max_chars, parts[1:])
    chunks = named_chunks(source, pieces, definitions)
    references = _references(list(zip(parts, found, strict=True)), source)
    return ChunkedFile(language, chunks, references=references)


def _chunk_unparsed(
    languages: tuple[str, str], source: Source, data: bytes, max_chars: int, problem: str
) -> ChunkedFile:
    """Cut a text that has no syntax tree: along the definitions that its lines show, else by lines alone.

    Args:
        languages: of the file, and that of its text, which differ in a template.
        source: the text.
        data: the text in UTF-8.
        max_chars: a chunk is larger only when it is one single line.
        problem: why there is no tree.
    """
    language, read_as = languages
    found = outline.matches(read_as, data)
    if not found:
        return ChunkedFile(language, _chunk_lines(source, max_chars), (problem,))
    definitions = find_definitions(found, data)
    pieces = chunk_tree(outline.root(found, data), source, definitions, max_chars)
    return ChunkedFile(language, named_chunks(source, pieces, definitions), (problem,))


def _references(parts: Sequence[tuple[Part, list[Definition]]], source: Source) -> References:
    """Return what parts use, each given with its definitions; those in one language are read together."""
    groups: dict[tuple[str, int], list[tuple[Part, list[Definition]]]] = {}
    for part, definitions in parts:
        if query_text(part.language, REFERENCES):
            groups.setdefault((part.language, id(part.data)), []).append((part, definitions))
    return joined(
        references_of(
            language,
            [part.tree for part, _ in group],
            definitions=in_order([definitions for _, definitions in group]),
            data=visible([part for part, _ in group]),
            line_ends=source.offsets,
        )
        for (language, _), group in groups.items()
    )


def _chunk_lines(source: Source, max_chars: int) -> tuple[Chunk, ...]:
    pieces = cut_lines(source, 0, len(source.lines), max_chars)
    return tuple(Chunk(start, end, source.slice(start, end)) for start, end in pieces)


def _why_not_parsed(language: str, source: Source) -> str:
    """Say in a sentence why a text is not given to its parser; empty when it is."""
    length = len(source.text)
    if length > MAX_PARSED_CHARS:
        return f"Not parsed: the file has more than {MAX_PARSED_CHARS:,} characters."
    if length > LONG_LINES_FROM and length > LONG_LINES * len(source.lines):
        return f"Not parsed: its lines have more than {LONG_LINES:,} characters on average."
    return parse.danger(language, source.text)


def _chunk_notebook(text: str, max_chars: int) -> ChunkedFile:
    cells = read_notebook(text)
    if cells is None:
        problem = "Not a notebook: its JSON cannot be read, or has no cells."
        return ChunkedFile(TEXT, _chunk_lines(Source.of(text), max_chars), (problem,))
    chunks: list[Chunk] = []
    problems: list[str] = []
    references: list[References] = []
    for cell in cells:
        chunked, _ = _chunk(cell.language, cell.text, max_chars)
        references.append(chunked.references)
        problems += (f"Cell {cell.index}: {problem}" for problem in chunked.problems)
        chunks += (
            Chunk(
                chunk.start_line, chunk.end_line, chunk.text, chunk.symbols, chunk.container, cell.index, cell.language
            )
            for chunk in chunked.chunks
        )
    return ChunkedFile(NOTEBOOK, tuple(chunks), tuple(problems), joined(references))
