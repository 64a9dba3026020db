"""Markdown by headings: sections, their symbols and chunks. Pure; reads lines and needs no grammar."""

import re

from cognate.chunking.symbols import Definition, named_chunks
from cognate.chunking.text import Piece, Source, cut_lines
from cognate.types import Chunk

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_FENCE = re.compile(r"[ \t]*(?:[-*+>][ \t]+)?(`{3,}|~{3,})(.*)$")
_NO_TITLE = re.compile(r" {0,3}(?:[-*+>#|]|\d+[.)][ \t]|```|~~~)| {4}|\t")


def chunk_markdown(source: Source, max_chars: int) -> tuple[Chunk, ...]:
    """Cut Markdown at its headings.

    A section is a heading with the text before the next heading. Neighbouring sections are bundled only under one
    parent, except that a heading without text stays with the section below it. A section that is too large is cut
    between paragraphs; fenced code that fits is not cut.
    """
    headings, fences = _scan(source)
    definitions = _definitions(source, headings)
    glued = bytearray(len(source.lines) + 1)
    for start, end in fences:
        if source.size(start, end) <= max_chars:
            glued[start + 1 : end] = b"\1" * (end - start - 1)
    pieces = _bundle(source, definitions, glued, max_chars)
    return named_chunks(source, pieces, definitions)


def _scan(source: Source) -> tuple[list[tuple[int, int, str]], list[Piece]]:
    """Find the headings, as (line, level, title), and the fenced blocks."""
    headings: list[tuple[int, int, str]] = []
    fences: list[Piece] = []
    fence = ""
    opened = _front_matter(source.lines)
    if opened:
        fences.append((0, opened))
    paragraph = -1  # First line of the paragraph that a line of = or - would make a heading.
    for number in range(opened, len(source.lines)):
        line = source.lines[number]
        mark = _FENCE.match(line) if "`" in line or "~" in line else None
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fences.append((opened, number + 1))
                fence = ""
            continue
        if mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence, opened, paragraph = mark[1], number, -1
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
        fences.append((opened, len(source.lines)))
    return headings, fences


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
