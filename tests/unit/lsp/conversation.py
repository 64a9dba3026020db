"""Talks to a server in this process, over its protocol object, with stub engines behind it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cognate.lsp.server import build_server
from unit.lsp.stub_engine import StubEngine, StubSource

WAIT_S = 300.0

CAPABILITIES: dict[str, Any] = {
    "workspace": {
        "configuration": True,
        "didChangeWatchedFiles": {"dynamicRegistration": True},
        "didChangeConfiguration": {"dynamicRegistration": True},
        "codeLens": {"refreshSupport": True},
    },
    "window": {"workDoneProgress": True},
    "textDocument": {"hover": {"contentFormat": ["markdown"]}},
}


class Conversation:
    """A client's side; ``settings`` is what it says when asked, and ``hidden`` which files the editor hides."""

    def __init__(self, source: StubSource | None = None, settings: Any = None) -> None:
        self.source = source or StubSource()
        self.server = build_server(self.source)  # pyright: ignore[reportArgumentType]
        self.server.protocol.set_writer(self)  # pyright: ignore[reportArgumentType]
        self.settings = settings
        self.hidden: Any = None
        self.refuses = ""
        self.sent: list[dict[str, Any]] = []
        self._changed = asyncio.Event()
        self._last_id = 0

    # -- the writer that pygls sees

    def write(self, data: bytes) -> None:
        header, _, body = data.partition(b"\r\n\r\n")
        assert b"Content-Length: %d" % len(body) in header
        message = json.loads(body)
        self.sent.append(message)
        if "method" in message and "id" in message:
            result = None
            if "items" in (message["params"] or {}):
                asked = [item["section"] for item in message["params"]["items"]]
                result = [self.settings if section == "cognate" else self.hidden for section in asked]
            answer = {"jsonrpc": "2.0", "id": message["id"], "result": result}
            if message["method"] == self.refuses:
                answer = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "No."}}
            asyncio.get_running_loop().call_soon(self.server.protocol.handle_message, answer)
        self._changed.set()

    def close(self) -> None:
        """Nothing to close."""

    # -- the client

    def say(self, message: Any) -> None:
        self.server.protocol.handle_message(message)

    def notify(self, method: str, params: Any = None) -> None:
        self.say({"jsonrpc": "2.0", "method": method, "params": params})

    def begin(self, method: str, params: Any = None) -> int:
        self._last_id += 1
        self.say({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    async def reply(self, identifier: Any) -> dict[str, Any]:
        return await self.until(lambda: next((m for m in self.replies() if m["id"] == identifier), None))

    async def ask(self, method: str, params: Any = None) -> Any:
        reply = await self.reply(self.begin(method, params))
        return reply["result"]

    async def refusal(self, method: str, params: Any = None) -> dict[str, Any]:
        reply = await self.reply(self.begin(method, params))
        assert "result" not in reply
        return reply["error"]

    def replies(self) -> list[dict[str, Any]]:
        return [message for message in self.sent if "method" not in message]

    def told(self, method: str) -> list[Any]:
        return [message.get("params") for message in self.sent if message.get("method") == method]

    async def until(self, found: Callable[[], Any]) -> Any:
        """Wait until something is found; looked for whenever the loop had a turn."""
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while not (value := found()):
            assert asyncio.get_running_loop().time() < deadline, f"timed out; sent: {self.sent}"
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), 0.01)
            except asyncio.TimeoutError:
                continue
        return value

    async def start(self, *folders: Path, options: Any = None, wait: bool = True, **more: Any) -> Any:
        """Introduce the client and wait until each folder's engine is open."""
        params = {
            "processId": None,
            "rootUri": None,
            "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name} for folder in folders],
            "initializationOptions": options,
            "capabilities": CAPABILITIES,
            **more,
        }
        result = await self.ask("initialize", params)
        self.notify("initialized", {})
        if wait:
            for folder in folders:
                await self.engine(folder.name)
        return result

    async def engine(self, name: str) -> StubEngine:
        """Return a folder's engine once it is started."""
        await self.until(lambda: name in self.source.opened and ("start",) in self.source.opened[name].calls)
        return self.source.opened[name]
