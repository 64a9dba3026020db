"""Neovims of the two lines the plugin promises to work in, on a copy of a real project."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from editors.debian import program
from editors.project import PROJECT
from editors.repository import git
from fixtures import write_files
from nvim.driver import Neovim

TEST_OF_PROJECT = """\
//- tests/test_retry.py
from src.retry import call_with_backoff


def test_the_first_answer_counts():
    assert call_with_backoff(lambda: 5) == 5
"""

REAL_PROJECT = Path(__file__).parents[2] / "server" / "cognate"


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all Neovims: what was embedded once is not embedded again."""
    return tmp_path_factory.mktemp("cognate-cache")


@pytest.fixture(scope="module", params=["nvim-0.10", "nvim-newest"])
def neovim(request: pytest.FixtureRequest) -> Path:
    """The program, once of each line."""
    return program(request.param)


def copy_project(folder: Path, *left_out: str) -> Path:
    """Copy a real project, perhaps without some of its folders, and make it a git repository."""
    ignore = shutil.ignore_patterns("__pycache__", "*.onnx", "tokenizer.json", *left_out)
    shutil.copytree(REAL_PROJECT, folder / "cognate", ignore=ignore)
    write_files(folder / "examples", PROJECT + TEST_OF_PROJECT)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "all")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's smaller half, for a test that changes it."""
    return copy_project(tmp_path / "project", "lsp", "indexing", "chunking", "embedding", "languages", "workspace")


@pytest.fixture
def launch(tmp_path: Path, neovim: Path, shared_cache: Path) -> Iterator[Callable[..., Neovim]]:
    """Return a function that starts a Neovim in a folder; all end with the test."""
    started: list[Neovim] = []

    def start(folder: Path, **more: object) -> Neovim:
        editor = Neovim(neovim, tmp_path / f"home-{len(started)}", folder, shared_cache, **more)  # pyright: ignore[reportArgumentType]
        started.append(editor)
        return editor

    yield start
    for editor in started:
        editor.quit()


@pytest.fixture(scope="module")
def shared_editor(neovim: Path, shared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neovim]:
    """A Neovim on an indexed project, for tests that change nothing on disk."""
    home = tmp_path_factory.mktemp("shared")
    settings = 'require("cognate").setup({ settings = { codeLens = { enabled = true }, hover = { minScore = 0.1 } } })'
    editor = Neovim(neovim, home / "home", copy_project(home / "project", "languages"), shared_cache, init=settings)
    try:
        editor.edit("cognate/index/lock.py")
        editor.wait_until_ready()
        yield editor
    finally:
        editor.quit()


@pytest.fixture
def editor(shared_editor: Neovim) -> Neovim:
    """The shared Neovim with one window, on one file, nothing pending, no old messages, no overridden functions."""
    shared_editor.lua("""
        vim.cmd.stopinsert()
        for _, window in ipairs(vim.api.nvim_list_wins()) do
          if vim.api.nvim_win_get_config(window).relative ~= "" then vim.api.nvim_win_close(window, true) end
        end
        vim.cmd("silent! only | silent! tabonly")
        vim.fn.setqflist({})
        _G.notices = {}
        _G.original_select = _G.original_select or vim.ui.select
        vim.ui.select = _G.original_select
    """)
    shared_editor.edit("cognate/index/lock.py")
    shared_editor.lua("vim.api.nvim_win_set_cursor(0, { 1, 0 })")
    return shared_editor
