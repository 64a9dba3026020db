"""Where on disk the indexes lie. Imports nothing heavy, so that a look there is quick. Any thread."""

import os
from pathlib import Path

from cognate.errors import WorkspaceError
from cognate.places import cache_place, index_place

GRAPH_FILE = "graph-v3.bin"
IMPORTED_FILE = "imported-ranks-v1.csv"
VOCABULARY_FILE = "vocabulary-v1.bin"


def default_cache_dir() -> Path:
    """Return the cache folder: the environment variable COGNATE_CACHE_DIR, else the platform's cache folder."""
    return Path(cache_place())


def store_folder(cache_dir: Path, folder: Path) -> Path:
    """Return where the index of a workspace folder is: a readable name and a digest of the absolute path."""
    return Path(index_place(str(cache_dir), str(folder)))


def workspace_folder(folder: Path) -> Path:
    """Return a workspace folder as an absolute path without links.

    Raises:
        WorkspaceError: when there is no such folder.
    """
    folder = folder.resolve()
    if folder.is_file():
        raise WorkspaceError(
            f"{folder} is a file. Name its folder; path:{folder.name} in a query asks of the file alone."
        )
    if not folder.is_dir():
        raise WorkspaceError(f"There is no folder {folder}.")
    return folder


def make_private_folder(folder: Path) -> None:
    """Create a folder and its parents, readable by the user alone.

    Raises:
        OSError: when it cannot be created.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if os.name == "posix":
        folder.chmod(0o700)


def make_store_folder(cache_dir: Path, folder: Path) -> Path | None:
    """Return where the index of a workspace folder lies, created and private, or None when it cannot be."""
    index_folder = store_folder(cache_dir, folder)
    try:
        make_private_folder(cache_dir)
        make_private_folder(index_folder)
        (index_folder / "folder.txt").write_text(str(folder), encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        import logging  # noqa: PLC0415 - a look where an index lies writes no log

        logging.getLogger(__name__).info("The cache folder %s cannot be written: %s", index_folder, error.strerror)
        return None
    return index_folder
