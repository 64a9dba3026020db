import asyncio
import inspect
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cognate.errors import ModelError
from cognate.lsp.asked import Asked
from cognate.lsp.server import CHANGES, READS
from cognate.lsp.session import Session
from unit.lsp.conversation import Conversation
from unit.lsp.stub_engine import StubSource, hit

WS = Path("/ws")
SEARCH = {"query": "read the settings"}


@pytest.fixture
async def client() -> Any:
    conversation = Conversation(StubSource({"ws": [hit("a.py", 0.9)]}))
    yield conversation
    conversation.server.session.dispose()


@pytest.fixture
def quiet_log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG)
    yield caplog


def test_a_handlers_signature_says_whether_it_changes_the_session() -> None:
    for _, change in CHANGES.values():
        first, *_ = inspect.signature(change).parameters.values()
        assert (first.annotation, inspect.signature(change).return_annotation) == (Session, None)
        assert not inspect.iscoroutinefunction(change)
    for _, read in READS.values():
        first, *_ = inspect.signature(read).parameters.values()
        assert first.annotation is Asked


async def test_nothing_is_answered_before_initialize(client: Conversation) -> None:
    assert (await client.refusal("cognate/search", SEARCH))["code"] == -32002
    client.notify("textDocument/didOpen", {"textDocument": {"uri": "file:///ws/a.py", "text": "x"}})
    assert client.server.session.texts == {}
    await client.start(WS)
    assert (await client.refusal("initialize", {"capabilities": {}, "processId": None, "rootUri": None}))[
        "code"
    ] == -32600


@pytest.mark.parametrize("params", [None, {}, {"capabilities": 5}, {"capabilities": {}, "workspaceFolders": 5}])
async def test_a_malformed_initialize_is_refused_and_may_be_tried_again(client: Conversation, params: Any) -> None:
    error = await client.refusal("initialize", params)
    assert error["code"] == -32602
    assert "params" in error["message"]
    await client.start(WS)


async def test_unknown_capabilities_of_newer_clients_are_ignored(client: Conversation) -> None:
    newer = {
        "general": {"positionEncodings": ["utf-8"]},
        "workspace": {"symbol": {"symbolKind": {"valueSet": [1, 9999]}}},
    }
    result = await client.start(WS, capabilities=newer)
    assert result["capabilities"]["positionEncoding"] == "utf-8"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (5, -32600),
        ([], -32600),
        ({}, -32600),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "x"}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "x"}, -32600),
        ({"jsonrpc": "2.0", "method": 5}, -32600),
    ],
)
async def test_what_is_no_message_gets_one_error_without_an_id(client: Conversation, message: Any, code: int) -> None:
    await client.start(WS)
    before = len(client.replies())
    client.say(message)
    (reply,) = client.replies()[before:]
    assert (reply["id"], reply["error"]["code"]) == (None, code)


async def test_a_body_that_is_no_json_gets_a_parse_error(client: Conversation) -> None:
    await client.start(WS)
    client.server.report_server_error(json.JSONDecodeError("no", "", 0), Exception)
    assert client.replies()[-1] == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32700, "message": "The message is not valid JSON."},
    }


REQUESTS = [
    "cognate/search", "cognate/related", "cognate/explainFile", "textDocument/hover", "textDocument/codeAction",
    "textDocument/codeLens", "codeLens/resolve", "workspace/symbol", "workspace/executeCommand",
]  # fmt: skip


@pytest.mark.parametrize("method", REQUESTS)
@pytest.mark.parametrize("params", [None, 5, "x", [], {}, {"textDocument": {"uri": 3}, "query": [], "command": {}}])
async def test_malformed_params_get_exactly_one_error(client: Conversation, method: str, params: Any) -> None:
    await client.start(WS)
    identifier = client.begin(method, params)
    error = (await client.reply(identifier))["error"]
    assert error["code"] == -32602
    assert error["message"].startswith("params")
    await client.ask("cognate/status")
    assert [reply["id"] for reply in client.replies()].count(identifier) == 1


@pytest.mark.parametrize("method", [method for method in CHANGES if "/did" in method])
async def test_malformed_notifications_are_logged_and_survived(
    client: Conversation, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    await client.start(WS)
    client.notify(method, 5)
    assert f"Ignored a malformed {method}" in caplog.text
    assert (await client.ask("cognate/search", SEARCH))["hits"]


async def test_unknown_methods_are_refused_or_ignored(client: Conversation) -> None:
    await client.start(WS)
    assert (await client.refusal("textDocument/definition", {}))["code"] == -32601
    client.notify("$/unknown", {})
    client.notify("$/cancelRequest", {"id": 999})
    client.notify("$/cancelRequest", {"id": {}})
    client.notify("$/setTrace", 5)
    client.say({"jsonrpc": "2.0", "id": "nobody-asked", "result": 1})
    assert (await client.ask("cognate/search", SEARCH))["hits"]


async def test_a_cancelled_search_is_answered_at_once_and_its_work_is_told(client: Conversation) -> None:
    await client.start(WS)
    engine = await client.engine("ws")
    engine.gate = threading.Event()
    identifier = client.begin("cognate/search", SEARCH)
    await client.until(engine.entered.is_set)
    client.notify("$/cancelRequest", {"id": identifier})
    assert (await client.reply(identifier))["error"]["code"] == -32800
    assert engine.tokens[0].cancelled
    assert not engine.gate.is_set(), "the reply came while the work was still held"
    engine.gate.set()


async def test_a_request_that_is_cancelled_before_it_begins_is_answered_once(client: Conversation) -> None:
    await client.start(WS)
    identifier = client.begin("cognate/search", SEARCH)
    client.notify("$/cancelRequest", {"id": identifier})
    client.notify("$/cancelRequest", {"id": identifier})
    assert (await client.reply(identifier))["error"]["code"] == -32800
    await client.ask("cognate/status")
    assert [reply["id"] for reply in client.replies()].count(identifier) == 1


async def test_commands_can_be_cancelled_too(client: Conversation) -> None:
    await client.start(WS)
    engine = await client.engine("ws")
    engine.gate = threading.Event()
    identifier = client.begin("workspace/executeCommand", {"command": "cognate.search", "arguments": [SEARCH]})
    await client.until(engine.entered.is_set)
    client.notify("$/cancelRequest", {"id": identifier})
    assert (await client.reply(identifier))["error"]["code"] == -32800
    assert engine.tokens[0].cancelled
    engine.gate.set()


async def test_expected_failures_carry_their_message_and_bugs_do_not(
    client: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    await client.start(WS)
    engine = await client.engine("ws")
    engine.failure = ModelError("The model is gone; install it again.")
    assert await client.refusal("cognate/search", SEARCH) == {"code": -32803, "message": str(engine.failure)}
    engine.failure = KeyError("secret detail")
    error = await client.refusal("cognate/search", SEARCH)
    assert error["code"] == -32603
    assert "secret" not in json.dumps(error)
    assert "Traceback" in caplog.text


async def test_queries_and_source_text_stay_out_of_the_log(
    client: Conversation, quiet_log: pytest.LogCaptureFixture
) -> None:
    await client.start(WS)
    secret = "xyzzy"
    text = {"textDocument": {"uri": "file:///ws/a.py", "languageId": "python", "version": 1, "text": secret}}
    client.notify("textDocument/didOpen", text)
    await client.ask("cognate/search", {"query": secret})
    await client.refusal("cognate/search", {"query": secret, "limit": secret})
    client.notify("textDocument/didOpen", {"textDocument": {"uri": 5, "text": secret}})
    assert secret not in quiet_log.text


async def test_shutdown_cancels_closes_and_then_refuses(client: Conversation) -> None:
    await client.start(WS)
    engine = await client.engine("ws")
    engine.gate = threading.Event()
    running = client.begin("cognate/search", SEARCH)
    await client.until(engine.entered.is_set)
    stopping = client.begin("shutdown")
    assert (await client.reply(running))["error"]["code"] == -32800
    assert (await client.reply(stopping))["result"] is None
    assert ("close",) in engine.calls
    assert (await client.refusal("cognate/search", SEARCH))["code"] == -32600
    sent = len(client.sent)
    engine.listeners[0](engine.status())
    await asyncio.sleep(0)
    assert len(client.sent) == sent
    client.notify("exit")
    assert client.server.protocol.stopped.is_set()
    assert client.server.protocol.exit_code == 0
    engine.gate.set()


async def test_exit_without_shutdown_is_an_error(client: Conversation) -> None:
    await client.start(WS)
    client.notify("exit")
    assert client.server.protocol.exit_code == 1
    client.server.session.dispose()
    assert ("close",) in client.source.opened["ws"].calls
    assert client.source.closed
