"""Front ends as processes, each with a strict client of the tests: a language server, and a server for agents."""

import json
import sys
import time
from pathlib import Path

from harness import ROOT, cognate

sys.path.insert(1, str(ROOT / "tests"))

from e2e.client import Client, LineClient, RefusedError
from e2e.editors import introduction

WAIT_S = 300.0


class Editor(Client):
    """A ``cognate serve`` and the strict client of the tests that talks to it."""

    def begin(self, folder: Path) -> None:
        """Introduce the editor."""
        self.initialize(introduction("neovim", folder))

    def found(self, query: str) -> str:
        """Return the hits of a search as JSON.

        Raises:
            RefusedError: when the server answers with an error.
            AssertionError: when it does not answer, or misbehaves.
        """
        return json.dumps(self.request("cognate/search", {"query": query, "limit": 10}, WAIT_S)["hits"])


class Agent(LineClient):
    """A ``cognate mcp`` and its client."""

    def begin(self, _folder: Path) -> None:
        """Introduce the agent."""
        self.greet()

    def found(self, query: str) -> str:
        """Return the text of an answer, as ``Editor.found``."""
        call = {"name": "search_code", "arguments": {"query": query}}
        result = self.request("tools/call", call, WAIT_S)
        if result.get("isError"):
            raise RefusedError(0, result["content"][0]["text"], None)
        return result["content"][0]["text"]


FrontEnd = Editor | Agent


def start(kind: type[FrontEnd], log: Path, folder: Path, environment: dict[str, str]) -> FrontEnd:
    """Start a front end; it has greeted when this returns."""
    command = cognate("serve", "--stdio") if kind is Editor else cognate("mcp", str(folder))
    front_end = kind(log, command=command, environment=environment)
    front_end.begin(folder)
    return front_end


def wait_for_rest(front_end: FrontEnd) -> None:
    """Wait until a server has nothing left to do."""
    until = time.monotonic() + WAIT_S
    while True:
        status = front_end.request("cognate/status", {}, WAIT_S)
        if status["state"] == "ready" and not any(folder["phase"] for folder in status["folders"]):
            return
        if time.monotonic() > until:
            raise SystemExit(f"The index did not come to rest: {status}")
        time.sleep(0.2)
