"""The engines of one process, one a folder. Imports what is heavy only when the first is made here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from cognate.index.locations import default_cache_dir
from cognate.process import without_collections
from cognate.shared import SharedEngine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cognate.engine import Engine
    from cognate.index.lock import WriterLock
    from cognate.indexing.services import Services
    from cognate.settings import Settings
    from cognate.visits import Front


class Engines:
    """Opens engines; those that run in this process share one set of services. Any thread.

    Args:
        has_settings: whether the settings are a user's, as an editor knows them; an owner without such takes them over.
        services: to be shared, if there are some already; whoever made them closes them.
        fronts: the front ends that run here for other processes; none are without.
        lock: the writer lock of the folder that is opened first, if this process holds it already.
    """

    def __init__(
        self,
        *,
        has_settings: bool,
        services: Services | None = None,
        fronts: Mapping[str, Front] | None = None,
        lock: WriterLock | None = None,
    ) -> None:
        self._has_settings = has_settings
        self._fronts = fronts or {}
        self._writer_lock = lock
        self._services = services
        self._is_ours = services is None
        self._cache_dir = default_cache_dir() if services is None else services.cache_dir
        self._lock = threading.Lock()  # Several folders may be taken over at the same time.

    def open(self, folder: Path, settings: Settings) -> SharedEngine:
        """Return the engine of a folder, not started: of this process, or of the one that holds the folder's index.

        Args:
            folder: the workspace folder.
            settings: this front end's.

        Raises:
            WorkspaceError: when there is no such folder.
        """
        lock, self._writer_lock = self._writer_lock, None
        shared = SharedEngine(
            folder,
            self._cache_dir,
            settings,
            self._make,
            has_settings=self._has_settings,
            fronts=self._fronts,
            lock=lock,
        )
        shared.join()
        return shared

    def _make(self, folder: Path, settings: Settings, *, lock: WriterLock | None, alone: str) -> Engine:
        with self._lock, without_collections():
            from cognate.indexing.services import Services  # noqa: PLC0415 - heavy

            if self._services is None:
                self._services = Services()
                self._services.begin_to_load(settings.model, settings.background_threads)
            from cognate.engine import open_engine  # noqa: PLC0415 - heavy, imported while the model is read

            return open_engine(folder, settings, self._services, lock=lock, alone=alone)

    def close(self) -> None:
        """Release what the engines shared, after the last one is closed."""
        if self._services is not None and self._is_ours:
            self._services.close()
            self._services = None
