"""Helix in a terminal, set up as docs/editors.md says."""

import re

import pytest

from editors.debian import program
from editors.project import PROJECT, RECIPES
from editors.terminal import Terminal
from fixtures import write_files
from nvim.driver import environment

SETTINGS = 'args = ["serve"]\nconfig = { cognate = { hover = { minScore = 0.1 } } }'


@pytest.fixture
def helix(tmp_path, cache_dir):
    """A terminal with Helix on a definition's name."""
    project = write_files(tmp_path / "project", PROJECT)
    (project / ".git").mkdir()
    recipe = re.search(r"```toml\n(.*?)```", RECIPES.read_text(encoding="utf-8"), re.DOTALL)
    assert recipe
    assert 'args = ["serve"]' in recipe[1]
    settings = tmp_path / ".config" / "helix"
    settings.mkdir(parents=True)
    (settings / "languages.toml").write_text(recipe[1].replace('args = ["serve"]', SETTINGS), encoding="utf-8")
    terminal = Terminal([str(program("hx")), "src/retry.py:6:8"], project, environment(tmp_path, cache_dir))
    try:
        terminal.wait(lambda text: "def call_with_backoff" in text, "the file")
        yield terminal
    finally:
        terminal.close()


def test_helix_hovers_finds_symbols_by_meaning_and_offers_the_action(helix):
    # The index may not be there yet, and then there is nothing to hover.
    text = helix.wait(lambda text: "Similar code" in text, "the hover", lambda: helix.type("Space", "k"))
    assert "src/download.py:7" in text
    helix.type("Escape")
    helix.wait(lambda text: "Similar code" not in text, "the hover to go")
    helix.type("Space", "S")
    helix.wait(lambda text: "kind" in text, "the symbols")
    helix.type("-l", "read preferences from a file")
    helix.wait(lambda text: re.search(r"> function +load_settings +src/settings.py", text), "a symbol by meaning")
    helix.type("Escape")
    helix.wait(lambda text: "load_settings" not in text, "the symbols to go")
    helix.type("Space", "a")
    helix.wait(lambda text: "Find related code" in text, "the action")
