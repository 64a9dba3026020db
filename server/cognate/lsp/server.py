"""Builds the language server: which handler answers which method, with which params. No logic.

Importing this module loads neither numpy nor any native library.
"""

import inspect
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from lsprotocol import types
from pygls.server import JsonRPCServer

from cognate.engines import Engines
from cognate.lsp import codec, protocol, transport
from cognate.lsp.asked import Asked
from cognate.lsp.dispatch import Route, Wire, is_parse_error
from cognate.lsp.executors import Executor
from cognate.lsp.feed import Feed
from cognate.lsp.folders import EngineSource
from cognate.lsp.handlers import (
    code_action,
    code_lens,
    commands,
    documents,
    history,
    hover,
    lifecycle,
    narrow,
    notebooks,
    rephrase,
    search,
    search_code,
    status,
    symbols,
)
from cognate.lsp.session import Session
from cognate.streams import Out, guard_standard_streams

log = logging.getLogger(__name__)

Change: TypeAlias = Callable[[Session, Any], None]
"""A state change: a plain function on the event loop, no IO, under a millisecond."""

Read: TypeAlias = Callable[[Asked, Any], Any]
"""A read: a function or coroutine that gets a frozen value, returns the result and cannot touch the session."""

LIFE: dict[str, tuple[type, Callable[[Session, Any], Any]]] = {
    types.INITIALIZE: (types.InitializeParams, lifecycle.initialize),
    types.SHUTDOWN: (protocol.NoParams, lifecycle.shutdown),
}
"""The two requests that change the session, at its beginning and its end."""

CHANGES: dict[str, tuple[type, Change]] = {
    types.INITIALIZED: (protocol.NoParams, lifecycle.initialized),
    types.TEXT_DOCUMENT_DID_OPEN: (types.DidOpenTextDocumentParams, documents.did_open),
    types.TEXT_DOCUMENT_DID_CHANGE: (types.DidChangeTextDocumentParams, documents.did_change),
    types.TEXT_DOCUMENT_DID_CLOSE: (types.DidCloseTextDocumentParams, documents.did_close),
    types.TEXT_DOCUMENT_DID_SAVE: (types.DidSaveTextDocumentParams, documents.did_save),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: (types.DidOpenNotebookDocumentParams, notebooks.did_open),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: (types.DidChangeNotebookDocumentParams, notebooks.did_change),
    types.NOTEBOOK_DOCUMENT_DID_SAVE: (types.DidSaveNotebookDocumentParams, notebooks.did_save),
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: (types.DidCloseNotebookDocumentParams, notebooks.did_close),
    types.SET_TRACE: (types.SetTraceParams, lifecycle.set_trace),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (types.DidChangeWatchedFilesParams, documents.did_change_watched_files),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (types.DidChangeConfigurationParams, documents.did_change_configuration),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (types.DidChangeWorkspaceFoldersParams, documents.did_change_folders),
}

READS: dict[str, tuple[type, Read]] = {
    protocol.SEARCH: (protocol.SearchParams, search.search),
    protocol.NARROW: (protocol.NarrowParams, narrow.narrow),
    protocol.SEARCH_CODE: (protocol.SearchCodeParams, search_code.search_code),
    protocol.RELATED: (protocol.RelatedParams, search.related),
    protocol.HISTORY: (protocol.HistoryParams, history.history),
    protocol.REPHRASE: (protocol.RephraseParams, rephrase.rephrase),
    protocol.REPHRASED: (protocol.RephrasedParams, rephrase.rephrased),
    protocol.STATUS: (protocol.NoParams, status.status),
    protocol.EXPLAIN_FILE: (protocol.ExplainFileParams, status.explain_file),
    types.TEXT_DOCUMENT_HOVER: (types.HoverParams, hover.hover),
    types.TEXT_DOCUMENT_CODE_ACTION: (types.CodeActionParams, code_action.code_action),
    types.TEXT_DOCUMENT_CODE_LENS: (types.CodeLensParams, code_lens.code_lens),
    types.CODE_LENS_RESOLVE: (types.CodeLens, code_lens.resolve),
    types.WORKSPACE_SYMBOL: (types.WorkspaceSymbolParams, symbols.workspace_symbol),
    types.WORKSPACE_EXECUTE_COMMAND: (types.ExecuteCommandParams, commands.execute_command),
}


class CognateServer(JsonRPCServer):
    """The server of one client."""

    protocol: Wire  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, engines: EngineSource, *, resumes: bool = False) -> None:
        super().__init__(Wire, codec.converter)
        self.session = Session(Link(self.protocol), engines, Executor(), resumes=resumes)
        self.protocol.routes = routes(self.session)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log what goes wrong outside of any request; popups are for people, not for bugs."""
        if is_parse_error(error):
            log.warning("The client sent a message that is not JSON.")
            self.protocol.send_parse_error()
            return
        log.error("Outside of any request: %s", error, exc_info=error)


def routes(session: Session) -> Mapping[str, Route]:
    """Return how each method is handled: changes get the session, reads what it is when the request comes."""

    def reading(read: Read) -> Callable[[Any], Any]:
        async def later(params: Any) -> Any:
            await session.opened()
            result = read(session.asked(), params)
            return await result if inspect.isawaitable(result) else result

        return lambda params: later(params) if session.is_awaited else read(session.asked(), params)

    changing = {**LIFE, **CHANGES}
    table = {method: Route(params, partial(handle, session)) for method, (params, handle) in changing.items()}
    return table | {method: Route(params, reading(read)) for method, (params, read) in READS.items()}


class Link:
    """The way to the client, for the session."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._wire.notify(method, codec.to_wire(params))

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return the client's result."""
        return await self._wire.send_request_async(method, codec.to_wire(params))


def serve_stdio(engines: Engines | None = None) -> int:
    """Serve a client over the standard streams until it leaves; returns the exit code."""
    stdin, stdout = guard_standard_streams()
    return serve_fed(transport.reading(stdin), Out(stdout), engines)


def serve_fed(feed: Feed, out: Out, engines: Engines | None = None, *, resumes: bool = False) -> int:
    """Serve a client whose words another thread reads until it leaves; returns the exit code.

    Args:
        feed: what the client says.
        out: what it is answered on.
        engines: opens folders.
        resumes: whether another server has talked with the client before.
    """
    server = build_server(engines, resumes=resumes)
    connection = transport.over_feed(server.protocol, server.report_server_error, feed, out)
    return transport.serve(server.protocol, connection, server.session.dispose)


def serve_tcp(host: str, port: int, engines: Engines | None = None) -> int:
    """Serve the first client that connects until it leaves; returns the exit code.

    Port 0 takes any free port; the log says which.

    Raises:
        InvalidRequestError: when the host is not this machine: the server would read files for anyone.
    """
    transport.require_loopback(host)
    server = build_server(engines)
    connection = transport.over_socket(server.protocol, server.report_server_error, host, port)
    return transport.serve(server.protocol, connection, server.session.dispose)


def build_server(engines: EngineSource | None = None, *, resumes: bool = False) -> CognateServer:
    """Return a server that is ready to be connected; ``serve_fed`` says when it resumes."""
    # pygls writes whole messages to its log at INFO, source text and queries included.
    logging.getLogger("pygls").setLevel(logging.WARNING)
    return CognateServer(engines or Engines(has_settings=True), resumes=resumes)
