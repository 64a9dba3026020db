"""The server in this process, over an engine that answers when a test lets it, asked by the SDK's own client."""

import threading
from pathlib import Path

import anyio
import pytest
from mcp.client.client import Client

from cognate.cancellation import CancelToken
from cognate.mcp import server as module
from cognate.mcp.server import agent_server
from cognate.types import Answer, Explanation, IndexInfo, State, Status, Symbol

READY = IndexInfo(State.READY, 1, 1.0, 5)


class WaitingEngine:
    """An engine whose questions end when they are cancelled, and not before."""

    def __init__(self, folder: Path, info: IndexInfo = READY) -> None:
        self.folder = folder
        self.info = info
        self.asked = threading.Event()
        self.cancelled = threading.Event()

    def search(self, request: object, cancel: CancelToken) -> Answer:
        self.asked.set()
        while not cancel.cancelled:
            self.cancelled.wait(0.01)
        self.cancelled.set()
        cancel.check()
        return Answer((), self.info)

    related = search

    def status(self) -> Status:
        return Status(self.info, 2, 0, 0, "", "model", str(self.folder), "")

    def wait_until_current(self, timeout: float | None = None, *, embedded: bool = True) -> bool:
        return True

    def paths(self) -> frozenset[str]:
        return frozenset({"a.py"})

    def symbols_in(self, path: str) -> tuple[Symbol, ...]:
        return ()

    def referrers(self, path: str) -> tuple[str, ...]:
        return ()

    def explain(self, path: str) -> Explanation:
        return Explanation(path, False, "It is ignored by .gitignore, line 3.")


async def test_a_call_that_is_cancelled_stops_the_engine_and_the_server_goes_on(tmp_path: Path):
    engine = WaitingEngine(tmp_path)
    async with Client(agent_server(engine)) as client, anyio.create_task_group() as group:

        async def ask() -> None:
            await client.call_tool("search_code", {"query": "anything"})

        group.start_soon(ask)
        await anyio.to_thread.run_sync(engine.asked.wait)
        group.cancel_scope.cancel()
        with anyio.CancelScope(shield=True), anyio.fail_after(10):
            await anyio.to_thread.run_sync(engine.cancelled.wait)
            assert len((await client.list_tools()).tools) == 3


async def test_a_question_that_takes_too_long_is_answered_with_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "CALL_S", 0.2)
    engine = WaitingEngine(tmp_path, IndexInfo(State.INDEXING, 0, 0.0, 0))
    async with Client(agent_server(engine)) as client:
        result = await client.call_tool("search_code", {"query": "anything"})
    assert not result.is_error
    assert "is not ready yet" in result.content[0].text
    assert result.structured_content["index"]["state"] == "indexing"
    assert engine.cancelled.wait(10)


async def test_a_file_that_is_left_out_of_the_index_says_by_which_rule(tmp_path: Path):
    (tmp_path / "b.py").write_text("x = 1\n")
    async with Client(agent_server(WaitingEngine(tmp_path))) as client:
        result = await client.call_tool("explain_place", {"file": "b.py", "line": 1})
    assert result.is_error
    assert result.content[0].text == "b.py is not in the index: It is ignored by .gitignore, line 3."
