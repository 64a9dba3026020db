"""Between the protocol's values and ours: URIs and paths, code units and characters, ranges and lines, hits.

A value is converted once: params on the way in, a hit on the way out. In between there are paths and lines only.

Pure functions: no disk, no session, the operating system is an argument where it matters. Any thread.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from lsprotocol.types import Location, Position, Range

from cognate.errors import InvalidRequestError
from cognate.lsp.results import (
    CopyPayload,
    FacetsPayload,
    FolderCount,
    HitPayload,
    IndexPayload,
    LanguageCount,
    SymbolPayload,
)
from cognate.text_edits import code_units
from cognate.types import Facets, Hit, IndexInfo, Span
from cognate.uris import CELL_SCHEME, ON_WINDOWS, child_uri

_CELL_FRAGMENT = re.compile(r"[W-Za-fz]([0-6]+)s")
"""VS Code's cell fragment: a letter for the number's length, the cell's handle to base 7, ``s``, the scheme."""


def relative_path(folder: str, path: str, *, windows: bool = ON_WINDOWS) -> str | None:
    """Return ``path`` relative to ``folder`` with ``/``, None when it does not lie inside it."""
    if windows:
        folder, path = folder.replace("\\", "/"), path.replace("\\", "/")
    prefix = folder.rstrip("/") + "/"
    head = path[: len(prefix)]
    inside = head.casefold() == prefix.casefold() if windows else head == prefix
    return path[len(prefix) :].strip("/") or None if inside else None


def is_cell(uri: str) -> bool:
    """Whether a URI names a notebook cell."""
    return uri.startswith(f"{CELL_SCHEME}:")


def cell_handle(uri: str) -> int | None:
    """Return the handle in a VS Code cell URI, None in other URIs. It is the cell's index until cells move."""
    if not is_cell(uri):
        return None
    found = _CELL_FRAGMENT.match(unquote(uri.partition("#")[2]))
    return int(found[1], 7) if found else None


def lines_of(where: Range) -> tuple[int, int]:
    """Return the half-open run of lines that a range touches; an end at a line's very start leaves that line out.

    Raises:
        InvalidRequestError: when the range runs backwards.
    """
    if where.end < where.start:
        raise InvalidRequestError("The end of a range must not come before its start.")
    end = where.end.line + 1
    if where.end.character == 0 and where.end.line > where.start.line:
        end = where.end.line
    return where.start.line, end


def whole_lines(start: int, end: int) -> Range:
    """Return the range of a half-open run of lines."""
    return Range(Position(start, 0), Position(end, 0))


def line_range(line: int, text: str, encoding: str) -> Range:
    """Return the range of a line's text without the blanks around it."""
    stripped = text.strip()
    start = code_units(text[: len(text) - len(text.lstrip())], encoding) if stripped else 0
    return Range(Position(line, start), Position(line, start + code_units(stripped, encoding)))


def hit_payload(hit: Hit, folder_uri: str, encoding: str, copies: Sequence[tuple[str, Span]] = ()) -> HitPayload:
    """Return a hit as the wire has it.

    Args:
        hit: the hit.
        folder_uri: of the folder that its path is relative to.
        encoding: the position encoding.
        copies: where its text also stands, each with the URI of its folder.
    """
    symbol = hit.symbol
    locations = [CopyPayload(child_uri(u, s.path), whole_lines(s.start_line, s.end_line), s.cell) for u, s in copies]
    return HitPayload(
        location=Location(child_uri(folder_uri, hit.path), whole_lines(hit.start_line, hit.end_line)),
        focus_range=line_range(hit.focus_line, hit.focus_text, encoding),
        focus_text=hit.focus_text,
        score=hit.score,
        language=hit.language,
        preview=hit.preview,
        stale=hit.stale,
        symbol=SymbolPayload(symbol.name, symbol.kind, symbol.container, symbol.qualified) if symbol else None,
        cell=hit.cell,
        copies=tuple(locations) or None,
        found_by=hit.found_by,
        why=hit.why,
    )


def index_payload(info: IndexInfo) -> IndexPayload:
    """Return an index's state as every answer has it."""
    return IndexPayload(info.state.value, info.generation, info.coverage, info.chunks)


def facets_payload(facets: Facets) -> FacetsPayload:
    """Return the counts of an answer as the wire has them."""
    return FacetsPayload(
        folders=tuple(FolderCount(path, count) for path, count in facets.folders),
        languages=tuple(LanguageCount(language, count) for language, count in facets.languages),
    )
