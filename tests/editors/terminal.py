"""A terminal that tests can type into and read: a tmux of its own, on a socket of its own."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from editors.debian import program

WAIT_S = 300.0
POLL_S = 0.1


class Terminal:
    """One terminal with one program in it."""

    def __init__(
        self, command: list[str], folder: Path, environment: dict[str, str], columns: int = 110, rows: int = 28
    ) -> None:
        self._short = tempfile.TemporaryDirectory(prefix="tmux-")
        self._tmux = [str(program("tmux")), "-u", "-S", f"{self._short.name}/s", "-f", os.devnull]
        self._environment = {**environment, "SHELL": "/bin/sh"}
        size = ["-x", str(columns), "-y", str(rows)]
        self._run("new-session", "-d", *size, "-c", str(folder), *command)

    def type(self, *keys: str) -> None:
        """Press keys by tmux's names, such as ``Enter``; other words are typed as they are."""
        self._run("send-keys", *keys)

    def paste(self, text: str) -> None:
        """Put in a text in one piece."""
        self._run("set-buffer", text)
        self._run("paste-buffer", "-p")

    def text(self) -> str:
        """Return what the terminal shows."""
        lines = self._run("capture-pane", "-p").splitlines()
        return "\n".join(line.rstrip() for line in lines).strip("\n")

    def wait(self, shows: Callable[[str], object], what: str, doing: Callable[[], None] = lambda: None) -> str:
        """Wait until the terminal shows something, and return all that it shows.

        Args:
            shows: looks at the text.
            what: named when it never comes.
            doing: done again before every look.
        """
        deadline = time.monotonic() + WAIT_S
        while True:
            doing()
            time.sleep(POLL_S)
            text = self.text()
            if shows(text):
                return text
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited {WAIT_S:.0f} s for {what}; the terminal shows:\n{text}")

    def close(self) -> None:
        """End the terminal and what runs in it."""
        subprocess.run([*self._tmux, "kill-server"], env=self._environment, capture_output=True, check=False)
        self._short.cleanup()

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AssertionError(f"tmux {arguments[0]}: {done.stderr}")
        return done.stdout
