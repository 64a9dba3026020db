"""Reads the model and the vectors on a thread of its own, while the writer reads the rows of the store.

Rows become objects under Python's lock; a model and a vector graph are read mostly without it, so that both together
take hardly longer than the rows alone.
"""

import threading
from pathlib import Path

from cognate.config import Settings
from cognate.engine.places import store_folder
from cognate.engine.services import Services
from cognate.errors import ModelError
from cognate.index.index import ReadAhead, read_ahead


class Prefetch:
    """What is being read for one folder; begins at once."""

    def __init__(self, services: Services, settings: Settings, folder: Path) -> None:
        self._services = services
        self._settings = settings
        self._place = store_folder(services.cache_dir, folder)
        self._found: ReadAhead | None = None
        self._thread = threading.Thread(target=self._run, name=f"cognate-prefetch {folder.name}", daemon=True)
        self._thread.start()

    def vectors(self) -> ReadAhead | None:
        """Wait for the end, and return the vectors if they were read; once, so that they are not kept."""
        self._thread.join()
        found, self._found = self._found, None
        return found

    def _run(self) -> None:
        try:
            encoder = self._services.model(self._settings.model, self._settings.background_threads).encoder
        except ModelError:
            return  # Told to the one who asks for the model next.
        self._found = read_ahead(self._place, encoder.fingerprint, encoder.dimensions)
