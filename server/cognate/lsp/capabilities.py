"""What the client can do, read once from ``initialize``, and what the server can do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.capabilities import get_capability

ENCODINGS = ("utf-8", "utf-16", "utf-32")
DEFAULT_ENCODING = "utf-16"
"""What a client counts in that says nothing, and that every client must be able to."""


@dataclass(frozen=True, slots=True)
class ClientFeatures:
    """The abilities that change what the server does.

    Attributes:
        watches_files: it can watch files for the server, registered at run time.
        has_configuration: it answers ``workspace/configuration``.
        registers_configuration: it reports changed settings only when asked at run time.
        shows_progress: the server may start work-done progress.
        refreshes_lenses: it fetches lenses anew when told.
        markdown_hover: hovers may be Markdown.
        shows_related_information: a diagnostic may name other places.
    """

    watches_files: bool = False
    has_configuration: bool = False
    registers_configuration: bool = False
    shows_progress: bool = False
    refreshes_lenses: bool = False
    markdown_hover: bool = False
    shows_related_information: bool = False


def read_features(capabilities: types.ClientCapabilities) -> ClientFeatures:
    """Return what of a client's capabilities matters here."""

    def has(path: str) -> bool:
        return bool(get_capability(capabilities, path, False))

    formats: Any = get_capability(capabilities, "text_document.hover.content_format", None) or ()
    return ClientFeatures(
        watches_files=has("workspace.did_change_watched_files.dynamic_registration"),
        has_configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        shows_progress=has("window.work_done_progress"),
        refreshes_lenses=has("workspace.code_lens.refresh_support"),
        markdown_hover=types.MarkupKind.Markdown in formats,
        shows_related_information=has("text_document.publish_diagnostics.related_information"),
    )


def choose_encoding(capabilities: types.ClientCapabilities) -> str:
    """Return the client's first choice among the position encodings that are known here, else the default.

    Decided here alone and once: what is announced, how edits are read and how answers are written follow from it.
    """
    offered: Any = get_capability(capabilities, "general.position_encodings", None) or ()
    names = (str(getattr(encoding, "value", encoding)) for encoding in offered)
    return next((name for name in names if name in ENCODINGS), DEFAULT_ENCODING)


def server_capabilities(encoding: str, commands: Sequence[str]) -> types.ServerCapabilities:
    """Return what the server announces."""
    return types.ServerCapabilities(
        position_encoding=encoding,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True,
            change=types.TextDocumentSyncKind.Incremental,
            save=types.SaveOptions(include_text=False),
        ),
        notebook_document_sync=types.NotebookDocumentSyncOptions(
            notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="jupyter-notebook")], save=True
        ),
        hover_provider=True,
        code_action_provider=types.CodeActionOptions(resolve_provider=False),
        code_lens_provider=types.CodeLensOptions(resolve_provider=True),
        workspace_symbol_provider=types.WorkspaceSymbolOptions(resolve_provider=False),
        execute_command_provider=types.ExecuteCommandOptions(commands),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True)
        ),
    )
