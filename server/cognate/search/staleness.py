"""Tells which answers show a file that is no longer what was indexed. A ``stat`` a file, nothing else. Any thread."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from cognate.index.store import FileRow
from cognate.types import BUFFER_STAMP, Hit
from cognate.workspace.files import stamp_of


def stale_paths(folder: Path, files: Mapping[str, FileRow], hits: Iterable[Hit]) -> frozenset[str]:
    """Return the files among those of some hits that have another stamp than when they were read.

    Args:
        folder: the workspace folder.
        files: what the index knows.
        hits: what is about to be shown.
    """
    rows = {path: files.get(path) for path in {hit.path for hit in hits}}
    return frozenset(
        path
        for path, row in rows.items()
        if row is not None and row.stamp != BUFFER_STAMP and stamp_of(folder, path) != row.stamp
    )


def marked(hits: Iterable[Hit], stale: frozenset[str]) -> tuple[Hit, ...]:
    """Return the hits, those in stale files marked."""
    return tuple(replace(hit, stale=True) if hit.path in stale else hit for hit in hits)
