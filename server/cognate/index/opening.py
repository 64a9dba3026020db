"""Opens a folder's index, makes anew what is damaged, and removes what nobody uses any more.

Runs on the writer thread. Only the process that holds the writer lock removes or makes anything.
"""

import contextlib
import logging
import shutil
from pathlib import Path

from cognate.errors import DamagedStoreError
from cognate.index import lexical as lexical_files
from cognate.index import store as store_files
from cognate.index import vectors as vector_files
from cognate.index.index import Index
from cognate.index.lexical import LexicalIndex
from cognate.index.store import Store
from cognate.index.vectors import VectorIndex

log = logging.getLogger(__name__)


def open_index(folder: Path | None, *, writable: bool = True, discard: DamagedStoreError | None = None) -> Index:
    """Open a folder's index; vectors come later, with ``use_model``.

    What is damaged is made anew, and ``rebuilt_because`` says so.

    Args:
        folder: where the index lies; None keeps it in memory.
        writable: whether this process holds the writer lock; without it nothing on disk is changed.
        discard: why the store is to be thrown away, though it may look sound.

    Raises:
        StoreError: when the folder cannot be used.
    """
    store = Store(folder, writable=writable)
    try:
        if discard is not None:
            store.start_anew(discard)
        try:
            generation, files, chunks = store.load()
        except DamagedStoreError as error:
            if not writable:
                raise
            store.start_anew(error)
            generation, files, chunks = store.load()
        lexical = LexicalIndex(folder, writable=writable)
        index = Index(store, lexical, VectorIndex(0), folder, "")
        index.rebuilt_because = store.rebuilt_because or lexical.rebuilt_because
        index.generation = index.store_generation = generation
        index.fill(files, chunks)
        if writable and not index.is_lexical_current:
            index.mend_lexical()
    except BaseException:
        store.close()
        raise
    if writable and folder is not None:
        remove_old_formats(folder)
    return index


def remove_old_formats(folder: Path) -> None:
    """Remove what other versions of Cognate left; only the writer may."""
    current = {
        "store": f"store-v{store_files.FORMAT_VERSION}.",
        "lexical": f"lexical-v{lexical_files.FORMAT_VERSION}",
        "vectors": f"vectors-v{vector_files.FORMAT_VERSION}-",
    }
    for kind, prefix in current.items():
        for old in folder.glob(f"{kind}-v*"):
            if not old.name.startswith(prefix):
                log.info("Removing %s, which another version wrote", old)
                _remove(old)


def remove_other_models(folder: Path, fingerprint: str) -> None:
    """Remove the vector graphs of models that this folder no longer uses; only the writer may."""
    current = f"vectors-v{vector_files.FORMAT_VERSION}-{fingerprint}"
    for old in folder.glob("vectors-v*"):
        if not old.name.startswith(current):
            _remove(old)


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            place.unlink()
