"""What a language client gets from a real server with a real index, once for each editor."""

from typing import Any
from urllib.parse import unquote

import pytest

from e2e.client import Client, RefusedError
from e2e.conftest import BACKOFF


def uri(server: Client, path: str) -> str:
    return (server.folder / path).as_uri()


def names(result: dict[str, Any]) -> list[str]:
    return [hit["symbol"]["name"] for hit in result["hits"] if "symbol" in hit]


def open_project_file(server: Client, path: str) -> tuple[str, list[str]]:
    text = (server.folder / path).read_text(encoding="utf-8")
    server.open(uri(server, path), text)
    return uri(server, path), text.splitlines()


def position(lines: list[str], word: str) -> dict[str, int]:
    line = next(number for number, text in enumerate(lines) if word in text)
    return {"line": line, "character": lines[line].index(word) + 1}


def test_a_search_finds_code_by_meaning(server: Client) -> None:
    result = server.request("cognate/search", {"query": BACKOFF, "limit": 3, "explain": True})
    assert set(names(result)[:2]) == {"call_with_backoff", "fetch_with_retries"}
    assert result["index"]["state"] == "ready"
    assert result["index"]["coverage"] == 1.0
    best = result["hits"][0]
    assert 0 <= best["score"] <= 1
    assert best["language"] == "python"
    assert best["stale"] is False
    assert best["preview"]
    assert best["why"]
    start, end = best["location"]["range"]["start"], best["location"]["range"]["end"]
    assert start["line"] <= best["focusRange"]["start"]["line"] < end["line"]


def test_a_scope_keeps_other_files_out(server: Client) -> None:
    query = "total price of the items, or a download tried again"
    assert {hit["language"] for hit in server.request("cognate/search", {"query": query})["hits"]} > {"typescript"}
    result = server.request("cognate/search", {"query": query, "scope": {"languages": ["typescript"]}})
    assert {hit["language"] for hit in result["hits"]} == {"typescript"}
    result = server.request("cognate/search", {"query": query, "scope": {"exclude": ["src/"]}})
    assert result["hits"]
    assert all("/src/" not in hit["location"]["uri"] for hit in result["hits"])


def test_paths_and_columns_survive_blanks_umlauts_and_emoji(server: Client, editor: str) -> None:
    result = server.request("cognate/search", {"query": "greet_in_the_morning", "limit": 1})
    (hit,) = result["hits"]
    assert hit["location"]["uri"] == uri(server, "grüße und mehr/früh am tag.py")
    assert unquote(hit["location"]["uri"]).endswith("/grüße und mehr/früh am tag.py")
    focus = hit["focusRange"]
    text = (server.folder / "grüße und mehr/früh am tag.py").read_text(encoding="utf-8")
    line = text.split("\n")[focus["start"]["line"]].strip()
    encoding = {"vscode": "utf-16-le", "neovim": "utf-8"}[editor]
    units = len(line.encode(encoding)) // (2 if editor == "vscode" else 1)
    assert focus["end"]["character"] - focus["start"]["character"] == units


def test_related_code_leaves_the_place_itself_out(server: Client) -> None:
    document, lines = open_project_file(server, "src/retry.py")
    place = {"textDocument": {"uri": document}, "position": position(lines, "call_with_backoff")}
    result = server.request("cognate/related", {**place, "limit": 5})
    assert names(result)[0] == "fetch_with_retries"
    assert "call_with_backoff" not in names(result)


@pytest.mark.parametrize(
    ("kind", "at", "expected"),
    [
        ("callers", "interface Item", "cartTotal"),
        ("callees", "cartTotal", "Item"),
    ],
)
def test_related_code_of_a_kind(server: Client, kind: str, at: str, expected: str) -> None:
    document, lines = open_project_file(server, "web/cart.ts")
    place = {"textDocument": {"uri": document}, "position": position(lines, at)}
    result = server.request("cognate/related", {**place, "kind": kind})
    assert names(result) == [expected]
    (hit,) = result["hits"]
    assert "Item" in hit["focusText"]
    assert 0.0 < hit["score"] <= 1.0
    command = {"command": "cognate.related", "arguments": [{**place, "kind": kind}]}
    assert server.request("workspace/executeCommand", command)["hits"] == result["hits"]


def test_an_unknown_kind_of_related_code_is_refused(server: Client) -> None:
    document, _ = open_project_file(server, "src/retry.py")
    place = {"textDocument": {"uri": document}, "position": {"line": 0, "character": 0}}
    with pytest.raises(RefusedError, match="kind must be one of similar, tests, callers, callees, siblings, docs"):
        server.request("cognate/related", {**place, "kind": "cousins"})


def test_a_hover_links_similar_code(server: Client) -> None:
    document, lines = open_project_file(server, "src/retry.py")
    there = {"textDocument": {"uri": document}, "position": position(lines, "call_with_backoff")}
    hover = server.request("textDocument/hover", there)
    assert hover["contents"]["kind"] == "markdown"
    assert "fetch_with_retries" in hover["contents"]["value"]
    assert f"({uri(server, 'src/download.py')}#L" in hover["contents"]["value"]
    elsewhere = {"textDocument": {"uri": document}, "position": position(lines, "import time")}
    assert server.request("textDocument/hover", elsewhere) is None


def test_lenses_count_similar_code(server: Client) -> None:
    document, lines = open_project_file(server, "src/retry.py")
    lenses = server.request("textDocument/codeLens", {"textDocument": {"uri": document}})
    (lens,) = [lens for lens in lenses if lens["range"]["start"]["line"] == position(lines, "def ")["line"]]
    assert "command" not in lens
    title = server.request("codeLens/resolve", lens)["command"]["title"]
    assert title.endswith(" similar")
    assert int(title.removesuffix(" similar")) >= 1


def test_a_code_action_runs_the_search_for_related_code(server: Client) -> None:
    document, lines = open_project_file(server, "src/retry.py")
    at = position(lines, "call_with_backoff")
    params = {"textDocument": {"uri": document}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}
    (action,) = server.request("textDocument/codeAction", params)
    result = server.request("workspace/executeCommand", action["command"])
    assert names(result)[0] == "fetch_with_retries"


def test_commands_do_what_the_requests_do(server: Client) -> None:
    params = {"query": BACKOFF, "limit": 3}
    found = server.request("workspace/executeCommand", {"command": "cognate.search", "arguments": [params]})
    assert found["hits"] == server.request("cognate/search", params)["hits"]
    argument = {"textDocument": {"uri": uri(server, "src/retry.py")}}
    explained = server.request("workspace/executeCommand", {"command": "cognate.explainFile", "arguments": [argument]})
    assert explained["indexed"] is True
    assert explained["path"] == "src/retry.py"
    assert explained["chunks"] == 1
    assert explained["summary"] == f"src/retry.py is indexed (1 chunk). {explained['rule']}"


def test_questions_in_the_symbol_search_are_answered_and_names_are_not(server: Client) -> None:
    symbols = server.request("workspace/symbol", {"query": "?" + BACKOFF})
    assert "call_with_backoff" in [symbol["name"] for symbol in symbols[:3]]
    assert server.request("workspace/symbol", {"query": "call_with_backoff"}) is None


def test_the_status_tells_what_is_indexed(server: Client) -> None:
    status = server.request("cognate/status")
    assert status["files"] == 5
    assert status["state"] in {"ready", "catching-up"}  # documents that other tests opened may still be read again
    assert set(status["queue"]) == {"files", "chunks"}
    (folder,) = status["folders"]
    assert folder["uri"] == server.folder.as_uri()
    told = server.wait_until_ready()
    assert told["queue"] == {"files": 0, "chunks": 0}
    assert set(told) == set(status)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("cognate/search", None),
        ("cognate/search", {}),
        ("cognate/search", {"query": ["x"]}),
        ("cognate/search", {"query": "x", "limit": -1}),
        ("cognate/search", {"query": "x", "scope": {"folders": ["nowhere"]}}),
        ("cognate/related", {"textDocument": {"uri": "file:///elsewhere.py"}, "position": {"line": 0, "character": 0}}),
        ("cognate/explainFile", {"textDocument": "src/retry.py"}),
        ("textDocument/hover", {"textDocument": {"uri": "file:///a.py"}}),
        ("textDocument/codeAction", 5),
        ("workspace/executeCommand", {"command": "cognate.unknown"}),
        ("workspace/executeCommand", {"command": "cognate.search", "arguments": [{"query": 5}]}),
    ],
)
def test_bad_parameters_get_exactly_one_reply(server: Client, method: str, params: Any) -> None:
    message = server.asking(method, params)
    server.send(message)
    with pytest.raises(RefusedError) as caught:
        server.result(message["id"])
    assert caught.value.code == -32602
    assert len(caught.value.message) > 10
    assert caught.value.data is None
    server.request("cognate/status")
    assert len(server.replies(message["id"])) == 1


def test_a_cancelled_request_is_answered_as_cancelled(server: Client) -> None:
    searches = [server.asking("cognate/search", {"query": f"{BACKOFF} {number}"}) for number in range(40)]
    last = searches[-1]
    server.send(*searches, {"method": "$/cancelRequest", "params": {"id": last["id"]}})
    with pytest.raises(RefusedError) as caught:
        server.result(last["id"])
    assert caught.value.code == -32800
    for message in searches[:-1]:
        assert server.result(message["id"])["hits"]
    assert len(server.replies(last["id"])) == 1


def test_bytes_that_are_no_json_are_answered_and_survived(server: Client) -> None:
    server.send_bytes(b"Content-Length: 3\r\n\r\n{]}")
    server.wait_until(lambda: server.replies(None), "a parse error")
    assert server.replies(None)[0]["error"]["code"] == -32700
    assert server.request("cognate/search", {"query": BACKOFF})["hits"]
