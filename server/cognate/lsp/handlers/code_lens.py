"""``textDocument/codeLens`` and ``codeLens/resolve``: "N similar" above definitions, counted only when in view."""

from typing import Any

from cognate.lsp import convert
from cognate.lsp.handlers.related import located, similar
from cognate.lsp.handlers.symbols import definitions
from cognate.lsp.protocol import COMMAND_RELATED, TextPlace, to_wire
from cognate.lsp.session import Session
from cognate.lsp.standard import CodeLens

MAX_COUNT = 20
"""Beyond this the lens says "20+": the exact number would only cost time."""


async def code_lens(session: Session, uri: str) -> Any:
    """Return one lens without a count for each definition, none unless they are turned on."""
    owners = session.owners(uri)
    if not owners or convert.is_cell(uri) or not owners[0][0].settings.code_lens_enabled:
        return []
    folder, path = owners[0]
    lenses: list[dict[str, Any]] = []
    for symbol in await definitions(session, folder, path):
        body = to_wire(convert.whole_lines(symbol.start_line, symbol.end_line))
        line = to_wire(convert.whole_lines(symbol.start_line, symbol.start_line))
        lenses.append({"range": line, "data": {"uri": uri, "range": body}})
    return lenses


async def resolve(session: Session, lens: CodeLens) -> Any:
    """Return the lens with its count."""
    folder, place = located(session, TextPlace(lens.uri, lens.range))
    count = len((await similar(session, folder, place, MAX_COUNT)).hits)
    argument = {"textDocument": {"uri": lens.uri}, "range": to_wire(lens.range)}
    title = f"{count}+ similar" if count >= MAX_COUNT else f"{count} similar"
    return {**lens.raw, "command": {"title": title, "command": COMMAND_RELATED, "arguments": [argument]}}
