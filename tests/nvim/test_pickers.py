"""The adapters for Telescope, fzf-lua and snacks, against stand-ins with the calls that these plugins document."""

from pathlib import Path

import pytest

QUERY = "whoever holds the lock is the only writer"
FAKES = Path(__file__).with_name("fakes.lua")
MODULES = {"telescope": "telescope", "fzf_lua": "fzf-lua", "snacks": "snacks"}


@pytest.fixture(params=sorted(MODULES))
def plugin(request, editor):
    """A picker plugin that is installed; what it is called in options."""
    fake = request.param
    editor.lua("_G.user = dofile((...))[select(2, ...)]()", str(FAKES), fake)
    yield MODULES[fake]
    editor.lua("""
        for _, name in ipairs(vim.tbl_keys(package.loaded)) do
          if name:find("^telescope") or name:find("^plenary") or name == "fzf-lua" or name == "snacks" then
            package.loaded[name] = nil
          end
        end
    """)


def first(editor, plugin: str) -> tuple[str, int, str]:
    """Return file, line and text of the first result that the plugin shows."""
    found = {
        "telescope": "local e = _G.user.entries; return e and #e > 0 and { e[1].filename, e[1].lnum, e[1].display }",
        "fzf-lua": 'local l = _G.user.lines; return l and #l > 0 and { l[1]:match("^(.-):(%d+):%d+: (.*)") }',
        "snacks": "local i = _G.user.items; return i and #i > 0 and { i[1].file, i[1].pos[1], i[1].line }",
    }[plugin]
    file, line, text = editor.wait(found)
    return file, int(line), text


def test_an_installed_plugin_shows_a_finished_list(editor, plugin):
    editor.command(f"Cognate search {QUERY}")
    file, line, text = first(editor, plugin)
    assert file.endswith("cognate/index/lock.py")
    assert 1 <= line <= 40
    focus_line = (editor.project / "cognate/index/lock.py").read_text(encoding="utf-8").splitlines()[line - 1]
    assert focus_line.strip() in text


def test_live_search_shows_the_answer_to_what_was_typed_last(editor, plugin):
    editor.command("Cognate search")
    editor.lua("_G.user.wanted = (...)", QUERY)
    editor.lua("""
        for length = 1, #_G.user.wanted do
          _G.user.type(_G.user.wanted:sub(1, length))
        end
    """)
    file, _, _ = first(editor, plugin)
    assert file.endswith("cognate/index/lock.py")
    assert editor.notices() == []


def test_an_empty_prompt_asks_nothing(editor, plugin):
    editor.lua('require("cognate.client").request, _G.request = error, require("cognate.client").request')
    try:
        editor.command("Cognate search")
        editor.lua('_G.user.wanted = ""; _G.user.type("")')
    finally:
        editor.lua('require("cognate.client").request = _G.request')


def test_the_picker_of_an_option_or_a_command_wins_over_installed_plugins(editor, plugin):
    editor.command(f"Cognate search ++picker=quickfix {QUERY}")
    editor.wait("return #vim.fn.getqflist() > 0")
    assert editor.lua("return _G.user.entries or _G.user.lines or _G.user.items or 'nothing'") == "nothing"
