"""The product where hnswlib cannot be imported, and folders that go from a process with it to one without and back."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cognate.cli.main import main
from cognate.index import hnsw, vector_file, vectors
from cognate.index.locations import store_folder
from fixtures import write_files

FILES = (
    "//- app.py\ndef open_store():\n    return 1\n//- door.py\ndef close_the_door():\n    return 2\n"
    "//- mail.py\ndef send_letter(recipient):\n    return recipient.post()\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "w", FILES)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COGNATE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def hidden(tmp_path: Path) -> Path:
    """A folder to import from in which hnswlib fails as where a compiled module is of another platform."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "hnswlib.py").write_text("raise ImportError('wrong ELF class')\n")
    return tmp_path / "modules"


def without_hnswlib(hidden: Path, *arguments: str) -> str:
    paths = [str(hidden), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-m", "cognate.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def last(output: str) -> dict[str, Any]:
    return json.loads(output.splitlines()[-1])


def n_embedded(cache: Path) -> int:
    (file,) = (cache / "embeddings").glob("vectors-*.sqlite")
    with sqlite3.connect(file) as database:
        return database.execute("SELECT count(*) FROM vectors").fetchone()[0]


def links_in(cache: Path, folder: Path) -> bool:
    (file,) = vectors.files_in(store_folder(cache, folder))
    return vector_file.read(file).links is not None


def test_a_folder_is_indexed_and_searched_without_hnswlib(folder: Path, cache: Path, hidden: Path):
    status = last(without_hnswlib(hidden, "index", str(folder), "--json"))
    assert (status["coverage"], status["details"]["vectors"]) == (1.0, "each is compared")
    hit = json.loads(without_hnswlib(hidden, "search", "shut the entrance", str(folder), "--json").splitlines()[0])
    assert hit["path"] == "door.py"


def test_doctor_says_why_hnswlib_is_not_in_use_and_finds_nothing_wrong(
    cache: Path, hidden: Path, capsys: pytest.CaptureFixture[str]
):
    assert "not in use (wrong ELF class)" in without_hnswlib(hidden, "doctor")
    assert main(["doctor"]) == 0
    assert "for a graph from" in capsys.readouterr().out


def test_an_index_goes_to_a_process_with_hnswlib_and_back_and_nothing_is_embedded_again(
    folder: Path, cache: Path, hidden: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    without_hnswlib(hidden, "index", str(folder), "--json")
    assert not links_in(cache, folder)
    shutil.rmtree(cache / "embeddings")  # So the vectors in the index's own file are the only ones.

    monkeypatch.setattr(hnsw, "GRAPH_FROM", 2)
    (folder / "app.py").write_text("def open_shop():\n    return 1\n")
    assert main(["index", str(folder), "--json"]) == 0
    status = last(capsys.readouterr().out)
    assert status["coverage"] == 1.0
    assert "graph" in status["details"]["vectors"]
    assert links_in(cache, folder)
    assert n_embedded(cache) == 1

    (folder / "app.py").write_text("def open_window():\n    return 1\n")
    status = last(without_hnswlib(hidden, "index", str(folder), "--json"))
    assert (status["coverage"], status["details"]["vectors"]) == (1.0, "each is compared")
    assert n_embedded(cache) == 2
