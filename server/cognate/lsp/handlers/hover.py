"""``textDocument/hover``: what does the same as a definition, and similar code, when the cursor rests on its name.

A read.
"""

import logging
import time

from lsprotocol.types import Hover, HoverParams, MarkupContent, MarkupKind

from cognate.commits import Commit, ago
from cognate.duplicates import Member
from cognate.errors import StoreError
from cognate.lsp import convert
from cognate.lsp.answers import Found
from cognate.lsp.asked import Asked
from cognate.lsp.folders import Folder
from cognate.lsp.handlers.search import find_similar
from cognate.lsp.handlers.symbols import definition_at, definitions
from cognate.search.request import HistoryRequest, TwinsRequest
from cognate.types import Hit, Span, also
from cognate.uris import child_uri

log = logging.getLogger(__name__)

TITLE = "Similar code"
SAME = "Does the same:"
LAST_CHANGED = "last changed:"


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
    twin = await _twin(asked, folder, TwinsRequest(path, symbol.start_line))
    changed = await _last_changed(asked, folder, span) if folder.settings.hover_history else ""
    if not found and twin is None and not changed:
        return None
    if asked.markdown:
        first = [_escaped(changed)] if changed else []
        first += [_markdown_twin(folder, twin)] if twin is not None else []
        return Hover(MarkupContent(MarkupKind.Markdown, "\n\n".join([*first, *_markdown(found)])))
    first = [changed] if changed else []
    first += [f"{SAME} {twin.symbol.qualified} {_where_is(twin)}"] if twin is not None else []
    return Hover(MarkupContent(MarkupKind.PlainText, "\n".join([*first, *_plain(found)])))


async def _twin(asked: Asked, folder: Folder, request: TwinsRequest) -> Member | None:
    """Return the definition elsewhere that does the same as the one that is asked about."""
    engine = folder.engine
    if engine is None:
        return None
    clusters = (await asked.executor.run(lambda token: engine.twins(request, token))).clusters
    return clusters[0].members[1] if clusters else None


async def _last_changed(asked: Asked, folder: Folder, span: Span) -> str:
    """Return which commit changed a definition last, and how long ago; empty where that is not known."""
    engine = folder.engine
    if engine is None:
        return ""
    try:
        request = HistoryRequest(span=span, limit=1)
        commits = (await asked.executor.run(lambda token: engine.history(request, token))).commits
    except StoreError as error:
        log.warning("%s", error)
        return ""
    return f"{LAST_CHANGED} {_last(commits[0].commit)}" if commits else ""


def _last(commit: Commit) -> str:
    return f"{commit.subject}, {ago(commit.date, time.time())}"


def _markdown_twin(folder: Folder, twin: Member) -> str:
    name = twin.symbol.qualified.replace("`", "'")
    link = f"[`{name}`]({_link(folder, twin.path)}#L{twin.start_line + 1})"
    return f"{SAME} {link} · {_escaped(_where_is(twin))}"


def _where_is(twin: Member) -> str:
    cell = "" if twin.cell is None else f" cell {twin.cell + 1}"
    return f"{twin.path}{cell}:{twin.start_line + 1}"


def _link(folder: Folder, path: str) -> str:
    return child_uri(folder.uri, path).replace("(", "%28").replace(")", "%29")


def _markdown(several: tuple[Found, ...]) -> list[str]:
    lines: list[str] = []
    for found in several:
        hit = found.hit
        uri = _link(found.folder, hit.path)
        name = _name(hit).replace("`", "'")
        where = _escaped(_where(hit)) + also(len(found.copies))
        lines.append(f"- [`{name}`]({uri}#L{hit.focus_line + 1}) {hit.score:.2f} · {where}")
    return [f"**{TITLE}**", "\n".join(lines)] if lines else []


def _plain(several: tuple[Found, ...]) -> list[str]:
    lines = [f"{_name(f.hit)} {f.hit.score:.2f} {_where(f.hit)}{also(len(f.copies))}" for f in several]
    return [TITLE, *lines] if lines else []


def _name(hit: Hit) -> str:
    return "code" if hit.symbol is None else hit.symbol.qualified


def _where(hit: Hit) -> str:
    cell = "" if hit.cell is None else f" cell {hit.cell + 1}"
    return f"{hit.path}{cell}:{hit.focus_line + 1}"


def _escaped(text: str) -> str:
    return "".join("\\" + character if character in "\\`*_[]<>#" else character for character in text)
