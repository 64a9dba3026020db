"""``workspace/symbol``: a search by meaning for queries that no name could answer.

Other servers look up names. A query with a space, or one that starts with ``?``, is a question; all others get no
answer from here. Also says which definitions are worth a hover or a lens. A read.
"""

from lsprotocol.types import Location, Position, SymbolInformation, SymbolKind, WorkspaceSymbolParams

from cognate.lsp import convert
from cognate.lsp.answers import Found
from cognate.lsp.asked import Asked
from cognate.lsp.documents import word_at
from cognate.lsp.folders import Folder
from cognate.lsp.handlers.search import find
from cognate.lsp.protocol import SearchParams
from cognate.types import Symbol
from cognate.uris import child_uri

QUESTION_MARK = "?"

DEFINITION_KINDS = frozenset(
    {"class", "constructor", "enum", "function", "interface", "macro", "method", "struct", "trait", "union"}
)
"""Definitions with enough inside to be similar to something."""

SIGNATURE_LINES = 3
"""The name stands on one of a definition's first lines; in C a return type may stand before it."""

SYMBOL_KINDS = {
    "class": SymbolKind.Class, "constant": SymbolKind.Constant, "constructor": SymbolKind.Constructor,
    "enum": SymbolKind.Enum, "field": SymbolKind.Field, "function": SymbolKind.Function, "heading": SymbolKind.String,
    "interface": SymbolKind.Interface, "key": SymbolKind.Key, "macro": SymbolKind.Function, "method": SymbolKind.Method,
    "module": SymbolKind.Module, "namespace": SymbolKind.Namespace, "property": SymbolKind.Property,
    "rule": SymbolKind.Key, "struct": SymbolKind.Struct, "table": SymbolKind.Object, "trait": SymbolKind.Interface,
    "type": SymbolKind.Class, "union": SymbolKind.Struct, "variable": SymbolKind.Variable,
}  # fmt: skip
"""Our kinds as the protocol's; what is no definition is a string."""

MAX_NAME_LENGTH = 80


async def workspace_symbol(asked: Asked, params: WorkspaceSymbolParams) -> list[SymbolInformation] | None:
    """Return hits as symbols, or null when the query looks like a name."""
    text = params.query.strip()
    if not text.startswith(QUESTION_MARK) and " " not in text:
        return None
    text = text.lstrip(QUESTION_MARK).strip()
    if not text:
        return None
    merged = await find(asked, SearchParams(text))
    return [_symbol_information(found, asked.encoding) for found in merged.found]


async def definitions(asked: Asked, folder: Folder, path: str) -> tuple[Symbol, ...]:
    """Return a file's definitions that may be similar to others."""
    engine = folder.engine
    if engine is None:
        return ()
    symbols = await asked.run(lambda: engine.symbols_in(path))
    return tuple(symbol for symbol in symbols if symbol.kind in DEFINITION_KINDS)


def definition_at(symbols: tuple[Symbol, ...], position: Position, text: str | None, encoding: str) -> Symbol | None:
    """Return the definition whose name stands at a position; without the text, the one that begins on its line."""
    near = [s for s in symbols if s.start_line <= position.line < min(s.end_line, s.start_line + SIGNATURE_LINES)]
    if text is None:
        return next((symbol for symbol in near if symbol.start_line == position.line), None)
    word = word_at(text, position, encoding)
    return next((symbol for symbol in reversed(near) if word and word == symbol.name), None)


def _symbol_information(found: Found, encoding: str) -> SymbolInformation:
    hit = found.hit
    symbol = hit.symbol
    uri = child_uri(found.folder.uri, hit.path)
    preview = next((line.strip() for line in hit.preview.splitlines() if line.strip()), uri)
    return SymbolInformation(
        location=Location(uri, convert.line_range(hit.focus_line, hit.focus_text, encoding)),
        name=symbol.name if symbol else preview[:MAX_NAME_LENGTH],
        kind=SYMBOL_KINDS.get(symbol.kind, SymbolKind.String) if symbol else SymbolKind.String,
        container_name=symbol.container if symbol else "",
    )
