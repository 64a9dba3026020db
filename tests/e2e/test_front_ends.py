"""Real front ends on one folder: two editors, a shell and an agent; what one has not saved, the others find."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client as Agent
from mcp.client.stdio import StdioServerParameters

from cognate import relay_shell
from cognate.cli.main import UsageError, build_parser
from cognate.greeting import read_note
from e2e.client import SERVER_PATH, Client, LineClient, serve_command
from e2e.conftest import BACKOFF, PROJECT
from e2e.editors import introduction
from fixtures import write_files

WAIT_S = 60.0
NOT_FOR_A_QUESTION = ("numpy", "rich", "logging", "asyncio", "re", "json", "pathlib", "dataclasses", "typing", "socket")


class Place:
    """A folder, the cache beside it, and the front ends that were started there."""

    def __init__(self, home: Path) -> None:
        self.folder = write_files(home / "my project", PROJECT)
        self.home = home
        self.environment = {"PYTHONPATH": str(SERVER_PATH), "COGNATE_CACHE_DIR": str(home / "cache")}
        self.editors: list[Client] = []
        self.agents: list[LineClient] = []

    def agent(self) -> LineClient:
        """Start a server for agents, and introduce one."""
        client = LineClient(
            self.home / f"agent-{len(self.agents)}.log",
            command=[sys.executable, "-m", "cognate", "mcp", str(self.folder)],
            environment=self.environment,
        )
        self.agents.append(client)
        client.greet()
        return client

    def editor(self, *arguments: str) -> Client:
        """Start a server, and wait until its folder is indexed."""
        client = Client(
            self.home / f"server-{len(self.editors)}.log",
            command=[*serve_command(), *arguments],
            environment=self.environment,
        )
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
        (place,) = self.home.glob("cache/workspaces/*")
        note = read_note(str(place))
        assert note is not None
        return note.pid


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A small project of its own, and no process left behind."""
    place = Place(tmp_path)
    yield place
    for client in (*place.editors, *place.agents):
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


def call(query: str) -> dict[str, Any]:
    return {"name": "search_code", "arguments": {"query": query}}


def test_what_an_agent_asked_outlives_every_owner_and_is_answered_once(place: Place):
    editor = place.editor()
    first, second = place.agent(), place.agent()
    for agent in (first, second):
        assert "src/retry.py" in agent.request("tools/call", call("retry"))["content"][0]["text"]
        maps = Path(f"/proc/{agent.process.pid}/maps")
        assert not maps.exists() or "pydantic_core" not in maps.read_text()  # The editor's server has the SDK.
    assert place.owner == editor.process.pid

    editor.process.send_signal(signal.SIGSTOP)  # It takes the questions and does not answer.
    asked, cancelled = first.asking("tools/call", call("retry")), first.asking("tools/call", call("retry"))
    first.send(asked, cancelled)
    first.notify("notifications/cancelled", {"requestId": cancelled["id"]})
    editor.process.kill()

    assert "src/retry.py" in first.result(asked["id"])["content"][0]["text"]
    assert "src/retry.py" in second.request("tools/call", call("retry"))["content"][0]["text"]
    owner, other = (first, second) if place.owner == first.process.pid else (second, first)
    assert place.owner == owner.process.pid

    assert owner.process.stdin is not None
    owner.process.stdin.close()
    assert owner.process.wait(WAIT_S) == 0, owner.tail()
    assert "src/retry.py" in other.request("tools/call", call("retry"))["content"][0]["text"]
    assert place.owner == other.process.pid
    assert (len(first.replies(asked["id"])), first.replies(cancelled["id"])) == (1, [])
    for agent in (first, second):
        counts = [len(agent.replies(identifier)) for identifier in agent._sent - {cancelled["id"]}]
        assert set(counts) == {1}
        assert not agent.problems


def test_an_agent_whose_next_owner_refuses_it_works_alone(place: Place):
    editor = place.editor()
    agent = place.agent()
    assert "src/retry.py" in agent.request("tools/call", call("retry"))["content"][0]["text"]
    code = (
        "import cognate, sys; cognate.__version__ = '9.9.9'; from cognate.cli.main import main; "
        f"main(['index', {str(place.folder)!r}, '--watch'])"
    )
    editor.process.send_signal(signal.SIGSTOP)
    editor.process.kill()
    with subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, **place.environment},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as other:  # fmt: skip
        assert "src/retry.py" in agent.request("tools/call", call("retry"))["content"][0]["text"]
        other.kill()
    assert not agent.problems


RELAYED = (
    ["search", "retry", ".."],
    ["search", "retry", "..", "--json", "-n", "2"],
    ["search", "wait longer after each failure", "..", "--explain", "--also", "backoff"],
    ["search", "retry", "..", "--lang", "klingon"],
    ["search", "  ", ".."],
    ["related", "retry.py:8", ".."],
    ["related", "src/retry.py:8", "..", "--kind", "tests"],
    ["related", "nowhere.py:8", ".."],
    ["related", "retry.py:99999", ".."],
)
LOOKS = ({}, {"FORCE_COLOR": "1", "TERM": "xterm"}, {"FORCE_COLOR": "1", "NO_COLOR": "1"})


def test_a_shell_command_is_shown_as_if_it_were_carried_out_here(place: Place):
    place.editor()
    folder = place.folder / "src"
    for number, arguments in enumerate(RELAYED):
        looks = LOOKS[number % len(LOOKS)]
        here, relayed = (
            subprocess.run(
                [sys.executable, *how, *arguments], cwd=folder, env={**os.environ, **place.environment, **looks},
                timeout=WAIT_S, check=False, stdin=subprocess.DEVNULL, capture_output=True,
            )
            for how in (["-m", "cognate.cli"], ["-c", ONLY_RELAY])
        )  # fmt: skip
        assert (relayed.returncode, relayed.stdout, relayed.stderr) == (here.returncode, here.stdout, here.stderr)


ONLY_RELAY = (
    "import sys; from cognate import relay_shell; code = relay_shell.relayed(sys.argv[1:]); "
    f"loaded = [name for name in {NOT_FOR_A_QUESTION!r} if name in sys.modules]; "
    "sys.exit(str(loaded) if code is None or loaded else code)"
)
"""Carries out a command through the owner, or fails; fails, too, when it has imported what costs time."""


@pytest.mark.parametrize("command", sorted(relay_shell.COMMANDS))
def test_what_is_relayed_is_what_the_command_takes(command: str):
    parser = build_parser(command)
    words = {"search": ["query"], "related": ["file.py:1"]}[command]
    for flag in relay_shell.FLAGS:
        assert parser.parse_args([command, *words, "a-folder", flag]).path == "a-folder"
    only = {"search": {"--kind"}, "related": {"--also"}}[command]
    for option in relay_shell.WITH_VALUE - only:
        value = {"-n": "3", "--limit": "3", "--kind": "tests"}.get(option, "value")
        assert parser.parse_args([command, *words, "a-folder", option, value]).path == "a-folder"
    with pytest.raises(UsageError):
        parser.parse_args([command, *words, "-n", "0"])


def test_how_long_queries_take_is_in_every_status_and_in_the_trace_of_the_engine_s_process(place: Place) -> None:
    owner, guest, tracing = place.editor("--trace"), place.editor(), place.editor("--trace")
    tracing.request("cognate/search", {"query": "an earlier question"})
    line, stages = "cognate.trace: my project: ", r"query [0-9.]+ ms \(read [0-9.]+, words "
    told = tracing.log.read_text(encoding="utf-8")
    assert f"{line}process {owner.process.pid} has the engine; its jobs are in the trace of that process\n" in told
    assert len(re.findall(line + stages, told)) == 1
    guest.request("cognate/search", {"query": BACKOFF})
    (folder,) = guest.request("cognate/status")["folders"]
    assert {"vectors", "query: read", "query: embedding", "query: hits", "job: embedding"} <= set(folder["details"])
    assert ", 2 times, " in folder["details"]["query"]
    trace = owner.log.read_text(encoding="utf-8")
    assert len(re.findall(line + stages, trace)) == 2
    assert "my project: job: embedding " in trace
    assert BACKOFF not in trace
    assert "cognate.trace" not in guest.log.read_text(encoding="utf-8")
