"""Reads the model and the vectors on threads of their own, while others are imported or read rows of the store.

Rows become objects under Python's lock; a model and a vector graph are read mostly without it, so that all together
take hardly longer than the rows alone. The vectors do not wait for the model: they are those of the one model that the
folder has vectors of, and if it is another one after all, they are not used.
"""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from cognate.errors import ModelError
from cognate.index.index import ReadAhead, read_ahead
from cognate.index.locations import store_folder
from cognate.index.vectors import SavedVectors
from cognate.indexing.services import Model, Services
from cognate.settings import Settings
from cognate.types import Vector


class Prefetch:
    """What is being read for one folder; begins at once."""

    def __init__(self, services: Services, settings: Settings, folder: Path) -> None:
        self._services = services
        self._settings = settings
        self._place = store_folder(services.cache_dir, folder)
        self._found: ReadAhead | None = None
        self._reader = threading.Thread(target=self._read, name=f"cognate-prefetch {folder.name}", daemon=True)
        self._loader = services.begin_to_load(settings.model, settings.background_threads)
        self._reader.start()

    @property
    def is_done(self) -> bool:
        """Whether nothing is being read any more."""
        return not (self._reader.is_alive() or self._loader.is_alive())

    def vectors(self) -> ReadAhead | None:
        """Wait for the end, and return the vectors if they were read; once, so that they are not kept."""
        self._reader.join()
        found, self._found = self._found, None
        return found

    def model(self) -> Model | None:
        """Wait for the model, and return it; None when there is none, which is told to the one who asks next."""
        try:
            return self._services.model(self._settings.model, self._settings.background_threads)
        except ModelError:
            return None

    def saved(self) -> SavedVectors | None:
        """Wait for the end, and return what was saved of the model's vectors, None if that is nothing; it is kept."""
        self._reader.join()
        model, found = self.model(), self._found
        if model is None or found is None or not found.is_of(self._place, model.encoder.fingerprint):
            return None
        return found.saved

    def known(self, digests: Sequence[bytes]) -> Mapping[bytes, Vector]:
        """Return those vectors that the model's cache has, by digest."""
        model = self.model()
        return model.cache.get(digests) if model is not None else {}

    def _read(self) -> None:
        self._found = read_ahead(self._place)
