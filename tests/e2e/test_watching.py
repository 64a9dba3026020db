"""What changes outside any editor: found by a server that watches for Neovim, and by ``cognate index --watch``."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.client import SERVER_PATH, WAIT_S, Client
from e2e.test_life import NEW_FUNCTION, ROTATE, best, wait_until_best

Launch = Callable[..., Client]


@pytest.fixture(scope="module")
def editor() -> str:
    """The editor that does not watch files for a server."""
    return "neovim"


def test_files_that_another_program_writes_moves_and_removes_are_followed(launch: Launch, project: Path) -> None:
    client = launch(project)
    client.wait_until_ready()
    (project / "src/new/deep").mkdir(parents=True)
    (project / "src/new/deep/image.py").write_text(NEW_FUNCTION, encoding="utf-8")
    wait_until_best(client, ROTATE, "rotate_image_clockwise")
    (project / "src/new").rename(project / "moved")
    expected = (project / "moved/deep/image.py").as_uri()

    def is_moved() -> bool:
        return [hit["location"]["uri"] for hit in client.request("cognate/search", ROTATE)["hits"]] == [expected]

    ask_after_each_status(client, is_moved)
    (project / "moved/deep/image.py").unlink()
    wait_until_best(client, ROTATE, "rotate_image_clockwise", is_best=False)
    client.shut_down()


def test_a_folder_added_later_is_watched_too(launch: Launch, project: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    (second / "other.py").write_text("def other():\n    return 1\n", encoding="utf-8")
    client = launch(project)
    client.wait_until_ready()
    folder = {"uri": second.as_uri(), "name": second.name}
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
    client.wait_for(
        "cognate/didChangeStatus",
        lambda status: status["state"] == "ready" and len(status["folders"]) == 2,
    )
    (second / "image.py").write_text(NEW_FUNCTION, encoding="utf-8")
    wait_until_best(client, ROTATE, "rotate_image_clockwise")
    client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    assert best(client, ROTATE) != "rotate_image_clockwise"
    client.shut_down()


def ask_after_each_status(client: Client, is_so: Callable[[], bool]) -> None:
    """Ask again after each status until the answer is yes."""
    seen = -1

    def told_more() -> bool:
        return len(client.notifications("cognate/didChangeStatus")) > seen

    while not is_so():
        client.wait_until(told_more, "another status")
        seen = len(client.notifications("cognate/didChangeStatus"))


class Command:
    """A ``cognate index --watch`` whose lines can be waited for."""

    def __init__(self, folder: Path, cache: Path, *options: str) -> None:
        safe_path = ["-P"] if sys.version_info >= (3, 11) else []
        self.process = subprocess.Popen(
            [sys.executable, *safe_path, "-m", "cognate.cli", "index", str(folder), "--watch", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(SERVER_PATH), "COGNATE_CACHE_DIR": str(cache)},
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def line(self) -> str:
        """Return the next line."""
        return self._lines.get(timeout=WAIT_S)

    def interrupt(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WAIT_S)

    def kill(self) -> str:
        """Leave nothing behind, and return what was written to stderr."""
        self.process.kill()
        self.process.wait(WAIT_S)
        self._reader.join(WAIT_S)
        assert self.process.stdout is not None and self.process.stderr is not None
        errors = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return errors

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Callable[..., Command]]:
    """Return a function that starts the command on a folder."""
    started: list[Command] = []

    def start(folder: Path, *options: str) -> Command:
        started.append(Command(folder, tmp_path / "cache", *options))
        return started[-1]

    yield start
    for one in started:
        assert "Traceback" not in one.kill()


def test_index_watch_says_a_line_for_each_change_and_ends_with_control_c(
    command: Callable[..., Command], project: Path
) -> None:
    watching = command(project)
    assert watching.line().endswith(": Ready: 5 chunks\n")
    assert "5 files" in watching.line()
    assert "vectors" in watching.line()
    assert "index in" in watching.line()
    (project / "image.py").write_text(NEW_FUNCTION, encoding="utf-8")
    assert "6 files" in watching.line()
    (project / "image.py").unlink()
    assert "5 files" in watching.line()
    assert watching.interrupt() == 0


def test_index_watch_can_write_json_lines(command: Callable[..., Command], project: Path) -> None:
    watching = command(project, "--json")
    first: dict[str, Any] = json.loads(watching.line())
    (project / "image.py").write_text(NEW_FUNCTION, encoding="utf-8")
    second = json.loads(watching.line())
    assert (first["files"], second["files"]) == (5, 6)
    assert second["generation"] > first["generation"]
    assert second["coverage"] == 1.0
    assert watching.interrupt() == 0
