"""The server's life beside Neovim: changes made elsewhere, pauses, crashes, and several editors on one folder."""

import os
import signal
from functools import partial
from pathlib import Path

from e2e.client import Client
from e2e.editors import introduction
from editors.repository import git
from nvim.driver import Neovim

TIDES = '''\
def high_water(moon_phase, harbour):
    """Predict when the tide is highest from the phase of the moon."""
    return harbour.lag + moon_phase * 24.8 / 2
'''
ABOUT_TIDES = "predict the tide from the phase of the moon"


def finds(editor: Neovim, name: str, query: str = ABOUT_TIDES) -> bool:
    """Whether a search's best hit is in a file."""
    hits = editor.search(query)
    return bool(hits) and hits[0]["path"].endswith(name)


def wait_until_found(editor: Neovim, name: str) -> None:
    """Wait until a search's best hit is in a file."""
    editor.wait(
        """
        local name, query = ...
        local request = require("cognate.client").request
        _G.asked = _G.asked or request(0, "cognate/search", { query = query }, function(result)
          _G.asked = nil
          _G.best = result.hits[1].location.uri
        end)
        return _G.best and vim.endswith(_G.best, name)
        """,
        name,
        ABOUT_TIDES,
    )


def open_project(launch, project: Path, **more) -> Neovim:
    editor = launch(project, **more)
    editor.edit("cognate/index/lock.py")
    editor.wait_until_ready()
    return editor


def test_what_other_programs_and_git_change_is_found_without_neovim_watching(launch, project):
    git(project, "switch", "--quiet", "-c", "tides")
    (project / "cognate/tides.py").write_text(TIDES)
    git(project, "add", ".")
    git(project, "commit", "--quiet", "-m", "tides")
    git(project, "switch", "--quiet", "main")
    editor = open_project(launch, project)
    watched = "vim.lsp.protocol.make_client_capabilities().workspace.didChangeWatchedFiles.dynamicRegistration"
    assert editor.lua(f"return {watched}") is False
    assert not finds(editor, "tides.py")
    git(project, "switch", "--quiet", "tides")
    wait_until_found(editor, "cognate/tides.py")
    (project / "cognate/tides.py").rename(project / "cognate/ebb.py")
    wait_until_found(editor, "cognate/ebb.py")


def test_unsaved_text_is_found_as_it_stands_in_the_buffer(launch, project):
    editor = open_project(launch, project)
    editor.edit("cognate/new.py")
    editor.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split((...), '\\n'))", "\n\n" + TIDES)
    wait_until_found(editor, "cognate/new.py")
    assert editor.search(ABOUT_TIDES)[0]["lnum"] in (3, 4, 5)
    assert not (project / "cognate/new.py").exists()


def test_paused_nothing_is_indexed_and_resumed_all_is(launch, project):
    editor = open_project(launch, project)
    editor.command("Cognate pause")
    editor.wait('return require("cognate").statusline() == "cognate paused"')
    (project / "cognate/tides.py").write_text(TIDES)
    assert not finds(editor, "tides.py")
    editor.command("Cognate resume")
    wait_until_found(editor, "cognate/tides.py")
    assert editor.notices() == [
        "cognate: indexing is paused; :Cognate resume continues it",
        "cognate: indexing continues",
    ]


def test_a_killed_server_comes_back_and_knows_all_open_files(launch, project):
    editor = open_project(launch, project)
    editor.edit("cognate/settings.py")
    for _ in range(3):
        (pid,) = editor.server_pids()
        os.kill(pid, signal.SIGKILL)
        editor.wait(
            "local pids = vim.api.nvim_get_proc_children(vim.fn.getpid()); return #pids == 1 and pids[1] ~= (...)", pid
        )
        editor.wait_until_ready()
        attached = editor.wait("""
            local client = vim.lsp.get_clients({ name = "cognate" })[1]
            return client and vim.tbl_count(client.attached_buffers) == 2 and vim.tbl_keys(client.attached_buffers)
        """)
        assert len(attached) == 2
        assert finds(editor, "index/lock.py", "a lock between processes which the system frees when its holder dies")
    (pid,) = editor.server_pids()
    os.kill(pid, signal.SIGKILL)
    editor.wait('return vim.iter(_G.notices):any(function(notice) return notice.text:find("is not started again") end)')
    assert editor.server_pids() == []


def test_a_server_that_was_stopped_on_purpose_stays_off(launch, project):
    editor = open_project(launch, project)
    editor.lua('vim.lsp.stop_client(vim.lsp.get_clients({ name = "cognate" }))')
    editor.wait("return #vim.api.nvim_get_proc_children(vim.fn.getpid()) == 0")
    editor.wait("return #vim.lsp.get_clients() == 0")
    editor.command("Cognate status")
    editor.wait('return vim.iter(_G.notices):any(function(notice) return notice.text:find("cognate: ") end)')


def test_a_search_without_an_open_file_starts_the_server_for_the_current_folder(launch, project):
    editor = launch(project)
    assert editor.lua("return #vim.lsp.get_clients()") == 0
    editor.command("Cognate status")
    assert editor.wait("return #_G.notices > 0 and _G.notices[1].text").startswith("cognate: ")
    found = 'local client = vim.lsp.get_clients({ name = "cognate" })[1]; return client and client.config.root_dir'
    assert editor.wait(found) == str(project)  # A client is listed when its server has answered.


def test_without_the_server_nothing_disturbs_until_it_is_wanted(launch, project):
    editor = launch(project, init='require("cognate").setup({ cmd = { "no-such-cognate", "serve" } })')
    editor.edit("cognate/settings.py")
    assert editor.notices() == []
    editor.command("Cognate search anything")
    (notice,) = editor.wait("return #_G.notices > 0 and _G.notices")
    assert notice["text"] == 'cognate: there is no program "no-such-cognate"; see :checkhealth cognate'
    editor.command("checkhealth cognate")
    assert "Install the server" in "\n".join(editor.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)"))


def test_with_autostart_off_nothing_starts_until_it_is_asked_for(launch, project):
    editor = launch(project, init='require("cognate").setup({ autostart = false })')
    editor.edit("cognate/settings.py")
    editor.edit("cognate/types.py")
    assert editor.server_pids() == []
    editor.command("Cognate status")
    editor.wait("return #_G.notices > 0")
    assert len(editor.server_pids()) == 1


def test_two_neovims_and_a_vscode_work_on_one_folder_at_once(launch, project, shared_cache, tmp_path):
    first = open_project(launch, project)
    second = open_project(launch, project)
    code = Client(tmp_path / "code.log", environment={"COGNATE_CACHE_DIR": str(shared_cache)})
    try:
        code.initialize(introduction("vscode", project))
        code.wait_until_ready()
        tides = project / "cognate/tides.py"
        tides.write_text(TIDES)
        code.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": tides.as_uri(), "type": 1}]})
        wait_until_found(first, "cognate/tides.py")
        wait_until_found(second, "cognate/tides.py")

        def found_by_code() -> bool:
            hits = code.request("cognate/search", {"query": ABOUT_TIDES})["hits"]
            return bool(hits) and hits[0]["location"]["uri"].endswith("cognate/tides.py")

        def newer_status(told: int) -> int:
            now = len(code.notifications("cognate/didChangeStatus"))
            return now if now > told else 0

        told = newer_status(0)
        while not found_by_code():
            told = code.wait_until(partial(newer_status, told), "a newer status")
        # The one that writes goes; another takes over.
        first.quit()
        tides.rename(project / "cognate/ebb.py")
        wait_until_found(second, "cognate/ebb.py")
        code.shut_down()
    finally:
        code.kill()
    assert finds(second, "cognate/ebb.py")
