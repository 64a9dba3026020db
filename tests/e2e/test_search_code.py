"""``cognate/searchCode``: the text that a chat model of the editor gets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.client import Client, RefusedError
from e2e.conftest import BACKOFF
from fixtures import write_files

OTHER = '''\
//- brew.py
def brew_coffee(beans, water):
    """Make a cup of coffee out of ground beans and hot water."""
    ground = [bean.grind() for bean in beans]
    return water.pour(ground)
'''

METHOD = "cognate/searchCode"


def heads(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith(" ")]


def test_the_answer_is_text_that_names_places(server: Client) -> None:
    text = server.request(METHOD, {"query": BACKOFF, "limit": 2})["text"]
    assert sorted(head.split("  ")[0] for head in heads(text)) == ["src/download.py:7-14", "src/retry.py:6-13"]
    assert "     6  def call_with_backoff(action, attempts=5, base_delay=0.1):" in text


def test_other_wordings_paths_and_languages_count(server: Client) -> None:
    asked = {"query": "zzz", "also": ["cartTotal"], "paths": ["web/"], "languages": ["typescript"]}
    assert [head.split(":")[0] for head in heads(server.request(METHOD, asked)["text"])] == ["web/cart.ts"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"query": " "}, "query"),
        ({"query": "retry", "limit": 0}, "limit"),
        ({"query": "retry", "also": "again"}, "also"),
        ({"query": "retry", "paths": ["/etc"]}, "the only folder that can be searched"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(server: Client, params: dict[str, object], says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        server.request(METHOD, params)


def test_several_folders_answer_under_their_paths(launch: Callable[..., Client], project: Path, tmp_path: Path) -> None:
    other = write_files(tmp_path / "coffee", OTHER)
    server = launch(project, other)
    server.wait_until_ready()
    text = server.request(METHOD, {"query": "grind beans for a hot drink"})["text"]
    first, second = text.split("\n\n")
    assert first.startswith(f"In {project}:\n")
    assert second.startswith(f"In {other}:\nbrew.py:1-4  def brew_coffee(beans, water)\n")
    only_there = server.request(METHOD, {"query": "brew", "paths": [str(other)]})["text"]
    assert "brew.py:1-4" in only_there
    assert str(project) not in only_there


def test_without_a_folder_there_is_a_sentence(launch: Callable[..., Client]) -> None:
    with pytest.raises(RefusedError, match="No folder can be searched yet: none is open"):
        launch().request(METHOD, {"query": "retry"})
