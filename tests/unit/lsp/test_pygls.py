"""What Cognate counts on in pygls beyond its documented interface, one test for each private member and module.

When one fails after an upgrade: its message says what to look at in ``cognate/lsp``. The version is bounded in
``pyproject.toml`` for the same reason.
"""

import asyncio
import inspect
import io
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from lsprotocol.converters import get_converter
from pygls.io_ import run_async
from pygls.protocol import JsonRPCProtocol, JsonRPCResponseMessage
from pygls.server import JsonRPCServer

import cognate.lsp

PRIVATE = {"_send_data", "_result_types"}


@pytest.fixture
def protocol() -> JsonRPCProtocol:
    return JsonRPCServer(JsonRPCProtocol, get_converter).protocol


def test_no_other_private_member_is_used() -> None:
    """A new one needs a test here."""
    inherited = {name for name in [*vars(JsonRPCProtocol), *vars(JsonRPCServer)] if re.match(r"_[a-z]", name)}
    inherited |= {name for name in vars(JsonRPCServer(JsonRPCProtocol, get_converter).protocol) if name[0] == "_"}
    sources = [path.read_text(encoding="utf-8") for path in Path(cognate.lsp.__file__).parent.rglob("*.py")]
    used = {name for source in sources for name in re.findall(r"(?:self|protocol|wire)\.(_[a-z]\w*)", source)}
    assert used & inherited == PRIVATE, "Cognate uses other private members of pygls than this file tests."


def test_send_data_frames_json_and_writes_it_once(protocol: JsonRPCProtocol) -> None:
    sent = io.BytesIO()
    protocol.set_writer(sent)  # pyright: ignore[reportArgumentType]
    protocol._send_data({"id": 1, "text": "é"})
    header, _, body = sent.getvalue().partition(b"\r\n\r\n")
    why = "Wire._reply sends every reply through _send_data: it must write one frame of the JSON it is given."
    assert b"Content-Length: %d" % len(body) in header, why
    assert json.loads(body) == {"id": 1, "text": "é"}, why


async def test_result_types_remembers_a_request_until_it_is_taken_out(protocol: JsonRPCProtocol) -> None:
    protocol.set_writer(io.BytesIO())  # pyright: ignore[reportArgumentType]
    asked = protocol.send_request_async("workspace/configuration", None, "q")
    why = "Wire._response takes each answered request out of _result_types, as pygls does where it reads messages."
    assert list(protocol._result_types) == ["q"], why
    protocol.handle_message(JsonRPCResponseMessage("q", "2.0", [1]))
    assert await asked == [1]
    assert list(protocol._result_types) == ["q"], why


async def test_run_async_reads_frames_and_hands_over_what_the_protocol_made_of_them() -> None:
    why = "transport._talk runs run_async, which must call structure_message and handle_message, and report errors."
    names = {"stop_event", "reader", "protocol", "logger", "error_handler"}
    assert names <= set(inspect.signature(run_async).parameters), why
    handled: list[Any] = []
    problems: list[Exception] = []

    class Plain:
        def structure_message(self, data: Any) -> Any:
            return data

        def handle_message(self, message: Any) -> None:
            handled.append(message)

    reader = asyncio.StreamReader()
    reader.feed_data(b'Content-Length: 7\r\n\r\n{"a":1}Content-Length: 1\r\n\r\n{')
    reader.feed_eof()
    await run_async(
        stop_event=threading.Event(),
        reader=reader,
        protocol=Plain(),  # pyright: ignore[reportArgumentType]
        error_handler=lambda error, _source: problems.append(error),
    )
    await asyncio.sleep(0)
    assert handled == [{"a": 1}], why
    assert [type(problem) for problem in problems] == [json.JSONDecodeError], why
