"""The standard messages that Cognate answers, read by hand into what the handlers need of them.

lsprotocol's converter lets ``"3"`` pass for 3 and says little when it fails, so only ``initialize`` goes through it.
Runs on the event loop; pure.
"""

from dataclasses import dataclass
from typing import Any

from cognate.lsp import decode
from cognate.lsp.decode import Position, Range


@dataclass(frozen=True, slots=True)
class OpenParams:
    """Params of ``textDocument/didOpen``."""

    uri: str
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One content change; without a range it replaces the whole document."""

    text: str
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class ChangeParams:
    """Params of ``textDocument/didChange``; edits apply one after the other."""

    uri: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class PositionParams:
    """Params of requests about one position."""

    uri: str
    position: Position


@dataclass(frozen=True, slots=True)
class CodeActionParams:
    """Params of ``textDocument/codeAction``; ``automatic`` when nobody asked."""

    uri: str
    range: Range
    only: tuple[str, ...] | None
    automatic: bool


@dataclass(frozen=True, slots=True)
class CodeLens:
    """A lens as the client hands it back to be resolved."""

    uri: str
    range: Range
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CommandParams:
    """Params of ``workspace/executeCommand``; Cognate's commands take one argument at most."""

    command: str
    argument: Any


@dataclass(frozen=True, slots=True)
class FolderParams:
    """A workspace folder."""

    uri: str
    name: str


@dataclass(frozen=True, slots=True)
class FoldersChangeParams:
    """Params of ``workspace/didChangeWorkspaceFolders``."""

    added: tuple[FolderParams, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotebookCell:
    """A cell's place in the order; what it says is in the text document that it names."""

    uri: str
    is_markup: bool


@dataclass(frozen=True, slots=True)
class CellText:
    """The text document of a cell, as it was opened."""

    uri: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class NotebookOpenParams:
    """Params of ``notebookDocument/didOpen``: the cells in order, and their texts."""

    uri: str
    cells: tuple[NotebookCell, ...]
    texts: tuple[CellText, ...]


@dataclass(frozen=True, slots=True)
class NotebookChangeParams:
    """Params of ``notebookDocument/didChange``; ``start`` is None when no run of cells was replaced.

    ``opened`` are the texts of new cells, ``edits`` what was typed in which cell.
    """

    uri: str
    start: int | None = None
    delete_count: int = 0
    cells: tuple[NotebookCell, ...] = ()
    opened: tuple[CellText, ...] = ()
    edits: tuple[ChangeParams, ...] = ()


MARKUP_CELL = 1
"""``NotebookCellKind.Markup``."""

AUTOMATIC_TRIGGER = 2
"""``CodeActionTriggerKind.Automatic``."""


def uri_only(raw: Any) -> str:
    """Read params of which only the text document's URI matters."""
    return decode.document_uri(raw)


def notebook_uri_only(raw: Any) -> str:
    """Read params of which only the notebook's URI matters."""
    return decode.document_uri(raw, "notebookDocument")


def open_params(raw: Any) -> OpenParams:
    """Read ``textDocument/didOpen``."""
    item = decode.required(raw, "textDocument", decode.an_object)
    return OpenParams(decode.document_uri(raw), decode.required(item, "text", decode.text, "params.textDocument"))


def change_params(raw: Any) -> ChangeParams:
    """Read ``textDocument/didChange``."""
    return ChangeParams(decode.document_uri(raw), decode.required(raw, "contentChanges", decode.list_of(_edit)))


def position_params(raw: Any) -> PositionParams:
    """Read params with a document and a position."""
    return PositionParams(decode.document_uri(raw), decode.required(raw, "position", decode.position))


def code_action_params(raw: Any) -> CodeActionParams:
    """Read ``textDocument/codeAction``."""
    context = decode.required(raw, "context", decode.an_object)
    trigger = decode.maybe(context, "triggerKind", decode.whole_number(), "params.context")
    return CodeActionParams(
        uri=decode.document_uri(raw),
        range=decode.required(raw, "range", decode.text_range),
        only=decode.maybe(context, "only", decode.list_of(decode.text), "params.context"),
        automatic=trigger == AUTOMATIC_TRIGGER,
    )


def code_lens(raw: Any) -> CodeLens:
    """Read ``codeLens/resolve``; the lens must be one of ours."""
    data = decode.required(raw, "data", decode.an_object)
    return CodeLens(
        uri=decode.required(data, "uri", decode.text, "params.data"),
        range=decode.required(data, "range", decode.text_range, "params.data"),
        raw=decode.an_object(raw, "params"),
    )


def symbol_query(raw: Any) -> str:
    """Read ``workspace/symbol``."""
    return decode.required(raw, "query", decode.text)


def command_params(raw: Any) -> CommandParams:
    """Read ``workspace/executeCommand``."""
    arguments = decode.optional(raw, "arguments", decode.list_of(_anything), ())
    return CommandParams(decode.required(raw, "command", decode.text), arguments[0] if arguments else None)


def watched_files(raw: Any) -> tuple[str, ...]:
    """Read ``workspace/didChangeWatchedFiles``: the URIs, as the disk decides what happened."""
    return decode.required(
        raw, "changes", decode.list_of(lambda value, where: decode.required(value, "uri", decode.text, where))
    )


def folders_change(raw: Any) -> FoldersChangeParams:
    """Read ``workspace/didChangeWorkspaceFolders``."""
    event = decode.required(raw, "event", decode.an_object)
    folders = decode.list_of(_folder)
    return FoldersChangeParams(
        added=decode.optional(event, "added", folders, (), "params.event"),
        removed=tuple(folder.uri for folder in decode.optional(event, "removed", folders, (), "params.event")),
    )


def configuration(raw: Any) -> dict[str, Any]:
    """Read ``workspace/didChangeConfiguration``: whatever was sent, an empty object when nothing was."""
    return decode.optional(raw, "settings", decode.an_object, {})


def notebook_open(raw: Any) -> NotebookOpenParams:
    """Read ``notebookDocument/didOpen``."""
    notebook = decode.required(raw, "notebookDocument", decode.an_object)
    cells = decode.optional(notebook, "cells", decode.list_of(_cell), (), "params.notebookDocument")
    texts = decode.optional(raw, "cellTextDocuments", decode.list_of(_cell_text), ())
    return NotebookOpenParams(decode.document_uri(raw, "notebookDocument"), cells, texts)


def notebook_change(raw: Any) -> NotebookChangeParams:
    """Read ``notebookDocument/didChange``."""
    uri = decode.document_uri(raw, "notebookDocument")
    change = decode.required(raw, "change", decode.an_object)
    cells = decode.optional(change, "cells", decode.an_object, {}, "params.change")
    edits = decode.optional(cells, "textContent", decode.list_of(_cell_change), (), "params.change.cells")
    structure = decode.maybe(cells, "structure", decode.an_object, "params.change.cells")
    if structure is None:
        return NotebookChangeParams(uri, edits=edits)
    where = "params.change.cells.structure"
    array = decode.required(structure, "array", decode.an_object, where)
    opened = decode.optional(structure, "didOpen", decode.list_of(_cell_text), (), where)
    where += ".array"
    return NotebookChangeParams(
        uri,
        start=decode.required(array, "start", decode.whole_number(), where),
        delete_count=decode.required(array, "deleteCount", decode.whole_number(), where),
        cells=decode.optional(array, "cells", decode.list_of(_cell), (), where),
        opened=opened,
        edits=edits,
    )


def _edit(value: Any, where: str) -> Edit:
    return Edit(
        decode.required(value, "text", decode.text, where), decode.maybe(value, "range", decode.text_range, where)
    )


def _folder(value: Any, where: str) -> FolderParams:
    uri = decode.required(value, "uri", decode.text, where)
    return FolderParams(uri, decode.optional(value, "name", decode.text, uri.rstrip("/").rpartition("/")[2], where))


def _cell(value: Any, where: str) -> NotebookCell:
    kind = decode.optional(value, "kind", decode.whole_number(), 0, where)
    return NotebookCell(decode.required(value, "document", decode.text, where), kind == MARKUP_CELL)


def _cell_text(value: Any, where: str) -> CellText:
    return CellText(
        decode.required(value, "uri", decode.text, where),
        decode.optional(value, "languageId", decode.text, "", where),
        decode.required(value, "text", decode.text, where),
    )


def _cell_change(value: Any, where: str) -> ChangeParams:
    document = decode.required(value, "document", decode.an_object, where)
    edits = decode.optional(value, "changes", decode.list_of(_edit), (), where)
    return ChangeParams(decode.required(document, "uri", decode.text, f"{where}.document"), edits)


def _anything(value: Any, where: str) -> Any:
    return value
