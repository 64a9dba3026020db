"""Editors whose ``cognate serve`` only passes messages on: what they see is what a server of their own would show."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.client import Client
from e2e.editors import introduction
from e2e.test_front_ends import WAIT_S, Place, first_lines, until_found
from fixtures import write_files

FERRETS, ALPACAS = "def count_the_ferrets(cage): ...", "def shear_the_alpacas(barn): ..."


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A small project of its own, and no process left behind."""
    place = Place(tmp_path)
    yield place
    for client in place.editors:
        client.kill()


def is_whole(editor: Client) -> bool:
    """Whether an editor's process has what a server needs; a relay has no event loop."""
    return "/_asyncio." in Path(f"/proc/{editor.process.pid}/maps").read_text(encoding="utf-8")


def begun(place: Place, *, settings: dict[str, Any] | None = None, version: str = "") -> Client:
    """Start another editor's server, and introduce the editor as VS Code does."""
    as_other = f"import cognate; cognate.__version__ = {version!r}; " if version else ""
    code = f"{as_other}import sys; sys.argv[1:] = ['serve']; from cognate.program import program; program()"
    client = Client(
        place.home / f"server-{len(place.editors)}.log",
        command=[sys.executable, "-c", code],
        environment=place.environment,
        settings=settings,
    )
    place.editors.append(client)
    client.initialize(introduction("vscode", place.folder))
    return client


def registered(editor: Client) -> list[str]:
    """Return the methods that were registered with an editor."""
    asked = editor.notifications("client/registerCapability")
    return sorted(each["method"] for params in asked for each in params["registrations"])


REGISTERED = ["workspace/didChangeConfiguration", "workspace/didChangeWatchedFiles"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at what processes have loaded")
def test_what_was_asked_and_typed_outlives_the_owner(place: Place):
    owner = place.editor()
    one, other = begun(place), begun(place)
    for editor, path, line in ((one, "src/herd.py", FERRETS), (other, "src/flock.py", ALPACAS)):
        editor.open((place.folder / path).as_uri(), "")
        change = {"textDocument": {"uri": (place.folder / path).as_uri(), "version": 2}}
        start = {"line": 0, "character": 0}
        for text in (line, "# 😀\n"):
            edit = {"range": {"start": start, "end": start}, "text": text}
            editor.notify("textDocument/didChange", {**change, "contentChanges": [edit]})
    for editor in (owner, one, other):
        until_found(editor, "count_the_ferrets", FERRETS)
        until_found(editor, "shear_the_alpacas", ALPACAS)
    assert [is_whole(editor) for editor in (owner, one, other)] == [True, False, False]
    assert registered(one) == registered(other) == REGISTERED

    owner.process.send_signal(signal.SIGSTOP)  # It takes the questions and does not answer.
    asked, cancelled = one.asking("cognate/search", {"query": "retry"}), one.asking("cognate/search", {"query": "x"})
    one.send(asked, cancelled)
    one.notify("$/cancelRequest", {"id": cancelled["id"]})
    owner.process.kill()

    assert one.result(asked["id"])["index"]["chunks"] > 0
    for editor in (one, other):
        until_found(editor, "count_the_ferrets", FERRETS)
        until_found(editor, "shear_the_alpacas", ALPACAS)
    assert sorted(is_whole(editor) for editor in (one, other)) == [False, True]
    next_owner, relay = (one, other) if place.owner == one.process.pid else (other, one)
    assert place.owner == next_owner.process.pid
    assert registered(one) == registered(other) == REGISTERED

    next_owner.shut_down()
    kept, gone = (ALPACAS, FERRETS) if relay is other else (FERRETS, ALPACAS)
    until_found(relay, kept, kept)
    assert gone not in first_lines(relay, gone)
    relay.shut_down()
    (reply,) = one.replies(cancelled["id"])
    assert reply["error"]["code"] == -32800


def test_an_open_notebook_is_known_to_the_next_owner(place: Place):
    owner, editor = place.editor(), begun(place)
    uri = (place.folder / "study.ipynb").as_uri()
    cell = {"uri": "vscode-notebook-cell:/study.ipynb#W0sZmlsZQ%3D%3D", "languageId": "python", "version": 1}
    opened = {"uri": uri, "notebookType": "jupyter-notebook", "version": 1}
    editor.notify(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {**opened, "cells": [{"kind": 2, "document": cell["uri"]}]},
            "cellTextDocuments": [{**cell, "text": ""}],
        },
    )
    typed = {"document": {"uri": cell["uri"], "version": 2}, "changes": [{"text": ALPACAS}]}
    editor.notify(
        "notebookDocument/didChange", {"notebookDocument": opened, "change": {"cells": {"textContent": [typed]}}}
    )
    until_found(owner, "shear_the_alpacas", ALPACAS)
    owner.process.kill()
    until_found(editor, "shear_the_alpacas", ALPACAS)
    editor.shut_down()


@pytest.mark.parametrize("ends_well", [True, False])
def test_what_an_editor_had_open_goes_with_it(place: Place, ends_well: bool):
    owner, editor = place.editor(), begun(place)
    place.type_into(editor, "src/flock.py", ALPACAS)
    until_found(owner, "shear_the_alpacas", ALPACAS)
    if ends_well:
        editor.shut_down()
    else:
        assert editor.process.stdin is not None
        editor.process.stdin.close()
        assert editor.process.wait(WAIT_S) == 1, editor.tail()
        editor.check_end()
    until_gone = {"query": "shear_the_alpacas", "limit": 5}
    owner.wait_until(lambda: ALPACAS not in json.dumps(owner.request("cognate/search", until_gone)), "the file alone")
    owner.shut_down()


def test_an_editor_with_another_model_has_a_server_of_its_own(place: Place):
    owner, editor = place.editor(), begun(place, settings={"model": "/no/such/model"})
    told = editor.wait_for("cognate/didChangeStatus", lambda status: status["folders"][0]["message"])
    assert "with another model" in told["folders"][0]["message"] or "/no/such/model" in told["folders"][0]["message"]
    assert not owner.notifications("window/showMessage")
    assert not [shown for shown in editor.notifications("window/showMessage") if "Another process" in shown["message"]]
    editor.shut_down()
    owner.shut_down()


def test_an_editor_of_another_version_works_alone(place: Place):
    owner, editor = place.editor(), begun(place, version="9.9.9")
    editor.wait_until_ready()
    assert first_lines(editor, "retry")
    (folder,) = editor.request("cognate/status")["folders"]
    assert "9.9.9" in folder["message"]
    editor.shut_down()
    owner.shut_down()


def test_an_editor_that_opens_another_folder_has_a_server_of_its_own(place: Place, tmp_path: Path):
    owner, editor = place.editor(), begun(place)
    place.type_into(editor, "src/flock.py", ALPACAS)
    until_found(editor, "shear_the_alpacas", ALPACAS)
    second = write_files(tmp_path / "second", "//- goats.py\ndef milk_the_goats(shed):\n    return shed\n")
    added = {"uri": second.as_uri(), "name": "second"}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [added], "removed": []}})
    until_found(editor, "milk_the_goats", "def milk_the_goats(shed):")
    until_found(editor, "shear_the_alpacas", ALPACAS)
    assert registered(editor) == REGISTERED
    editor.shut_down()
    owner.shut_down()


def test_the_owner_may_be_another_kind_of_process(place: Place):
    with subprocess.Popen(
        [sys.executable, "-m", "cognate", "index", str(place.folder), "--watch", "--json"],
        env={**place.environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["chunks"]
        editor = begun(place)
        place.type_into(editor, "src/flock.py", ALPACAS)
        until_found(editor, "shear_the_alpacas", ALPACAS)
        assert place.owner == process.pid
        process.kill()
    until_found(editor, "shear_the_alpacas", ALPACAS)
    assert place.owner == editor.process.pid
    editor.shut_down()
