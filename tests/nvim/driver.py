"""A real Neovim without a screen, driven through its own remote interface. Waits are for conditions, never for time."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PLUGIN = Path(__file__).parents[2] / "nvim-client"
WAIT_S = 300.0
POLL_S = 0.06

FLOATS = """(function()
    local texts = {}
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= "" then
        local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
        table.insert(texts, table.concat(lines, "\\n"))
      end
    end
    return texts
end)()"""
"""A Lua expression: the text of each floating window."""

INIT = """
vim.opt.runtimepath:prepend({plugin})
_G.notices = {{}}
vim.notify = function(message, level) table.insert(_G.notices, {{ text = message, level = level or 2 }}) end
vim.notify_once = vim.notify
{more}
"""


def environment(home: Path, cache: Path) -> dict[str, str]:
    """Return an editor's environment: a home of its own, and the server under test on PATH."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "NVIM", "VIM"))}
    return {
        **inherited,
        "HOME": str(home),
        "COGNATE_CACHE_DIR": str(cache),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
    }


class LuaError(Exception):
    """Lua code failed inside Neovim."""


class Neovim:
    """One headless Neovim with the plugin on its runtime path.

    Args:
        program: which Neovim.
        folder: where its home, socket and scratch files go.
        project: the folder it is started in.
        cache: the server's cache folder.
        init: Lua code that runs after the plugin has been put on the runtime path.
        variables: further environment.
    """

    def __init__(
        self,
        program: Path,
        folder: Path,
        project: Path,
        cache: Path,
        *,
        init: str = "",
        variables: dict[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._program, self._folder = program, folder
        self.project = project
        self._environment = {**environment(folder, cache), **(variables or {})}
        # A socket's path must be short.
        self._short = tempfile.TemporaryDirectory(prefix="nvim-")
        self._socket = f"{self._short.name}/s"
        settings = folder / "init.lua"
        settings.write_text(INIT.format(plugin=json.dumps(str(PLUGIN)), more=init), encoding="utf-8")
        command = [program, "--clean", "--headless", "-n", "-u", settings, "--listen", self._socket]
        self._output = (folder / "output.txt").open("wb")
        self._process = subprocess.Popen(
            command,
            cwd=project,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
        )
        self._until(lambda: Path(self._socket).exists(), "Neovim to start")

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua code, which finds its arguments in ``...``, and return what it returns."""
        script = self._folder / "call.lua"
        script.write_text(
            f"local run = function(...) {code}\nend\n"
            f"local done, value = xpcall(run, debug.traceback, unpack(vim.json.decode({_long_string(arguments)})))\n"
            "if not done then return vim.json.encode({ failure = value }) end\n"
            "return vim.json.encode({ done = true, value = value })",
            encoding="utf-8",
        )
        answer = json.loads(self._evaluate(f"luaeval('dofile(_A)', '{script}')"))
        if "failure" in answer:
            raise LuaError(answer["failure"])
        return answer.get("value")

    def command(self, command: str) -> None:
        """Run an Ex command."""
        self.lua("vim.cmd((...))", command)

    def keys(self, keys: str) -> None:
        """Type keys, such as ``<CR>``."""
        self.lua("vim.api.nvim_input((...))", keys)

    def edit(self, path: str) -> None:
        """Open a file of the project."""
        self.lua("vim.cmd.edit(vim.fn.fnameescape((...)))", str(self.project / path))

    def wait(self, code: str, *arguments: Any, timeout: float = WAIT_S) -> Any:
        """Wait until Lua code returns something true, and return it."""
        return self._until(lambda: self.lua(code, *arguments), code, timeout)

    def wait_until_ready(self) -> dict[str, Any]:
        """Wait until the current buffer's server has indexed everything, and return its status."""
        return self.wait(
            'local status = require("cognate.client").status()\n'
            'return status and status.state == "ready" and status.files > 0 and status.queue.files == 0 and status'
        )

    def notices(self) -> list[str]:
        """Return the messages shown so far."""
        return [notice["text"] for notice in self.lua("return _G.notices")]

    def search(self, query: str) -> list[dict[str, Any]]:
        """Ask the server and return what a picker would show."""
        self.lua(
            "_G.found = nil\n"
            'require("cognate.pickers").show = function(source) _G.found = source.items end\n'
            'require("cognate").search((...))\n'
            'package.loaded["cognate.pickers"] = nil',
            query,
        )
        return self.wait("return _G.found and { items = _G.found }")["items"]

    def server_pids(self) -> list[int]:
        """Return the process ids of the servers that Neovim runs."""
        return self.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())")

    def quit(self) -> None:
        """End Neovim as a user does, and leave nothing behind."""
        if self._process.poll() is None:
            subprocess.run(
                [self._program, "--server", self._socket, "--remote-send", "<C-\\><C-n>:qa!<CR>"],
                env=self._environment,
                capture_output=True,
                check=False,
            )
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()
        self._short.cleanup()

    def _evaluate(self, expression: str) -> str:
        done = subprocess.run(
            [self._program, "--headless", "--server", self._socket, "--remote-expr", expression],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        if done.returncode:
            raise LuaError(f"{done.stderr}{done.stdout}\n{self._tail()}")
        return done.stdout or done.stderr

    def _until(self, found: Any, what: str, timeout: float = WAIT_S) -> Any:
        deadline = time.monotonic() + timeout
        while not (value := found()):
            if time.monotonic() > deadline:
                notices = self.notices() if Path(self._socket).exists() else []
                raise AssertionError(f"Waited {timeout:.0f} s for: {what}\nNotices: {notices}\n{self._tail()}")
            time.sleep(POLL_S)
        return value

    def _tail(self) -> str:
        logs = [*self._folder.glob(".local/state/nvim/lsp.log"), self._folder / "output.txt"]
        return "\n".join(log.read_text(encoding="utf-8", errors="replace")[-3000:] for log in logs if log.exists())


def _long_string(arguments: tuple[Any, ...]) -> str:
    return f"[==[{json.dumps(arguments)}]==]"
