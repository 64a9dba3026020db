"""Two thousand random and mutated messages: one reply for each request, the server alive, its memory flat.

The generator is seeded, so that a failure comes again. What is not JSON, or no message, gets a reply without an id.
"""

import json
import random
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from e2e.client import Client, frame
from e2e.conftest import BACKOFF
from e2e.editors import introduction

N_MESSAGES = 2000
N_AT_ONCE = 50
WARM_UP = 800  # By then every lazy import is done and every cache has its size.
GROWTH_BYTES = 80 << 20  # On an idle machine it is under 1 MB; two encoder runs at the same moment take more, once.

URI = "URI"
DOCUMENT = {"uri": URI, "languageId": "python", "version": 1, "text": "def opened(): ...\n"}
POSITION = {"line": 3, "character": 2}
RANGE = {"start": {"line": 0, "character": 0}, "end": POSITION}

REQUESTS: dict[str, Any] = {
    "cognate/search": {
        "query": BACKOFF, "limit": 5, "explain": True,
        "scope": {"include": ["src/**"], "exclude": [], "languages": ["python"], "folders": []},
        "context": {"textDocument": {"uri": URI}, "position": POSITION},
    },
    "cognate/related": {"textDocument": {"uri": URI}, "position": POSITION, "limit": 3, "range": RANGE},
    "cognate/status": None,
    "cognate/explainFile": {"textDocument": {"uri": URI}},
    "textDocument/hover": {"textDocument": {"uri": URI}, "position": POSITION},
    "textDocument/codeAction": {"textDocument": {"uri": URI}, "range": RANGE, "context": {"diagnostics": []}},
    "textDocument/codeLens": {"textDocument": {"uri": URI}},
    "codeLens/resolve": {"range": RANGE, "data": {"uri": URI, "line": 1}},
    "workspace/symbol": {"query": "?load the settings"},
    "workspace/executeCommand": {"command": "cognate.search", "arguments": [{"query": "settings"}]},
    "initialize": {"processId": None, "capabilities": {}, "rootUri": None},
    "textDocument/definition": {"textDocument": {"uri": URI}, "position": POSITION},
    "$/unknown": {"anything": 1},
}  # fmt: skip

NOTIFICATIONS: dict[str, Any] = {
    "textDocument/didOpen": {"textDocument": DOCUMENT},
    "textDocument/didChange": {
        "textDocument": {"uri": URI, "version": 2},
        "contentChanges": [{"range": RANGE, "text": "x = 1\n"}, {"text": "whole = 2\n"}],
    },
    "textDocument/didSave": {"textDocument": {"uri": URI}},
    "textDocument/didClose": {"textDocument": {"uri": URI}},
    "notebookDocument/didOpen": {
        "notebookDocument": {"uri": URI, "notebookType": "jupyter-notebook", "version": 1,
                             "cells": [{"kind": 2, "document": URI + "#c"}]},
        "cellTextDocuments": [DOCUMENT],
    },
    "notebookDocument/didChange": {
        "notebookDocument": {"uri": URI, "version": 2},
        "change": {"cells": {"structure": {"array": {"start": 0, "deleteCount": 1, "cells": []}}, "textContent": []}},
    },
    "notebookDocument/didClose": {"notebookDocument": {"uri": URI}, "cellTextDocuments": [{"uri": URI}]},
    "workspace/didChangeWatchedFiles": {"changes": [{"uri": URI, "type": 2}]},
    "workspace/didChangeConfiguration": {"settings": {"cognate": {"searchLimit": 5}}},
    "workspace/didChangeWorkspaceFolders": {"event": {"added": [], "removed": [{"uri": URI, "name": "none"}]}},
    "$/cancelRequest": {"id": 7},
    "$/setTrace": {"value": "off"},
    "window/workDoneProgress/cancel": {"token": "none"},
    "no/such/notification": {},
}  # fmt: skip

JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, -(2**31), 2**63, -(2**63), 10**30, 0.5, -1e308, 1e308,
    float("nan"), float("inf"),
    "", " ", "a", "\0", "\ud800", "\udfff x", "é" * 50, "x" * 20_000, "file:relative", "untitled:Untitled-1", "%zz", "://",
    "file:///no/such/%00/place", "file:///c%3A/x.py", "vscode-notebook-cell:/a.ipynb#1", "[", "**/[", "lang:", '"',
    "-path:",
    [], {}, [[]], [None] * 30, {"": {}}, {"line": -5, "character": 10**12}, {"uri": 3}, [1, "two", {"three": []}],
)  # fmt: skip

NOT_MESSAGES: tuple[bytes, ...] = (
    b"{", b"nonsense", b"[1,", b'{"jsonrpc": "2.0", "id": 1, "method": "cognate/status"', b"\xff\xfe\x00", b"\xc3\x28",
    b"[]", b"[[[[]]]]", b"1", b'"text"', b"null", b"true", b"{}", b'{"jsonrpc": "2.0"}',
    b'[{"jsonrpc": "2.0", "id": 1, "method": "cognate/status"}, {"jsonrpc": "2.0", "id": 2, "method": "x"}]',
    b"[" * 100_000, b'{"a":' * 50_000, b'{"params": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"jsonrpc": "2.0", "id": ' + b"9" * 5_000 + b', "method": "cognate/status"}',
    b'{"jsonrpc": "2.0", "id": null, "method": "cognate/status"}',
    b'{"jsonrpc": "2.0", "id": 1.5, "method": "cognate/status"}',
    b'{"jsonrpc": "2.0", "id": true, "method": "cognate/status"}',
    b'{"jsonrpc": "2.0", "id": [1], "method": "cognate/status"}',
    b'{"jsonrpc": "2.0", "id": {"a": 1}, "method": "cognate/status"}',
    b'{"jsonrpc": "2.0", "id": 5, "method": 5}', b'{"jsonrpc": "2.0", "method": null}',
)  # fmt: skip
"""Each is answered once, without an id."""

HEADERS: tuple[bytes, ...] = (
    b"Content-Length: %d\r\n\r\n",
    b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
    b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
    b"X-Unknown: 1\r\nContent-Length: %d\r\n\r\n",
    b"Content-Length: 0\r\n\r\nContent-Length: %d\r\n\r\n",
    b"\r\n\r\nnonsense\r\nContent-Length: %d\r\n\r\n",
)


class Generator:
    """Makes messages, and knows which replies are due."""

    def __init__(self, seed: int, uris: list[str]) -> None:
        self.random = random.Random(seed)
        self.uris = uris
        self.asked: list[Any] = []
        self.n_without_id = 0

    def bytes(self) -> bytes:
        """Return one message, well-formed or not, with its header."""
        kind = self.random.random()
        if kind < 0.08:
            self.n_without_id += 1
            body = self.random.choice(NOT_MESSAGES)
        else:
            body = json.dumps(self._message(kind)).encode()
        return self.random.choice(HEADERS) % len(body) + body

    def _message(self, kind: float) -> dict[str, Any]:
        message: dict[str, Any] = {"jsonrpc": "2.0"}
        if kind < 0.11:  # A response to nothing.
            return {**message, "id": self.random.choice([10**6, "none", -1]), **self.random.choice(
                [{"result": None}, {"error": {"code": 1, "message": "no"}}, {"error": 5}, {"result": [[]]}, {}]
            )}  # fmt: skip
        templates = REQUESTS if kind < 0.65 else NOTIFICATIONS
        method = self.random.choice(list(templates))
        message["method"] = method if self.random.random() < 0.95 else self._mangled(method)
        params = self._placed(deepcopy(templates[method]))
        for _ in range(self.random.choice([0, 0, 1, 1, 2, 5])):
            params = self._mutated(params)
        if params is not None or self.random.random() < 0.5:
            message["params"] = params
        if self.random.random() < 0.03:
            message["jsonrpc"] = self.random.choice(JUNK)
        if templates is REQUESTS:
            number = 1000 + len(self.asked)
            message["id"] = self.random.choice(
                [number, -number - 1, f"id {number}", f"é {number} \ud800", 10**20 + number, 2**53 + number]
            )
            self.asked.append(message["id"])
        return message

    def _mangled(self, method: str) -> str:
        return self.random.choice(
            [method.upper(), method + "\0", "é/" + method, "\ud800", "__init__", "lsp_initialize", ""]
        )

    def _placed(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._placed(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._placed(inner) for inner in value]
        return value.replace(URI, self.random.choice(self.uris)) if isinstance(value, str) else value

    def _mutated(self, value: Any) -> Any:
        """Return the value with one place in it, or all of it, replaced."""
        if not isinstance(value, dict | list) or not value or self.random.random() < 0.15:
            return self._junk()
        key = self.random.choice(list(value) if isinstance(value, dict) else range(len(value)))
        fate = self.random.random()
        if fate < 0.15:
            del value[key]
        elif fate < 0.25 and isinstance(value, list):
            value.extend(value * self.random.randrange(4))
        else:
            value[key] = self._mutated(value[key])
        return value

    def _junk(self) -> Any:
        if self.random.random() < 0.05:
            nested: Any = []
            for _ in range(self.random.choice([20, 100, 400])):
                nested = [nested] if self.random.random() < 0.5 else {"range": nested}
            return nested
        return deepcopy(self.random.choice(JUNK))


def resident_bytes(client: Client) -> int:
    """Return how much memory the server holds; 0 where the system does not tell this way."""
    if sys.platform != "linux":
        return 0
    fields = Path(f"/proc/{client.process.pid}/statm").read_text().split()
    return int(fields[1]) * 4096


@pytest.fixture
def server(tmp_path: Path, project: Path) -> Iterator[Client]:
    client = Client(tmp_path / "server.log")
    try:
        client.initialize(introduction("vscode", project))
        client.wait_until_ready()
        yield client
    finally:
        client.kill()


def test_each_of_two_thousand_random_messages_is_answered_as_it_should_be(server: Client, project: Path):
    uris = [file.as_uri() for file in sorted(project.rglob("*")) if file.is_file()]
    generator = Generator(20, [*uris, (project / "no_such_file.py").as_uri(), (project / "a.ipynb").as_uri()])
    server._last_id = 10**9  # Ids of the client's own, far from those of the generator.
    without_id = server._replies[None]
    resident = 0
    for sent in range(0, N_MESSAGES, N_AT_ONCE):
        server.send_bytes(b"".join(generator.bytes() for _ in range(N_AT_ONCE)))
        server._sent.update(generator.asked)
        server.wait_until(lambda: all(server._replies.get(i) for i in generator.asked), f"replies up to {sent}")
        server.wait_until(lambda: len(without_id) >= generator.n_without_id, f"replies without an id up to {sent}")
        if sent == WARM_UP:
            resident = resident_bytes(server)
    server.request("workspace/executeCommand", {"command": "cognate.resume"})
    assert [i for i in generator.asked if len(server.replies(i)) != 1] == []
    assert len(without_id) == generator.n_without_id
    assert resident_bytes(server) - resident < GROWTH_BYTES
    assert server.request("cognate/search", {"query": BACKOFF})["hits"]
    server._sent.discard(None)
    del server._replies[None]
    server.shut_down()


@pytest.mark.parametrize("body", [frame(body) for body in (b"[" * 200_000, b"{" * 100_000, b'"' + b"x" * 5_000_000)])
def test_a_huge_message_that_is_no_json_is_answered_and_the_next_one_too(server: Client, body: bytes):
    server.send_bytes(body)
    assert server.request("cognate/status")["state"]
    assert len(server.replies(None)) == 1
    server.shut_down()
