"""``cognate mcp`` asked by the command line of the MCP Inspector, from npm, beside an engine that runs."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.client import SERVER_PATH
from e2e.conftest import PROJECT
from fixtures import write_files
from vscode.editor import build, tools_folder

VERSION = "1.0.3"
PACKAGE = "@modelcontextprotocol/inspector-cli"
ASKED = [
    ("search_code", {"query": "wait longer after each failure", "also": '["backoff"]'}, "src/retry.py:"),
    ("related_code", {"file": "src/retry.py", "line": "8", "kind": "similar"}, "src/download.py:"),
    ("explain_place", {"file": "src/retry.py", "line": "8"}, "def call_with_backoff("),
]
BAD = [
    ("search_code", {"limit": "many"}, "search_code cannot be called like this. query: field required; limit: "),
    ("explain_place", {"file": "../../etc/passwd", "line": "1"}, "is outside of"),
    ("no_such_tool", {}, "Unknown tool: no_such_tool"),
]


def installed() -> Path:
    """Return the program, installed now if it is not there yet."""
    target = tools_folder() / f"inspector-{VERSION}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            options = ("--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund")
            build.npm("install", *options, f"{PACKAGE}@{VERSION}", folder=Path(scratch))
            # Installed alone, it looks here for its version.
            named = {"name": PACKAGE, "version": VERSION}
            (Path(scratch) / "node_modules" / PACKAGE).with_name("package.json").write_text(json.dumps(named))
            with contextlib.suppress(OSError):  # Another run was faster.
                Path(scratch).rename(target)
                Path(scratch).mkdir()
    return target / "node_modules" / PACKAGE / "build" / "index.js"


class Place:
    """A project whose engine runs, and the environment in which it is found."""

    def __init__(self, home: Path) -> None:
        self.folder = write_files(home / "my project", PROJECT)
        self.environment = {
            **build.node_environment(), "PYTHONPATH": str(SERVER_PATH), "COGNATE_CACHE_DIR": str(home / "cache")
        }  # fmt: skip
        self.owner = subprocess.Popen(
            [sys.executable, "-m", "cognate", "index", str(self.folder), "--watch"], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert self.owner.stdout is not None
        assert b"my project" in self.owner.stdout.readline()

    def ask(self, method: str, *more: str) -> Any:
        """Return the result of a request of the protocol."""
        server = [sys.executable, "-m", "cognate", "mcp", str(self.folder)]
        done = subprocess.run(
            [str(build.NODE), str(installed()), *server, "--method", method, *more], env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def call(self, tool: str, arguments: dict[str, str]) -> Any:
        """Return the result of a tool."""
        given = [part for key, value in arguments.items() for part in ("--tool-arg", f"{key}={value}")]
        return self.ask("tools/call", "--tool-name", tool, *given)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A project whose engine runs."""
    place = Place(tmp_path_factory.mktemp("inspected"))
    yield place
    place.owner.kill()
    place.owner.communicate()


def test_the_inspector_lists_and_calls_all_tools(place: Place):
    tools = place.ask("tools/list")["tools"]
    assert [tool["name"] for tool in tools] == [name for name, _, _ in ASKED]
    for tool, arguments, said in ASKED:
        result = place.call(tool, arguments)
        assert not result["isError"]
        assert said in result["content"][0]["text"]
        assert result["structuredContent"]


def test_the_inspector_is_told_what_is_wrong_with_arguments(place: Place):
    for tool, arguments, said in BAD:
        result = place.call(tool, arguments)
        assert result["isError"]
        assert said in result["content"][0]["text"]
