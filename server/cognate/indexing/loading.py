"""Reads the model and the vectors on threads of their own, while the writer reads the rows of the store.

The vectors do not wait for the model: they are those of the one model that the folder has vectors of, and if the
settings name another one after all, they are not used.
"""

import threading
from pathlib import Path

from cognate.index import vectors
from cognate.index.vectors import SavedVectors
from cognate.indexing.services import Model, Services
from cognate.settings import Settings


class Loading:
    """What is being read for one folder; begins at once.

    Args:
        services: whose model is used.
        settings: name the model.
        index_folder: where the index lies, None in memory.
    """

    def __init__(self, services: Services, settings: Settings, index_folder: Path | None) -> None:
        self._services = services
        self._settings = settings
        self._folder = index_folder
        self._found: tuple[str, SavedVectors | None] | None = None
        self._model_thread = services.begin_to_load(settings.model, settings.background_threads)
        self._vectors_thread = threading.Thread(target=self._read, name="cognate-load", daemon=True)
        self._vectors_thread.start()

    @property
    def is_done(self) -> bool:
        """Whether nothing is being read any more."""
        return not (self._model_thread.is_alive() or self._vectors_thread.is_alive())

    def model(self) -> Model:
        """Wait for the model, and return it.

        Raises:
            ModelError: when it cannot be used.
        """
        return self._services.model(self._settings.model, self._settings.background_threads)

    def vectors(self, fingerprint: str) -> SavedVectors | None:
        """Wait for the vectors on disk, and return them if they are of a model; once, so that they are not kept."""
        self._vectors_thread.join()
        found, self._found = self._found, None
        if found is not None and found[0] == fingerprint:
            return found[1]
        return vectors.read(vectors.file_of(self._folder, fingerprint)) if self._folder is not None else None

    def wait(self) -> None:
        """Return when nothing is being read any more."""
        self._model_thread.join()
        self._vectors_thread.join()

    def _read(self) -> None:
        files = vectors.files_in(self._folder) if self._folder is not None else []
        if len(files) == 1:
            self._found = vectors.fingerprint_of(files[0]), vectors.read(files[0])
