"""``workspace/symbol``: a search by meaning for queries that no name could answer.

Other servers look up names. A query with a space, or one that starts with ``?``, is a question; all others get no
answer from here. Also says which definitions are worth a hover or a lens.
"""

from typing import Any

from cognate.lsp.decode import Position
from cognate.lsp.documents import word_at
from cognate.lsp.handlers.search import find
from cognate.lsp.merge import Folder
from cognate.lsp.protocol import HitPayload, SearchParams, to_wire
from cognate.lsp.session import Session
from cognate.types import Symbol

QUESTION_MARK = "?"

DEFINITION_KINDS = frozenset(
    {"class", "constructor", "enum", "function", "interface", "macro", "method", "struct", "trait", "union"}
)
"""Definitions with enough inside to be similar to something."""

SIGNATURE_LINES = 3
"""The name stands on one of a definition's first lines; in C a return type may stand before it."""

TEXT_SYMBOL = 15
"""``SymbolKind.String``, for a hit that is no definition."""

SYMBOL_KINDS = {
    "class": 5, "constant": 14, "constructor": 9, "enum": 10, "field": 8, "function": 12, "heading": 15,
    "interface": 11, "macro": 12, "method": 6, "module": 2, "namespace": 3, "property": 7, "rule": 20, "struct": 23,
    "table": 19, "trait": 11, "type": 5, "union": 23, "variable": 13,
}  # fmt: skip
"""Our kinds as ``SymbolKind`` of the protocol."""

MAX_NAME_LENGTH = 80


async def workspace_symbol(session: Session, query: str) -> Any:
    """Return hits as symbols, or null when the query looks like a name."""
    text = query.strip()
    if not text.startswith(QUESTION_MARK) and " " not in text:
        return None
    text = text.lstrip(QUESTION_MARK).strip()
    if not text:
        return None
    result = await find(session, SearchParams(text))
    return [_symbol_information(hit) for hit in result.hits]


async def definitions(session: Session, folder: Folder, path: str) -> tuple[Symbol, ...]:
    """Return a file's definitions that may be similar to others."""
    engine = folder.engine
    if engine is None:
        return ()
    symbols = await session.lanes.interactive(lambda token: engine.symbols_in(path))
    return tuple(symbol for symbol in symbols if symbol.kind in DEFINITION_KINDS)


def definition_at(symbols: tuple[Symbol, ...], position: Position, text: str | None, encoding: str) -> Symbol | None:
    """Return the definition whose name stands at a position; without the text, the one that begins on its line."""
    near = [s for s in symbols if s.start_line <= position.line < min(s.end_line, s.start_line + SIGNATURE_LINES)]
    if text is None:
        return next((symbol for symbol in near if symbol.start_line == position.line), None)
    word = word_at(text, position, encoding)
    return next((symbol for symbol in reversed(near) if word and word == symbol.name), None)


def _symbol_information(hit: HitPayload) -> dict[str, Any]:
    symbol = hit.symbol
    preview = next((line.strip() for line in hit.preview.splitlines() if line.strip()), hit.location.uri)
    return {
        "name": symbol.name if symbol else preview[:MAX_NAME_LENGTH],
        "kind": SYMBOL_KINDS.get(symbol.kind, TEXT_SYMBOL) if symbol else TEXT_SYMBOL,
        "containerName": symbol.container if symbol else "",
        "location": {"uri": hit.location.uri, "range": to_wire(hit.focus_range)},
    }
