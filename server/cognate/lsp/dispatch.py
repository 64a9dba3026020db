"""The protocol layer: each message is checked, its params are read, its handler is called, each request gets one reply.

Extends pygls' JSON-RPC where it falls short: malformed params are answered with -32602 instead of silence, requests
before ``initialize`` and after ``shutdown`` are answered, replies carry no traceback, logs carry no params. Handlers
get typed params and return values; they know no error codes. Runs on the event loop.

Of pygls' private members it uses two, ``_send_data`` and ``_result_types``; ``tests/unit/lsp/test_pygls.py`` says what
each must do.
"""

import asyncio
import inspect
import json
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from lsprotocol import types
from lsprotocol.types import ErrorCodes, LSPErrorCodes, ResponseError
from pygls.protocol import JsonRPCProtocol, JsonRPCResponseMessage

from cognate.errors import CancelledError, CognateError, InvalidRequestError
from cognate.lsp import codec

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.server import JsonRPCServer

log = logging.getLogger(__name__)

MessageId: TypeAlias = int | str

INTERNAL_ERROR = "The request failed inside the server; see its log."


@dataclass(frozen=True, slots=True)
class Route:
    """How a method is handled.

    Attributes:
        params: the class of its params.
        handle: takes the params; for a request, returns the result or a coroutine that returns it.
    """

    params: type
    handle: Callable[[Any], Any]


class Life(Enum):
    """How far the conversation is; the value says why a request is refused then."""

    WAITING = "The server waits for initialize."
    SERVING = ""
    STOPPED = "The server is shutting down."


class Wire(JsonRPCProtocol):
    """JSON-RPC for one client; ``routes`` are set before the first message."""

    def __init__(self, server: "JsonRPCServer", converter: "Converter") -> None:
        super().__init__(server, converter)
        self.routes: Mapping[str, Route] = {}
        self.stopped = threading.Event()
        self.exit_code = 1
        self._life = Life.WAITING
        self._running: dict[MessageId, asyncio.Future[Any]] = {}

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
            self._request(identifier, method, fields.get("params"))
        elif isinstance(method, str) and "id" not in fields:
            self._notification(method, fields.get("params"))
        elif method is None and identifier is not None:
            self._response(identifier, fields)
        else:
            self._refuse(None, ErrorCodes.InvalidRequest, "A message needs a method, or the id that it answers.")

    def send_parse_error(self) -> None:
        """Answer a body that was no JSON."""
        self._refuse(None, ErrorCodes.ParseError, "The message is not valid JSON.")

    # Requests

    def _request(self, identifier: MessageId, method: str, raw: Any) -> None:
        route = self.routes.get(method)
        is_first = method == types.INITIALIZE
        if self._life is Life.STOPPED:
            self._refuse(identifier, ErrorCodes.InvalidRequest, self._life.value)
        elif self._life is Life.WAITING and not is_first:
            self._refuse(identifier, ErrorCodes.ServerNotInitialized, self._life.value)
        elif self._life is Life.SERVING and is_first:
            self._refuse(identifier, ErrorCodes.InvalidRequest, "initialize may be sent only once.")
        elif route is None:
            self._refuse(identifier, ErrorCodes.MethodNotFound, f"Cognate does not answer {method}.")
        else:
            future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            try:
                params = _read(method, raw, route)
                if method == types.SHUTDOWN:
                    self._stop()
                result = route.handle(params)
                if inspect.isawaitable(result):
                    future = asyncio.ensure_future(result)
                else:
                    future.set_result(result)
            except Exception as error:
                future.set_exception(error)
            if not future.done():
                self._running[identifier] = future
                future.add_done_callback(partial(self._reply, identifier, method))
                return
            if is_first and future.exception() is None:
                self._life = Life.SERVING
            self._reply(identifier, method, future)

    def _reply(self, identifier: MessageId, method: str, done: "asyncio.Future[Any]") -> None:
        """Send the one reply to a request."""
        if self._running.get(identifier) is done:
            del self._running[identifier]
        try:
            reply = {"result": codec.to_wire(done.result())}
        except (Exception, asyncio.CancelledError) as error:
            reply = {"error": response_error(error, method)}
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, **reply})

    def _refuse(self, identifier: MessageId | None, code: ErrorCodes, message: str) -> None:
        """Send the one reply to what no handler will see."""
        log.debug("Refused message %s: %s", identifier, message)
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, "error": ResponseError(code.value, message)})

    def _stop(self) -> None:
        """Refuse what comes from now on, as ``exit`` may follow before any coroutine runs, and cancel what runs."""
        self._life = Life.STOPPED
        for future in list(self._running.values()):
            future.cancel()

    # Notifications and responses

    def _notification(self, method: str, raw: Any) -> None:
        if method == types.EXIT:  # Whoever runs the message loop closes the connection.
            self.exit_code = 0 if self._life is Life.STOPPED else 1
            self.stopped.set()
        elif method == types.CANCEL_REQUEST:
            identifier: Any = cast("dict[str, Any]", raw).get("id") if isinstance(raw, dict) else None
            if isinstance(identifier, int | str) and identifier in self._running:
                self._running[identifier].cancel()
        elif self._life is Life.SERVING and (route := self.routes.get(method)) is not None:
            try:
                route.handle(_read(method, raw, route))
            except InvalidRequestError as error:
                log.warning("Ignored a malformed %s: %s", method, error)
            except Exception:
                log.exception("%s failed", method)

    def _response(self, identifier: MessageId, fields: dict[str, Any]) -> None:
        """Hand a client's answer to whoever asked; the question may have been given up."""
        self._result_types.pop(identifier, None)
        error = fields.get("error")
        with suppress(InvalidStateError):
            if error is None:
                super().handle_message(JsonRPCResponseMessage(identifier, self.VERSION, fields.get("result")))
                return
            told = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
            code, message = told.get("code"), told.get("message")
            reason = ResponseError(
                code=code if isinstance(code, int) else ErrorCodes.UnknownErrorCode.value,
                message=message if isinstance(message, str) else "The client gave no reason.",
            )
            answer: Any = types.ResponseErrorMessage(id=identifier, error=reason)
            super().handle_message(answer)


def response_error(error: BaseException, method: str) -> ResponseError:
    """Return what the client is told about a failure.

    Expected failures carry their own message. All others are bugs: the log gets the traceback, the client one line.
    """
    if isinstance(error, InvalidRequestError):
        return ResponseError(ErrorCodes.InvalidParams.value, str(error))
    if isinstance(error, CancelledError | asyncio.CancelledError):
        return ResponseError(LSPErrorCodes.RequestCancelled.value, "The request was cancelled.")
    if isinstance(error, CognateError):
        return ResponseError(LSPErrorCodes.RequestFailed.value, str(error))
    log.error("%s failed", method, exc_info=error)
    return ResponseError(ErrorCodes.InternalError.value, INTERNAL_ERROR)


def is_parse_error(error: Exception) -> bool:
    """Whether a message's body could not be read as JSON."""
    too_long = type(error) is ValueError and "integer string conversion" in str(error)
    return too_long or isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError)


def _read(method: str, raw: Any, route: Route) -> Any:
    if method == types.INITIALIZE:
        return codec.read_initialize(raw)
    return codec.read(raw, route.params)
