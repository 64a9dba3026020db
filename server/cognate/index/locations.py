"""Where on disk the indexes lie. Imports nothing heavy, so that a look there is quick. Any thread."""

import hashlib
import os
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "COGNATE_CACHE_DIR"

GRAPH_FILE = "graph-v3.bin"
IMPORTED_FILE = "imported-ranks-v1.csv"
VOCABULARY_FILE = "vocabulary-v1.bin"


def default_cache_dir() -> Path:
    """Return the cache folder: the environment variable COGNATE_CACHE_DIR, else the platform's cache folder."""
    configured = os.environ.get(CACHE_VARIABLE)
    return (
        Path(configured).expanduser() if configured else Path(platformdirs.user_cache_dir("cognate", appauthor=False))
    )


def store_folder(cache_dir: Path, folder: Path) -> Path:
    """Return where the index of a workspace folder is: a readable name and a digest of the absolute path."""
    path = str(folder.resolve())
    digest = hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in folder.name)[:40] or "root"
    return cache_dir / "workspaces" / f"{name}-{digest}"


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one.

    Raises:
        OSError: when the disk refuses.
    """
    scratch = file.with_name(f"{file.name}-new")
    scratch.write_bytes(data)
    scratch.replace(file)
