"""Leaves out what another system does not have, and the settings of git's that the person at this machine has."""

import sys
from pathlib import Path

import pytest

collect_ignore = [] if sys.platform == "linux" else ["test_inotify.py"]


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without settings of git's."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("HOME", "XDG_CONFIG_HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder
