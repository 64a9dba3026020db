import asyncio
from pathlib import Path
from typing import Any

import pytest

from cognate.duplicates import Cluster, Member
from cognate.errors import StoreError
from cognate.search.request import TwinsRequest
from cognate.timing import Times
from cognate.types import Facets, IndexInfo, Span, State, Symbol
from unit.lsp.conversation import Conversation
from unit.lsp.stub_engine import StubSource, hit

ONE, TWO = Path("/one"), Path("/two")
SEARCH = {"query": "read the settings"}


@pytest.fixture
async def talk() -> Any:
    """Return a function that begins a conversation about folders with given hits."""
    begun: list[Conversation] = []

    def begin(hits: dict[str, Any] | None = None, settings: Any = None) -> Conversation:
        begun.append(Conversation(StubSource(hits), settings))
        return begun[-1]

    yield begin
    for conversation in begun:
        conversation.server.session.dispose()


def paths(result: Any) -> list[str]:
    return [found["location"]["uri"].removeprefix("file://") for found in result["hits"]]


def document(path: str, **more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": f"file://{path}"}, **more}


def change(path: str, edit: dict[str, Any]) -> dict[str, Any]:
    return {"textDocument": {"uri": f"file://{path}", "version": 2}, "contentChanges": [edit]}


def open_document(path: str, text: str) -> dict[str, Any]:
    return {"textDocument": {"uri": f"file://{path}", "languageId": "python", "version": 1, "text": text}}


FOLDER_ONE = {"uri": "file:///one", "name": "one"}
AT = {"position": {"line": 4, "character": 6}}


async def test_answers_of_several_folders_are_merged_by_score(talk: Any) -> None:
    client = talk({"one": [hit("a.py", 0.9), hit("b.py", 0.2)], "two": [hit("c.py", 0.5), hit("d.py", 0.2)]})
    await client.start(ONE, TWO)
    assert paths(await client.ask("cognate/search", SEARCH)) == ["/one/a.py", "/two/c.py", "/one/b.py", "/two/d.py"]
    assert paths(await client.ask("cognate/search", {**SEARCH, "limit": 2})) == ["/one/a.py", "/two/c.py"]


async def test_the_state_of_several_folders_is_that_of_the_slowest(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    (await client.engine("two")).index = IndexInfo(State.INDEXING, 4, 0.5, 30)
    index = (await client.ask("cognate/search", SEARCH))["index"]
    assert index == {"state": "indexing", "generation": 7, "coverage": 0.625, "chunks": 40}


def counts(facets: Any) -> list[list[tuple[str, int]]]:
    return [[tuple(entry.values()) for entry in facets[name]] for name in ("folders", "languages")]


async def test_counts_of_several_folders_are_added_up_the_fullest_first(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    (await client.engine("one")).facets = Facets((("src", 5), ("docs", 2)), (("python", 7),))
    (await client.engine("two")).facets = Facets((("tests", 6), ("src", 1)), (("c", 10), ("python", 3)))
    found = (await client.ask("cognate/search", SEARCH))["facets"]
    assert found["folders"][0] == {"path": "src", "count": 6}
    assert found["languages"][0] == {"language": "c", "count": 10}
    assert counts(found) == [[("src", 6), ("tests", 6), ("docs", 2)], [("c", 10), ("python", 10)]]
    related = (await client.ask("cognate/related", document("/two/a.py", **AT)))["facets"]
    assert counts(related) == [[("tests", 6), ("src", 1)], [("c", 10), ("python", 3)]]


async def test_a_query_is_narrowed_to_what_holds_answers(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    (await client.engine("one")).facets = Facets((("src/app", 5), ("src", 1)), (("python", 6),))

    async def choices(query: str, by: str, **more: Any) -> list[tuple[str, ...]]:
        found = (await client.ask("cognate/narrow", {"query": query, "by": by, **more}))["choices"]
        assert all(choice["folders"] == more.get("scope", {}).get("folders", []) or by == "folder" for choice in found)
        return [(choice["label"], choice["about"], choice["query"]) for choice in found]

    assert await choices("retry path:lib lang:go", "folder", **document("/one/src/core/a.py")) == [
        ("Everywhere", "", "retry lang:go"),
        ("src/app", "5 results", "retry lang:go path:src/app/"),
        ("src", "1 result", "retry lang:go path:/src/"),
        ("src/core", "above the open file", "retry lang:go path:src/core/"),
    ]
    assert [request.query for request in client.source.opened["one"].asked] == ["retry lang:go"]
    assert await choices("retry lang:go", "language", scope={"folders": ["one"]}) == [
        ("Every language", "", "retry"),
        ("python", "6 results", "retry lang:python"),
    ]
    assert await choices("path:lib", "folder") == [("Everywhere", "", "")]
    assert (await client.refusal("cognate/narrow", {"query": "retry", "by": "age"}))["code"] == -32602


async def test_a_search_can_be_narrowed_to_one_of_several_workspace_folders(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    params = {"query": "", "by": "folder", **document("/one/src/a.py"), "scope": {"folders": ["two"]}}
    found = (await client.ask("cognate/narrow", params))["choices"]
    assert [(choice["label"], choice["folders"]) for choice in found] == [
        ("Everywhere", []),
        ("one", ["file:///one"]),
        ("two", ["file:///two"]),
    ]


async def test_hits_carry_the_text_of_the_line_that_answers(talk: Any) -> None:
    client = talk({"one": [hit("a.py")]})
    await client.start(ONE)
    for method, params in (("cognate/search", SEARCH), ("cognate/related", document("/one/x.py", **AT))):
        (found,) = (await client.ask(method, params))["hits"]
        assert found["focusText"] == "    return 1"
        assert found["focusRange"]["start"] == {"line": 1, "character": 4}


async def test_the_status_says_in_one_sentence_how_far_all_and_each_are(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    (await client.engine("two")).index = IndexInfo(State.INDEXING, 4, 0.5, 30)
    status = await client.ask("cognate/status")
    assert status["summary"] == "Indexing: 62 % of 40 chunks have embeddings; words find all of them"
    assert (status["short"], status["wordCoverage"]) == ("62 %", 1.0)
    assert [folder["summary"] for folder in status["folders"]] == [
        "Ready: 10 chunks",
        "Indexing: 50 % of 30 chunks have embeddings; words find all of them",
    ]


async def test_a_request_sees_what_was_open_when_it_came(talk: Any) -> None:
    client = talk({"one": [hit("a.py", 0.9)]})
    await client.start(ONE)
    (await client.engine("one")).symbols = (DEFINITION,)
    client.notify("textDocument/didOpen", open_document("/one/x.py", "\n" * 4 + "def load(path):\n"))
    hover = client.begin("textDocument/hover", document("/one/x.py", **AT))
    client.notify("textDocument/didChange", change("/one/x.py", {"text": "nothing"}))
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [FOLDER_ONE]}})
    assert "Similar code" in (await client.reply(hover))["result"]["contents"]["value"]
    assert await client.ask("textDocument/hover", document("/one/x.py", **AT)) is None


@pytest.mark.parametrize("name", ["two", "file:///two", "file:///two/"])
async def test_scope_chooses_folders_by_name_or_uri(talk: Any, name: str) -> None:
    client = talk({"one": [hit("a.py")], "two": [hit("c.py")]})
    await client.start(ONE, TWO)
    assert paths(await client.ask("cognate/search", {**SEARCH, "scope": {"folders": [name]}})) == ["/two/c.py"]
    assert (await client.refusal("cognate/search", {**SEARCH, "scope": {"folders": ["no"]}}))["code"] == -32602


async def test_a_failing_folder_does_not_silence_the_others(talk: Any) -> None:
    client = talk({"one": [hit("a.py")]})
    await client.start(ONE, TWO)
    (await client.engine("two")).failure = StoreError("broken")
    result = await client.ask("cognate/search", SEARCH)
    assert paths(result) == ["/one/a.py"]
    assert result["index"]["state"] == "error"


async def test_places_in_nested_folders_are_shown_once_and_changes_reach_both(talk: Any) -> None:
    inner = ONE / "inner"
    client = talk({"one": [hit("inner/a.py", 0.5)], "inner": [hit("a.py", 0.6)]})
    await client.start(ONE, inner)
    assert paths(await client.ask("cognate/search", SEARCH)) == ["/one/inner/a.py"]
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": "file:///one/inner/a.py", "type": 2}]})
    assert ("note_changed", "inner/a.py") in client.source.opened["one"].calls
    assert ("note_changed", "a.py") in client.source.opened["inner"].calls
    await client.ask("cognate/related", document("/one/inner/a.py", **AT))
    assert client.source.opened["one"].asked[1:] == []


async def test_without_folders_everything_answers(talk: Any) -> None:
    client = talk()
    await client.start()
    assert await client.ask("cognate/search", SEARCH) == {
        "hits": [],
        "index": {"state": "empty", "generation": 0, "coverage": 0.0, "chunks": 0},
        "facets": {"folders": [], "languages": []},
    }
    assert (await client.ask("cognate/status"))["folders"] == []
    assert (await client.refusal("cognate/related", document("/a.py", **AT)))["code"] == -32602
    assert await client.ask("textDocument/hover", document("/a.py", **AT)) is None
    explained = await client.ask("cognate/explainFile", document("/a.py"))
    assert (explained["indexed"], explained["summary"]) == (False, explained["rule"])


@pytest.mark.parametrize("root", [{"rootUri": "file:///one"}, {"rootPath": "/one"}])
async def test_an_old_client_may_name_one_root(talk: Any, root: dict[str, str]) -> None:
    client = talk({"one": [hit("a.py")]})
    await client.start(workspaceFolders=None, **root)
    await client.engine("one")
    assert paths(await client.ask("cognate/search", SEARCH)) == ["/one/a.py"]


async def test_folders_come_and_go(talk: Any) -> None:
    client = talk({"one": [hit("a.py")], "two": [hit("c.py")]})
    await client.start(ONE)
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        {
            "event": {
                "added": [{"uri": "file:///two", "name": "two"}],
                "removed": [{"uri": "file:///one", "name": "one"}],
            }
        },
    )
    await client.engine("two")
    assert paths(await client.ask("cognate/search", SEARCH)) == ["/two/c.py"]
    await client.until(lambda: ("close",) in client.source.opened["one"].calls)


async def test_a_folder_that_cannot_be_opened_is_a_state_and_one_message(talk: Any) -> None:
    client = talk()
    client.source.failure = StoreError("The index is locked; close the other server.")
    await client.start(ONE, wait=False)
    await client.until(lambda: client.told("window/showMessage"))
    assert client.told("window/showMessage") == [{"type": 1, "message": str(client.source.failure)}]
    status = await client.ask("cognate/status")
    assert (status["state"], status["message"]) == ("error", str(client.source.failure))
    assert (await client.ask("cognate/search", SEARCH))["index"]["state"] == "error"


async def test_buffers_mask_files_from_open_to_close(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    calls = (await client.engine("one")).calls
    client.notify("textDocument/didOpen", open_document("/one/a.py", "x = 1\ny = 2\n"))
    edit = {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 1}}, "text": "z"}
    client.notify("textDocument/didChange", change("/one/a.py", edit))
    client.notify("textDocument/didSave", document("/one/a.py"))
    client.notify("textDocument/didClose", document("/one/a.py"))
    assert calls[1:] == [
        ("set_buffer", "a.py", "x = 1\ny = 2\n"),
        ("set_buffer", "a.py", "x = 1\nz = 2\n"),
        ("note_changed", "a.py"),
        ("drop_buffer", "a.py"),
    ]


async def test_buffers_opened_before_the_engine_are_handed_over(talk: Any) -> None:
    client = talk()
    await client.start(ONE, wait=False)
    client.notify("textDocument/didOpen", open_document("/one/a.py", "early"))
    client.notify("textDocument/didOpen", open_document("/elsewhere/b.py", "outside"))
    engine = await client.engine("one")
    assert engine.calls == [("set_buffer", "a.py", "early"), ("start",)]


async def test_edits_to_documents_that_are_not_open_are_ignored(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    edit = {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "z"}
    client.notify("textDocument/didChange", change("/one/a.py", edit))
    client.notify("textDocument/didClose", document("/one/a.py"))
    assert (await client.engine("one")).calls == [("start",)]


async def test_settings_come_from_the_client_and_bad_ones_are_told_once(talk: Any) -> None:
    client = talk(settings={"searchLimit": 1, "hover": {"minScore": 7}})
    client.source.hits = {"one": [hit("a.py"), hit("b.py")]}
    await client.start(ONE)
    assert len((await client.ask("cognate/search", SEARCH))["hits"]) == 1
    client.settings = {"searchLimit": 2, "hover": {"minScore": 7}}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    engine = await client.engine("one")
    await client.until(lambda: [call for call in engine.calls if call[0] == "apply_settings"])
    assert len((await client.ask("cognate/search", SEARCH))["hits"]) == 2
    (message,) = client.told("window/showMessage")
    assert "hoverMinScore" in message["message"]


async def test_what_the_editor_hides_is_left_out_before_the_users_own_patterns(talk: Any) -> None:
    client = talk(settings={"exclude": ["!out/kept.py"]})
    client.hidden = {
        "*.log": True,
        "out/**": True,
        "**/{a,b}.js": True,
        "**/x": False,
        "*.js": {"when": "$(basename).ts"},
    }
    await client.start(ONE)
    engine = await client.engine("one")
    assert engine.settings.exclude == ("/*.log", "out/**", "**/{a,b}.js", "!out/kept.py")
    client.settings, client.hidden = None, {"*.log": True}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.until(lambda: [call for call in engine.calls if call[0] == "apply_settings"])
    assert client.server.session.folders[ONE.as_uri()].settings.exclude == ("/*.log",)


@pytest.mark.parametrize(
    "options", [{"searchLimit": 1}, {"settings": {"searchLimit": 1}}, {"cognate": {"searchLimit": 1}}]
)
async def test_a_client_that_cannot_be_asked_sends_settings(talk: Any, options: Any) -> None:
    client = talk({"one": [hit("a.py"), hit("b.py"), hit("c.py")]})
    await client.start(ONE, options=options, capabilities={})
    assert len((await client.ask("cognate/search", SEARCH))["hits"]) == 1
    client.notify("workspace/didChangeConfiguration", {"settings": {"cognate": {"searchLimit": 2}}})
    assert len((await client.ask("cognate/search", SEARCH))["hits"]) == 2


async def test_what_is_registered_depends_on_the_client(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    (asked,) = client.told("client/registerCapability")
    assert [item["method"] for item in asked["registrations"]] == [
        "workspace/didChangeWatchedFiles",
        "workspace/didChangeConfiguration",
    ]
    assert asked["registrations"][1]["registerOptions"] == {"section": ["cognate", "files.exclude"]}
    silent = talk()
    await silent.start(ONE, capabilities={})
    assert silent.told("client/registerCapability") == []


async def test_the_client_watches_where_it_can_and_the_engines_where_it_cannot(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    assert ("watch",) not in (await client.engine("one")).calls
    silent = talk()
    await silent.start(ONE, capabilities={})
    assert (await silent.engine("one")).calls == [("watch",), ("start",)]


async def test_a_client_that_refuses_to_watch_is_not_relied_on(talk: Any) -> None:
    client = talk()
    client.refuses = "client/registerCapability"
    await client.start(ONE)
    engine = await client.engine("one")
    await client.until(lambda: ("watch",) in engine.calls)


async def test_a_folder_that_cannot_be_watched_is_told_once(talk: Any) -> None:
    client = talk()
    await client.start(ONE, capabilities={})
    engine = await client.engine("one")
    for _ in range(2):
        await asyncio.to_thread(engine.on_trouble, "No more watches.")
    await client.until(lambda: client.told("window/showMessage"))
    assert client.told("window/showMessage") == [{"type": 2, "message": "No more watches."}]


DEFINITION = Symbol("load", "function", "", 4, 9)


async def test_a_hover_on_a_definitions_name_lists_similar_code(talk: Any) -> None:
    client = talk({"one": [hit("a (b).py", 0.83), hit("c_d.py", 0.7, line=6)]})
    await client.start(ONE)
    engine = await client.engine("one")
    engine.symbols = (DEFINITION,)
    text = "\n" * 4 + "def load(path):\n    return 1\n"
    client.notify("textDocument/didOpen", open_document("/one/x.py", text))
    hover = await client.ask("textDocument/hover", document("/one/x.py", **AT))
    assert hover["contents"] == {
        "kind": "markdown",
        "value": "**Similar code**\n\n"
        "- [`code`](file:///one/a%20%28b%29.py#L2) 0.83 · a (b).py:2\n"
        "- [`code`](file:///one/c_d.py#L8) 0.70 · c\\_d.py:8",
    }
    (asked,) = engine.asked
    assert asked.span == Span("x.py", 4, 9)
    assert (asked.limit, asked.min_score) == (3, 0.6)
    elsewhere = {"position": {"line": 4, "character": 12}}
    assert await client.ask("textDocument/hover", document("/one/x.py", **elsewhere)) is None


async def test_a_hover_says_what_does_the_same(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    engine = await client.engine("one")
    engine.symbols = (DEFINITION,)
    twin = Symbol("read", "method", "Reader", 6, 11)
    engine.clusters = (
        Cluster(0.9, (Member("x.py", 4, 9, DEFINITION, "python"), Member("a (b).py", 6, 11, twin, "python"))),
    )
    text = "\n" * 4 + "def load(path):\n    return 1\n"
    client.notify("textDocument/didOpen", open_document("/one/x.py", text))
    hover = await client.ask("textDocument/hover", document("/one/x.py", **AT))
    assert hover["contents"]["value"] == "Does the same: [`Reader.read`](file:///one/a%20%28b%29.py#L7) · a (b).py:7"
    assert engine.twins_asked == [TwinsRequest("x.py", 4)]


async def test_hovers_can_be_turned_off(talk: Any) -> None:
    client = talk({"one": [hit("a.py", 0.9)]}, settings={"hover": {"enabled": False}})
    await client.start(ONE)
    (await client.engine("one")).symbols = (DEFINITION,)
    assert await client.ask("textDocument/hover", document("/one/x.py", **AT)) is None


async def test_lenses_are_off_until_asked_for_and_counted_late(talk: Any) -> None:
    client = talk({"one": [hit("a.py", 0.9), hit("b.py", 0.8)]})
    await client.start(ONE)
    engine = await client.engine("one")
    engine.symbols = (DEFINITION, Symbol("x", "variable", "", 1, 2))
    assert await client.ask("textDocument/codeLens", document("/one/x.py")) == []
    client.settings = {"codeLens": {"enabled": True}}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    await client.until(lambda: client.told("workspace/codeLens/refresh"))
    (lens,) = await client.ask("textDocument/codeLens", document("/one/x.py"))
    assert engine.asked == []
    resolved = await client.ask("codeLens/resolve", lens)
    assert resolved["range"]["start"] == {"line": 4, "character": 0}
    assert resolved["command"]["title"] == "2 similar"
    assert await client.ask(
        "workspace/executeCommand",
        {"command": resolved["command"]["command"], "arguments": resolved["command"]["arguments"]},
    )


@pytest.mark.parametrize(
    ("query", "asked"), [("two words", True), ("?one", True), ("name", False), ("?", False), ("", False)]
)
async def test_only_questions_search_workspace_symbols(talk: Any, query: str, asked: bool) -> None:
    client = talk({"one": [hit("a.py", symbol=Symbol("load", "method", "Job", 0, 3)), hit("b.py")]})
    await client.start(ONE)
    symbols = await client.ask("workspace/symbol", {"query": query})
    if not asked:
        assert symbols is None
        return
    assert [(symbol["name"], symbol["kind"]) for symbol in symbols] == [("load", 6), ("preview", 15)]


async def test_code_actions_are_for_people_who_ask(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    there = {"range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}}}

    async def actions(path: str = "/one/a.py", **context: Any) -> Any:
        return await client.ask(
            "textDocument/codeAction", document(path, **there, context={"diagnostics": [], **context})
        )

    (action,) = await actions(triggerKind=1)
    assert action["title"] == "Find related code"
    assert await client.ask("workspace/executeCommand", action["command"])
    assert await actions(triggerKind=2) == []
    assert await actions(only=["source.organizeImports"]) == []
    assert await actions("/elsewhere/a.py") == []


async def test_a_cells_uri_is_found_in_its_notebook_wherever_it_moved(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    cells = [f"vscode-notebook-cell:/one/n.ipynb#W{n}sZmlsZQ%3D%3D" for n in range(3)]
    notebook = {"uri": "file:///one/n.ipynb", "version": 1, "notebookType": "jupyter-notebook"}

    async def place_of(uri: str) -> Span:
        await client.ask("cognate/related", {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 0}})
        return client.source.opened["one"].asked[-1].span

    assert await place_of(cells[1]) == Span("n.ipynb", 2, 3, cell=1)
    opened = {**notebook, "cells": [{"kind": 2, "document": uri} for uri in cells]}
    client.notify("notebookDocument/didOpen", {"notebookDocument": opened, "cellTextDocuments": []})
    change = {"cells": {"structure": {"array": {"start": 0, "deleteCount": 1}}}}
    client.notify("notebookDocument/didChange", {"notebookDocument": notebook, "change": change})
    assert await place_of(cells[1]) == Span("n.ipynb", 2, 3, cell=0)
    client.notify("notebookDocument/didSave", {"notebookDocument": notebook})
    client.notify(
        "textDocument/didOpen",
        {"textDocument": {"uri": cells[1], "languageId": "python", "version": 1, "text": "cell"}},
    )
    client.notify("notebookDocument/didClose", {"notebookDocument": notebook, "cellTextDocuments": []})
    assert await place_of(cells[1]) == Span("n.ipynb", 2, 3, cell=1)
    assert client.source.opened["one"].calls[1:] == [("note_changed", "n.ipynb")]


async def test_the_place_one_is_in_counts_in_its_own_folder_only(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    await client.ask("cognate/search", {**SEARCH, "context": document("/one/a.py", **AT)})
    await client.ask("cognate/search", {**SEARCH, "context": document("/elsewhere/a.py", **AT)})
    assert [request.near for request in client.source.opened["one"].asked] == [Span("a.py", 4, 5), None]
    assert [request.near for request in client.source.opened["two"].asked] == [None, None]


async def test_switches_reach_the_chosen_folders(talk: Any) -> None:
    client = talk()
    await client.start(ONE, TWO)
    for name in ("pause", "resume", "reindex"):
        command = {"command": f"cognate.{name}", "arguments": [{"folders": ["two"]}]}
        assert (await client.ask("workspace/executeCommand", command))["state"] == "ready"
    assert (await client.engine("one")).calls == [("start",)]
    assert (await client.engine("two")).calls == [("start",), ("pause",), ("resume",), ("reindex",)]
    assert (await client.refusal("workspace/executeCommand", {"command": "cognate.nope"}))["code"] == -32602


async def test_an_engines_status_reaches_the_client(talk: Any) -> None:
    client = talk()
    await client.start(ONE)
    engine = await client.engine("one")
    engine.listeners[0](engine.status())
    await client.until(lambda: client.told("cognate/didChangeStatus"))
    (told,) = client.told("cognate/didChangeStatus")
    asked = await client.ask("cognate/status")
    assert told["folders"][0].pop("details") == {"a_b": "one"}
    assert {**told, "memory": 0, "folders": 0} == {**asked, "memory": 0, "folders": 0}


async def test_a_client_that_listens_gets_the_trace_of_queries_and_jobs(talk: Any) -> None:
    client, times = talk(), Times("one")
    await client.start(ONE, trace="messages")
    await asyncio.get_running_loop().run_in_executor(None, times.add, "query", {"read": 0.001, "words": 0.002})
    await client.until(lambda: client.told("$/logTrace"))
    assert client.told("$/logTrace") == [{"message": "one: query 3.0 ms (read 1.0, words 2.0)"}]
    client.notify("$/setTrace", {"value": "off"})
    times.add("query", {"read": 0.001})
    client.notify("$/setTrace", {"value": "verbose"})
    times.add("related", {"": 0.004})
    await client.until(lambda: len(client.told("$/logTrace")) > 1)
    assert client.told("$/logTrace")[1:] == [{"message": "one: related 4.0 ms"}]
    client.notify("$/setTrace", {"value": "off"})
