"""The protocol layer: each incoming message is checked, read and handled here, and each request gets one reply.

Extends pygls where it falls short: malformed params are answered with -32602 instead of silence, requests after
``shutdown`` are answered, replies carry no traceback, logs carry no params. Handlers get params that were read already
and return JSON; they know no error codes. Runs on the event loop.
"""

import asyncio
import contextvars
import json
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from cattrs import transform_error
from lsprotocol import types
from lsprotocol.types import ErrorCodes, LSPErrorCodes, ResponseError
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

from cognate.errors import CancelledError, CognateError, InvalidRequestError
from cognate.lsp import decode

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

log = logging.getLogger(__name__)

ParamsReader: TypeAlias = Callable[[Any], Any]
"""Turns raw JSON params into a handler's argument; raises InvalidRequestError."""

MessageId: TypeAlias = int | str

INTERNAL_ERROR = "The request failed inside the server; see its log."
SHUT_DOWN = "The server is shutting down."
NOT_INITIALIZED = "The server waits for initialize."


UNHEARD = frozenset({types.SET_TRACE, types.WINDOW_WORK_DONE_PROGRESS_CANCEL})
"""Notifications that change nothing here; pygls would stumble over their params, which are plain objects."""


class Protocol(LanguageServerProtocol):
    """JSON-RPC for one client."""

    readers: Mapping[str, ParamsReader]
    """How to read each method's params; pygls reads the others."""

    def __init__(self, server: "LanguageServer", converter: "Converter") -> None:
        super().__init__(server, converter)
        self.readers = {}
        self.stopped = threading.Event()
        self.exit_code = 1

    def get_message_type(self, method: str) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Leave all params as they are, in and out."""

    def get_result_type(self, method: str) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Leave all results as they are, in and out."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Leave JSON objects as they are; ``handle_message`` reads the whole message."""
        return data

    def handle_message(self, message: Any) -> None:
        """Handle one message of any shape."""
        if not isinstance(message, dict):
            self._refuse(None, ErrorCodes.InvalidRequest, "A message must be a JSON object.")
            return
        fields = cast("dict[str, Any]", message)
        method, identifier = fields.get("method"), fields.get("id")
        if identifier is not None and (isinstance(identifier, bool) or not isinstance(identifier, int | str)):
            self._refuse(None, ErrorCodes.InvalidRequest, "A message's id must be an integer or a string.")
        elif isinstance(method, str) and identifier is not None:
            contextvars.copy_context().run(self._request, identifier, method, fields.get("params"))
        elif isinstance(method, str) and "id" not in fields:
            contextvars.copy_context().run(self._notification, method, fields.get("params"))
        elif method is None and identifier is not None:
            self._response(identifier, fields)
        else:
            self._refuse(None, ErrorCodes.InvalidRequest, "A message needs a method, or the id that it answers.")

    @lsp_method(types.SHUTDOWN)
    async def lsp_shutdown(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, *args: Any
    ) -> None:
        """Cancel what runs, then let the handler close what is open; new requests are refused already."""
        current = self.msg_id
        for identifier, future in list(self._request_futures.items()):
            if identifier != current:
                future.cancel()
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            await handler(*args)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """End the message loop; whoever runs it closes the connection."""
        self.exit_code = 0 if self._shutdown else 1
        self.stopped.set()

    def send_parse_error(self) -> None:
        """Answer a body that was no JSON."""
        self._refuse(None, ErrorCodes.ParseError, "The message is not valid JSON.")

    def _request(self, identifier: MessageId, method: str, raw: Any) -> None:
        if self._shutdown:
            self._refuse(identifier, ErrorCodes.InvalidRequest, SHUT_DOWN)
        elif self._workspace is None and method != types.INITIALIZE:
            self._refuse(identifier, ErrorCodes.ServerNotInitialized, NOT_INITIALIZED)
        elif self._workspace is not None and method == types.INITIALIZE:
            self._refuse(identifier, ErrorCodes.InvalidRequest, "initialize may be sent only once.")
        elif method not in self.fm.builtin_features and method not in self.fm.features:
            self._refuse(identifier, ErrorCodes.MethodNotFound, f"Cognate does not answer {method}.")
        else:
            try:
                params = self._read(method, raw)
            except Exception as error:
                self._send_response(identifier, error=response_error(error, method))
            else:
                self._shutdown = method == types.SHUTDOWN  # here, as exit may follow before any coroutine runs
                self._handle_request(identifier, method, params)

    def _notification(self, method: str, raw: Any) -> None:
        if method == types.CANCEL_REQUEST:
            self._cancel(raw)
        elif method in UNHEARD:
            return
        elif method == types.EXIT or (self._workspace is not None and not self._shutdown):
            try:
                self._handle_notification(method, self._read(method, raw))
            except InvalidRequestError as error:
                log.warning("Ignored a malformed %s: %s", method, error)

    def _cancel(self, raw: Any) -> None:
        identifier = cast("dict[str, Any]", raw).get("id") if isinstance(raw, dict) else None
        if isinstance(identifier, int | str) and identifier in self._request_futures:
            self._handle_cancel_notification(identifier)

    def _response(self, identifier: MessageId, fields: dict[str, Any]) -> None:
        self._result_types.pop(identifier, None)
        waiting = self._request_futures.get(identifier)
        if waiting is None or waiting.done():
            self._request_futures.pop(identifier, None)
            return
        error = fields.get("error")
        if error is None:
            self._handle_response(identifier, fields.get("result"))
            return
        told = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
        code, message = told.get("code"), told.get("message")
        self._handle_response(
            identifier,
            error=ResponseError(
                code=code if isinstance(code, int) else ErrorCodes.UnknownErrorCode.value,
                message=message if isinstance(message, str) else "The client gave no reason.",
            ),
        )

    def _read(self, method: str, raw: Any) -> Any:
        if method == types.INITIALIZE:
            return self._read_initialize(raw)
        reader = self.readers.get(method)
        return reader(raw) if reader else raw

    def _read_initialize(self, raw: Any) -> types.InitializeParams:
        """Read the one message that goes through lsprotocol.

        A client newer than lsprotocol may send capabilities that it cannot read; then only those that matter most
        are kept, as a server with few features is better than none.
        """
        fields = decode.an_object(raw, "params")
        capabilities = decode.required(fields, "capabilities", decode.an_object)
        try:
            return self._converter.structure(fields, types.InitializeParams)
        except Exception as error:
            general = capabilities.get("general")
            encodings = cast("dict[str, Any]", general).get("positionEncodings") if isinstance(general, dict) else None
            few = {"general": {"positionEncodings": encodings}} if isinstance(encodings, list) else {}
            try:
                params = self._converter.structure({**fields, "capabilities": few}, types.InitializeParams)
            except Exception as second:
                raise InvalidRequestError("; ".join(transform_error(second, path="params"))) from second
            log.warning("Ignored the client's capabilities: %s", "; ".join(transform_error(error, path="params")))
            return params

    def _send_handler_result(self, future: "Future[Any] | asyncio.Future[Any]", *, msg_id: MessageId) -> None:
        """Send the one reply to a request."""
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._send_response(msg_id, error=response_error(CancelledError("The request was cancelled."), ""))
        elif (error := future.exception()) is not None:
            self._send_response(msg_id, error=response_error(error, str(msg_id)))
        else:
            # Results are JSON already; pygls would look at every part of them once more.
            self._send_data({"jsonrpc": self.VERSION, "id": msg_id, "result": future.result()})

    def _refuse(self, identifier: MessageId | None, code: ErrorCodes, message: str) -> None:
        log.debug("Refused message %s: %s", identifier, message)
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, "error": {"code": code.value, "message": message}})


def response_error(error: BaseException, what: str) -> ResponseError:
    """Return what the client is told about a failure; ``what`` names the request in the log.

    Expected failures carry their own message. All others are bugs: the log gets the traceback, the client one line.
    """
    if isinstance(error, InvalidRequestError):
        return ResponseError(code=ErrorCodes.InvalidParams.value, message=str(error))
    if isinstance(error, CancelledError):
        return ResponseError(code=LSPErrorCodes.RequestCancelled.value, message=str(error))
    if isinstance(error, CognateError):
        return ResponseError(code=LSPErrorCodes.RequestFailed.value, message=str(error))
    if isinstance(error, JsonRpcException):
        return ResponseError(code=error.code or ErrorCodes.InternalError.value, message=error.message or INTERNAL_ERROR)
    log.error("Request %s failed", what, exc_info=error)
    return ResponseError(code=ErrorCodes.InternalError.value, message=INTERNAL_ERROR)


def is_parse_error(error: Exception) -> bool:
    """Whether a message's body could not be read as JSON."""
    too_long = type(error) is ValueError and "integer string conversion" in str(error)
    return too_long or isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError)
