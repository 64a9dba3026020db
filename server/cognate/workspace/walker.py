"""Walks a folder and yields the files that the rules let through. Reads folders, never files; follows no link."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cognate.types import FileStamp
from cognate.workspace.rules import Rules, Verdict

log = logging.getLogger(__name__)

LINK = Verdict(False, "It is a symbolic link; what it points to is indexed where it lies.")
NOT_A_FILE = Verdict(False, "It is not an ordinary file.")


def walk(folder: Path, rules: Rules, start: str = "") -> Iterator[tuple[str, FileStamp]]:
    """Yield path and stamp of every file to index under ``start``, in the order of paths."""
    pending = [start]
    while pending:
        parent = pending.pop()
        try:
            with os.scandir(folder / parent) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            log.info("Folder %s cannot be read: %s", parent or ".", error.strerror)
            continue
        folders: list[str] = []
        for entry in entries:
            path = f"{parent}/{entry.name}" if parent else entry.name
            try:
                if entry.is_symlink():
                    continue
                if entry.is_dir():
                    if rules.folder(path).included:
                        folders.append(path)
                elif entry.is_file():
                    info = entry.stat(follow_symlinks=False)
                    if rules.file(path, info.st_size).included:
                        yield path, FileStamp(info.st_size, info.st_mtime_ns)
            except OSError as error:
                log.info("%s cannot be read: %s", path, error.strerror)
        pending.extend(reversed(folders))


def stamp_of(folder: Path, path: str) -> FileStamp | None:
    """Return the stamp of an ordinary file, or None when there is none."""
    try:
        info = os.lstat(folder / path)
    except (OSError, ValueError):
        return None
    return FileStamp(info.st_size, info.st_mtime_ns) if stat.S_ISREG(info.st_mode) else None


def verdict_on(folder: Path, rules: Rules, path: str) -> Verdict:
    """Return what the rules say of one path, which may be a link, a folder or nothing at all."""
    parts = path.split("/")
    for i in range(1, len(parts) + 1):
        if (folder / "/".join(parts[:i])).is_symlink():
            return LINK if i == len(parts) else Verdict(False, f"Folder {'/'.join(parts[:i])} is a symbolic link.")
    stamp = stamp_of(folder, path)
    if stamp is None:
        return NOT_A_FILE if (folder / path).exists() else Verdict(False, "There is no such file.")
    return rules.file(path, stamp.size)
