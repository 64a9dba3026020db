"""Where indexes lie."""

from pathlib import Path

import platformdirs
import pytest

from cognate.index.locations import default_cache_dir
from cognate.places import CACHE_VARIABLE


@pytest.mark.parametrize("configured", ["", "/somewhere/else"])
def test_the_cache_folder_is_the_platforms(configured: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", configured)
    assert default_cache_dir() == Path(platformdirs.user_cache_dir("cognate", appauthor=False))
