"""The help page is what the code says, and the pictures in docs/neovim.md are what a terminal shows.

After a change on purpose: ``WRITE_CAPTURES=1 pytest tests/nvim/test_docs.py``.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from editors.debian import program
from editors.project import PROJECT
from editors.terminal import Terminal
from fixtures import write_files
from nvim.driver import PLUGIN, environment

PAGE = Path(__file__).parents[2] / "docs" / "neovim.md"

INIT = f"""
vim.opt.runtimepath:prepend("{PLUGIN}")
vim.opt.statusline = " %f %= %{{%v:lua.require'cognate'.statusline()%}} "
vim.opt.laststatus = 2
vim.opt.ruler = false
vim.opt.showcmd = false
vim.opt.shortmess:append("IF")
require("cognate").setup({{ settings = {{ hover = {{ minScore = 0.1 }} }} }})
"""


@pytest.fixture
def terminal(tmp_path, cache_dir):
    """A terminal with Neovim on an indexed project."""
    project = tmp_path / "project"
    project.mkdir()
    write_files(project, PROJECT)
    (project / ".git").mkdir()
    init = tmp_path / "init.lua"
    init.write_text(INIT, encoding="utf-8")
    neovim = [str(program("nvim-0.10")), "--clean", "-n", "-u", str(init), "src/retry.py"]
    terminal = Terminal(neovim, project, {**environment(tmp_path, cache_dir), "COLORTERM": "truecolor"})
    try:
        terminal.wait(lambda text: re.search(r" cognate$", text, re.MULTILINE), "a status line that says ready")
        yield terminal
    finally:
        terminal.close()


def check_capture(name: str, shown: str) -> None:
    """Check that the page shows a capture, but for scores, which may drift a little."""
    page = PAGE.read_text(encoding="utf-8")
    block = re.compile(rf"(<!-- capture: {name} -->\n```text\n)(.*?)(\n```)", re.DOTALL)
    found = block.search(page)
    assert found, f"docs/neovim.md has no capture named {name}"
    if os.environ.get("WRITE_CAPTURES"):
        PAGE.write_text(page[: found.start(2)] + shown + page[found.end(2) :], encoding="utf-8")
    else:
        assert without_scores(shown) == without_scores(found[2])


def without_scores(text: str) -> str:
    return re.sub(r"\b[01]\.\d\d\b", "0.00", text)


def test_the_picker_looks_as_the_page_shows(terminal):
    terminal.type(":Cognate search", "Enter")
    terminal.wait(lambda text: "type a question" in text, "the prompt")
    # Letter by letter, an answer to the first half could be on the screen beside the whole query.
    terminal.paste("wait longer after each failure")
    check_capture("picker", terminal.wait(lambda text: re.search(r"\d found", text), "results"))


def test_the_hover_looks_as_the_page_shows(terminal):
    terminal.type("/call_with", "Enter", ":nohlsearch | lua vim.lsp.buf.hover()", "Enter")
    check_capture("hover", terminal.wait(lambda text: "Similar code" in text, "the hover"))


def test_the_help_page_is_what_the_code_says(tmp_path):
    script = [PLUGIN / "scripts" / "vimdoc.lua", tmp_path / "cognate.txt"]
    subprocess.run([program("nvim-0.10"), "--clean", "-l", *script], check=True, capture_output=True)
    written = (PLUGIN / "doc" / "cognate.txt").read_text(encoding="utf-8")
    assert (tmp_path / "cognate.txt").read_text(encoding="utf-8") == written


def test_the_plugin_names_the_version_of_the_package():
    project = (PAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"', project, re.MULTILINE)
    assert version
    assert f'M.version = "{version[1]}"' in (PLUGIN / "lua/cognate/init.lua").read_text(encoding="utf-8")


def test_every_option_and_subcommand_stands_in_the_page():
    page = PAGE.read_text(encoding="utf-8")
    config = (PLUGIN / "lua/cognate/config.lua").read_text(encoding="utf-8")
    table = config.split("--- defaults begin")[1].split("--- defaults end")[0]
    options = re.findall(r"^  (\w+) =", table, re.MULTILINE)
    commands = re.findall(r'name = "(\w+)"', (PLUGIN / "lua/cognate/command.lua").read_text(encoding="utf-8"))
    assert len(options) == 7
    assert len(commands) == 11
    assert [name for name in options if f"`{name}`" not in page] == []
    assert [name for name in commands if f"`{name}" not in page] == []
