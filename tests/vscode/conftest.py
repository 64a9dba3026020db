"""A real editor with the packed extension in it, on the sources of a real package."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from package_index import PackageIndex, locked_wheels, serving
from vscode.editor import ROOT, Editor, build, chromium, fetch_sources, running, tools_folder
from vscode.workbench import Workbench

PROJECT = "celery"
"""Over four hundred Python files, and nothing that the tests' own code resembles."""

LEFT_OUT = ("docs", "*.egg-info")
PICTURES = Path(os.environ.get("COGNATE_PICTURES") or ROOT / ".cache" / "pictures")


@pytest.fixture(scope="session")
def vsix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension, packed from this tree."""
    return build.vsix(tmp_path_factory.mktemp("vsix"))


@pytest.fixture(scope="session")
def sources() -> Path:
    """The sources of a real package."""
    return fetch_sources(PROJECT)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def project(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources that tests may change."""
    folder = tmp_path_factory.mktemp("project") / PROJECT
    shutil.copytree(sources, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    assert sum(path.is_file() for path in folder.rglob("*")) > 300
    return folder


@pytest.fixture(scope="module")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """The index that the extension's set-up asks."""
    with serving(locked_wheels(tools_folder()), tmp_path_factory.mktemp("index")) as index:
        yield index


@pytest.fixture(scope="module")
def editor(vsix: Path, package_index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with an empty profile and no compiler, into which the packed extension is installed."""
    without_compiler = {"CC": "/bin/false", "CXX": "/bin/false"}
    editor = Editor(tmp_path_factory.mktemp("editor"), environment=package_index.variables() | without_compiler)
    editor.write_settings()
    editor.install(vsix)
    with running(editor):
        yield editor


@pytest.fixture(scope="module")
def workbench(editor: Editor, browser: Browser) -> Iterator[Workbench]:
    """One window of that editor."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield Workbench(context.new_page(), editor, PICTURES)
    context.close()
