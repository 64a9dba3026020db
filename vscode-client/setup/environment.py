"""Makes the extension's Python environment, one step at a time, and removes those that nobody needs any more.

    python environment.py make STORAGE PREFIX WHEELS     make STORAGE/PREFIX…, unless it is there
    python environment.py tidy STORAGE PREFIX            remove all others that no window uses

An environment is a new folder beside the others. It counts when it holds the file `complete`, written last; any
other is what a cut set-up left, and goes as soon as no set-up runs: one at a time holds the lock of the storage, and
the system frees that however a process ends. A set-up ends when its standard input does, and so does all it started.

Lines that begin with ``::`` are for the extension: ``::step TEXT`` says what is being done, ``::made FOLDER`` ends a
set-up. One that fails ends with ``::failed SENTENCE``, or ``::unfit SENTENCE`` where another Python would help. All
other lines are for the log. Runs on Python's own library, with the Python that the environment will have.
"""

import contextlib
import hashlib
import importlib
import os
import platform
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from slim import slim

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
COMPLETE = "complete"
USED_BY = "used-by-"
"""Followed by the id of the process of a window that runs the server of this environment."""

ENVIRONMENTS = "environment-*"
DOOMED = "removed-"
ON_WINDOWS = os.name == "nt"

Say = Callable[[str], None]

_UNITS = {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
_FILE = re.compile(r"\s*(?:Downloading|Using cached) \S+\.whl \((\d+(?:\.\d+)?) (bytes|kB|MB|GB)\)")
_LOCAL_FILE = re.compile(r"\s*Processing (\S+\.whl)")
_PART = re.compile(r"Progress (\d+) of \d+")
_SIZE = re.compile(r"^#   (\S+) (\S+) (\d+)$", re.MULTILINE)
_BYTES_SHOWN = 1e6
_RAW_PROGRESS_SINCE = (24, 1)  # pip's first release that says how much of a file it has.
_RETRY_S = 0.2

_FAILURES = (
    (
        r"No space left on device|ENOSPC|not enough space on the disk",
        "failed",
        "The disk is full. The environment of Cognate takes 600 MB while it is made, 240 MB then. Make room and "
        "try again.",
    ),
    (
        r"ensurepip is not available|No module named '?(?:venv|ensurepip|pip)\b",
        "unfit",
        "This Python cannot make environments. On Debian and Ubuntu, install the package python3-venv.",
    ),
    (
        r"NewConnectionError|Failed to establish a new connection|Connection (?:refused|reset|aborted)|"
        r"Network is unreachable|name resolution|getaddrinfo failed|ConnectTimeoutError|ReadTimeoutError|"
        r"Read timed out|from versions: none|ProxyError|Cannot connect to proxy|SSLError|CERTIFICATE_VERIFY_FAILED",
        "failed",
        "The packages for Cognate could not be downloaded. Check the network or the proxy settings of pip.",
    ),
    (
        r"No matching distribution found|DO NOT MATCH THE HASHES",
        "failed",
        "The package index of pip lacks what Cognate needs, or has other files of that name; the log says which.",
    ),
    ("", "failed", "Cognate could not be set up; the log says why."),
)
"""Signs in what a set-up printed, and what the extension is told. The first sign that fits counts: a package that
cannot be asked for is not found, either, but the network is the reason."""

_ended = threading.Event()
"""Set when whoever started this process wants no more of it, or is gone."""
_children: list[subprocess.Popen[str]] = []


def make(storage: Path, prefix: str, wheels: Path, say: Say) -> Path:
    """Return the complete environment of a prefix, made if there is none.

    Raises:
        OSError: when the disk or the wheels say no.
        subprocess.CalledProcessError: when a step fails; what it printed has been said.
    """
    storage.mkdir(parents=True, exist_ok=True)
    with locked(storage, lambda: say("::step another window is at it")):
        _remove_leftovers(storage)
        done = next((folder for folder in storage.glob(f"{prefix}*") if (folder / COMPLETE).exists()), None)
        if done is not None:
            return done
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=storage))
        try:
            _fill(folder, wheels, say)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _remove_leftovers(storage)  # Again: what a killed set-up had started may have written a little longer.
        _remove_unused(storage, prefix)
        return folder


def tidy(storage: Path, prefix: str) -> None:
    """Remove all environments but those of a prefix and those that are used; nothing while a set-up runs."""
    with contextlib.suppress(BlockingIOError), locked(storage):
        _remove_leftovers(storage)
        _remove_unused(storage, prefix)


@contextlib.contextmanager
def locked(storage: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock of a storage; wait for another set-up to end, or without ``on_wait`` do not.

    Raises:
        BlockingIOError: when another process has it and there is no ``on_wait``.
    """
    with (storage / "setup.lock").open("a+b") as file:
        waited = False
        while not _take(file.fileno()):
            if on_wait is None:
                raise BlockingIOError
            if not waited:
                on_wait()
            waited = True
            if _ended.wait(_RETRY_S):
                raise InterruptedError("The set-up was cancelled.")
        yield


def download_size() -> int:
    """Return how many bytes the lock names for this Python and platform; 0 where it names none."""
    version = ".".join(platform.python_version_tuple()[:2])
    machine = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    named = _SIZE.findall(REQUIREMENTS.read_text(encoding="utf-8"))
    return next((int(size) for *target, size in named if target == [f"{sys.platform}-{machine}", version]), 0)


def failure(output: str) -> str:
    """Return the line that tells the extension why a set-up failed, from what it printed."""
    found = next((word, sentence) for sign, word, sentence in _FAILURES if re.search(sign, output, re.IGNORECASE))
    return f"::{' '.join(found)}"


class Progress:
    """Reads from pip's lines how many bytes it has."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._before = 0.0  # Bytes of files that are there.
        self._file = 0.0
        self._part = 0.0

    def read(self, line: str) -> bool:
        """Take one line; whether it says something about a download, and nothing else."""
        if part := _PART.match(line):
            self._part = float(part[1])
            return True
        if found := _FILE.match(line):
            self._next(float(found[1]) * _UNITS[found[2]])
        elif (local := _LOCAL_FILE.match(line)) and Path(local[1]).exists():
            self._next(Path(local[1]).stat().st_size)
        return False

    @property
    def done(self) -> int:
        """Bytes that are there, at most the total."""
        return min(self.total, int(self._before + self._part))

    def _next(self, size: float) -> None:
        self._before += self._file
        self._file, self._part = size, 0.0


def _fill(folder: Path, wheels: Path, say: Say) -> None:
    scratch = folder / "tmp"
    scratch.mkdir()
    wheel = next(wheels.glob("cognate-*.whl"), None)
    if wheel is None:
        raise FileNotFoundError(f"There is no wheel of Cognate in {wheels}.")
    everything = scratch / "requirements.txt"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    locked_text = REQUIREMENTS.read_text(encoding="utf-8")
    everything.write_text(f"{locked_text}{wheel.as_uri()} --hash=sha256:{digest}\n", encoding="utf-8")

    say("::step making an environment")
    _run(sys.executable, ["venv", str(folder)], scratch, say)
    say("::step downloading the server")
    python = str(program(folder, "python"))
    install = ["pip", "install", "--no-deps", "--no-compile", "--only-binary", ":all:"]
    progress = Progress(download_size() + wheel.stat().st_size)
    said = 0

    def follow(line: str) -> None:
        nonlocal said
        if not progress.read(line):
            say(line)
        if line.startswith("Installing collected packages"):
            say("::step installing the server")
        elif progress.done >= said + _BYTES_SHOWN:
            said = progress.done
            say(f"::step downloading the server: {said / 1e6:.0f} of {progress.total / 1e6:.0f} MB")

    _run(python, [*install, *_raw_progress(), "--require-hashes", "--requirement", str(everything)], scratch, follow)
    _install_hnswlib(python, install, wheels, scratch, say)
    say("::step checking the server")
    slim(next(folder.glob("lib/python*/site-packages"), folder / "Lib" / "site-packages"))
    for path in program(folder, "pip").parent.glob("pip*"):
        path.unlink()
    _run(python, ["cognate", "doctor"], scratch, say)
    shutil.rmtree(scratch)
    mark = folder / f"{COMPLETE}.new"
    mark.touch()
    mark.replace(folder / COMPLETE)


def _install_hnswlib(python: str, install: list[str], wheels: Path, scratch: Path, say: Say) -> None:
    """Add the vector index where the extension carries a wheel of it; the server answers without, too."""
    if not any(wheels.glob("hnswlib-*.whl")):
        return
    try:
        _run(python, [*install, "--no-index", "--find-links", str(wheels), "hnswlib"], scratch, say)
    except subprocess.CalledProcessError:
        say("No wheel of hnswlib fits this Python: going on without.")
        return
    try:
        _run(python, ["hnswlib"], scratch, say, action="import")
    except subprocess.CalledProcessError:
        say("hnswlib does not run here: going on without.")
        _run(python, ["pip", "uninstall", "--yes", "hnswlib"], scratch, say)


def program(folder: Path, name: str) -> Path:
    """Return a program of an environment."""
    return folder / "Scripts" / f"{name}.exe" if ON_WINDOWS else folder / "bin" / name


def _raw_progress() -> list[str]:
    import ensurepip  # noqa: PLC0415 - Debian leaves it out, and then venv has said so

    version = tuple(int(part) for part in ensurepip.version().split(".")[:2])
    return ["--progress-bar", "raw"] if version >= _RAW_PROGRESS_SINCE else []


def _run(python: str, module: list[str], scratch: Path, say: Say, action: str = "run") -> None:
    """Run or import a module; that ends no later than this process."""
    say(f"> {python} -m {' '.join(module)}")
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    how = {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(
        [python, __file__, action, *module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | how | temporary, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    _children.append(child)
    with child:
        if _ended.is_set():
            child.kill()
        assert child.stdout is not None
        for line in child.stdout:
            say(line.rstrip())
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, module)


def _remove_leftovers(storage: Path) -> None:
    """Remove what cut set-ups left; only whoever has the lock may say that no set-up is at it."""
    for folder in [*storage.glob(ENVIRONMENTS), *storage.glob(f"{DOOMED}*")]:
        if not (folder / COMPLETE).exists():
            _remove(folder)


def _remove_unused(storage: Path, prefix: str) -> None:
    for folder in storage.glob(ENVIRONMENTS):
        if not folder.name.startswith(prefix) and not _used(folder):
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder; what the system will not let go of now goes at the next start."""
    doomed = folder
    if not folder.name.startswith(DOOMED):
        doomed = folder.with_name(f"{DOOMED}{folder.name}")
        try:
            folder.rename(doomed)
        except OSError:  # Windows: a program in it is running.
            return
    (doomed / COMPLETE).unlink(missing_ok=True)
    shutil.rmtree(doomed, ignore_errors=True)


def _used(folder: Path) -> bool:
    if ON_WINDOWS:
        return False  # A folder with a running program cannot be renamed there.
    return any(_runs(int(mark.name.removeprefix(USED_BY))) for mark in folder.glob(f"{USED_BY}*"))


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _take(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _when_standard_input_ends(then: Callable[[], None]) -> None:
    """Call something on a thread of its own when whoever started this process closes its input, or ends."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        then()

    threading.Thread(target=wait, daemon=True).start()


def _cancel() -> None:
    """Let the present step fail, so that what it made is removed."""
    _ended.set()
    for child in _children:
        child.kill()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run one of the commands; returns the exit code."""
    action, *rest = arguments
    if action in ("run", "import"):
        _when_standard_input_ends(lambda: os._exit(1))
        sys.argv = rest
        del sys.path[0]
        if action == "import":
            importlib.import_module(rest[0])
        else:
            runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
        return 0
    _when_standard_input_ends(_cancel)
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        _say(line)

    try:
        if action == "make":
            _say(f"::made {make(Path(rest[0]), rest[1], Path(rest[2]), say)}")
        else:
            tidy(Path(rest[0]), rest[1])
    except (subprocess.CalledProcessError, OSError) as error:
        say(str(error))
        _say(failure("\n".join(said)))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
