"""``cognate/history`` and the line of history in a hover, over the wire, from engines that stand in."""

import re
from pathlib import Path
from typing import Any

import pytest

from cognate.commits import Commit, CommitHit, History, Place, Together
from cognate.types import IndexInfo, Span, State, Symbol
from unit.lsp.conversation import Conversation
from unit.lsp.stub_engine import READY, StubSource

ONE, TWO = Path("/one"), Path("/two")
NEW, OLD = Commit("b" * 40, 1_700_000_000, "Retry on 503", "Why."), Commit("a" * 40, 1_600_000_000, "Fetch")


@pytest.fixture
async def talk() -> Any:
    begun: list[Conversation] = []

    def begin(settings: Any = None) -> Conversation:
        begun.append(Conversation(StubSource(None), settings))
        return begun[-1]

    yield begin
    for conversation in begun:
        conversation.server.session.dispose()


async def test_a_commit_on_the_wire_has_its_places_and_its_folder(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    engine = await client.engine("one")
    hit = CommitHit(NEW, 0.5, ("a b.py",), (Place("a b.py", 3, 9, "Client.fetch"), Place("a b.py", 20, 21)))
    engine.past = History((hit,), (Together("c.py", 0.25, 7),), READY, 12, "The clone is shallow.")
    params = {
        "query": "retries",
        "since": "2023-01-01",
        "paths": ["*.py"],
        "open": ["file:///one/d.py", "file:///x.py"],
    }
    result = await client.ask("cognate/history", params)
    assert re.fullmatch(r"\d+ years ago", result["commits"][0].pop("age"))
    assert result["commits"] == [
        {
            "id": NEW.id, "date": "2023-11-14T22:13:20Z", "subject": "Retry on 503", "body": "Why.", "score": 0.5,
            "files": ["a b.py"], "folder": "file:///one",
            "places": [
                {"location": {"uri": "file:///one/a%20b.py", "range": whole(3, 9)}, "symbol": "Client.fetch"},
                {"location": {"uri": "file:///one/a%20b.py", "range": whole(20, 21)}},
            ],
        }
    ]  # fmt: skip
    assert result["together"] == [{"uri": "file:///one/c.py", "path": "c.py", "score": 0.25, "commits": 7}]
    assert (result["covered"], result["complete"], result["message"]) == (12, True, "The clone is shallow.")
    (asked,) = engine.history_asked
    assert (asked.query, asked.paths, asked.near, asked.limit) == ("retries", ("*.py",), ("d.py",), 20)
    assert asked.since is not None


async def test_the_commits_of_several_folders_are_merged_by_score(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    one, two = await client.engine("one"), await client.engine("two")
    one.past = History((CommitHit(OLD, 0.4),), (), READY, 3, "No commit is close.")
    two.past = History((CommitHit(NEW, 0.9),), (), READY, 4, is_complete=False)
    two.index = IndexInfo(State.INDEXING, 1, 0.5, 4)
    result = await client.ask("cognate/history", {"query": "retries"})
    assert [(commit["subject"], commit["folder"]) for commit in result["commits"]] == [
        ("Retry on 503", "file:///two"), ("Fetch", "file:///one"),
    ]  # fmt: skip
    assert (result["covered"], result["complete"]) == (7, False)
    assert "message" not in result
    assert result["index"]["state"] == "indexing"


async def test_a_place_is_asked_of_the_folder_that_holds_it(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    one, two = await client.engine("one"), await client.engine("two")
    two.past = History((CommitHit(NEW, 0.1), CommitHit(OLD, 0.8)), (), READY)
    place = {"textDocument": {"uri": "file:///two/x.py"}, "position": {"line": 4, "character": 2}}
    result = await client.ask("cognate/history", {**place, "limit": 7})
    assert [commit["subject"] for commit in result["commits"]] == ["Retry on 503", "Fetch"]
    assert [(asked.span, asked.limit) for asked in two.history_asked] == [(Span("x.py", 4, 5), 7)]
    assert not one.history_asked


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "query must hold more than blanks"),
        ({"query": "x", "limit": 0}, "limit must be"),
        ({"query": "x", "since": "soon"}, "since must be"),
        ({"textDocument": {"uri": "file:///one/x.py"}}, "position or range is missing"),
        ({"textDocument": {"uri": "file:///x.py"}, "position": {"line": 0, "character": 0}}, "outside"),
    ],
)
async def test_what_no_history_can_answer_is_refused(talk: Any, params: dict[str, Any], said: str) -> None:
    client = talk()
    await client.start(ONE)
    await client.engine("one")
    reply = await client.reply(client.begin("cognate/history", params))
    assert reply["error"]["code"] == -32602
    assert said in reply["error"]["message"]


async def test_a_hover_says_which_commit_changed_a_definition_last_if_it_is_wanted(
    talk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: NEW.date + 95 * 86_400.0)
    client = talk({"hoverHistory": True})
    await client.start(ONE)
    engine = await client.engine("one")
    engine.symbols = (Symbol("load", "function", "", 4, 9),)
    engine.past = History((CommitHit(NEW, 0.4),), (), READY)
    text = "\n" * 4 + "def load(path):\n    return 1\n"
    document = {"uri": "file:///one/x.py", "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})
    at = {"textDocument": {"uri": "file:///one/x.py"}, "position": {"line": 4, "character": 6}}
    hover = await client.ask("textDocument/hover", at)
    assert hover["contents"]["value"] == "last changed: Retry on 503, 3 months ago"
    assert [asked.span for asked in engine.history_asked] == [Span("x.py", 4, 9)]


def whole(start: int, end: int) -> dict[str, Any]:
    return {"start": {"line": start, "character": 0}, "end": {"line": end, "character": 0}}
