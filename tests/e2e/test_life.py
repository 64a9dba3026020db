"""How a real server begins, follows edits and files, and ends, once for each editor."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from e2e.client import Client
from e2e.conftest import BACKOFF
from fixtures import write_files

Launch = Callable[..., Client]

NEW_FUNCTION = '''
def rotate_image_clockwise(pixels):
    """Turn a picture by ninety degrees."""
    return [list(row) for row in zip(*pixels[::-1])]
'''
ROTATE = {"query": "turn a picture by ninety degrees", "limit": 1}


def best(client: Client, params: dict[str, Any]) -> str | None:
    hits = client.request("cognate/search", params)["hits"]
    return hits[0].get("symbol", {}).get("name") if hits else None


def wait_until_best(client: Client, params: dict[str, Any], name: str | None, *, is_best: bool = True) -> None:
    """Ask again after each status until an answer comes, or goes."""
    seen = -1

    def told_more() -> bool:
        return len(client.notifications("cognate/didChangeStatus")) > seen

    while (best(client, params) == name) != is_best:
        client.wait_until(told_more, f"a status after which {name} is {'' if is_best else 'not '}found")
        seen = len(client.notifications("cognate/didChangeStatus"))


def edit(line: int, text: str, until: int | None = None) -> dict[str, Any]:
    start, end = {"line": line, "character": 0}, {"line": line if until is None else until, "character": 0}
    return {"range": {"start": start, "end": end}, "text": text}


def test_requests_before_the_index_is_ready_get_its_state(launch: Launch, project: Path) -> None:
    client = launch(project)
    result = client.request("cognate/search", {"query": BACKOFF})
    assert result["index"]["state"] in {"empty", "indexing", "catching-up", "ready"}
    assert client.wait_until_ready()["coverage"] == 1.0
    client.shut_down()


def test_ready_is_not_said_before_everything_is_found(launch: Launch, project: Path) -> None:
    client = launch(project)
    client.wait_until_ready()
    told = client.notifications("cognate/didChangeStatus")
    assert next(status["files"] for status in told if status["state"] == "ready") == 5
    client.shut_down()


def test_what_is_registered_and_shown_fits_the_editor(launch: Launch, project: Path, editor: str) -> None:
    client = launch(project)
    client.wait_until_ready()
    asked = client.notifications("client/registerCapability")
    registered = [item["method"] for params in asked for item in params["registrations"]]
    expected = ["workspace/didChangeWatchedFiles", "workspace/didChangeConfiguration"] if editor == "vscode" else []
    assert registered == expected
    assert client.notifications("workspace/configuration")
    client.shut_down()


def test_progress_is_shown_while_many_files_are_indexed(launch: Launch, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(1500):  # More than one batch of the model: what is over within a moment is not shown.
        text = f"def handle_order_{number}(order):\n    return order.total * {number} + tax_of_{number}(order)\n"
        (many / f"order_{number}.py").write_text(text, encoding="utf-8")
    client = launch(many)
    client.wait_for("$/progress", lambda params: params["value"]["kind"] == "end")
    shown = client.notifications("$/progress")
    kinds = [params["value"]["kind"] for params in shown]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert set(kinds[1:-1]) <= {"report"}
    created = [params["token"] for params in client.notifications("window/workDoneProgress/create")]
    assert {params["token"] for params in shown} == set(created)
    client.wait_until_ready()
    client.shut_down()


def test_an_unsaved_edit_is_found_and_forgotten_when_closed(launch: Launch, project: Path) -> None:
    client = launch(project)
    client.wait_until_ready()
    uri = (project / "src/settings.py").as_uri()
    text = (project / "src/settings.py").read_text(encoding="utf-8")
    client.open(uri, text)
    change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [edit(2, "\f\n"), edit(3, NEW_FUNCTION)]}
    client.notify("textDocument/didChange", change)
    wait_until_best(client, ROTATE, "rotate_image_clockwise")
    (hit,) = client.request("cognate/search", ROTATE)["hits"]
    assert hit["location"]["uri"] == uri
    lines = [*text.split("\n")[:2], "\f", *NEW_FUNCTION.split("\n")[:-1]]
    assert lines[hit["focusRange"]["start"]["line"]].strip() in NEW_FUNCTION.strip().split("\n    ")
    assert lines[hit["focusRange"]["start"]["line"]].strip() in hit["preview"]
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    wait_until_best(client, ROTATE, "rotate_image_clockwise", is_best=False)
    client.shut_down()


def test_an_open_notebook_is_found_as_it_stands_in_the_editor(launch: Launch, project: Path) -> None:
    path = project / "study.ipynb"
    saved = {"cells": [{"cell_type": "code", "source": "total = 1"}], "metadata": {}, "nbformat": 4}
    path.write_text(json.dumps(saved), encoding="utf-8")
    client = launch(project)
    client.wait_until_ready()
    uri = path.as_uri()
    cells = [f"vscode-notebook-cell:{path.as_posix()}#W{n}sZmlsZQ%3D%3D" for n in range(2)]
    first = {"uri": cells[0], "languageId": "python", "version": 1, "text": "total = 1"}
    notebook = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1}
    client.notify(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {**notebook, "cells": [{"kind": 2, "document": cells[0]}]},
            "cellTextDocuments": [first],
        },
    )
    array = {"start": 1, "deleteCount": 0, "cells": [{"kind": 2, "document": cells[1]}]}
    structure = {"array": array, "didOpen": [{**first, "uri": cells[1], "text": ""}]}
    typed = {"document": {"uri": cells[1], "version": 2}, "changes": [{"text": NEW_FUNCTION}]}
    for change in ({"structure": structure}, {"textContent": [typed]}):
        client.notify("notebookDocument/didChange", {"notebookDocument": notebook, "change": {"cells": change}})
    wait_until_best(client, ROTATE, "rotate_image_clockwise")
    (hit,) = client.request("cognate/search", ROTATE)["hits"]
    assert (hit["location"]["uri"], hit["cell"], hit["stale"]) == (uri, 1, False)
    assert hit["focusRange"]["start"]["line"] < len(NEW_FUNCTION.split("\n"))
    client.notify("notebookDocument/didClose", {"notebookDocument": notebook, "cellTextDocuments": []})
    wait_until_best(client, ROTATE, "rotate_image_clockwise", is_best=False)
    client.shut_down()


def test_headers_may_be_spelled_in_any_case(launch: Launch, project: Path) -> None:
    client = launch(project)
    message = client.asking("cognate/status")
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    client.send_bytes(b"content-length: %d\r\n\r\n%s" % (len(body), body))
    assert client.result(message["id"])["folders"][0]["name"] == project.name
    client.shut_down()


def test_each_folder_has_settings_of_its_own(launch: Launch, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "kept.py").write_text("def kept():\n    return 1\n", encoding="utf-8")
        (folder / "made.py").write_text("def made():\n    return 2\n", encoding="utf-8")
    client = launch(settings={"exclude": []})
    client.folder_settings[one.as_uri()] = {"exclude": ["made.py"]}
    added = [{"uri": folder.as_uri(), "name": folder.name} for folder in (one, two)]
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": added, "removed": []}})

    def files_are(first: int, second: int) -> None:
        wanted = {one.as_uri(): first, two.as_uri(): second}
        client.wait_for(
            "cognate/didChangeStatus",
            lambda status: status["state"] == "ready" and {f["uri"]: f["files"] for f in status["folders"]} == wanted,
        )

    files_are(1, 2)
    client.folder_settings = {two.as_uri(): {"exclude": ["kept.py"]}}
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    files_are(2, 1)
    explained = client.request("cognate/explainFile", {"textDocument": {"uri": (two / "kept.py").as_uri()}})
    assert not explained["indexed"]
    assert "kept.py" in explained["rule"]
    client.shut_down()


def test_changed_files_are_found_and_deleted_ones_are_not(launch: Launch, project: Path) -> None:
    client = launch(project)
    client.wait_until_ready()
    new = project / "src/image.py"
    new.write_text(NEW_FUNCTION, encoding="utf-8")
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": new.as_uri(), "type": 1}]})
    wait_until_best(client, ROTATE, "rotate_image_clockwise")
    new.unlink()
    client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": new.as_uri(), "type": 3}]})
    wait_until_best(client, ROTATE, "rotate_image_clockwise", is_best=False)
    client.shut_down()


def test_several_folders_answer_together_and_come_and_go(launch: Launch, project: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    write_files(second, f"//- image.py\n{NEW_FUNCTION}")
    client = launch(project, second)
    client.wait_until_ready()
    assert len(client.request("cognate/status")["folders"]) == 2
    assert best(client, ROTATE) == "rotate_image_clockwise"
    assert best(client, {**ROTATE, "scope": {"folders": [project.name]}}) != "rotate_image_clockwise"
    assert best(client, {"query": BACKOFF}) in {"call_with_backoff", "fetch_with_retries"}
    folder = {"uri": second.as_uri(), "name": second.name}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    assert best(client, ROTATE) != "rotate_image_clockwise"
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
    wait_until_best(client, ROTATE, "rotate_image_clockwise")
    client.shut_down()


def test_a_second_start_answers_from_the_index_on_disk(launch: Launch, project: Path) -> None:
    first = launch(project)
    first.wait_until_ready()
    first.shut_down()
    second = launch(project)
    second.wait_until_ready()
    assert best(second, {"query": BACKOFF}) in {"call_with_backoff", "fetch_with_retries"}
    second.shut_down()


def test_indexing_pauses_and_resumes(launch: Launch, project: Path) -> None:
    client = launch(project)
    client.wait_until_ready()
    assert client.request("workspace/executeCommand", {"command": "cognate.pause"})["state"] == "paused"
    client.wait_for("cognate/didChangeStatus", lambda status: status["state"] == "paused")
    assert client.request("cognate/search", {"query": BACKOFF})["hits"]
    told = len(client.notifications("cognate/didChangeStatus"))
    assert client.request("workspace/executeCommand", {"command": "cognate.resume"})["state"] != "paused"
    client.wait_until(
        lambda: any(s["state"] == "ready" for s in client.notifications("cognate/didChangeStatus")[told:]),
        "ready again",
    )
    client.request("workspace/executeCommand", {"command": "cognate.reindex", "arguments": [{}]})
    client.shut_down()


def test_a_server_without_folders_serves_and_ends(launch: Launch) -> None:
    client = launch()
    assert client.request("cognate/search", {"query": BACKOFF})["hits"] == []
    client.shut_down()


def test_shutdown_in_the_middle_of_indexing_is_clean(launch: Launch, project: Path) -> None:
    for number in range(300):
        (project / f"module_{number}.py").write_text(f"def function_{number}(text):\n    return text * {number}\n")
    client = launch(project)
    client.wait_for("cognate/didChangeStatus", lambda status: status["state"] == "indexing")
    client.shut_down()
    assert not [s for s in client.notifications("cognate/didChangeStatus") if s["state"] == "ready"]


def test_exit_without_shutdown_is_an_error(launch: Launch, project: Path) -> None:
    client = launch(project)
    client.notify("exit", None)
    assert client.process.wait(300) == 1
    client.check_end()


def test_the_server_ends_when_the_client_is_gone(launch: Launch, project: Path) -> None:
    client = launch(project)
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(300) == 1
    client.check_end()


def test_queries_and_source_text_stay_out_of_the_log(launch: Launch, project: Path) -> None:
    client = launch(project)
    client.wait_until_ready()
    client.open((project / "secret.py").as_uri(), "xyzzy_in_a_buffer = 1\n")
    client.request("cognate/search", {"query": "xyzzy in a query"})
    client.shut_down()
    assert "xyzzy" not in client.log.read_text(encoding="utf-8", errors="replace")
