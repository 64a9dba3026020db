"""Tells cheaply whether HEAD moved, from the files of git's folder: no process is started. Any thread."""

from dataclasses import dataclass
from pathlib import Path

from cognate.types import FileStamp

MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class HeadStamp:
    """What changes when HEAD, or how far back a shallow clone reaches, does."""

    head: bytes
    stamps: tuple[FileStamp | None, ...]
    refs: tuple[bytes | None, ...] = ()


def head_stamp(own: str, shared: str) -> HeadStamp:
    """Return the stamp of HEAD.

    Args:
        own: git's folder of this work tree.
        shared: that of all work trees of the repository.
    """
    head = _content(Path(own, "HEAD")) or b""
    files = [Path(shared, "packed-refs"), Path(shared, "shallow"), Path(shared, "reftable", "tables.list")]
    stamps = tuple(map(FileStamp.at, files))
    if head.startswith(b"ref: "):
        name = head[len(b"ref: ") :].decode("utf-8", "surrogateescape")
        return HeadStamp(head, stamps, (_content(Path(shared, name)), _content(Path(own, name))))
    return HeadStamp(head, stamps)


def _content(file: Path) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES).strip()
    except (OSError, ValueError):
        return None
