"""One file's text to chunks: picks the reader by language and puts chunks, symbols, uses and problems together.

Pure and total: every text gives a ChunkedFile, in time about proportional to its length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognate.chunking import outline, parse
from cognate.chunking.conditionals import hide_branches
from cognate.chunking.macros import hide_macros
from cognate.chunking.markdown import chunk_markdown
from cognate.chunking.notebooks import read_notebook
from cognate.chunking.references import joined, references_of
from cognate.chunking.symbols import find_definitions, named_chunks
from cognate.chunking.text import Source, cut_lines
from cognate.chunking.tree import chunk_tree
from cognate.languages.registry import DEFINITIONS, LANGUAGES, MARKDOWN, NOTEBOOK, TEXT, language_of, query_text, refine
from cognate.types import Chunk, ChunkedFile, References

if TYPE_CHECKING:
    from cognate.chunking.macros import Names
    from cognate.chunking.parse import Tree

MAX_CHARS = 1500  # About 40 lines, one small function or class; the article's figure, for encoders of 512 tokens.
MAX_PARSED_CHARS = 1_000_000  # A parser needs up to seconds for more, and such files are data or generated.
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
    language = language_of(path, text[:200].split("\n", 1)[0]) or TEXT
    if language == NOTEBOOK:
        return _chunk_notebook(text, max_chars), None
    return _chunk(refine(language, path, text), text, max_chars, before)


def _parser_bytes(source: Source) -> bytes:
    """Return a text as parsers take it: a NUL would be read as the end."""
    return source.text.encode("utf-8", "surrogatepass").replace(b"\0", b" ")


def _preprocessed(language: str, data: bytes) -> tuple[bytes, Names]:
    """Return a text as its grammar can read it, of the same length, and what macros define in it."""
    entry = LANGUAGES.get(language)
    names: Names = {}
    if entry and entry.has_macros:
        data, names = hide_macros(data)
    if entry and entry.has_conditionals:
        data = hide_branches(data)
    return data, names


def _chunk(language: str, text: str, max_chars: int, before: Parsed | None = None) -> tuple[ChunkedFile, Parsed | None]:
    """Cut a text of a known language, and return what its next version is to be parsed from, if it was parsed."""
    source = Source.of(text)
    if language == MARKDOWN:
        return ChunkedFile(language, chunk_markdown(source, max_chars)), None
    entry = LANGUAGES.get(language)
    if entry is None or entry.without_grammar:
        return ChunkedFile(language, _chunk_lines(source, max_chars)), None
    problem = _why_not_parsed(language, source)
    data = _parser_bytes(source)
    if problem:
        return ChunkedFile(language, _chunk_unparsed(language, source, data, max_chars), (problem,)), None
    shown, names = _preprocessed(language, outline.for_parser(language, data))
    old = parse.edited(before.tree, before.data, shown) if before and before.language == language else None
    tree = parse.parse(language, shown, old)
    if tree is None:
        problem = f"Not parsed: the parser for {language} made no headway."
        return ChunkedFile(language, _chunk_unparsed(language, source, data, max_chars), (problem,)), None
    return chunk_parsed(language, source, data, tree, max_chars, names=names), Parsed(language, shown, tree)


def chunk_parsed(
    language: str, source: Source, data: bytes, tree: Tree, max_chars: int, *, names: Names | None = None
) -> ChunkedFile:
    """Cut a text whose syntax tree is known, as after an edit that was parsed with the old tree.

    Args:
        language: name of the grammar.
        source: the text.
        data: source.text in UTF-8, without NULs.
        tree: what parse.parse made of data, or of data with its macros hidden.
        max_chars: a chunk is larger only when it is one single line.
        names: what macros of the text define.
    """
    patterns = query_text(language, DEFINITIONS)
    matches = parse.run_query(language, patterns, tree) if patterns else []
    definitions = find_definitions(matches + outline.matches(language, data), data, names or {})
    pieces = chunk_tree(tree.root_node, source, definitions, max_chars)
    chunks = named_chunks(source, pieces, definitions)
    references = references_of(language, tree, definitions=definitions, data=data, line_ends=source.offsets)
    return ChunkedFile(language, chunks, references=references)


def _chunk_unparsed(language: str, source: Source, data: bytes, max_chars: int) -> tuple[Chunk, ...]:
    """Cut a text that has no syntax tree: along the definitions that its lines show, else by lines alone."""
    found = outline.matches(language, data)
    if not found:
        return _chunk_lines(source, max_chars)
    definitions = find_definitions(found, data)
    return named_chunks(source, chunk_tree(outline.root(found, data), source, definitions, max_chars), definitions)


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
