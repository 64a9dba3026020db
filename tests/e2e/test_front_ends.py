"""Real front ends on one folder: two editors, a shell and an agent; what one has not saved, the others find."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client as Agent
from mcp.client.stdio import StdioServerParameters

from e2e.client import SERVER_PATH, Client
from e2e.conftest import PROJECT
from e2e.editors import introduction
from fixtures import write_files

WAIT_S = 60.0
NOT_FOR_A_QUESTION = ("numpy", "onnxruntime", "tantivy", "rich", "logging", "platformdirs", "asyncio", "shutil")


class Place:
    """A folder, the cache beside it, and the front ends that were started there."""

    def __init__(self, home: Path) -> None:
        self.folder = write_files(home / "my project", PROJECT)
        self.home = home
        self.environment = {"PYTHONPATH": str(SERVER_PATH), "COGNATE_CACHE_DIR": str(home / "cache")}
        self.editors: list[Client] = []

    def editor(self) -> Client:
        """Start a server, and wait until its folder is indexed."""
        client = Client(self.home / f"server-{len(self.editors)}.log", environment=self.environment)
        self.editors.append(client)
        client.initialize(introduction("neovim", self.folder))
        client.wait_until_ready()
        return client

    def type_into(self, editor: Client, path: str, text: str) -> None:
        """Let an editor have a text that is not on disk."""
        editor.open((self.folder / path).as_uri(), text)

    def shell(self, *arguments: str) -> str:
        """Return what a command prints."""
        command = [sys.executable, "-m", "cognate", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env={**os.environ, **self.environment}, timeout=WAIT_S, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        ).stdout  # fmt: skip

    @property
    def owner(self) -> int:
        """The process that holds the index."""
        (note,) = self.home.glob("cache/workspaces/*/owner.json")
        return json.loads(note.read_bytes())["pid"]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A small project of its own, and no process left behind."""
    place = Place(tmp_path)
    yield place
    for client in place.editors:
        client.kill()


def first_lines(editor: Client, query: str) -> list[str]:
    """Return the line of each hit that answers best."""
    return [hit["focusText"] for hit in editor.request("cognate/search", {"query": query, "limit": 5})["hits"]]


def until_found(editor: Client, query: str, line: str) -> None:
    """Ask until an editor finds a line; a change is worked in within a moment."""
    until = time.monotonic() + WAIT_S
    while line not in (found := first_lines(editor, query)):
        assert time.monotonic() < until, found


async def test_unsaved_text_is_found_by_all_and_outlives_the_owner(place: Place):
    one, other = place.editor(), place.editor()
    assert place.owner == one.process.pid
    place.type_into(one, "src/herd.py", "def count_the_ferrets(cage): ...\n")
    place.type_into(other, "src/flock.py", "def shear_the_alpacas(barn): ...\n")
    for editor in (one, other):
        until_found(editor, "count_the_ferrets", "def count_the_ferrets(cage): ...")
        until_found(editor, "shear_the_alpacas", "def shear_the_alpacas(barn): ...")
    assert "src/flock.py:1" in place.shell("search", "shear_the_alpacas")
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "cognate", "mcp", str(place.folder)], env=place.environment
    )
    async with Agent(server) as agent:
        assert "src/herd.py:1" in await text_of(agent, "count_the_ferrets")
        assert json.loads(place.shell("status", "--json"))["state"] == "ready"

        one.process.kill()

        until_found(other, "shear_the_alpacas", "def shear_the_alpacas(barn): ...")
        assert place.owner != one.process.pid
        assert "src/flock.py:1" in place.shell("search", "shear_the_alpacas")
        assert "src/flock.py:1" in await text_of(agent, "shear_the_alpacas")
        assert "src/herd.py" not in await text_of(agent, "count_the_ferrets")
        assert json.loads(place.shell("status", "--json"))["state"] == "ready"
    other.shut_down()


async def text_of(agent: Agent, query: str) -> str:
    result: Any = await agent.call_tool("search_code", {"query": query})
    assert not result.is_error
    return result.content[0].text


def test_a_shell_search_beside_a_server_imports_only_what_a_question_needs(place: Place):
    place.editor()
    code = (
        "import sys; from cognate.cli.main import main; main(['search', 'retry']); "
        f"print([name for name in {NOT_FOR_A_QUESTION!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place.folder, env={**os.environ, **place.environment}, timeout=WAIT_S,
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    *hits, loaded = done.stdout.splitlines()
    assert any("src/retry.py" in line for line in hits)
    assert loaded == "[]"
