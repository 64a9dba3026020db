"""New definitions of open documents that do the same as one elsewhere get a hint, when the index is in step."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cognate.duplicates import Cluster, Member
from cognate.lsp import duplicate_hints
from cognate.lsp.duplicate_hints import name_range
from cognate.search.request import TwinsRequest
from cognate.types import IndexInfo, State, Symbol
from unit.lsp.conversation import CAPABILITIES, Conversation
from unit.lsp.stub_engine import StubEngine, StubSource

ONE = Path("/one")
URI = "file:///one/net/calls.py"
BEFORE = "import time\n"
AFTER = "import time\n\n\ndef with_backoff(operation):\n    return operation()\n"
NEW = Symbol("with_backoff", "function", "", 3, 5)
OLD = Symbol("retry_call", "function", "", 9, 12)
TWINS = (Cluster(0.9, (Member("net/calls.py", 3, 5, NEW, "python"), Member("utils/retry.py", 9, 12, OLD, "python"))),)
PUBLISHED = "textDocument/publishDiagnostics"
RELATED = {"publishDiagnostics": {"relatedInformation": True}}


@pytest.fixture
async def talk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Conversation]]:
    """Return a function that begins a conversation in which nothing waits for a rest."""
    monkeypatch.setattr(duplicate_hints, "REST_S", 0)
    begun: list[Conversation] = []

    def begin(settings: Any = None) -> Conversation:
        begun.append(Conversation(StubSource(), settings))
        return begun[-1]

    yield begin
    for conversation in begun:
        conversation.server.session.dispose()


async def opened(client: Conversation, **more: Any) -> StubEngine:
    await client.start(ONE, **more)
    engine = await client.engine("one")
    engine.clusters = TWINS
    document = {"uri": URI, "languageId": "python", "version": 1, "text": BEFORE}
    client.notify("textDocument/didOpen", {"textDocument": document})
    return engine


def edit(client: Conversation, text: str) -> None:
    params = {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [{"text": text}]}
    client.notify("textDocument/didChange", params)


def in_step(engine: StubEngine, generation: int, state: State = State.READY) -> None:
    """Tell what an engine tells when its index holds what the editor shows."""
    engine.index = IndexInfo(state, generation, 1.0, 10)
    for listener in engine.listeners:
        listener(engine.status())


async def test_a_hint_stands_at_the_name_and_names_the_twin(talk: Any) -> None:
    client = talk({"duplicateHints": True})
    engine = await opened(client, capabilities={**CAPABILITIES, "textDocument": RELATED})
    edit(client, AFTER)
    in_step(engine, 4)
    (published,) = await client.until(lambda: client.told(PUBLISHED))
    assert published["uri"] == URI
    (hint,) = published["diagnostics"]
    assert hint["range"] == {"start": {"line": 3, "character": 4}, "end": {"line": 3, "character": 16}}
    assert (hint["severity"], hint["source"], hint["code"]) == (4, "cognate", "duplicate")
    assert hint["message"] == "Looks like utils/retry.py: retry_call"
    (related,) = hint["relatedInformation"]
    assert related["location"]["uri"] == "file:///one/utils/retry.py"
    assert related["location"]["range"]["start"] == {"line": 9, "character": 0}
    assert engine.twins_asked == [TwinsRequest("net/calls.py", text=AFTER, known=BEFORE)]


async def test_hints_go_when_nothing_is_alike_any_more_and_when_the_document_is_closed(talk: Any) -> None:
    client = talk({"duplicateHints": True})
    engine = await opened(client)
    edit(client, AFTER)
    in_step(engine, 4)
    await client.until(lambda: client.told(PUBLISHED))
    engine.clusters = ()
    in_step(engine, 5)
    await client.until(lambda: len(client.told(PUBLISHED)) == 2)
    assert client.told(PUBLISHED)[-1] == {"uri": URI, "diagnostics": []}
    engine.clusters = TWINS
    in_step(engine, 6)
    await client.until(lambda: len(client.told(PUBLISHED)) == 3)
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    await client.until(lambda: len(client.told(PUBLISHED)) == 4)
    assert client.told(PUBLISHED)[-1] == {"uri": URI, "diagnostics": []}


async def test_what_has_not_changed_is_not_asked_about(talk: Any) -> None:
    client = talk({"duplicateHints": True})
    engine = await opened(client)
    in_step(engine, 4)
    edit(client, AFTER)
    in_step(engine, 5, State.CATCHING_UP)
    in_step(engine, 6)
    await client.until(lambda: client.told(PUBLISHED))
    assert [request.text for request in engine.twins_asked] == [AFTER]


async def test_nothing_is_asked_unless_the_setting_is_on_and_turning_it_off_takes_hints_away(talk: Any) -> None:
    client = talk({})
    engine = await opened(client)
    edit(client, AFTER)
    in_step(engine, 4)
    await client.until(lambda: client.told("cognate/didChangeStatus"))
    assert engine.twins_asked == []
    client.settings = {"duplicateHints": True}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.until(lambda: client.told(PUBLISHED))
    client.settings = {"duplicateHints": False}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.until(lambda: len(client.told(PUBLISHED)) == 2)
    assert client.told(PUBLISHED)[-1]["diagnostics"] == []


@pytest.mark.parametrize(("encoding", "start", "end"), [("utf-16", 9, 13), ("utf-8", 11, 15), ("utf-32", 8, 12)])
def test_a_range_counts_in_the_agreed_units(encoding: str, start: int, end: int) -> None:
    symbol = replace(NEW, name="load", start_line=1)
    found = name_range("\n/* 😀 */ load(path) {\n}", symbol, encoding)
    assert (found.start.line, found.start.character, found.end.character) == (1, start, end)
    assert name_range("\n  operator ()\nx\ny", symbol, encoding).start.character == 2
