"""Where git keeps what concerns a folder: repositories around and in it, their private files, the global excludes.

Reads git's own files, the index among them, and asks ``git config`` one thing; never runs git on the folder's content,
never writes. What the environment says of other repositories (``GIT_DIR`` and such) does not count.
"""

import hashlib
import logging
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cognate.programs import program_outside
from cognate.types import FileStamp
from cognate.workspace.git_folders import decoded

log = logging.getLogger(__name__)

CONFIG_TIMEOUT_S = 5

_SUBMODULE_PATH = re.compile(rb'^[ \t]*path[ \t]*=[ \t]*"?([^"\r\n]*?)"?[ \t\r]*$', re.MULTILINE | re.IGNORECASE)
_REDIRECTS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE")

_DIGESTS = {20: hashlib.sha1, 32: hashlib.sha256}
_STAT_BYTES, _FLAG_BYTES, _EXTENDED, _PREFIXED = 40, 2, 0x40, 4
"""An entry of the index: the file's stamp and mode, a digest, flags, which may be twice as long, and the path. In
version 4, a path says how much of the one before it leaves out."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """The files that git tracks in one repository, as one version of its index lists them.

    Attributes:
        stamp: of the index; None when there is none.
        folders: names of tracked files and submodules by their folder, which may hold folders only.
    """

    stamp: FileStamp | None = None
    folders: Mapping[bytes, Set[bytes]] = field(default_factory=dict[bytes, Set[bytes]])

    def differing(self, other: "Tracked") -> Iterator[bytes]:
        """Yield the paths, relative to the repository's root, that only one of two lists holds."""
        for folder in self.folders.keys() | other.folders.keys():
            ours, theirs = self.folders.get(folder, _NO_NAMES), other.folders.get(folder, _NO_NAMES)
            if ours != theirs:
                yield from (folder + b"/" + name if folder else name for name in ours ^ theirs)


NOTHING_TRACKED = Tracked()
_NO_NAMES: Set[bytes] = frozenset()


def tracked_files(index: str) -> Tracked:
    """Return what a repository's index lists; nothing where there is no index or it cannot be read."""
    stamp = FileStamp.at(index)
    return NOTHING_TRACKED if stamp is None else _tracked_files(index, stamp)


@lru_cache(maxsize=4)  # Rules are made anew more often than an index changes, and by two threads of each engine.
def _tracked_files(index: str, stamp: FileStamp) -> Tracked:
    folders: dict[bytes, set[bytes]] = {b"": set()}
    try:
        data = Path(index).read_bytes()
        for path in _entries(data, Path(index).parent):
            folder, _, name = path.rpartition(b"/")
            names = folders.get(folder)
            if names is None:
                names = folders[folder] = set()
                while (folder := folder.rpartition(b"/")[0]) not in folders:
                    folders[folder] = set()
            names.add(name)
    except (OSError, ValueError, IndexError) as error:
        log.warning(
            "The index of git at %s cannot be read, so .gitignore decides on tracked files, too: %s", index, error
        )
        folders.clear()
    return Tracked(stamp, folders)


def _entries(data: bytes, folder: Path) -> Iterator[bytes]:
    """Yield the paths in an index of version 2, 3 or 4 (``gitformat-index``); of a submodule that of its folder.

    Raises:
        ValueError, IndexError: when it is damaged.
        OSError: when the file that a split index builds upon cannot be read.
    """
    n_digest = next((n for n, digest in _DIGESTS.items() if data[-n:] in {digest(data[:-n]).digest(), bytes(n)}), 0)
    if data[:4] != b"DIRC" or not n_digest:
        raise ValueError("it is damaged")
    version, count = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    at, path = 12, b""
    for _ in range(count):
        start = at + _STAT_BYTES + n_digest + _FLAG_BYTES
        if data[start - _FLAG_BYTES] & _EXTENDED:
            start += _FLAG_BYTES
        kept = 0
        if version == _PREFIXED:
            kept, start = _length(data, start)
            kept = len(path) - kept
        end = data.index(b"\0", start)
        path = path[:kept] + data[start:end]
        at = end + 1 if version == _PREFIXED else at + ((end - at + 8) & ~7)
        if path and not path.endswith(b"/"):  # No path: it replaces one of the shared file. "/": nothing of it is here.
            yield path
    while at < len(data) - n_digest:
        if data[at : at + 4] == b"link" and any(base := data[at + 8 : at + 8 + n_digest]):
            yield from _entries((folder / f"sharedindex.{base.hex()}").read_bytes(), folder)
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands at a position, seven bits a byte, and where it ends."""
    value = data[at] & 127
    while data[at] & 128:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 127)
    return value, at + 1


def submodule_paths(modules: bytes) -> frozenset[bytes]:
    """Return the paths that a ``.gitmodules`` lists, relative to its folder."""
    return frozenset(match[1].rstrip(b"/") for match in _SUBMODULE_PATH.finditer(modules))


def global_excludes(folder: Path) -> Path | None:
    """Return the user's ``core.excludesFile``, or git's default file; None when it is set to nothing."""
    environment = {name: value for name, value in os.environ.items() if name not in _REDIRECTS}
    git = program_outside(folder, "git")
    if git is None:
        return _default_excludes()  # Without git, the default file still counts.
    try:
        done = subprocess.run(
            [git, "config", "--path", "core.excludesFile"],
            cwd=folder, env=environment, capture_output=True, timeout=CONFIG_TIMEOUT_S, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return _default_excludes()
    if done.returncode != 0:
        return _default_excludes()
    path = decoded(done.stdout.rstrip(b"\r\n"))
    return folder / path if path else None


def _default_excludes() -> Path | None:
    try:
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    except RuntimeError:
        return None  # No home folder, no global excludes.
    return home / "git" / "ignore"
