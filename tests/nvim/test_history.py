"""Commits by what they did, in a real Neovim on a real repository."""

import pytest

from editors.repository import make_repository
from nvim.driver import FLOATS

IS_READ = """
    local client = require("cognate.client")
    local server = client.get(0)
    local reply = server and client.call(server, "request_sync", "cognate/history", { query = "mirror" }, 10000, 0)
    return reply and reply.result and reply.result.complete
"""

QUESTION = "giving up on slow servers"


@pytest.fixture
def editor(launch, tmp_path):
    editor = launch(make_repository(tmp_path / "downloads"))
    editor.edit("src/deadline.py")
    editor.wait_until_ready()
    editor.wait(IS_READ)
    return editor


def test_a_question_lists_commits_and_opens_one(editor):
    editor.command(f"Cognate history ++picker=builtin {QUESTION}")
    shown = editor.wait(f"local all = table.concat({FLOATS}, '\\n')\nreturn all:find('mirrors.py', 1, true) and all")
    assert "Give up on a slow host after half a minute" in shown
    assert "+HOST_DEADLINE_S = 30" in shown, "the preview is the commit as git shows it"
    editor.keys("<CR>")
    assert editor.wait('return vim.bo.filetype == "git" and vim.api.nvim_buf_get_lines(0, 0, -1, false)')
    assert editor.lua('return vim.fn.search("A mirror that hung", "n")') > 0


def test_without_a_question_the_definition_under_the_cursor_is_asked_about(editor):
    editor.lua('vim.fn.search("HOST_DEADLINE_S = ")')
    editor.command("Cognate history ++picker=quickfix")
    texts = editor.wait("local l = vim.fn.getqflist(); return #l > 0 and vim.tbl_map(function(i) return i.text end, l)")
    assert "Prefer the nearest mirror" in texts[0]
    editor.command("cfirst")
    assert editor.lua('return vim.fn.expand("%:t")') in {"deadline.py", "mirrors.py"}
