"""Between the protocol's values and ours: URIs and paths, code units and characters, ranges and lines, hits.

A value is converted once: params on the way in, a hit on the way out. In between there are paths and lines only.

Pure functions: no disk, no session, the operating system is an argument where it matters. Any thread.
"""

import os
import posixpath
import re
from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit

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
from cognate.types import Facets, Hit, IndexInfo, Span

ON_WINDOWS = os.name == "nt"

FILE_SCHEME = "file"
CELL_SCHEME = "vscode-notebook-cell"

_SAFE = "/-._~!$&'()*+,;=:@"
"""What may stand in a URI's path unescaped (RFC 3986, section 3.3); Neovim escapes the same."""

_CELL_FRAGMENT = re.compile(r"[W-Za-fz]([0-6]+)s")
"""VS Code's cell fragment: a letter for the number's length, the cell's handle to base 7, ``s``, the scheme."""


def path_from_uri(uri: str, *, windows: bool = ON_WINDOWS) -> str | None:
    """Return the absolute path that a document's URI names, None when it names none.

    A notebook cell's URI names its notebook. Dots are resolved by text alone, drive letters are lower case.
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    path = unquote(parts.path, errors="surrogateescape")
    if parts.scheme not in {FILE_SCHEME, CELL_SCHEME} or not path.startswith("/") or "\0" in path:
        return None
    path = posixpath.normpath("/" + path.lstrip("/"))
    host = parts.netloc if parts.scheme == FILE_SCHEME and parts.netloc != "localhost" else ""
    if windows:
        return _windows_path(host, path)
    return None if host else path


def uri_from_path(path: str, *, windows: bool = ON_WINDOWS) -> str:
    """Return the ``file:`` URI of an absolute path."""
    if windows:
        path = path.replace("\\", "/")
        if path.startswith("//"):
            host, _, rest = path[2:].partition("/")
            return f"file://{host}/{_escape(rest)}"
        if path[1:2] == ":":
            path = f"/{path[0].lower()}{path[1:]}"
    return f"file://{_escape(path)}"


def child_uri(folder_uri: str, path: str) -> str:
    """Return the URI of a path relative to a folder, with the folder spelled as the client spells it."""
    return f"{folder_uri.rstrip('/')}/{_escape(path)}"


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


def code_units(text: str, encoding: str) -> int:
    """Return the length of ``text`` in code units of ``utf-8``, ``utf-16`` or ``utf-32``; others are a ValueError."""
    if encoding == "utf-8":
        return len(text.encode(errors="surrogatepass"))
    if encoding == "utf-16":
        return len(text) + sum(character > "\uffff" for character in text)
    if encoding == "utf-32":
        return len(text)
    raise ValueError(f"{encoding} is not a position encoding")


def character_index(line: str, units: int, encoding: str) -> int:
    """Return the index in ``line`` after ``units`` code units, its length when the line is shorter.

    A count that ends within a character is rounded down to that character's start.
    """
    if encoding == "utf-32" or line.isascii():
        return min(units, len(line))
    passed = 0
    for index, character in enumerate(line):
        passed += code_units(character, encoding)
        if passed > units:
            return index
    return len(line)


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


def _windows_path(host: str, path: str) -> str:
    if host:
        path = f"//{host}{path}"
    elif drive := re.match(r"/([A-Za-z]):(?=/|$)", path):
        path = f"{drive[1].lower()}:{path[3:] or '/'}"
    return path.replace("/", "\\")


def _escape(path: str) -> str:
    return quote(path, safe=_SAFE, errors="surrogateescape")
