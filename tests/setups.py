"""The extension's environments, made as the extension makes them, and killed while they are made."""

import subprocess
import sys
import threading
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "vscode-client" / "setup" / "environment.py"
PREFIX = "environment-0.1.0-0123456789ab-"


def cognate_wheel(folder: Path) -> Path:
    """Build Cognate's wheel into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(next(iter(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))))


class Setup:
    """A set-up that runs.

    Args:
        storage: folder of the environments.
        wheels: folder with Cognate's wheel.
        environment: variables of the process.
        killed_at: how many lines it has said when it is killed, as by a crash, and what it started is left to itself; 0
            for never.
    """

    def __init__(
        self,
        storage: Path,
        wheels: Path,
        environment: dict[str, str],
        killed_at: int = 0,
    ) -> None:
        self.lines: list[str] = []
        self._killed_at = killed_at
        command = [sys.executable, str(SCRIPT), "make", str(storage), PREFIX, str(wheels)]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait(self) -> int:
        """Wait for the end; returns the exit code."""
        code = self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()
        return code

    def cancel(self) -> int:
        """Take it back as the extension does; returns the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.wait()

    @property
    def folder(self) -> Path:
        """The environment that was made."""
        made = [line.removeprefix("::made ") for line in self.lines if line.startswith("::made ")]
        assert made, "\n".join(self.lines)
        return Path(made[0])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if len(self.lines) == self._killed_at:
                self.process.kill()


def size(folder: Path) -> int:
    """Return how many bytes the files of a folder take on the disk."""
    return sum(file.lstat().st_blocks * 512 for file in folder.rglob("*"))
