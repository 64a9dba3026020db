"""Files that are written whole, and databases that are removed with their logs. Any thread."""

import os
from pathlib import Path


def write_whole(file: Path, *parts: bytes | memoryview, private: bool = False, shared: bool = False) -> None:
    """Write a file so that a crash, or another process that reads it, finds the old one or the new one.

    Args:
        file: where.
        parts: what, one after the other.
        private: whether only the user may read it.
        shared: whether others may write it meanwhile, and it is to be there even after a power cut.

    Raises:
        OSError: when the disk refuses; what was there is still good.
    """
    scratch = file.with_name(f".{file.name}.{os.getpid()}" if shared else f"{file.name}-new")
    try:
        scratch.unlink(missing_ok=True)
        with open(scratch, "wb", opener=_privately if private else None) as opened:
            opened.writelines(parts)
            if shared:
                opened.flush()
                os.fsync(opened.fileno())
        scratch.replace(file)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise


def remove_database(file: Path) -> None:
    """Remove an SQLite database and its logs.

    Raises:
        OSError: when the disk refuses.
    """
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _privately(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
