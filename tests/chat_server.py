"""A chat model's server on loopback, with a reply that each test decides. Every request that comes is kept."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_S = 30.0
WORDINGS = ("constant time password hasher, user does not exist", "authenticate dummy_hash check_password")


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: Any


def said(content: object) -> bytes:
    """Return the body of a chat model's reply."""
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


@dataclass
class ChatServer:
    """What the server answers with, and what it was asked.

    Attributes:
        port: on 127.0.0.1.
        status: of the answer.
        headers: further ones of the answer.
        reply: its body, to anything but a list of models.
        models: what it lists.
        silent: whether it never answers.
        asked: the requests so far.
        heard: set when a request has come.
        left: set when the client of a silent answer has closed its connection.
    """

    port: int
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    reply: bytes = said("\n".join(WORDINGS))
    models: tuple[str, ...] = ("text-embedding-small", "talker-7b", "talker-70b")
    silent: bool = False
    asked: list[Request] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """The endpoint to set."""
        return f"http://127.0.0.1:{self.port}/v1"


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Serve on a free port while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    state = ChatServer(server.server_address[1])
    server.RequestHandlerClass = _handler(lambda: state)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(state: Callable[[], ChatServer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def _answer(self) -> None:
            now = state()
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            now.asked.append(Request(self.path, dict(self.headers), body))
            now.heard.set()
            if now.silent:
                self.rfile.read(1)  # Returns when the client closes the connection.
                now.left.set()
                return
            listing = self.path == "/v1/models"
            reply = json.dumps({"data": [{"id": name} for name in now.models]}).encode() if listing else now.reply
            self.send_response(now.status)
            for name, value in {"Content-Length": str(len(reply)), **now.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(reply)
            except ConnectionError:
                now.left.set()

    return Handler
