"""The real ``cognate mcp`` on a real project, asked by the SDK's own client and, for what that hides, by hand."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from cognate.mcp.format import tokens_of
from cognate.mcp.own_user import user_of
from e2e.conftest import PROJECT
from fixtures import write_files

MORE = '''\
//- src/client.py
from src.retry import call_with_backoff


def load_profile(connection):
    """Load the profile of the user."""
    return call_with_backoff(connection.fetch)
//- tests/test_retry.py
from src.retry import call_with_backoff


def test_gives_up_in_the_end():
    assert call_with_backoff(lambda: 1) == 1
//- .gitignore
secret/
//- secret/keys.py
KEY = 1
'''
ROOT = Path(__file__).parents[2]
SCHEMA_TOKENS, INSTRUCTIONS_CHARACTERS = 1700, 2000


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a project, and variables under which its index is kept beside it."""
    folder = tmp_path_factory.mktemp("mcp")
    project = write_files(folder / "my project", PROJECT + MORE)
    (project / ".git").mkdir()
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return project, {"PYTHONPATH": str(ROOT / "server"), "COGNATE_CACHE_DIR": str(folder / "cache")}


@pytest.fixture
def server(place: tuple[Path, dict[str, str]]) -> StdioServerParameters:
    """Return how to start the server inside a folder of the project, which it must find by itself."""
    project, variables = place
    return StdioServerParameters(
        command=sys.executable, args=["-m", "cognate", "mcp"], env=variables, cwd=project / "src"
    )


def text_of(result: Any) -> str:
    (content,) = result.content
    return content.text


async def test_the_three_tools_answer(server: StdioServerParameters):
    async with Client(server) as client:
        found = await client.call_tool(
            "search_code", {"query": "wait longer after each failure", "also": ["exponential backoff", "retry"]}
        )
        assert not found.is_error
        assert "src/retry.py:6-13  def call_with_backoff(action, attempts=5, base_delay=0.1)" in text_of(found)
        best = found.structured_content["results"][0]
        assert (best["path"], best["symbol"], best["start_line"]) == ("src/retry.py", "call_with_backoff", 6)
        assert found.structured_content["index"]["coverage"] == 1.0

        alike = await client.call_tool("related_code", {"file": "src/retry.py", "line": 8})
        assert "src/download.py:" in text_of(alike)
        assert "src/retry.py:6" not in text_of(alike)

        for kind, path in (("callers", "src/client.py"), ("tests", "tests/test_retry.py")):
            found = await client.call_tool("related_code", {"file": "src/retry.py", "line": 8, "kind": kind})
            assert found.structured_content["results"][0]["path"] == path

        explained = await client.call_tool("explain_place", {"file": "src/retry.py", "line": 12})
        assert text_of(explained).startswith("src/retry.py:6-13  def call_with_backoff(")
        assert [user["path"] for user in explained.structured_content["used_by"]] == ["src/client.py"]
        assert [test["path"] for test in explained.structured_content["tests"]] == ["tests/test_retry.py"]


async def test_filters_hold_and_a_miss_says_what_there_is(server: StdioServerParameters, place: tuple[Path, Any]):
    async with Client(server) as client:
        inside = await client.call_tool("search_code", {"query": "total price", "paths": [str(place[0] / "web")]})
        assert {hit["path"] for hit in inside.structured_content["results"]} == {"web/cart.ts"}
        typed = await client.call_tool("search_code", {"query": "retry", "languages": ["typescript"]})
        assert {hit["language"] for hit in typed.structured_content["results"]} <= {"typescript"}
        missed = await client.call_tool("search_code", {"query": "retry", "languages": ["klingon"]})
        assert "No language known here is called 'klingon'" in text_of(missed)


async def test_schemas_instructions_and_answers_are_short(server: StdioServerParameters):
    async with Client(server) as client:
        assert len(client.instructions or "") <= INSTRUCTIONS_CHARACTERS
        assert "grep" in (client.instructions or "")
        tools = (await client.list_tools()).tools
        schemas = json.dumps([tool.model_dump(by_alias=True, exclude_none=True) for tool in tools])
        assert [tool.name for tool in tools] == ["search_code", "related_code", "explain_place"]
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        assert tokens_of(schemas) <= SCHEMA_TOKENS
        answer = await client.call_tool("search_code", {"query": "a function", "limit": 50, "max_tokens": 200})
        assert tokens_of(text_of(answer)) <= 200
        assert "left out to stay within 200 tokens" in text_of(answer)
        assert answer.structured_content["left_out"] > 0


async def test_progress_is_told_where_it_is_asked_for(server: StdioServerParameters):
    told: list[tuple[float, str | None]] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    async with Client(server) as client:
        await client.call_tool("search_code", {"query": "retry"}, progress_callback=tell)
    assert told and all(message for _, message in told)
    assert [progress for progress, _ in told] == sorted({progress for progress, _ in told})


async def test_two_agents_ask_one_folder_at_once(server: StdioServerParameters):
    async with Client(server) as one, Client(server) as other:
        for client in (one, other):
            found = await client.call_tool("search_code", {"query": "wait longer after each failure"})
            assert "src/retry.py:6-13" in text_of(found)


async def test_an_edit_on_disk_is_found_or_said_to_be_stale(server: StdioServerParameters, place: tuple[Path, Any]):
    file = place[0] / "src" / "settings.py"
    before = file.read_text()
    async with Client(server) as client:
        await client.call_tool("search_code", {"query": "retry"})
        file.write_text(before + "\n\ndef quarantine_of_ferrets(animal):\n    return animal.cage\n")
        found = await client.call_tool("search_code", {"query": "read preferences from a file"})
        again = await client.call_tool("search_code", {"query": "quarantine_of_ferrets"})
    file.write_text(before)
    assert "src/settings.py:" in text_of(found)
    assert "quarantine_of_ferrets" in text_of(again) or "stale" in text_of(found)


BAD = [
    ("search_code", {"query": "  "}, "query is empty"),
    ("search_code", {}, "query: field required"),
    ("search_code", {"query": "x", "limit": 0}, "limit must be at least 1"),
    ("search_code", {"query": "x", "max_tokens": 3}, "max_tokens must be at least 200"),
    ("search_code", {"query": "x", "paths": ["/etc"]}, "outside of"),
    ("search_code", {"query": "x", "paths": ["../.."]}, "outside of"),
    ("related_code", {"file": "retry.py", "line": 1}, "There is no file retry.py, but src/retry.py"),
    ("related_code", {"file": "../secret", "line": 1}, "outside of"),
    ("related_code", {"file": "/etc/passwd", "line": 1}, "outside of"),
    ("related_code", {"file": "src/retry.py", "line": 999}, "src/retry.py has lines 1 to 13"),
    ("related_code", {"file": "src/retry.py", "line": 0}, "There is no line 0"),
    ("related_code", {"file": "src/retry.py", "line": 1, "kind": "aunts"}, "kind"),
    ("related_code", {"file": "secret/keys.py", "line": 1}, "is not in the index"),
    ("explain_place", {"file": "", "line": 1}, "file is empty"),
    ("explain_place", {"file": "src/retry.py", "line": "many"}, "line: "),
    ("explain_place", {"file": "src/\0.py", "line": 1}, "There is no file src/"),
]


async def test_bad_arguments_are_answered_with_a_sentence(server: StdioServerParameters):
    async with Client(server) as client:
        for tool, arguments, said in BAD:
            result = await client.call_tool(tool, arguments)
            assert result.is_error, arguments
            assert said in text_of(result)


def test_stdout_carries_frames_only_and_the_end_of_stdin_ends_the_server(place: tuple[Path, dict[str, str]]):
    project, variables = place
    asked = [
        {"id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "1"}}},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "search_code", "arguments": {"query": "retry"}}},
        {"id": 3, "method": "nonsense"},
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "cognate", "mcp", str(project)], env={**os.environ, **variables},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    answers: dict[int, Any] = {}
    with process:
        for message in asked:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            process.stdin.flush()
        while len(answers) < 3:
            frame = json.loads(process.stdout.readline())
            answers[frame["id"]] = frame
        process.stdin.close()
        rest = process.stdout.read()
    assert (rest, process.returncode) == ("", 0)
    assert answers[2]["result"]["content"][0]["text"].count("src/retry.py:") == 1
    assert "error" in answers[3]


@pytest.fixture
def address(place: tuple[Path, dict[str, str]]) -> Iterator[str]:
    """Serve the project over HTTP; yield HOST:PORT."""
    project, variables = place
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "cognate", "mcp", str(project), "--http", f"127.0.0.1:{port}"],
        env={**os.environ, **variables}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            continue
    yield f"127.0.0.1:{port}"
    process.kill()
    process.wait()


def post(address: str, **headers: str) -> int:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    accept = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    request = urllib.request.Request(f"http://{address}/mcp", body, {**accept, **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


async def test_http_answers_its_own_address_and_no_page_of_a_browser(address: str):
    async with Client(f"http://{address}/mcp") as client:
        found = await client.call_tool("search_code", {"query": "retry"})
        assert "src/retry.py" in text_of(found)
    port = address.rpartition(":")[2]
    assert post(address, Host=f"evil.example:{port}") == 421
    assert post(address, Host="127.0.0.1:1") == 421
    assert post(address, Origin="https://evil.example") == 403
    assert post(address, Origin=f"http://evil.example:{port}") == 403
    assert post(address, Origin="null") == 403
    assert post(address, Origin=f"http://127.0.0.1:{port}") not in {403, 421}


ASK_AS_NOBODY = """
import os, socket, sys
os.setgid(65534), os.setuid(65534)
asking = socket.socket()
asking.connect(("127.0.0.1", int(sys.argv[1])))
asking.sendall(b"POST /mcp HTTP/1.1\\r\\nHost: 127.0.0.1:%s\\r\\nContent-Length: 0\\r\\n\\r\\n" % sys.argv[1].encode())
os.write(1, asking.recv(10_000))
"""


def test_another_user_of_the_machine_is_refused_over_http(address: str):
    assert post(address) != 403
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port))) as own:
        assert user_of(own.getsockname()[1], int(port)) == os.geteuid()
    if os.geteuid() == 0:  # Nobody else could become another user.
        asked = subprocess.run(
            [sys.executable, "-c", ASK_AS_NOBODY, port], capture_output=True, text=True, timeout=60, check=True
        )
        assert "403 Forbidden" in asked.stdout


@pytest.mark.parametrize("where", ["0.0.0.0:7777", "192.168.1.2:7777", "example.org:80", "127.0.0.1:x", "127.0.0.1:0"])
def test_no_other_address_than_a_loopback_one_is_served(place: tuple[Path, dict[str, str]], where: str):
    project, variables = place
    done = subprocess.run(
        [sys.executable, "-m", "cognate", "mcp", str(project), "--http", where],
        env={**os.environ, **variables}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "loopback" in done.stderr or "HOST:PORT" in done.stderr
    assert done.stdout == ""


def test_a_home_folder_is_not_taken_for_a_project(tmp_path: Path, place: tuple[Path, dict[str, str]]):
    done = subprocess.run(
        [sys.executable, "-m", "cognate", "mcp"], cwd=tmp_path, stdin=subprocess.DEVNULL,
        env={**os.environ, **place[1], "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "is not a project folder" in done.stderr
