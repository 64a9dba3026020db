"""A search from the shell, whose model is on its way while the rest is imported."""

import json
import threading
from pathlib import Path

import pytest

from cognate.cli.main import main
from fixtures import write_files

FILES = "//- app.py\ndef open_store():\n    return 1\n//- other.py\ndef close_door():\n    return 2\n"


def loading() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "cognate-model"]


def test_a_search_answers_and_leaves_no_thread_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["search", "open store", str(write_files(tmp_path / "w", FILES)), "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["path"] == "app.py"
    assert not loading()


def test_a_model_that_cannot_be_loaded_is_said_once_and_words_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = write_files(tmp_path / "w", FILES)
    assert main(["search", "open_store", str(folder), "--json", "--model", str(tmp_path / "nowhere")]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[0])["path"] == "app.py"
    assert sum(line.startswith("cognate: ") and "nowhere" in line for line in captured.err.splitlines()) == 1


def test_a_search_for_nothing_ends_when_the_model_is_loaded(capsys: pytest.CaptureFixture[str]):
    assert main(["search"]) == 2
    assert "Say what to look for" in capsys.readouterr().err
    assert not loading()
