"""Markdown by headings: sections, the definitions in their code, and chunks. Pure; reads lines without a grammar."""

from __future__ import annotations

import re
from typing import NamedTuple

from cognate.chunking.parts import Reader, Spans, in_order, parser_bytes, parts_of
from cognate.chunking.symbols import Definition, named_chunks
from cognate.chunking.text import Piece, Source, cut_lines
from cognate.chunking.tree import glue
from cognate.languages.registry import DEFINITIONS, called_language, query_text
from cognate.types import Chunk

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"[ \t]*(?:[-*+>][ \t]+)?(`{3,}|~{3,})(.*)$")
_NO_TITLE = re.compile(r" {0,3}(?:[-*+>#|]|\d+[.)][ \t]|```|~~~)| {4}|\t")
_INFO = re.compile(r"[ \t{.]*([\w+#.-]+)")
_MARGIN = re.compile(r"[ \t>]*")
_SCRIPT = re.compile(r"(?:import|export)\b")
_DATA_KINDS = frozenset({"constant", "field", "property", "rule", "variable"})
_SCRIPT_LANGUAGE = "javascript"
_SCRIPT_LINES = 200  # A paragraph of code that is longer is none, or has a bracket that is never closed.


class _Block(NamedTuple):
    """Lines that are no prose, half-open; the code in them, what language they name, and how far it is indented."""

    start: int
    end: int
    first: int
    last: int
    language: str = ""
    margin: int = 0


def chunk_markdown(source: Source, max_chars: int, *, has_scripts: bool = False) -> tuple[tuple[Chunk, ...], list[str]]:
    """Cut Markdown at its headings.

    A section is a heading with the text before the next heading. Neighbouring sections are bundled only under one
    parent, except that a heading without text stays with the section below it. A section that is too large is cut
    between paragraphs; fenced code that fits is not cut, and else no definition in it that fits.

    Args:
        source: the text.
        max_chars: a chunk is larger only when it is one single line.
        has_scripts: whether paragraphs that begin with ``import`` or ``export`` are code, as in MDX.

    Returns:
        The chunks, and sentences about code that was not parsed.
    """
    headings, blocks = _scan(source, has_scripts=has_scripts)
    sections = _definitions(source, headings)
    code, problems = _code(source, blocks)
    glued, _ = glue(code, source, max_chars)
    for block in blocks:
        if source.size(block.start, block.end) <= max_chars:
            glued[block.start + 1 : block.end] = b"\1" * (block.end - block.start - 1)
    pieces = _bundle(source, sections, glued, max_chars)
    return named_chunks(source, pieces, in_order([sections, code])), problems


def _code(source: Source, blocks: list[_Block]) -> tuple[list[Definition], list[str]]:
    """Find the definitions in the code of a Markdown text, and say what was not parsed.

    Values that examples define are of no use outside of them, and left out.
    """
    named = ((block, called_language(block.language)) for block in blocks if block.language)
    known = [(block, name) for block, name in named if name and query_text(name, DEFINITIONS)]
    if not known:
        return [], []
    reader = Reader(parser_bytes(source.text))
    found: list[list[Definition]] = []
    for block, name in known:
        spans = _spans(source, block, reader.line_starts)
        part = reader.read(name, spans) if spans else None
        if part is not None:
            found += (inner.definitions(reader.data) for inner in parts_of(part, reader)[0])
    return [item for item in in_order(found) if item.kind not in _DATA_KINDS], reader.problems


def _spans(source: Source, block: _Block, starts: list[int]) -> Spans:
    """Return the bytes of a block's code, without what its lines begin with in a list or a quotation."""
    if block.first == block.last:
        return []
    if not block.margin:
        return [(starts[block.first], starts[block.last] - 1)]
    spans: Spans = []
    for line in range(block.first, block.last):
        margin = _MARGIN.match(source.lines[line], 0, block.margin)
        spans.append((starts[line] + (margin.end() if margin else 0), min(starts[line + 1], starts[-1] - 1)))
    return [span for span in spans if span[0] < span[1]]


def _scan(source: Source, *, has_scripts: bool) -> tuple[list[tuple[int, int, str]], list[_Block]]:
    """Find the headings, as (line, level, title), and the blocks."""
    headings: list[tuple[int, int, str]] = []
    blocks: list[_Block] = []
    fence = info = ""
    margin = 0
    opened = _front_matter(source.lines)
    if opened:
        blocks.append(_Block(0, opened, 0, 0))
    paragraph = -1  # First line of the paragraph that a line of = or - would make a heading.
    after_script = 0
    for number in range(opened, len(source.lines)):
        line = source.lines[number]
        mark = _FENCE.match(line) if "`" in line or "~" in line else None
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                blocks.append(_Block(opened, number + 1, opened + 1, number, info, margin))
                fence = ""
            continue
        if number < after_script:
            continue
        if mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence, opened, paragraph, margin = mark[1], number, -1, mark.start(1)
            named = _INFO.match(mark[2])
            info = named[1] if named else ""
        elif has_scripts and paragraph < 0 and _SCRIPT.match(line):
            after_script = _end_of_script(source.lines, number)
            blocks.append(_Block(number, after_script, number, after_script, _SCRIPT_LANGUAGE))
        elif (heading := _HEADING.match(line)) is not None:
            headings.append((number, len(heading[1]), (heading[2] or "").strip()))
            paragraph = -1
        elif paragraph >= 0 and (underline := _UNDERLINE.match(line)) is not None:
            title = " ".join(part.strip() for part in source.lines[paragraph:number])
            headings.append((paragraph, 1 if underline[1][0] == "=" else 2, title))
            paragraph = -1
        elif not line or line.isspace():
            paragraph = -1
        elif paragraph < 0 and not _NO_TITLE.match(line):
            paragraph = number
    if fence:
        blocks.append(_Block(opened, len(source.lines), opened + 1, len(source.lines), info, margin))
    return headings, blocks


def _end_of_script(lines: list[str], start: int) -> int:
    """Return one past a paragraph of code: it ends at a blank line outside of brackets, or else at the first one."""
    depth = 0
    first_blank = 0
    for number in range(start, min(len(lines), start + _SCRIPT_LINES)):
        line = lines[number]
        if line and not line.isspace():
            depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        elif depth <= 0:
            return number
        else:
            first_blank = first_blank or number
    return first_blank or min(len(lines), start + _SCRIPT_LINES)


def _front_matter(lines: list[str]) -> int:
    """Return one past the front matter's last line; 0 when there is none."""
    if lines[0].rstrip() not in {"---", "+++"}:
        return 0
    mark = lines[0].rstrip()
    return next((number + 1 for number, line in enumerate(lines[1:], 1) if line.rstrip() == mark), 0)


def _definitions(source: Source, headings: list[tuple[int, int, str]]) -> list[Definition]:
    """Make each heading a definition that reaches to the next heading of its level or a higher one."""
    definitions: list[Definition] = []
    enclosing: list[tuple[int, Definition]] = []
    for number, level, title in headings:
        while enclosing and enclosing[-1][0] >= level:
            enclosing.pop()[1].end = source.last_content[number]
        container = enclosing[-1][1].path if enclosing else ""
        definition = Definition("heading", title, container, number, source.last_content[-1])
        definitions.append(definition)
        enclosing.append((level, definition))
    return definitions


def _bundle(source: Source, sections: list[Definition], glued: bytearray, max_chars: int) -> list[Piece]:
    """Bundle sections that fit under the same parent; cut those that are too large."""
    pieces: list[Piece] = []
    bounds = [section.start for section in sections] + [len(source.lines)]
    if bounds[0] > 0:
        pieces += cut_lines(source, 0, bounds[0], max_chars, glued)
    open_: Piece | None = None
    parent = ""
    for section, end in zip(sections, bounds[1:], strict=True):
        if open_:
            bare = source.is_one_line(*open_)
            if (bare or section.container == parent) and source.size(open_[0], end) <= max_chars:
                open_ = (open_[0], end)
                if bare:
                    parent = section.container
                continue
            pieces.append(source.trim(*open_))
            open_ = None
        if source.size(section.start, end) <= max_chars:
            open_, parent = (section.start, end), section.container
        else:
            pieces += cut_lines(source, section.start, end, max_chars, glued)
    if open_:
        pieces.append(source.trim(*open_))
    return pieces
