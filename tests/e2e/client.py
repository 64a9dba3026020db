"""A small and strict language client: it speaks raw bytes with a real server process and forgives nothing.

One stray byte between frames, a second reply to a request, a reply to nothing or a reply that never comes fails the
test. Requests from the server are answered as an editor would. Nothing here sleeps: all waits are for conditions.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

WAIT_S = 300.0
SERVER_PATH = Path(__file__).parents[2] / "server"
HEADER = re.compile(rb"Content-Length: (\d+)\r\n(?:Content-Type: [^\r\n]*\r\n)?\r\n")


class RefusedError(Exception):
    """The server replied with an error."""

    def __init__(self, code: int, message: str, data: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.data = code, message, data


class Client:
    """One server process and the conversation with it."""

    def __init__(
        self,
        log: Path,
        *,
        command: list[str] | None = None,
        settings: dict[str, Any] | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.settings = settings or {}
        self.folder_settings: dict[str, dict[str, Any]] = {}
        self.received: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.log = log
        self.folder = log.parent
        self._replies: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
        self._sent: set[Any] = set()
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._last_id = 0
        self._ended = False
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                command or serve_command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=log.parent,
                env={**os.environ, "PYTHONPATH": str(SERVER_PATH), **(environment or {})},
            )
        self._reader = threading.Thread(target=self._read, name="client-reader", daemon=True)
        self._reader.start()

    # -- sending

    def send(self, *messages: dict[str, Any]) -> None:
        """Write messages in one piece."""
        self.send_bytes(b"".join(frame(json.dumps({"jsonrpc": "2.0", **message}).encode()) for message in messages))

    def send_bytes(self, data: bytes) -> None:
        """Write bytes as they are."""
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def asking(self, method: str, params: Any = None) -> dict[str, Any]:
        """Return a request with an id of its own, to be sent."""
        self._last_id += 1
        self._sent.add(self._last_id)
        return {"id": self._last_id, "method": method, "params": params}

    def request(self, method: str, params: Any = None, timeout: float = WAIT_S) -> Any:
        """Send a request and return its result."""
        message = self.asking(method, params)
        self.send(message)
        return self.result(message["id"], timeout)

    # -- receiving

    def result(self, identifier: Any, timeout: float = WAIT_S) -> Any:
        """Return the result of a request that was sent."""
        self.wait_until(lambda: self._replies.get(identifier), f"a reply to {identifier}", timeout)
        reply = self._replies[identifier][0]
        if "error" in reply:
            error = reply["error"]
            raise RefusedError(error["code"], error["message"], error.get("data"))
        return reply["result"]

    def replies(self, identifier: Any) -> list[dict[str, Any]]:
        """Return every reply to an id so far."""
        return list(self._replies.get(identifier, ()))

    def notifications(self, method: str) -> list[Any]:
        """Return the params of what the server told or asked so far."""
        return [message.get("params") for message in list(self.received) if message.get("method") == method]

    def wait_for(self, method: str, fits: Callable[[Any], bool] = lambda _: True, timeout: float = WAIT_S) -> Any:
        """Wait for a message from the server whose params fit, and return them."""
        return self.wait_until(
            lambda: next(([params] for params in self.notifications(method) if fits(params)), None), method, timeout
        )[0]

    def wait_until(self, found: Callable[[], Any], what: str, timeout: float = WAIT_S) -> Any:
        """Wait until something is found; looked for at every message."""
        with self._changed:
            done = self._changed.wait_for(lambda: found() or self._ended or self.problems, timeout)
            value = found()
        if value:
            return value
        why = "timed out" if not done else f"the server ended or misbehaved: {self.problems}"
        raise AssertionError(f"Waiting for {what}: {why}\n{self.tail()}")

    # -- the life of a session

    def initialize(self, params: dict[str, Any]) -> dict[str, Any]:
        """Introduce an editor, and return what the server can do."""
        result = self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, language: str = "python") -> None:
        """Open a document."""
        self.notify(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}}
        )

    def wait_until_ready(self) -> dict[str, Any]:
        """Wait until every folder has files and all is indexed, and return the status that said so."""

        def is_ready(status: Any) -> bool:
            return status["state"] == "ready" and all(folder["files"] for folder in status["folders"])

        return self.wait_for("cognate/didChangeStatus", is_ready)

    def shut_down(self) -> None:
        """End the session as an editor does, and check that the server was well-behaved to the last byte."""
        self.request("shutdown")
        self.notify("exit", None)
        assert self.process.wait(WAIT_S) == 0, self.tail()
        self.check_end()

    def check_end(self) -> None:
        """Check, after the process has ended, that stdout held frames only and each request got one reply."""
        self._reader.join(WAIT_S)
        assert not self._reader.is_alive()
        assert not self.problems, self.problems
        assert {key: len(replies) for key, replies in self._replies.items()} == dict.fromkeys(self._sent, 1)
        assert "Traceback" not in self.log.read_text(errors="replace"), self.tail()

    def kill(self) -> None:
        """Leave nothing behind, whatever happened."""
        self.process.kill()
        self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def tail(self) -> str:
        """Return the end of the server's log."""
        return self.log.read_text(errors="replace")[-4000:]

    # -- inside

    def _read(self) -> None:
        assert self.process.stdout is not None
        pending = b""
        while data := os.read(self.process.stdout.fileno(), 65536):
            pending = self._take_frames(pending + data)
            if self.problems:
                break
        with self._changed:
            if pending and not self.problems:
                self.problems.append(f"stdout ended within a frame: {pending[:200]!r}")
            self._ended = True
            self._changed.notify_all()

    def _take_frames(self, pending: bytes) -> bytes:
        while pending:
            header = HEADER.match(pending)
            if header is None:
                if b"\r\n\r\n" in pending or not b"Content-Length: ".startswith(pending[:16]):
                    self.problems.append(f"stray bytes on stdout: {pending[:200]!r}")
                break
            end = header.end() + int(header[1])
            if len(pending) < end:
                break
            self._take(json.loads(pending[header.end() : end], parse_constant=self._no_constant))
            pending = pending[end:]
        return pending

    def _no_constant(self, name: str) -> None:
        self.problems.append(f"{name} is not JSON")

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message and "id" in message:
            with contextlib.suppress(BrokenPipeError, ValueError):  # a test may have hung up
                self.send({"id": message["id"], "result": self._answer(message["method"], message.get("params"))})
        with self._changed:
            if message.get("jsonrpc") != "2.0":
                self.problems.append(f"not JSON-RPC: {message}")
            elif "method" in message:
                self.received.append(message)
            else:
                self._replies[message["id"]].append(message)
                if message["id"] is None:
                    self._sent.add(None)
            self._changed.notify_all()

    def _answer(self, method: str, params: Any) -> Any:
        if method == "workspace/configuration":
            return [
                {**self.settings, **self.folder_settings.get(item["scopeUri"], {})}
                if item["section"] == "cognate"
                else None
                for item in params["items"]
            ]
        return None


class LineClient(Client):
    """A ``cognate mcp`` and the conversation with it; a frame is a line."""

    def greet(self) -> None:
        """Introduce the agent."""
        client = {"name": "strict", "version": "1"}
        self.request("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client})
        self.notify("notifications/initialized", {})

    def send(self, *messages: dict[str, Any]) -> None:
        """Write messages, one a line."""
        self.send_bytes(b"".join(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n" for message in messages))

    def _take_frames(self, pending: bytes) -> bytes:
        *lines, rest = pending.split(b"\n")
        for line in lines:
            self._take(json.loads(line))
        return rest


def serve_command() -> list[str]:
    """Return how an editor starts the server."""
    safe_path = ["-P"] if sys.version_info >= (3, 11) else []
    return [sys.executable, *safe_path, "-m", "cognate", "serve", "--stdio"]


def frame(body: bytes) -> bytes:
    """Return a body with its header."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
