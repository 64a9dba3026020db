"""Where engines come from.

Everything heavy is imported here, inside functions that run on the executor, after ``initialize`` was answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cognate.process import without_collections

if TYPE_CHECKING:
    from pathlib import Path

    from cognate.engine import Engine
    from cognate.indexing.services import Services
    from cognate.settings import Settings


class EngineSource(Protocol):
    """Opens one engine for each workspace folder. Both methods run on the executor."""

    def open(self, folder: Path, settings: Settings) -> Engine:
        """Return an engine that is not started yet."""
        ...

    def close(self) -> None:
        """Release what the engines shared, after the last one is closed."""
        ...


class SharedEngines:
    """The real engines; they share one set of services."""

    def __init__(self) -> None:
        self._services: Services | None = None

    def open(self, folder: Path, settings: Settings) -> Engine:
        """Return an engine for a folder, constructing the services for the first one."""
        with without_collections():
            from cognate.indexing.services import Services  # noqa: PLC0415 - heavy

            if self._services is None:
                self._services = Services()
                self._services.begin_to_load(settings.model, settings.background_threads)
            from cognate.engine import open_engine  # noqa: PLC0415 - heavy, imported while the model is read

        return open_engine(folder, settings, self._services)

    def close(self) -> None:
        """Release the shared services."""
        if self._services is not None:
            self._services.close()
            self._services = None
