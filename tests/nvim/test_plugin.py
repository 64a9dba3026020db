"""What a user of the plugin sees, in a real Neovim on a real project."""

import re

import pytest

from nvim.driver import FLOATS, Neovim

ONLY_WRITER = "whoever holds it is the only writer, freed by the system when the holder dies"

CURSOR_ON = """
    vim.fn.cursor(1, 1)
    vim.fn.search((...), "c")
"""

PICKER = """
    local windows = {}
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      local layout = vim.api.nvim_win_get_config(window)
      if layout.relative ~= "" then
        local buffer = vim.api.nvim_win_get_buf(window)
        local name = vim.bo[buffer].filetype == "cognate" and "prompt" or vim.wo[window].number and "preview" or "list"
        windows[name] = {
          lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false),
          row = vim.api.nvim_win_get_cursor(window)[1],
          footer = layout.footer and layout.footer[1][1] or "",
        }
      end
    end
    return windows.prompt and windows
"""

OTHER_SERVER = """
    local results = { initialize = { capabilities = { hoverProvider = true } }, ["textDocument/hover"] = (...) }
    local sent = 0
    local server = function()
      return {
        request = function(method, _, callback, on_reply)
          sent = sent + 1
          local id = sent
          vim.schedule(function()
            if on_reply then on_reply(id) end
            callback(nil, results[method])
          end)
          return true, id
        end,
        notify = function() return true end,
        is_closing = function() return false end,
        terminate = function() end,
      }
    end
    return vim.lsp.start({ name = "other", cmd = server, root_dir = vim.fn.getcwd() })
"""


def picker(editor: Neovim, condition: str) -> dict:
    """Wait for the built-in picker to be as a condition on ``picker`` says, and return what it shows."""
    return editor.wait(f"local picker = (function() {PICKER} end)()\nreturn picker and ({condition}) and picker")


def test_it_attaches_to_a_file_without_any_setup_at_the_root_of_its_repository(launch, project):
    editor = launch(project)
    editor.edit("cognate/search/order.py")
    status = editor.wait_until_ready()
    assert status["files"] >= len(list(project.rglob("*.py")))
    assert status["coverage"] == 1
    roots = editor.lua("""
        local clients = vim.lsp.get_clients({ name = "cognate" })
        return vim.tbl_map(function(client) return client.config.root_dir end, clients)
    """)
    assert roots == [str(project)]
    assert editor.notices() == []


def test_buffers_outside_of_projects_are_left_alone(editor):
    attached = editor.lua(
        """
        local client = require("cognate.client")
        local function root(name, buftype)
          local buffer = vim.api.nvim_create_buf(true, false)
          if name then vim.api.nvim_buf_set_name(buffer, name) end
          vim.bo[buffer].buftype = buftype or ""
          local found = client.root(buffer)
          vim.api.nvim_buf_delete(buffer, { force = true })
          return found or "none"
        end
        local here, home = (...), vim.uv.os_homedir()
        return {
          root(), root(here .. "/x", "nofile"), root("fugitive://" .. here .. "/a.py"), root(home .. "/notes.md"),
          root(here .. "/.git/COMMIT_EDITMSG"), root("/usr/lib/python3/library.py"), root(here .. "/new/file.py"),
        }
        """,
        str(editor.project),
    )
    assert attached == ["none"] * 6 + [str(editor.project)]


def test_a_search_shows_the_best_results_through_vim_ui_select_and_jumps_there(editor):
    editor.lua("""
        _G.shown = nil
        vim.ui.select = function(items, options, choose)
          _G.shown = vim.tbl_map(options.format_item, items)
          choose(items[1])
        end
    """)
    editor.edit("cognate/settings.py")
    editor.command(f"Cognate search {ONLY_WRITER}")
    shown = editor.wait("return _G.shown")
    assert "cognate/index/lock.py" in shown[0]
    assert len(shown) > 5
    where = editor.lua('return { vim.fn.expand("%:t"), vim.fn.line(".") }')
    assert where[0] == "lock.py"
    assert f"lock.py:{where[1]}" in shown[0]


def test_related_code_leaves_out_the_code_under_the_cursor(editor):
    editor.edit("cognate/indexing/writer.py")
    editor.lua(CURSOR_ON, "def set_paused")
    editor.lua("vim.ui.select = function(items) _G.related = items end")
    editor.command("Cognate related")
    items = editor.wait("return _G.related")
    assert any("pause" in item["label"] for item in items)
    line = editor.lua('return vim.fn.line(".")')
    assert all(not (item["path"].endswith("indexing/writer.py") and item["lnum"] == line) for item in items)


@pytest.mark.parametrize(
    ("command", "place", "path", "text"),
    [
        ("callers", ("cognate/index/lock.py", "class WriterLock"), "indexing/storage.py", "WriterLock("),
        ("tests", ("examples/src/retry.py", "def call_with"), "tests/test_retry.py", "call_with_backoff("),
    ],
)
def test_callers_and_tests_of_the_definition_under_the_cursor(editor, command, place, path, text):
    editor.edit(place[0])
    editor.lua(CURSOR_ON, place[1])
    editor.lua("_G.chosen = nil; vim.ui.select = function(items, options) _G.chosen = { items, options.prompt } end")
    editor.command(f"Cognate {command}")
    items, prompt = editor.wait("return _G.chosen")
    assert command.title() in prompt
    assert any(item["path"].endswith(path) and text in item["label"] for item in items)


def test_a_range_of_lines_is_what_related_code_is_sought_for(editor):
    editor.edit("cognate/index/lock.py")
    editor.lua("vim.ui.select = function(items) _G.ranged = items end")
    editor.lua("_G.ranged = nil")
    editor.command("%Cognate related")
    items = editor.wait("return _G.ranged")
    assert items
    assert not [item for item in items if item["path"].endswith("index/lock.py")]


def test_results_go_to_the_quickfix_list_where_cnext_works_on_request(editor):
    editor.command(f"Cognate search ++picker=quickfix {ONLY_WRITER}")
    entries = editor.wait("local list = vim.fn.getqflist(); return #list > 0 and list")
    assert editor.lua("return vim.bo.buftype") == "quickfix"
    assert editor.lua("return vim.fn.getqflist({ title = 0 }).title") == ONLY_WRITER
    editor.command("cfirst")
    assert editor.lua('return vim.fn.expand("%:t")') == "lock.py"
    editor.command("cnext")
    assert editor.lua("return { vim.fn.line('.'), vim.fn.bufnr() }") == [entries[1]["lnum"], entries[1]["bufnr"]]


def test_results_go_to_the_location_list_on_request(editor):
    editor.lua("_G.window = vim.api.nvim_get_current_win()")
    editor.command(f"Cognate search ++picker=loclist {ONLY_WRITER}")
    editor.wait("return #vim.fn.getloclist(_G.window) > 0")
    assert editor.lua("return #vim.fn.getqflist()") == 0


def test_each_keystroke_cancels_the_search_before_and_only_the_last_answer_is_shown(editor):
    editor.lua("""
        _G.events, _G.answers = {}, {}
        require("cognate.pickers.builtin")({
          title = "Gated",
          live = function(query, answer)
            table.insert(_G.events, "ask " .. query)
            _G.answers[query] = answer
            return function() table.insert(_G.events, "cancel " .. query) end
          end,
        })
    """)
    editor.keys("a")
    editor.wait('return _G.answers["a"] and true')
    editor.keys("b")
    editor.wait('return _G.answers["ab"] and true')
    assert editor.lua("return _G.events") == ["ask a", "cancel a", "ask ab"]
    editor.lua("""
        _G.answers["ab"]({}, "Indexing: 45 % of 7 chunks")
        _G.answers["a"](nil, "too late")
    """)
    assert picker(editor, 'picker.list.footer == " Indexing: 45 % of 7 chunks "')
    editor.keys("<Esc>")
    editor.wait(f"return #{FLOATS} == 0")


def test_a_cancelled_request_is_taken_back_from_the_server_and_never_answered(editor):
    editor.lua("""
        _G.told, _G.answered = {}, {}
        local client = vim.lsp.get_clients({ name = "cognate" })[1]
        local notify = client.rpc.notify
        client.rpc.notify = function(method, ...)
          table.insert(_G.told, method)
          return notify(method, ...)
        end
        local request = require("cognate.client").request
        request(0, "cognate/search", { query = "one" }, function() table.insert(_G.answered, "one") end)()
        request(0, "cognate/search", { query = "two" }, function() table.insert(_G.answered, "two") end)
        client.rpc.notify = notify
    """)
    editor.wait("return #_G.answered > 0")
    assert editor.lua("return { _G.told, _G.answered }") == [["$/cancelRequest"], ["two"]]
    assert editor.notices() == []


def test_the_built_in_picker_shows_previews_moves_and_opens(editor):
    editor.lua('vim.api.nvim_buf_set_lines(0, 0, 0, false, { "# not saved" })')
    editor.command("Cognate search")
    editor.keys("whoever holds the lock is the only writer")
    first = 'picker.list.footer:find("%d+ found") and picker.list.lines[1]:find("cognate/index/lock.py", 1, true)'
    shown = picker(editor, f'{first} and vim.tbl_contains(picker.preview.lines, "class WriterLock:")')
    assert shown["preview"]["lines"][0] == "# not saved"
    editor.keys("<C-n>")
    shown = picker(editor, "picker.list.row == 2")
    row = shown["list"]["lines"][1]
    path, line = row.split()[1].rsplit(":", 1)
    assert shown["preview"]["row"] == int(line)
    assert row.endswith(f"  {shown['preview']['lines'][int(line) - 1].strip()}"), "the row shows the focus line"
    editor.keys("<CR>")
    editor.wait("return vim.api.nvim_win_get_config(0).relative == ''")
    assert editor.lua('return { vim.fn.expand("%:."), vim.fn.line("."), vim.fn.mode() }') == [path, int(line), "n"]
    editor.edit("cognate/index/lock.py")
    editor.command("undo")


def test_a_finished_list_is_filtered_by_typing_and_goes_to_quickfix(editor):
    editor.command(f"Cognate search ++picker=builtin {ONLY_WRITER}")
    found = picker(editor, "#picker.list.lines > 5")
    editor.keys("lock.py")
    shown = picker(editor, f"#picker.list.lines < {len(found['list']['lines'])}")
    assert all("lock.py" in line for line in shown["list"]["lines"])
    editor.keys("<C-q>")
    assert editor.wait("return #vim.fn.getqflist()") == len(shown["list"]["lines"])


def test_leaving_the_picker_for_another_window_closes_it(editor):
    editor.command("Cognate search")
    picker(editor, "true")
    editor.keys("<Esc>")
    editor.wait(f"return #{FLOATS} == 0")
    assert editor.lua('return vim.fn.expand("%:t")') == "lock.py"


def test_a_hover_shows_similar_code(editor):
    editor.edit("examples/src/retry.py")
    editor.lua(CURSOR_ON, "call_with_backoff")
    editor.lua("vim.lsp.buf.hover()")
    (text,) = editor.wait(f"local texts = {FLOATS}\nreturn #texts > 0 and texts")
    assert "Similar code" in text
    assert "examples/src/download.py:7" in text


def test_a_hover_stands_beside_that_of_another_server(editor):
    editor.edit("examples/src/retry.py")
    client = editor.lua(OTHER_SERVER, {"contents": "what the other says"})
    try:
        editor.lua(CURSOR_ON, "call_with_backoff")
        editor.wait("return #vim.lsp.get_clients({ bufnr = 0 }) == 2")
        editor.lua("vim.lsp.buf.hover()")
        both = '#texts == 1 and texts[1]:find("Similar code") and texts[1]:find("what the other says")'
        editor.wait(f"local texts = {FLOATS}\nreturn {both} and true")
        assert editor.notices() == []
    finally:
        editor.lua("vim.lsp.buf_detach_client(0, (...))", client)


def test_where_nothing_is_similar_the_hover_of_another_server_stands_alone(editor):
    client = editor.lua(OTHER_SERVER, {"contents": "what the other says"})
    try:
        editor.wait("return #vim.lsp.get_clients({ bufnr = 0 }) == 2")
        editor.lua("vim.lsp.buf.hover()")
        (text,) = editor.wait(f"local texts = {FLOATS}\nreturn #texts > 0 and texts")
        assert text == "what the other says"
        assert editor.notices() == []
    finally:
        editor.lua("vim.lsp.buf_detach_client(0, (...))", client)


def test_the_code_action_opens_the_picker(editor):
    editor.edit("cognate/indexing/writer.py")
    editor.lua(CURSOR_ON, "def set_paused")
    editor.lua("""
        vim.ui.select = function(items, options, choose)
          if options.kind == "codeaction" then return choose(items[1]) end
          _G.from_action = items
        end
        vim.lsp.buf.code_action()
    """)
    assert any("pause" in item["label"] for item in editor.wait("return _G.from_action"))


def test_a_lens_counts_similar_code_and_opens_it(editor):
    editor.edit("examples/src/retry.py")
    enable = "vim.lsp.codelens.enable"
    editor.lua(f"if {enable} then {enable}(true) else vim.lsp.codelens.refresh({{ bufnr = 0 }}) end")
    lens = editor.wait(f"""
        for _, lens in ipairs(vim.lsp.codelens.get({enable} and {{ bufnr = 0 }} or 0)) do
          lens = lens.lens or lens
          if lens.command then return lens end
        end
    """)
    assert lens["command"]["command"] == "cognate.related"
    assert int(lens["command"]["title"].removesuffix(" similar")) >= 1
    editor.lua("vim.ui.select = function(items) _G.from_lens = items end")
    editor.lua("vim.fn.cursor((...) + 1, 1); vim.lsp.codelens.run()", lens["range"]["start"]["line"])
    assert editor.wait("return _G.from_lens")[0]["path"].endswith("examples/src/download.py")
    editor.lua(f"if {enable} then {enable}(false) end")


def test_workspace_symbols_search_by_meaning_with_the_built_in_client(editor):
    editor.lua('vim.lsp.buf.workspace_symbol("? a lock between processes, one writer")')
    entries = editor.wait("local list = vim.fn.getqflist(); return #list > 0 and list")
    names = editor.lua("return vim.tbl_map(function(entry) return vim.fn.bufname(entry.bufnr) end, vim.fn.getqflist())")
    assert any(name.endswith("index/lock.py") for name in names)
    assert len(entries) > 5


@pytest.mark.parametrize(
    ("line", "choices"),
    [
        (
            "Cognate ",
            [
                "search",
                "related",
                "tests",
                "callers",
                "history",
                "status",
                "explain",
                "reindex",
                "pause",
                "resume",
                "log",
            ],
        ),
        ("Cognate callers ++picker=q", ["++picker=quickfix"]),
        ("Cognate re", ["related", "reindex", "resume"]),
        ("Cognate search ++picker=q", ["++picker=quickfix"]),
        ("Cognate status ", []),
        ("Cognate! ++picker=l", ["++picker=loclist"]),
    ],
)
def test_the_command_completes_its_words(editor, line, choices):
    assert editor.lua('return vim.fn.getcompletion((...), "cmdline")', line) == choices


def test_status_and_the_rule_of_a_file_are_told(editor):
    told = editor.wait_until_ready()
    editor.command("Cognate status")
    editor.command("Cognate explain")
    editor.wait("return #_G.notices == 2")
    status, rule = sorted(editor.notices(), key=lambda text: "lock.py" in text)
    assert status == f"cognate: {told['summary']}\nModel: {told['model']}"
    assert told["model"].startswith("all-MiniLM-L6-v2")
    assert re.fullmatch(r"cognate: cognate/index/lock\.py is indexed \(\d+ chunks\)\. .+", rule)


def test_the_status_line_says_that_the_index_is_ready(editor):
    editor.wait_until_ready()
    assert editor.lua('return require("cognate").statusline()') == "cognate"
    editor.lua("""
        _G.heard = nil
        local function hear(event) _G.heard = event.data end
        vim.api.nvim_create_autocmd("User", { pattern = "CognateStatus", callback = hear })
        vim.cmd("Cognate reindex")
    """)
    assert editor.wait("return _G.heard")["files"] > 0
    editor.wait_until_ready()


def test_an_unknown_subcommand_or_option_says_what_is_known(editor):
    editor.command("Cognate dance")
    assert "known are search, related" in editor.notices()[-1]
    failure = editor.lua('return select(2, pcall(require("cognate").setup, { pikker = "select" }))')
    assert "pikker" in failure
    assert "picker" in failure
    failure = editor.lua('return select(2, pcall(require("cognate").setup, { cmd = "cognate" }))')
    assert "must be a table" in failure


def test_the_log_opens_where_the_server_wrote_last(editor):
    editor.command("Cognate log")
    assert editor.lua('return vim.fn.expand("%:t")') == "lsp.log"
    editor.command("bwipeout")


def test_checkhealth_looks_at_neovim_server_model_index_version_and_watcher(editor):
    editor.command("checkhealth cognate")
    text = "\n".join(editor.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)"))
    version = editor.lua('return require("cognate").version')
    for found in (
        "Neovim 0.",
        f"cognate {version} at ",
        "model: all-MiniLM-L6-v2",
        f": {editor.wait_until_ready()['summary']} (",
        "the server watches the files",
        "job: opening: p50 ",
    ):
        assert found in text
    assert "ERROR" not in text
    assert "WARNING" not in text
    editor.command("bwipeout")
