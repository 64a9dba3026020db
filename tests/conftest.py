"""What all tests share: a cache folder of their own, and engines that are closed at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from cognate.engine import Engine, open_engine
from cognate.indexing.services import Services
from cognate.settings import Settings
from fixtures import write_files

WAIT_S = 300.0

settings.register_profile("unhurried", settings(), deadline=None)  # No test depends on how fast the machine is.
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test's index out of the user's cache."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("COGNATE_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def services(cache_dir: Path) -> Iterator[Services]:
    """Services with the shipped model."""
    shared = Services(cache_dir)
    shared.resident_mb = lambda: 0.0  # Hundreds of engines live and die in this process.
    yield shared
    shared.close()


@pytest.fixture
def open_workspace(tmp_path: Path, services: Services) -> Iterator[Callable[..., Engine]]:
    """Return a function that writes a fixture, opens an engine on it and waits until it is current."""
    opened: list[Engine] = []

    def open_(text: str = "", *, folder: Path | None = None, wait: bool = True, **settings: object) -> Engine:
        root = folder or tmp_path / "workspace"
        root.mkdir(parents=True, exist_ok=True)
        write_files(root, text)
        engine = open_engine(root, Settings(update_delay_ms=0, **settings), services)  # pyright: ignore[reportArgumentType]
        opened.append(engine)
        engine.start()
        if wait:
            assert engine.wait_until_current(WAIT_S), "the index did not become current"
        return engine

    yield open_
    for engine in opened:
        engine.close()
