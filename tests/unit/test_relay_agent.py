"""What a relay for an agent remembers for the next owner, and what it does not tell the agent twice."""

import json
from typing import Any

import pytest

from cognate.relay_agent import Relay


@pytest.fixture
def relay() -> Relay:
    return Relay("/folder", "/cache/folder")


def line(**message: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}).encode()


def said(relay: Relay, *lines: bytes) -> list[bytes]:
    """Have an agent say lines; return what the next owner would be asked."""
    for one in lines:
        relay._note(one)
    return list(relay._open.values())


def test_requests_are_open_until_they_are_answered_or_cancelled(relay: Relay):
    asked = [line(id=1, method="ping"), line(id="1", method="ping"), line(id=2, method="tools/list")]
    assert said(relay, *asked) == asked
    assert relay._is_new(line(id=1, result={}))
    assert said(relay, line(method="notifications/cancelled", params={"requestId": "1"})) == asked[2:]


def test_a_reply_is_passed_on_once(relay: Relay):
    said(relay, line(id=1, method="ping"))
    assert [relay._is_new(line(id=1, result={})) for _ in range(2)] == [True, False]
    assert not relay._is_new(line(id=7, error={"code": 1, "message": "nobody asked"}))
    assert relay._is_new(line(id=None, error={"code": -32700, "message": "no JSON"}))
    assert relay._is_new(line(id=1, method="ping"))  # The server may ask, too.


def test_progress_never_goes_back(relay: Relay):
    told = [line(method="notifications/progress", params={"progressToken": "a", "progress": n}) for n in (0, 1, 0, 2)]
    assert [relay._is_new(one) for one in told] == [True, True, False, True]


@pytest.mark.parametrize(
    "garbage",
    [
        b"", b"\xff", b"[1, null]", b"[" * 100_000, b"{}", b"[]", line(id=[], method="ping"),
        line(id={}, method="ping"), line(method="notifications/cancelled", params=[1]),
        line(method="notifications/cancelled"), line(method="notifications/cancelled", params={"requestId": {}}),
        line(id=1), line(method=3),
    ],
)  # fmt: skip
def test_garbage_is_for_the_server_to_answer(relay: Relay, garbage: bytes):
    assert said(relay, garbage) == []
    assert relay._is_new(garbage) or b'"id": 1' in garbage


def test_a_batch_is_asked_again_as_a_whole(relay: Relay):
    batch = json.dumps([{"id": 1, "method": "ping"}, {"id": 2, "method": "ping"}]).encode()
    assert set(said(relay, batch)) == {batch}
    assert set(relay._open) == {1, 2}


def test_the_first_request_decides_whether_there_is_a_handshake_to_repeat(relay: Relay):
    said(relay, line(id=1, method="initialize"), line(id=2, method="initialize"))
    assert relay._first_id == 2  # With another version of the protocol.
    newer = Relay("/folder", "/cache/folder")
    said(newer, line(id=1, method="server/discover"), line(id=2, method="initialize"))
    assert newer._first is None  # It gave up on a slow answer, and is refused.
