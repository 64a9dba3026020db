"""What an editor and its server have said to each other, as far as another server has to be told if that one ends.

A server that comes later is introduced as the first one was, told what is open, how it is set and what it missed, and
asked every request that has no answer yet. Of what it says, the editor gets nothing twice: no answer, no registration,
no message. Messages are the bodies of frames. Pure; used under a lock.
"""

import json

from cognate.greeting import STAND_ALONE
from cognate.open_texts import OpenTexts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

INITIALIZE, SHUTDOWN, EXIT, CANCEL = "initialize", "shutdown", "exit", "$/cancelRequest"
CHANGE_FOLDERS = "workspace/didChangeWorkspaceFolders"
KEPT = frozenset({"initialized", "$/setTrace", "workspace/didChangeConfiguration"})
"""Notifications of which the next server has to know the last."""

COMMAND, SWITCHES = "workspace/executeCommand", ("cognate.pause", "cognate.resume")
"""The request that carries commands, and those of which the next server has to know the last."""

REGISTER, SHOW_MESSAGE = "client/registerCapability", "window/showMessage"
PROGRESS, DIAGNOSTICS = "$/progress", "textDocument/publishDiagnostics"

PATIENCE_S = 60.0
"""How long a request waits for its answer before a server that says nothing counts as stuck."""

MOST_TRIES = 5
"""How many servers a request may outlive."""

CANCELLED, FAILED = -32800, -32803
STUCK = "The process that holds the index did not answer."
ENDED = "The process that holds the index ended again and again; see its log."
LEFT = "The request was cancelled."


class _Request:
    __slots__ = ("asked", "body", "cancel", "tries")

    def __init__(self, body: bytes, asked: float) -> None:
        self.body, self.asked, self.cancel, self.tries = body, asked, b"", 0


class Conversation:
    """Both sides of what is said, since ``initialize``.

    Attributes:
        has_left: whether the editor has ended it.
        stands_alone: whether this editor needs a server of its own: it has several folders, or settings that differ.
        exit_code: of the process, when it ends now.
        answered: how many requests were answered so far.
    """

    def __init__(self) -> None:
        self.has_left = self.stands_alone = False
        self.exit_code = 1
        self.answered = 0
        self._texts = OpenTexts()
        self._introduction = b""
        self._introduction_id: object = None
        self._kept: dict[str, bytes] = {}
        self._missed: list[bytes] = []
        self._open: dict[object, _Request] = {}
        self._asked: dict[object, str] = {}  # Requests of this server, and what is registered by them.
        self._registered: dict[str, Any] = {}  # And how the editor refused it, if it did.
        self._shown: dict[object, bytes] = {}  # What is to be taken back, and how.
        self._told: set[bytes] = set()

    # -- what the editor says

    def heard(self, body: bytes, now: float, *, is_served: bool) -> bool:
        """Take in what the editor says; return whether the server is to be told at once.

        Args:
            body: of the message.
            now: in seconds.
            is_served: whether there is a server at present.
        """
        message = read(body)
        method, identifier, params = message.get("method"), message.get("id"), message.get("params")
        if method is None and _is_id(identifier):
            return self._was_asked(identifier, message)
        if isinstance(method, str) and _is_id(identifier):
            self._note_request(body, method, identifier, params, now)
        elif method == CHANGE_FOLDERS:
            self._missed.append(body)
            self.stands_alone = True
            return False
        elif not (isinstance(method, str) and self._notes(body, method, params)) and not is_served:
            self._missed.append(body)
        return is_served

    def _note_request(self, body: bytes, method: str, identifier: object, params: "Any", now: float) -> None:
        self._open[identifier] = _Request(body, now)
        if method == INITIALIZE and not self._introduction:
            self._introduction, self._introduction_id = body, identifier
        elif method == SHUTDOWN:
            self.exit_code = 0
        elif method == COMMAND and _field(params, "command") in SWITCHES:
            self._kept[COMMAND] = body

    def _notes(self, body: bytes, method: str, params: "Any") -> bool:
        """Take in a notification; return whether it is of no more use to the next server, once that is told anew."""
        if method == EXIT:
            self.has_left = True
        elif method == CANCEL:
            identifier = _field(params, "id")
            if _is_id(identifier) and identifier in self._open:
                self._open[identifier].cancel = body
        elif method in KEPT:
            self._kept[method] = body
        else:
            return self._texts.note(method, params)
        return True

    def _was_asked(self, identifier: object, message: "dict[str, Any]") -> bool:
        """Whether the present server asked what the editor answers."""
        registered = self._asked.pop(identifier, None)
        if registered and "error" in message:
            self._registered[registered] = message["error"]
        return registered is not None

    # -- what the server says

    def said(self, body: bytes) -> tuple[bool, bytes]:
        """Take in what the server says; return whether the editor is to be told, and what to reply instead, if any."""
        message = read(body)
        method, identifier, params = message.get("method"), message.get("id"), message.get("params")
        if method is None:
            return identifier is None or self._is_awaited(identifier, message), b""
        if method == STAND_ALONE:
            self.stands_alone = True
            return False, b""
        if method == REGISTER:
            what = json.dumps(params, sort_keys=True)
            if what in self._registered:
                return False, _reply(identifier, error=self._registered[what])
            self._registered[what] = None
            self._asked[identifier] = what
        elif identifier is not None:
            self._asked[identifier] = ""
        elif method == SHOW_MESSAGE:
            if body in self._told:
                return False, b""
            self._told.add(body)
        elif method == PROGRESS:
            token, kind = _field(params, "token"), _field(_field(params, "value"), "kind")
            self._note_shown((PROGRESS, token), {"token": token, "value": {"kind": "end"}}, ends=kind == "end")
        elif method == DIAGNOSTICS:
            uri = _field(params, "uri")
            ends = not _field(params, "diagnostics")
            self._note_shown((DIAGNOSTICS, uri), {"uri": uri, "diagnostics": []}, ends=ends)
        return True, b""

    def _is_awaited(self, identifier: object, message: "dict[str, Any]") -> bool:
        request = self._open.pop(identifier, None)
        if request is None:
            return False
        self.answered += 1
        if request.body is self._introduction:
            if "error" in message:
                self._introduction = b""
            encoding = _field(_field(message.get("result"), "capabilities"), "positionEncoding")
            self._texts.encoding = encoding or self._texts.encoding
        return True

    def _note_shown(self, what: tuple[str, object], taken_back: object, *, ends: bool) -> None:
        self._shown.pop(what, None)
        if not ends:
            self._shown[what] = _say(method=what[0], params=taken_back)

    # -- when a server ends

    def taken_back(self) -> list[bytes]:
        """Return what to tell the editor of a server that has ended: that its progress and its diagnostics are over."""
        shown, self._shown = self._shown, {}
        return list(shown.values())

    def told_anew(self) -> list[bytes]:
        """Return what to tell the next server, in order."""
        self._asked.clear()
        missed, self._missed = self._missed, []
        said = [self._introduction] if self._introduction else []
        said += self._kept.values()
        said += [_say(method=method, params=params) for method, params in self._texts.told()]
        said += missed
        for request in self._open.values():
            request.tries += 1
            said += [body for body in (request.body, request.cancel) if body]
        return list(dict.fromkeys(said))

    def given_up(self, now: float) -> "Iterator[bytes]":
        """Yield errors for requests that have waited for too long, or outlived too many servers."""
        for identifier, request in list(self._open.items()):
            if (is_late := now - request.asked >= PATIENCE_S) or request.tries >= MOST_TRIES:
                del self._open[identifier]
                yield _reply(identifier, error={"code": FAILED, "message": STUCK if is_late else ENDED})

    def farewell(self) -> "Iterator[bytes]":
        """Yield answers to all that is open, when the editor is leaving and no server is there to give them."""
        for identifier, request in self._open.items():
            is_end = read(request.body)["method"] == SHUTDOWN
            yield _reply(identifier, error=None if is_end else {"code": CANCELLED, "message": LEFT})
        self._open.clear()


def read(body: bytes) -> "dict[str, Any]":
    """Return a message; empty where it is none, which is for the server to say."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _is_id(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _field(value: "Any", name: str) -> "Any":
    return value.get(name) if isinstance(value, dict) else None


def _say(**message: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode("ascii")


def _reply(identifier: object, error: object) -> bytes:
    return _say(id=identifier, **({"result": None} if error is None else {"error": error}))
