"""Where repositories begin, and where git keeps their files. Reads, never writes.

Imports next to nothing: a process that only passes on what others say looks here for its folder first.
"""

import os
import stat

PATTERN_FILE_LIMIT_BYTES = 2_000_000  # The longest ignore files known have some thousand lines.

_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0)


class GitFolder:
    """Where a repository keeps its files; in a worktree these are two folders.

    Attributes:
        own: what belongs to this worktree, the index for one.
        shared: what all worktrees share.
    """

    __slots__ = ("own", "shared")

    def __init__(self, own: str, shared: str) -> None:
        self.own, self.shared = own, shared

    @property
    def identity(self) -> str:
        """The same for all worktrees of a repository, however their paths are written."""
        return os.path.realpath(self.shared)


def git_folder(folder: str) -> GitFolder | None:
    """Return where the repository that begins at a folder keeps its files, or None if none begins.

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
        path = os.path.join(folder, decoded(data[len(b"gitdir:") :].strip()))  # noqa: PTH118
    if not os.path.exists(os.path.join(path, "HEAD")):  # noqa: PTH110, PTH118
        return None
    common = read_small_file(os.path.join(path, "commondir"))  # noqa: PTH118
    return GitFolder(path, path if common is None else os.path.join(path, decoded(common.strip())))  # noqa: PTH118


def decoded(name: bytes) -> str:
    """Return a name as git writes it, in UTF-8 on all systems; what is none becomes a name that no file has.

    ``os.fsdecode`` fails on such bytes on Windows.
    """
    return name.decode("utf-8", "surrogateescape")


def repository_around(folder: str) -> str | None:
    """Return the root of the repository that a folder lies in, the folder itself included."""
    while git_folder(folder) is None:
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return None
        folder = above
    return folder


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
        _warn("%r cannot be read: %s", path, error.strerror)
        return None
    finally:
        os.close(handle)
    if len(data) > PATTERN_FILE_LIMIT_BYTES:
        _warn("Of %r only the first %d bytes count", path, PATTERN_FILE_LIMIT_BYTES)
        return data[:PATTERN_FILE_LIMIT_BYTES].rpartition(b"\n")[0]
    return data


def _warn(message: str, *values: object) -> None:
    import logging  # noqa: PLC0415 - hardly ever needed

    logging.getLogger(__name__).warning(message, *values)
