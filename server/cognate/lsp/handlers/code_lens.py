"""``textDocument/codeLens`` and ``codeLens/resolve``: "N similar" above definitions, counted when in view. Reads."""

from lsprotocol.types import CodeLens, CodeLensParams

from cognate.lsp import codec, convert
from cognate.lsp.asked import Asked
from cognate.lsp.handlers.search import find_similar, related_command
from cognate.lsp.handlers.symbols import definitions
from cognate.lsp.protocol import LensData

MAX_COUNT = 20
"""Beyond this the lens says "20+": the exact number would only cost time."""


async def code_lens(asked: Asked, params: CodeLensParams) -> list[CodeLens]:
    """Return one lens without a count for each definition, none unless they are turned on."""
    uri = params.text_document.uri
    owner = asked.owner(uri)
    if owner is None or convert.is_cell(uri) or not owner[0].settings.code_lens_enabled:
        return []
    return [
        CodeLens(
            range=convert.whole_lines(symbol.start_line, symbol.start_line),
            data=codec.to_wire(LensData(uri, convert.whole_lines(symbol.start_line, symbol.end_line))),
        )
        for symbol in await definitions(asked, *owner)
    ]


async def resolve(asked: Asked, lens: CodeLens) -> CodeLens:
    """Return the lens with its count."""
    data = codec.read(lens.data, LensData, "params.data")
    folder, span = asked.located(data.uri, data.range)
    count = len((await find_similar(asked, folder, span, MAX_COUNT)).found)
    title = f"{count}+ similar" if count >= MAX_COUNT else f"{count} similar"
    return CodeLens(lens.range, related_command(title, data.uri, data.range), codec.to_wire(data))
