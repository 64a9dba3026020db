"""``textDocument/hover``: similar code, when the cursor rests on a definition's name and there is any. A read."""

from lsprotocol.types import Hover, HoverParams, MarkupContent, MarkupKind

from cognate.lsp import convert
from cognate.lsp.answers import Found
from cognate.lsp.asked import Asked
from cognate.lsp.handlers.search import find_similar
from cognate.lsp.handlers.symbols import definition_at, definitions
from cognate.types import Hit, Span, also

TITLE = "Similar code"


async def hover(asked: Asked, params: HoverParams) -> Hover | None:
    """Return the list, or null."""
    uri = params.text_document.uri
    owner = asked.owner(uri)
    if owner is None or convert.is_cell(uri):
        return None
    folder, path = owner
    if not folder.settings.hover_enabled:
        return None
    symbols = await definitions(asked, folder, path)
    symbol = definition_at(symbols, params.position, asked.texts.get(uri), asked.encoding)
    if symbol is None:
        return None
    span = Span(path, symbol.start_line, symbol.end_line)
    found = (await find_similar(asked, folder, span, folder.settings.hover_limit)).found
    if not found:
        return None
    if asked.markdown:
        return Hover(MarkupContent(MarkupKind.Markdown, _markdown(found)))
    return Hover(MarkupContent(MarkupKind.PlainText, _plain(found)))


def _markdown(several: tuple[Found, ...]) -> str:
    lines = [f"**{TITLE}**", ""]
    for found in several:
        hit = found.hit
        uri = convert.child_uri(found.folder.uri, hit.path).replace("(", "%28").replace(")", "%29")
        name = _name(hit).replace("`", "'")
        where = _escaped(_where(hit)) + also(len(found.copies))
        lines.append(f"- [`{name}`]({uri}#L{hit.focus_line + 1}) {hit.score:.2f} · {where}")
    return "\n".join(lines)


def _plain(several: tuple[Found, ...]) -> str:
    return "\n".join(
        [TITLE, *(f"{_name(f.hit)} {f.hit.score:.2f} {_where(f.hit)}{also(len(f.copies))}" for f in several)]
    )


def _name(hit: Hit) -> str:
    return "code" if hit.symbol is None else hit.symbol.qualified


def _where(hit: Hit) -> str:
    cell = "" if hit.cell is None else f" cell {hit.cell + 1}"
    return f"{hit.path}{cell}:{hit.focus_line + 1}"


def _escaped(text: str) -> str:
    return "".join("\\" + character if character in "\\`*_[]<>#" else character for character in text)
