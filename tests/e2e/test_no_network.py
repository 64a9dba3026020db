"""In the default configuration no process of ours opens a network socket, looks up a host or sends anything there.

The private Unix socket on which the front ends of one folder talk is a file of the user's, and no network.

``sitecustomize`` puts a watch into the process under test: an audit hook sees what Python does, and where the kernel
allows it a seccomp filter sees what native libraries do. Either ends the process at once and leaves a mark.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chat_server import ChatServer, chat_server
from e2e.client import SERVER_PATH, Client
from e2e.conftest import PROJECT
from e2e.editors import introduction
from fixtures import write_files

CAUGHT = 70
"""Exit code of a process that was caught by the audit hook."""

QUESTION = "try again after a network failure"

WATCH = f"""
import ctypes, os, platform, socket, struct, sys
from pathlib import Path

HERE = Path(__file__).parent
INTERNET = (int(socket.AF_INET), int(socket.AF_INET6))
TALKS = {{
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.getnameinfo",
    "socket.gethostbyname", "socket.gethostbyaddr",
}}

def is_ours(who, address=None, *_):
    # From Python 3.12 on, asyncio sends by sendmsg, without an address, to whom it is connected.
    is_named = address is None or str(address).endswith("/owner.sock")
    return isinstance(who, socket.SocketType) and who.family == socket.AF_UNIX and is_named

def watch(event, arguments):
    # asyncio wakes itself through a pair of sockets without a name, which reaches nobody.
    is_new = event == "socket.__new__" and int(arguments[1]) in INTERNET
    if is_new or (event in TALKS and not is_ours(*arguments)):
        text = f"{{event}} {{arguments[1:]}}\\n"
        os.write(2, b"A socket in the default configuration: " + text.encode())
        descriptor = os.open(HERE / "mark", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(descriptor, text.encode())
        os._exit({CAUGHT})

def forbid_native_sockets():
    # Allow all but socket(AF_INET or AF_INET6, …); offsets are those of struct seccomp_data.
    machines = {{"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}}
    if platform.machine() not in machines:
        return False
    architecture, call = machines[platform.machine()]
    load, equal, done = 0x20, 0x15, 0x06
    kill, allow = 0x80000000, 0x7FFF0000
    steps = [
        (load, 0, 0, 4), (equal, 0, 6, architecture), (load, 0, 0, 0), (equal, 0, 4, call),
        (load, 0, 0, 16), (equal, 1, 0, INTERNET[0]), (equal, 0, 1, INTERNET[1]), (done, 0, 0, kill),
        (done, 0, 0, allow),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
    process = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, seccomp, filter_mode = 38, 22, 2
    return process.prctl(no_new_privileges, 1, 0, 0, 0) == 0 and process.prctl(seccomp, filter_mode, program) == 0

native = os.environ.get("WATCH_NATIVE") == "1" and forbid_native_sockets()
sys.addaudithook(watch)
(HERE / f"watched-{{os.getpid()}}").write_text(f"{{native}}")
"""


@dataclass(frozen=True)
class Watched:
    """Where the watch leaves its marks, and the environment of a process that it is put into."""

    folder: Path
    environment: dict[str, str]

    @property
    def mark(self) -> str:
        """What a process was caught at."""
        file = self.folder / "mark"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    @property
    def processes(self) -> int:
        """How many processes were watched."""
        return len(list(self.folder.glob("watched-*")))

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run Python in the watch."""
        environment = {**os.environ, **self.environment}
        return subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    folder = tmp_path / "watch"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    paths = os.pathsep.join([str(folder), str(SERVER_PATH)])
    cleared = {f"COGNATE_REPHRASE_{name}": "" for name in ("ENDPOINT", "MODEL", "KEY")}
    return Watched(folder, {"PYTHONPATH": paths, "WATCH_NATIVE": "1", **cleared})


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as running:
        yield running


def test_the_server_opens_no_network_socket(watched: Watched, project: Path, tmp_path: Path, editor: str) -> None:
    client = Client(tmp_path / "server.log", environment=watched.environment)
    try:
        client.initialize(introduction(editor, project))
        client.wait_until_ready()
        assert client.request("cognate/search", {"query": QUESTION, "also": ["retry with backoff"]})["hits"]
        client.open((project / "src/retry.py").as_uri(), (project / "src/retry.py").read_text(encoding="utf-8"))
        lines = (project / "src/retry.py").read_text(encoding="utf-8").splitlines()
        line = next(number for number, text in enumerate(lines) if "def call_with_backoff" in text)
        place: dict[str, Any] = {
            "textDocument": {"uri": (project / "src/retry.py").as_uri()},
            "position": {"line": line, "character": 6},
        }
        assert client.request("cognate/related", place)["hits"]
        client.request("textDocument/hover", place)
        client.request("textDocument/codeLens", {"textDocument": place["textDocument"]})
        client.request("workspace/symbol", {"query": f"? {QUESTION}"})
        assert client.request("cognate/rephrase", {"query": QUESTION})["system"]
        assert client.request("cognate/rephrased", {"query": QUESTION, "reply": "retry"})["also"] == ["retry"]
        assert client.request("cognate/rephrased", {"query": QUESTION})["also"] == []
        assert client.request("cognate/status")["files"]
        client.shut_down()
    finally:
        client.kill()
    assert (watched.processes, watched.mark) == (1, "")


def test_the_command_line_opens_no_network_socket(watched: Watched, tmp_path: Path) -> None:
    folder = str(write_files(tmp_path / "project", PROJECT))
    commands = [
        ["index", folder],
        ["search", QUESTION, folder, "--also", "retry with backoff"],
        ["search", QUESTION, folder, "--rephrase-endpoint", "https://models.example/v1"],
        ["related", f"{folder}/src/retry.py:6", folder],
        ["explain", f"{folder}/src/retry.py", folder],
        ["status", folder],
        ["doctor"],
    ]
    for command in commands:
        done = watched.run("-m", "cognate.cli", *command)
        assert (done.returncode, watched.mark) == (0, ""), done.stderr
    assert watched.processes == len(commands)


def test_the_watch_sees_a_question_that_is_sent_to_an_endpoint(
    watched: Watched, project: Path, tmp_path: Path, editor: str, chat: ChatServer
) -> None:
    done = watched.run(
        *["-m", "cognate.cli", "search", QUESTION, str(project), "--rephrase", "--rephrase-endpoint", chat.url]
    )
    assert done.returncode == CAUGHT, done.stderr
    assert watched.mark.startswith("socket.__new__")
    (watched.folder / "mark").unlink()
    settings = {"rephraseEndpoint": chat.url}
    client = Client(tmp_path / "server.log", settings=settings, environment=watched.environment)
    try:
        client.initialize(introduction(editor, project))
        client.wait_until_ready()
        client.send(client.asking("cognate/rephrased", {"query": QUESTION}))
        assert client.process.wait(60) == CAUGHT
    finally:
        client.kill()
    assert watched.mark.startswith("socket.__new__")
    assert chat.asked == []


@pytest.mark.parametrize(
    "code",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.getaddrinfo('models.example', 443)",
        "socket.gethostbyname('models.example')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "socket.socket(socket.AF_UNIX).bind('a-name')",
        "socket.socket(socket.AF_UNIX).connect('a-name')",
    ],
)
def test_the_watch_sees_every_way_out_of_python(watched: Watched, code: str) -> None:
    done = watched.run("-c", f"import socket; {code}")
    assert done.returncode == CAUGHT
    assert "A socket in the default configuration" in done.stderr
    assert watched.mark


def test_the_watch_sees_sockets_of_native_code(watched: Watched) -> None:
    opened = watched.run("-c", "import ctypes; ctypes.CDLL(None).socket(2, 1, 0)")
    (file,) = watched.folder.glob("watched-*")
    if file.read_text(encoding="utf-8") != "True":
        pytest.skip("the kernel allows no seccomp filter here")
    assert opened.returncode < 0
    assert watched.run("-c", "import socket; socket.socketpair()").returncode == 0
