"""``textDocument/hover``: similar code, when the cursor rests on a definition's name and something is similar."""

from typing import Any
from urllib.parse import unquote

from cognate.lsp import convert
from cognate.lsp.handlers.related import similar
from cognate.lsp.handlers.symbols import definition_at, definitions
from cognate.lsp.protocol import HitPayload
from cognate.lsp.session import Session
from cognate.lsp.standard import PositionParams
from cognate.types import Place

TITLE = "Similar code"


async def hover(session: Session, params: PositionParams) -> Any:
    """Return the list, or null."""
    owners = session.owners(params.uri)
    if not owners or convert.is_cell(params.uri):
        return None
    folder, path = owners[0]
    settings = folder.settings
    if not settings.hover_enabled:
        return None
    symbols = await definitions(session, folder, path)
    symbol = definition_at(symbols, params.position, session.buffers.get(params.uri), session.encoding)
    if symbol is None:
        return None
    place = Place(path, symbol.start_line, symbol.end_line)
    result = await similar(session, folder, place, settings.hover_limit)
    if not result.hits:
        return None
    if session.features.markdown_hover:
        return {"contents": {"kind": "markdown", "value": _markdown(result.hits, folder.uri)}}
    return {"contents": {"kind": "plaintext", "value": _plain(result.hits, folder.uri)}}


def _markdown(hits: tuple[HitPayload, ...], folder_uri: str) -> str:
    lines = [f"**{TITLE}**", ""]
    for hit in hits:
        uri = hit.location.uri.replace("(", "%28").replace(")", "%29")
        name = _name(hit).replace("`", "'")
        link = f"[`{name}`]({uri}#L{hit.focus_range.start.line + 1})"
        lines.append(f"- {link} {hit.score:.2f} · {_escaped(_where(hit, folder_uri))}")
    return "\n".join(lines)


def _plain(hits: tuple[HitPayload, ...], folder_uri: str) -> str:
    lines = [f"{_name(hit)} {hit.score:.2f} {_where(hit, folder_uri)}" for hit in hits]
    return "\n".join([TITLE, *lines])


def _name(hit: HitPayload) -> str:
    if hit.symbol is None:
        return "code"
    return f"{hit.symbol.container}.{hit.symbol.name}" if hit.symbol.container else hit.symbol.name


def _where(hit: HitPayload, folder_uri: str) -> str:
    path = unquote(hit.location.uri[len(folder_uri.rstrip("/")) + 1 :])
    cell = "" if hit.cell is None else f" cell {hit.cell + 1}"
    return f"{path}{cell}:{hit.focus_range.start.line + 1}"


def _escaped(text: str) -> str:
    return "".join("\\" + character if character in "\\`*_[]<>#" else character for character in text)
