"""Real server processes on a small project, one for each editor's capabilities."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.client import Client
from e2e.editors import EDITORS, introduction
from editors.project import PROJECT as SMALL_PROJECT
from fixtures import write_files

PROJECT = (
    SMALL_PROJECT
    + '''\
//- grüße und mehr/früh am tag.py
MOOD = "😀"; GREETING = "hello"


def greet_in_the_morning(name):
    """Say good morning to a person."""
    return f"Good morning, {name}! 😀"
'''
)

BACKOFF = "try again after a network failure, waiting longer each time"


@pytest.fixture(scope="module", params=sorted(EDITORS))
def editor(request: pytest.FixtureRequest) -> str:
    """The editor whose capabilities the client announces."""
    return request.param


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project of its own."""
    folder = tmp_path / "my project"
    folder.mkdir()
    return write_files(folder, PROJECT)


@pytest.fixture
def launch(tmp_path: Path, editor: str) -> Iterator[Callable[..., Client]]:
    """Return a function that starts a server and introduces the editor."""
    clients: list[Client] = []

    def start(*folders: Path, **more: Any) -> Client:
        options = more.pop("options", None)
        client = Client(tmp_path / f"server-{len(clients)}.log", **more)
        clients.append(client)
        client.initialize(introduction(editor, *folders, options=options))
        return client

    yield start
    for client in clients:
        client.kill()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, editor: str) -> Iterator[Client]:
    """A server with the project indexed, for tests that change nothing; it ends as an editor would end it."""
    home = tmp_path_factory.mktemp("server")
    folder = home / "my project"
    folder.mkdir()
    write_files(folder, PROJECT)
    settings = {"hover": {"minScore": 0.3}, "codeLens": {"enabled": True}}
    environment = {"COGNATE_CACHE_DIR": str(home / "cache")}
    client = Client(home / "server.log", settings=settings, environment=environment)
    try:
        client.initialize(introduction(editor, folder))
        client.folder = folder
        client.wait_until_ready()
        yield client
        client.shut_down()
    finally:
        client.kill()
