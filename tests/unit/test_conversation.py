"""What a relay for an editor remembers for the next server, and what it does not tell the editor twice."""

import json
from typing import Any

import pytest

from cognate.conversation import MOST_TRIES, PATIENCE_S, Conversation
from cognate.greeting import STAND_ALONE

NOW = 1000.0
OPEN_A = {"textDocument": {"uri": "file:///a", "languageId": "c", "version": 1, "text": "a"}}
REGISTRATION = {"registrations": [{"id": "cognate/w", "method": "workspace/didChangeWatchedFiles"}]}


def message(**fields: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **fields}).encode()


def notification(method: str, params: Any = None) -> bytes:
    return message(method=method, params=params)


INITIALIZE, INITIALIZED = message(id=1, method="initialize", params={}), notification("initialized", {})
CAPABLE = message(id=1, result={"capabilities": {"positionEncoding": "utf-8"}})


def hears(conversation: Conversation, *bodies: bytes, is_served: bool = True) -> list[bytes]:
    """Have an editor say something; return what the server is told at once."""
    return [body for body in bodies if conversation.heard(body, NOW, is_served=is_served)]


def shown(conversation: Conversation, *bodies: bytes) -> list[bytes]:
    """Have a server say something; return what the editor is told."""
    return [body for body in bodies if conversation.said(body)[0]]


@pytest.fixture
def conversation() -> Conversation:
    """An editor and a server that have greeted."""
    greeted = Conversation()
    assert hears(greeted, INITIALIZE, INITIALIZED) == [INITIALIZE, INITIALIZED]
    assert shown(greeted, CAPABLE) == [CAPABLE]
    return greeted


def test_the_next_server_is_introduced_told_what_is_open_and_asked_what_has_no_answer(conversation: Conversation):
    trace, early, late = (notification("$/setTrace", {"value": value}) for value in ("off", "messages", "verbose"))
    asked, answered = message(id=2, method="cognate/search"), message(id="2", method="cognate/search")
    said = [trace, notification("textDocument/didOpen", OPEN_A), asked, early, answered, late]
    assert hears(conversation, *said) == said
    assert shown(conversation, message(id="2", result={})) == [message(id="2", result={})]
    first, second, third, opened, last = conversation.told_anew()
    assert (first, second, third, last) == (INITIALIZE, INITIALIZED, late, asked)
    assert json.loads(opened) == {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": OPEN_A}


def test_edits_are_counted_in_the_units_that_were_agreed_on(conversation: Conversation):
    text = {"uri": "file:///a", "languageId": "c", "version": 1, "text": "éx"}
    place = {"line": 0, "character": 2}
    change = {"range": {"start": place, "end": place}, "text": "!"}
    hears(
        conversation,
        notification("textDocument/didOpen", {"textDocument": text}),
        notification("textDocument/didChange", {"textDocument": text, "contentChanges": [change]}),
    )
    assert json.loads(conversation.told_anew()[-1])["params"]["contentChanges"] == [{"text": "é!x"}]


def test_what_is_said_between_two_servers_is_said_to_the_second(conversation: Conversation):
    saved = notification("workspace/didChangeWatchedFiles", {"changes": []})
    asked = message(id=2, method="cognate/search")
    assert hears(conversation, saved, asked, b"no JSON", is_served=False) == []
    assert conversation.told_anew() == [INITIALIZE, INITIALIZED, saved, b"no JSON", asked]
    assert conversation.told_anew() == [INITIALIZE, INITIALIZED, asked]


def test_an_answer_is_passed_on_once(conversation: Conversation):
    hears(conversation, message(id=2, method="cognate/search"))
    answer, other = message(id=2, result=[]), message(id=9, error={"code": 1, "message": "nobody asked"})
    assert shown(conversation, CAPABLE, answer, answer, other) == [answer]
    parse_error = message(id=None, error={"code": -32700, "message": "no JSON"})
    assert shown(conversation, parse_error, parse_error) == [parse_error] * 2


def test_a_cancelled_request_is_cancelled_at_the_next_server_too(conversation: Conversation):
    asked, cancel = message(id=2, method="cognate/search"), notification("$/cancelRequest", {"id": 2})
    hears(conversation, asked, cancel, notification("$/cancelRequest", {"id": []}))
    assert conversation.told_anew()[2:] == [asked, cancel]


def test_only_what_the_present_server_asked_is_answered(conversation: Conversation):
    first, second = (message(id=name, method="workspace/configuration", params={}) for name in "ab")
    assert shown(conversation, first) == [first]
    conversation.told_anew()
    assert shown(conversation, second) == [second]
    late, answer = message(id="a", result=[]), message(id="b", result=[])
    assert hears(conversation, late, answer, answer) == [answer]


def test_a_registration_is_made_once_and_answered_as_it_was(conversation: Conversation):
    def register(identifier: str) -> bytes:
        return message(id=identifier, method="client/registerCapability", params=REGISTRATION)

    assert conversation.said(register("a")) == (True, b"")
    conversation.told_anew()
    is_for_editor, reply = conversation.said(register("b"))
    assert (is_for_editor, json.loads(reply)) == (False, {"jsonrpc": "2.0", "id": "b", "result": None})

    refusing, refused = Conversation(), {"code": -32601, "message": "No."}
    refusing.said(register("a"))
    hears(refusing, message(id="a", error=refused))
    assert json.loads(refusing.said(register("b"))[1])["error"] == refused


def test_what_is_shown_is_taken_back_when_its_server_ends(conversation: Conversation):
    def progress(token: str, kind: str) -> bytes:
        return notification("$/progress", {"token": token, "value": {"kind": kind}})

    def diagnostics(uri: str, *found: int) -> bytes:
        return notification("textDocument/publishDiagnostics", {"uri": uri, "diagnostics": found})

    said = [progress("a", "begin"), progress("b", "begin"), progress("b", "report"), progress("b", "end")]
    said += [diagnostics("file:///a", 1), diagnostics("file:///b", 1), diagnostics("file:///b")]
    assert shown(conversation, *said) == said
    taken_back = [json.loads(body) for body in conversation.taken_back()]
    assert taken_back == [json.loads(progress("a", "end")), json.loads(diagnostics("file:///a"))]
    assert conversation.taken_back() == []


def test_a_message_for_the_user_is_shown_once(conversation: Conversation):
    bad, worse = (notification("window/showMessage", {"type": 2, "message": text}) for text in ("bad", "worse"))
    assert shown(conversation, bad, bad, worse, bad) == [bad, worse]


def test_the_next_server_is_paused_as_the_last_was(conversation: Conversation):
    def command(identifier: int, name: str) -> bytes:
        return message(id=identifier, method="workspace/executeCommand", params={"command": name})

    pause, resume, other = command(2, "cognate.pause"), command(3, "cognate.resume"), command(4, "cognate.search")
    hears(conversation, pause, other)
    assert conversation.told_anew() == [INITIALIZE, INITIALIZED, pause, other]
    shown(conversation, message(id=2, result=None), message(id=4, result=None))
    assert conversation.told_anew()[2:] == [pause]
    assert shown(conversation, message(id=2, result=None)) == []  # The editor has an answer to it.
    hears(conversation, resume)
    assert conversation.told_anew()[2:] == [resume]


def test_a_request_is_given_up_after_a_while_or_some_servers(conversation: Conversation):
    hears(conversation, message(id=2, method="cognate/search"))
    assert list(conversation.given_up(NOW + PATIENCE_S - 1)) == []
    (late,) = map(json.loads, conversation.given_up(NOW + PATIENCE_S))
    assert (late["id"], "did not answer" in late["error"]["message"]) == (2, True)
    assert shown(conversation, message(id=2, result=[])) == []
    hears(conversation, message(id=3, method="cognate/search"))
    for _ in range(MOST_TRIES):
        assert list(conversation.given_up(NOW)) == []
        assert len(conversation.told_anew()) == 3
    (tired,) = map(json.loads, conversation.given_up(NOW))
    assert (tired["id"], "again and again" in tired["error"]["message"]) == (3, True)


@pytest.mark.parametrize(("method", "code"), [("exit", 1), ("shutdown", 0)])
def test_an_editor_that_leaves_gets_its_answers_and_an_exit_code(conversation: Conversation, method: str, code: int):
    hears(conversation, message(id=2, method="cognate/search"), message(id=3, method="shutdown") if code == 0 else b"")
    assert not conversation.has_left
    hears(conversation, notification("exit"))
    assert (conversation.has_left, conversation.exit_code) == (True, code)
    replies = {reply["id"]: reply for reply in map(json.loads, conversation.farewell())}
    assert replies[2]["error"]["code"] == -32800
    assert set(replies) == ({2, 3} if method == "shutdown" else {2})
    assert list(conversation.farewell()) == []


def test_other_folders_and_what_the_owner_says_need_a_server_of_its_own(conversation: Conversation):
    change = notification("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": []}})
    assert hears(conversation, change) == []
    assert conversation.stands_alone
    assert change in conversation.told_anew()
    told = Conversation()
    assert shown(told, notification(STAND_ALONE)) == []
    assert told.stands_alone


def test_an_introduction_that_failed_may_be_made_again():
    conversation, again = Conversation(), message(id=2, method="initialize", params={"capabilities": {}})
    hears(conversation, INITIALIZE)
    shown(conversation, message(id=1, error={"code": -32602, "message": "params.capabilities is missing."}))
    hears(conversation, again)
    shown(conversation, message(id=2, result={"capabilities": {}}))
    assert conversation.told_anew() == [again]


@pytest.mark.parametrize(
    "garbage",
    [
        b"", b"\xff", b"[1, null]", b"[" * 100_000, b"{}", b"[]", b"1" * 5000, message(id=[], method="ping"),
        message(id=True, method="ping"), message(id={}, result=1), message(method=["initialize"], id=2),
        message(method={}), notification("$/cancelRequest", 1), notification("textDocument/didChange", [1]),
    ],
)  # fmt: skip
def test_garbage_is_for_the_server_to_answer(conversation: Conversation, garbage: bytes):
    assert hears(conversation, garbage) == [garbage]
    assert conversation.told_anew() == [INITIALIZE, INITIALIZED]
