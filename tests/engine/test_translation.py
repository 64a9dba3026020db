"""Chunks have their row of the translation table as soon as they are read, through edits, starts and damage."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.index.locations import store_folder
from cognate.index.snapshot import Snapshot
from cognate.indexing.services import Services
from cognate.ready_index import ready_index
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from fixtures import write_files

SETTINGS = Settings(update_delay_ms=0)
FILES = """//- a.py
def spawn(command):
    return fork(command)
//- b.py
def shrink(table):
    return resize(table, 2)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path / "w", FILES)
    return tmp_path / "w"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table that knows nothing by heart: it tells every word by its letters."""
    rows = np.random.default_rng(2).integers(-100, 100, (64, 12)).astype(np.int8)
    arrays = {"words": np.frombuffer(b"spawn", np.uint8)}
    for side in ("query", "code"):
        arrays[f"{side}_weights"] = np.ones(64, np.float16)
        arrays[f"{side}_rows"] = rows
    np.savez(tmp_path / "table.npz", **arrays)
    return tmp_path / "table.npz"


@pytest.fixture
def services(cache_dir: Path, table: Path) -> Iterator[Services]:
    with closing(Services(cache_dir, table=table)) as found:
        yield found


def snapshot_of(engine: Engine) -> Snapshot:
    if engine._writer.view.snapshot is None:
        engine.start()
    assert engine.wait_until_current(60)
    snapshot = engine._writer.view.snapshot
    assert snapshot is not None
    return snapshot


def ids(snapshot: Snapshot) -> set[int]:
    return {number for entry in snapshot.files.values() for number in entry.ids}


def files(folder: Path, services: Services) -> list[Path]:
    return sorted(store_folder(services.cache_dir, folder).glob("translations-*"))


def test_every_chunk_has_a_row_through_edits_of_files_and_buffers(folder: Path, services: Services):
    with closing(open_engine(folder, SETTINGS, services)) as engine:
        before = snapshot_of(engine)
        assert before.translated.rows.ids() == ids(before)
        (folder / "a.py").write_text("def hash_password(text):\n    return digest(text)\n")
        engine.note_changed(["a.py"])
        engine.set_buffer("b.py", "def shrink(table):\n    return resize(table, 3)\n")
        after = snapshot_of(engine)
        assert after.translated.rows.ids() == ids(after) != ids(before)
        assert min(ids(after)) < 0


def test_rows_are_read_at_the_next_start_and_by_who_asks_once(folder: Path, services: Services):
    with closing(open_engine(folder, SETTINGS, services)) as engine:
        first = snapshot_of(engine).translated.rows
    assert len(files(folder, services)) == 1
    ready = ready_index(folder, SETTINGS, services)
    assert ready is not None
    with closing(ready):
        rows = ready._snapshot.translated.rows
        numbers = sorted(first.ids())
        assert (rows.gathered(numbers) == first.gathered(numbers)).all()


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_rows_that_cannot_be_read_are_made_again(folder: Path, services: Services, harm: str):
    with closing(open_engine(folder, SETTINGS, services)) as engine:
        snapshot_of(engine)
    [file] = files(folder, services)
    file.unlink() if harm == "missing" else file.write_bytes(file.read_bytes()[:-1])
    with closing(open_engine(folder, SETTINGS, services)) as engine:
        snapshot = snapshot_of(engine)
        assert snapshot.translated.rows.ids() == ids(snapshot)


def test_a_chunk_that_the_table_finds_is_a_candidate_and_says_so(folder: Path, services: Services):
    with closing(open_engine(folder, SETTINGS, services)) as engine:
        snapshot_of(engine)
        request = SearchRequest("make a table much smaller and tidier", explain=True)
        why = [hit.why for hit in engine.search(request, CancelToken()).hits]
        assert any(parts and parts.get("translated_alone") for parts in why)


def test_without_a_table_words_and_the_model_answer(folder: Path, services: Services, table: Path):
    table.unlink()
    with closing(open_engine(folder, SETTINGS, services)) as engine:
        assert len(snapshot_of(engine).translated.rows) == 0
        assert engine.search(SearchRequest("make a table smaller"), CancelToken()).hits
