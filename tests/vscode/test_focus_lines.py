"""VS Code and Neovim show the same focus line for the same hit: the rows of both are compared as they are rendered."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect

from editors.debian import program
from editors.project import PROJECT
from fixtures import write_files
from nvim.driver import Neovim
from vscode.editor import Editor, running
from vscode.workbench import Workbench

QUERY = "wait longer after each failure"

LIST_LINES = """
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      local buffer = vim.api.nvim_win_get_buf(window)
      if vim.api.nvim_win_get_config(window).relative ~= "" and vim.wo[window].cursorline then
        local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
        return lines[1] ~= "" and lines
      end
    end
"""


def test_vscode_and_neovim_show_the_same_focus_lines(browser: Browser, vsix: Path, tmp_path: Path):
    workspace = write_files(tmp_path / "project", PROJECT)
    (workspace / ".git").mkdir()
    in_neovim = rows_in_neovim(workspace, tmp_path)
    in_vscode = rows_in_vscode(browser, vsix, workspace, tmp_path, len(in_neovim))
    assert len(in_neovim) == 4
    assert in_vscode.keys() == in_neovim.keys()
    for location, (name, focus_line) in in_vscode.items():
        path, line = location.rsplit(":", 1)
        assert focus_line == (workspace / path).read_text(encoding="utf-8").splitlines()[int(line) - 1].strip()
        text = focus_line if name == Path(path).name else f"{name}  {focus_line}"
        assert in_neovim[location] == {text}


def rows_in_neovim(workspace: Path, scratch: Path) -> dict[str, set[str]]:
    """Return what stands behind each location in the picker and in the quickfix list."""
    neovim = Neovim(program("nvim-0.10"), scratch / "neovim", workspace, scratch / "neovim-cache")
    try:
        neovim.command("Cognate status")
        neovim.wait_until_ready()
        neovim.command(f"Cognate search ++picker=builtin {QUERY}")
        rows: dict[str, set[str]] = {}
        for row in neovim.wait(LIST_LINES):
            _, location, text = row.split("  ", 2)
            rows[location] = {text}
        neovim.keys("<Esc>")
        neovim.command(f"Cognate search ++picker=quickfix {QUERY}")
        entries = neovim.wait("""
            local entries = vim.fn.getqflist()
            for _, entry in ipairs(entries) do
              entry.path = vim.fn.fnamemodify(vim.fn.bufname(entry.bufnr), ":.")
            end
            return #entries > 0 and entries
        """)
        for entry in entries:
            rows[f"{entry['path']}:{entry['lnum']}"].add(entry["text"].rsplit("  ", 1)[0])
        return rows
    finally:
        neovim.quit()


def rows_in_vscode(
    browser: Browser, vsix: Path, workspace: Path, scratch: Path, count: int
) -> dict[str, tuple[str, str]]:
    """Return name and focus line of each row of the search by its location, once there are as many rows."""
    editor = Editor(scratch / "vscode")
    server = str(Path(sys.executable).with_name("cognate"))
    editor.write_settings(cognate__server__path=server, cognate__rephrase="off")  # Else a row offers other words.
    editor.install(vsix)
    with running(editor):
        page = browser.new_page()
        workbench = Workbench(page, editor, scratch)
        workbench.open_folder(workspace)
        workbench.wait_until_ready()
        workbench.search("")
        workbench.pick_input.fill(QUERY)  # key by key, answers to the first words could be listed
        expect(workbench.rows).to_have_count(count)
        rows = dict(parts(row) for row in workbench.rows.all())
        page.close()
    return rows


def parts(row: Locator) -> tuple[str, tuple[str, str]]:
    """Return the location that a row of the search shows, and the name and the focus line beside it."""
    first, second = row.locator(".quick-input-list-row").all()
    location = first.locator(".label-description").inner_text().split(" · ")[0].strip()
    return location, (first.locator(".label-name").inner_text().strip(), second.inner_text().strip())
