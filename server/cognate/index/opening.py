"""Opens a folder's index, makes anew what is damaged, and removes what nobody uses any more.

Only the process that holds the writer lock removes or makes anything.
"""

import contextlib
import logging
import shutil
from pathlib import Path

from cognate.errors import DamagedStoreError
from cognate.index import lexical_index, store, translated, vectors
from cognate.index.index import Index, index_of
from cognate.index.lexical_index import LexicalIndex
from cognate.index.locations import GRAPH_FILE, VOCABULARY_FILE
from cognate.index.store import Store

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
    database = Store(folder, writable=writable)
    try:
        if discard is not None:
            database.start_anew(discard)
        lexical = LexicalIndex(folder, writable=writable)
        try:
            index = index_of(database, lexical, folder)
        except DamagedStoreError as error:
            if not writable:
                raise
            database.start_anew(error)
            index = index_of(database, lexical, folder)
        index.rebuilt_because = database.rebuilt_because or lexical.rebuilt_because
        if writable and not index.is_lexical_current:
            index.mend_lexical()
    except BaseException:
        database.close()
        raise
    if writable and folder is not None:
        remove_old_formats(folder)
    return index


def remove_old_formats(folder: Path) -> None:
    """Remove what other versions of Cognate left; only the writer may."""
    current = {
        "store": f"store-v{store.FORMAT_VERSION}.",
        "lexical": f"lexical-v{lexical_index.FORMAT_VERSION}",
        "vectors": f"vectors-v{vectors.FORMAT_VERSION}-",
        "graph": GRAPH_FILE,
        "vocabulary": VOCABULARY_FILE,
        "translations": f"translations-v{translated.FORMAT_VERSION}-",
    }
    for kind, prefix in current.items():
        for old in folder.glob(f"{kind}-v*"):
            if not old.name.startswith(prefix):
                log.info("Removing %s, which another version wrote", old)
                _remove(old)


def remove_other_models(folder: Path, fingerprint: str) -> None:
    """Remove the vectors of models that this folder no longer uses; only the writer may."""
    current = f"vectors-v{vectors.FORMAT_VERSION}-{fingerprint}"
    for old in folder.glob("vectors-v*"):
        if not old.name.startswith(current):
            _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()
