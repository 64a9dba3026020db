"""Builds the language server: which handler answers which method, and how its params are read. No logic.

Importing this module loads neither numpy nor any native library.
"""

import inspect
import logging
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeAlias

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter

from cognate.lsp import protocol, standard, transport
from cognate.lsp.dispatch import ParamsReader, Protocol, is_parse_error
from cognate.lsp.engines import EngineSource, SharedEngines
from cognate.lsp.handlers import (
    code_action,
    code_lens,
    commands,
    documents,
    hover,
    lifecycle,
    notebooks,
    related,
    search,
    settings,
    status,
    symbols,
)
from cognate.lsp.lanes import Lanes
from cognate.lsp.session import Session

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Session, Any], Any]
"""A coroutine for a request, a plain function for a notification: no IO, under a millisecond."""

HANDLERS: dict[str, tuple[ParamsReader, Handler]] = {
    types.INITIALIZED: (protocol.no_params, lifecycle.initialized),
    types.SHUTDOWN: (protocol.no_params, lifecycle.shutdown),
    protocol.SEARCH: (protocol.search_params, search.search),
    protocol.RELATED: (protocol.related_params, related.related),
    protocol.STATUS: (protocol.no_params, status.status),
    protocol.EXPLAIN_FILE: (protocol.explain_file_params, status.explain_file),
    types.TEXT_DOCUMENT_HOVER: (standard.position_params, hover.hover),
    types.TEXT_DOCUMENT_CODE_ACTION: (standard.code_action_params, code_action.code_action),
    types.TEXT_DOCUMENT_CODE_LENS: (standard.uri_only, code_lens.code_lens),
    types.CODE_LENS_RESOLVE: (standard.code_lens, code_lens.resolve),
    types.WORKSPACE_SYMBOL: (standard.symbol_query, symbols.workspace_symbol),
    types.WORKSPACE_EXECUTE_COMMAND: (standard.command_params, commands.execute_command),
    types.TEXT_DOCUMENT_DID_OPEN: (standard.open_params, documents.did_open),
    types.TEXT_DOCUMENT_DID_CHANGE: (standard.change_params, documents.did_change),
    types.TEXT_DOCUMENT_DID_CLOSE: (standard.uri_only, documents.did_close),
    types.TEXT_DOCUMENT_DID_SAVE: (standard.uri_only, documents.did_save),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: (standard.notebook_open, notebooks.did_open),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: (standard.notebook_change, notebooks.did_change),
    types.NOTEBOOK_DOCUMENT_DID_SAVE: (standard.notebook_uri_only, notebooks.did_save),
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: (standard.notebook_uri_only, notebooks.did_close),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (standard.watched_files, documents.did_change_watched_files),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (standard.configuration, settings.did_change_configuration),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (standard.folders_change, settings.did_change_folders),
}

OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(resolve_provider=False),
    types.TEXT_DOCUMENT_DID_SAVE: types.SaveOptions(include_text=False),
}

NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="jupyter-notebook")], save=True
)


class CognateServer(LanguageServer):
    """The server of one client."""

    protocol: Protocol  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, source: EngineSource) -> None:
        super().__init__(
            "cognate",
            _version(),
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            notebook_document_sync=NOTEBOOKS,
            protocol_cls=Protocol,
            converter_factory=default_converter,
        )
        self.session = Session(Link(self.protocol), source, Lanes())

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what goes wrong outside of any request; popups are for people, not for bugs."""
        if is_parse_error(error):
            log.warning("The client sent a message that is not JSON.")
            self.protocol.send_parse_error()
            return
        log.error("Outside of any request: %s", error, exc_info=error)


class Link:
    """The way to the client, for the session."""

    def __init__(self, wire: Protocol) -> None:
        self._wire = wire

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._wire.notify(method, params)

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return the client's result."""
        return await self._wire.send_request_async(method, params)


def serve_stdio(source: EngineSource | None = None) -> int:
    """Serve a client over the standard streams until it leaves; returns the exit code."""
    streams = transport.guard_standard_streams()
    server = build_server(source)
    connection = transport.over_streams(server.protocol, server.report_server_error, *streams)
    return transport.serve(server.protocol, connection, server.session.dispose)


def serve_tcp(host: str, port: int, source: EngineSource | None = None) -> int:
    """Serve the first client that connects until it leaves; returns the exit code.

    Port 0 takes any free port; the log says which.

    Raises:
        InvalidRequestError: when the host is not this machine: the server would read files for anyone.
    """
    transport.require_loopback(host)
    server = build_server(source)
    connection = transport.over_socket(server.protocol, server.report_server_error, host, port)
    return transport.serve(server.protocol, connection, server.session.dispose)


def build_server(source: EngineSource | None = None) -> CognateServer:
    """Return a server that is ready to be connected."""
    # pygls writes whole messages to its log at INFO, source text and queries included.
    logging.getLogger("pygls").setLevel(logging.WARNING)
    server = CognateServer(source or SharedEngines())
    wire = server.protocol
    wire.readers = {method: reader for method, (reader, _) in HANDLERS.items()}
    for method, (_, handler) in HANDLERS.items():
        if method != types.SHUTDOWN:  # there the protocol goes first
            wire.fm.builtin_features.pop(method, None)
        server.feature(method, OPTIONS.get(method))(_bound(server.session, method, handler))
    for command in commands.COMMANDS:
        server.command(command)(_announced_only)

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:  # pyright: ignore[reportUnusedFunction]
        lifecycle.initialize(server.session, params, str(server.workspace.position_encoding or "utf-16"))

    return server


def _bound(session: Session, method: str, handler: Handler) -> Callable[[Any], Any]:
    if inspect.iscoroutinefunction(handler):

        async def answer(params: Any) -> Any:
            return await handler(session, params)

        return answer

    def note(params: Any) -> None:
        try:
            handler(session, params)
        except Exception:
            log.exception("%s failed", method)

    return note


def _announced_only(*_arguments: Any) -> None:
    """Stand for a command in the server's capabilities; ``handlers.commands`` runs it."""


def _version() -> str:
    try:
        return version("cognate")
    except PackageNotFoundError:
        return "0"
