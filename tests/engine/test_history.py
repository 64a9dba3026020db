"""Questions to the history of real repositories: commits in, answers out, with the shipped model."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.commits import History
from cognate.engine import Engine
from cognate.search.request import HistoryRequest
from cognate.types import Span
from engine.test_git import git
from fixtures import write_files

PATIENCE_S = 60.0
RETRY = """//- src/client.py
def fetch_with_retries(url):
    for attempt in range(MAXIMUM_ATTEMPTS):
        if send_request(url).status != 503:
            return True
    return False
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    git(folder, "init", "--quiet")
    return folder


def commit(folder: Path, message: str, text: str = "") -> str:
    write_files(folder, text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def ask(engine: Engine, query: str = "", **more: object) -> History:
    """Ask once the history has been read as it is now."""
    until = time.monotonic() + PATIENCE_S
    engine.wait_until_current(PATIENCE_S)
    while not (found := engine.history(HistoryRequest(query, **more), CancelToken())).is_complete:  # pyright: ignore[reportArgumentType]
        assert time.monotonic() < until, "the history was not read"
        engine.wait_until_current(PATIENCE_S)
    return found


def test_a_commit_is_found_with_what_it_led_to(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    commit(repository, "Start", "//- README.md\n# Demo\n")
    asked = commit(repository, "Try again when the server is overloaded", RETRY)
    commit(repository, "Document the licence", "//- LICENSE\nMIT\n")
    found = ask(open_workspace(folder=repository), "retry failed requests")
    assert found.covered == 3
    assert found.commits[0].commit.id == asked
    assert found.commits[0].files == ("src/client.py",)
    assert [place.symbol for place in found.commits[0].places] == ["fetch_with_retries"]


def test_a_definition_has_the_commits_that_made_it(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    first = commit(repository, "Fetch", RETRY)
    second = commit(repository, "Give up sooner", RETRY.replace("MAXIMUM_ATTEMPTS", "REASONABLE_ATTEMPTS"))
    commit(repository, "Something else", "//- other.py\ndef unrelated_function_here():\n    pass\n")
    found = ask(open_workspace(folder=repository), span=Span("src/client.py", 3, 4))
    assert [hit.commit.id for hit in found.commits] == [second, first]
