"""Where git keeps what concerns a folder: repositories around and in it, their private files, the global excludes.

Reads git's own small files and asks ``git config`` one thing; never runs git on the folder's content, never writes.
"""

import logging
import os
import re
import stat
import subprocess
from pathlib import Path

log = logging.getLogger(__name__)

PATTERN_FILE_LIMIT_BYTES = 2_000_000  # The longest ignore files known have some thousand lines.
CONFIG_TIMEOUT_S = 5

_SUBMODULE_PATH = re.compile(rb'^[ \t]*path[ \t]*=[ \t]*"?([^"\r\n]*?)"?[ \t\r]*$', re.MULTILINE | re.IGNORECASE)
_REDIRECTS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE")


_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)


def read_small_file(path: str, *, follow: bool = False) -> bytes | None:
    """Return the bytes of an ordinary file, None where there is none; a very long one is cut.

    A link counts as no file unless it may be followed, as with git's own reading of ignore files in the tree.
    """
    flags = _OPEN if follow else _OPEN | _NO_LINKS
    try:
        handle = os.open(path, flags)
    except (OSError, ValueError):
        return None  # No such file is the ordinary case; an unreadable one decides nothing.
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            data = file.read(PATTERN_FILE_LIMIT_BYTES + 1)
    except OSError as error:
        log.warning("%r cannot be read: %s", path, error.strerror)
        return None
    finally:
        os.close(handle)
    if len(data) > PATTERN_FILE_LIMIT_BYTES:
        log.warning("Of %r only the first %d bytes count", path, PATTERN_FILE_LIMIT_BYTES)
        return data[:PATTERN_FILE_LIMIT_BYTES].rpartition(b"\n")[0]
    return data


def git_folder(folder: str) -> str | None:
    """Return where the repository that begins at a folder keeps what its worktrees share, or None if none begins.

    ``.git`` is a folder, or, in submodules and worktrees, a file that names one.
    """
    path = os.path.join(folder, ".git")  # noqa: PTH118 - asked of every folder; pathlib is ten times slower.
    try:
        kind = os.lstat(path).st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(kind):
        data = read_small_file(path) or b""
        if not data.startswith(b"gitdir:"):
            return None
        path = str(Path(folder, os.fsdecode(data[len(b"gitdir:") :].strip())))
    if not Path(path, "HEAD").exists():
        return None
    common = read_small_file(str(Path(path, "commondir")))
    return path if common is None else str(Path(path, os.fsdecode(common.strip())))


def repository_around(folder: Path) -> Path | None:
    """Return the root of the repository that a folder lies in, the folder itself included."""
    return next((parent for parent in (folder, *folder.parents) if git_folder(str(parent)) is not None), None)


def submodule_paths(modules: bytes) -> frozenset[bytes]:
    """Return the paths that a ``.gitmodules`` lists, relative to its folder."""
    return frozenset(match[1].rstrip(b"/") for match in _SUBMODULE_PATH.finditer(modules))


def global_excludes(folder: Path) -> Path | None:
    """Return the user's ``core.excludesFile``, or git's default place; None when it is set to nothing."""
    environment = {name: value for name, value in os.environ.items() if name not in _REDIRECTS}
    try:
        done = subprocess.run(
            ["git", "config", "--path", "core.excludesFile"],
            cwd=folder, env=environment, capture_output=True, timeout=CONFIG_TIMEOUT_S, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return _default_excludes()  # Without git, the default place still counts.
    if done.returncode != 0:
        return _default_excludes()
    path = os.fsdecode(done.stdout.rstrip(b"\r\n"))
    return folder / path if path else None


def _default_excludes() -> Path | None:
    try:
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    except RuntimeError:
        return None  # No home folder, no global excludes.
    return home / "git" / "ignore"
