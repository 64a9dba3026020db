"""A start: what is read beside the rows, once and only if it is still what lies on disk; questions that come early."""

import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.engine import open_engine
from cognate.errors import CancelledError, ModelError, StoreError
from cognate.index import vectors as vector_files
from cognate.index.locations import store_folder
from cognate.index.opening import open_index
from cognate.indexing import writer
from cognate.indexing.jobs import table
from cognate.indexing.loading import Loading
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import State

SOURCE = "".join(f'def function_{n}():\n    """Return {n} things."""\n    return {n}\n\n\n' for n in range(40))


@pytest.fixture
def folder(tmp_path: Path, cache_dir: Path) -> Path:
    """A folder whose index lies complete on disk."""
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "things.py").write_text(SOURCE)
    index_once(folder, cache_dir)
    return folder


def index_once(folder: Path, cache_dir: Path) -> float:
    """Open the folder until nothing is left to do; return the share of its chunks that have a vector."""
    with closing(Services(cache_dir)) as services, closing(open_engine(folder, Settings(), services)) as engine:
        engine.start()
        assert engine.wait_until_current(300)
        return engine.status().index.coverage


def test_a_start_reads_the_vectors_once(folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch):
    read: list[Path] = []

    def counted(file: Path) -> vector_files.SavedVectors | None:
        read.append(file)
        return original(file)

    original = vector_files.read
    monkeypatch.setattr(vector_files, "read", counted)
    assert index_once(folder, cache_dir) == 1.0
    assert len(read) == 1


def test_vectors_that_were_replaced_meanwhile_are_held_against_their_texts(folder: Path, cache_dir: Path):
    with closing(Services(cache_dir)) as services:
        index_folder = store_folder(cache_dir, folder)
        encoder = services.model("", 1).encoder
        saved = Loading(services, Settings(), index_folder).vectors(encoder.fingerprint)
        assert saved is not None
        index = open_index(index_folder)
        (number, *_), (digest, *others) = index.saved.ids_in("things.py"), index.saved.files["things.py"].digests
        entry = replace(index.saved.files["things.py"], digests=(digest[::-1], *others))
        index.saved = index.saved.replacing({"things.py": entry})
        index.use_model(encoder.fingerprint, encoder.dimensions, saved)
        assert index.without_vectors() == [number]
        index.close()


def test_vectors_of_another_model_are_not_used(folder: Path, cache_dir: Path):
    with closing(Services(cache_dir)) as services:
        assert Loading(services, Settings(), store_folder(cache_dir, folder)).vectors("another") is None


def test_a_model_that_cannot_be_loaded_is_told_when_it_is_asked_for(folder: Path, cache_dir: Path):
    with closing(Services(cache_dir)) as services:
        loading = Loading(services, Settings(model=str(folder)), None)
        loading.wait()
        assert loading.is_done
        with pytest.raises(ModelError):
            loading.model()


def test_a_question_that_comes_while_the_index_is_opened_waits_for_it(folder: Path, cache_dir: Path):
    with closing(Services(cache_dir)) as services, closing(open_engine(folder, Settings(), services)) as engine:
        engine.start()
        answer = engine.search(SearchRequest("function_7"), CancelToken())
        assert answer.hits[0].symbol is not None
        assert answer.hits[0].symbol.name == "function_7"


def test_a_question_that_nobody_wants_any_more_does_not_wait_for_the_index(
    folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    opened, asked = threading.Event(), CancelToken()

    def held(services: Services, settings: Settings, index_folder: Path | None) -> Loading:
        asked.cancel()
        assert opened.wait(300)
        return Loading(services, settings, index_folder)

    monkeypatch.setattr(table, "Loading", held)
    with closing(Services(cache_dir)) as services, closing(open_engine(folder, Settings(), services)) as engine:
        engine.start()
        with pytest.raises(CancelledError):
            engine.search(SearchRequest("function_7"), asked)
        opened.set()
        assert engine.search(SearchRequest("function_7"), CancelToken()).hits


def test_an_index_that_cannot_be_opened_keeps_no_question_waiting(
    folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> Loading:
        raise StoreError("The disk is gone.")

    monkeypatch.setattr(table, "Loading", fail)
    monkeypatch.setattr(writer, "OPENING_S", 3600.0)
    with closing(Services(cache_dir)) as services, closing(open_engine(folder, Settings(), services)) as engine:
        engine.start()
        answer = engine.search(SearchRequest("function_7"), CancelToken())
        assert answer.hits == ()
        assert answer.index.state is State.ERROR


@pytest.mark.parametrize("failures", [1, 2000])
def test_an_index_that_cannot_be_opened_is_tried_again_ever_later_however_often_it_failed(
    folder: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch, failures: int
):
    tried: list[None] = []
    often = threading.Event()

    def fail(*_: object) -> Loading:
        tried.append(None)
        if len(tried) > 3:
            often.set()
        raise StoreError("The disk is gone.")

    monkeypatch.setattr(table, "Loading", fail)
    with closing(Services(cache_dir)) as services, closing(open_engine(folder, Settings(), services)) as engine:
        engine._writer._n_failures = failures  # pyright: ignore[reportPrivateUsage]
        engine.start()
        assert not often.wait(0.5)
        assert engine.search(SearchRequest("function_7"), CancelToken()).index.state is State.ERROR
