"""Walks a folder and yields the files that the rules let through. Reads folders, never files; follows no link.

Runs on the writer thread; ``verdict_on`` and ``stamp_of`` on any. Names that no system call takes, folders that cannot
be read and files that vanish are ordinary: they yield nothing.
"""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cognate.types import FileStamp
from cognate.workspace.folder_rules import Verdict, shown
from cognate.workspace.ignore import Rules

log = logging.getLogger(__name__)

ON_WINDOWS = os.name == "nt"
JUNCTION_TAG = 0xA0000003
"""``IO_REPARSE_TAG_MOUNT_POINT``, which ``stat`` has on Windows only."""

LINK = Verdict(False, "It is a symbolic link; what it points to is indexed where it lies.")
NOT_A_FILE = Verdict(False, "It is not an ordinary file.")
MISSING = Verdict(False, "There is no such file.")
OUTSIDE = Verdict(False, "It lies outside the folder.")


def walk(folder: Path, rules: Rules, start: str = "") -> Iterator[tuple[str, FileStamp]]:
    """Yield path and stamp of every file to index under ``start``, in the order of paths, a folder's files first."""
    for path, stamp, _ in walk_with_verdicts(folder, rules, start):
        yield path, stamp


def walk_with_verdicts(folder: Path, rules: Rules, start: str = "") -> Iterator[tuple[str, FileStamp, Verdict]]:
    """Yield what ``walk`` yields, and what the rules say of each file."""
    if start and (_link_on_the_way(str(folder), start) is not None or not rules.folder(start).included):
        return
    root = str(folder)
    pending = [start]
    while pending:
        parent = pending.pop()
        try:
            with os.scandir(f"{root}/{parent}" if parent else root) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except (OSError, ValueError) as error:
            log.info("Folder %r cannot be read: %s", parent or ".", error)
            continue
        rules.enter(parent, [entry.name for entry in entries])
        folders: list[str] = []
        for entry in entries:
            path = f"{parent}/{entry.name}" if parent else entry.name
            try:
                if entry.is_symlink():
                    continue
                if entry.is_dir():
                    if rules.passes(path) and not (ON_WINDOWS and is_junction(entry.stat(follow_symlinks=False))):
                        folders.append(path)
                elif entry.is_file():
                    info = entry.stat(follow_symlinks=False)
                    verdict = rules.file(path, info.st_size)
                    if verdict.included:
                        yield path, FileStamp.of(info), verdict
            except OSError as error:
                log.info("%r cannot be read: %s", path, error.strerror)
        pending.extend(reversed(folders))


def is_junction(info: os.stat_result) -> bool:
    """Whether it is a junction, a link to a folder that Windows does not call one. It may lead to a folder above."""
    return getattr(info, "st_reparse_tag", 0) == JUNCTION_TAG


def stamp_of(folder: Path, path: str) -> FileStamp | None:
    """Return the stamp of an ordinary file, or None when there is none."""
    try:
        info = os.lstat(folder / path)
    except (OSError, ValueError):
        return None
    return FileStamp.of(info) if stat.S_ISREG(info.st_mode) else None


def verdict_on(folder: Path, rules: Rules, path: str) -> Verdict:
    """Return what the rules say of one path, which may be a link, a folder, nothing at all or lie outside."""
    parts = [part for part in path.split("/") if part not in {"", "."}]
    if path.startswith("/") or ".." in parts:
        return OUTSIDE
    clean = "/".join(parts)
    link = _link_on_the_way(str(folder), clean)
    if link is not None:
        return LINK if link == clean else Verdict(False, f"Folder {shown(link)} is a symbolic link.")
    try:
        info = os.lstat(f"{folder}/{clean}")
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return MISSING
    except OSError as error:
        return Verdict(False, f"It cannot be read: {error.strerror}.")
    if stat.S_ISREG(info.st_mode):
        return rules.explained(clean, info.st_size)
    return _on_folder(rules.folder(clean)) if stat.S_ISDIR(info.st_mode) else NOT_A_FILE


def _on_folder(verdict: Verdict) -> Verdict:
    if not verdict.included:
        return verdict
    return Verdict(False, f"It is a folder; its files are judged one by one. {verdict.rule}")


def _link_on_the_way(root: str, path: str) -> str | None:
    """Return the first part of a path that is a link, or None; what cannot be asked is none."""
    at = 0
    while at >= 0 and path:
        at = path.find("/", at + 1)
        part = path if at < 0 else path[:at]
        try:
            info = os.lstat(f"{root}/{part}")
        except (OSError, ValueError):
            return None  # Nothing lies there, nor beneath it.
        if stat.S_ISLNK(info.st_mode) or is_junction(info):
            return part
    return None
