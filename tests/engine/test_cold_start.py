"""A start from nothing: what goes on at the same time, and what does not wait for what."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.index.index import FileChange, Index
from cognate.index.opening import open_index
from cognate.index.store import FileRow
from cognate.index.vectors import VectorIndex
from cognate.indexing import compactor
from cognate.indexing.compactor import Compactor
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import Chunk, FileStamp, Matrix, State
from fixtures import GatedEncoder, write_files

WAIT_S = 60.0
FILES = "".join(f"//- file_{i}.py\ndef function_{i}():\n    return {i}\n" for i in range(40))
Start = Callable[..., Engine]


def found(engine: Engine, query: str) -> list[str]:
    return [hit.path for hit in engine.search(SearchRequest(query, 5), CancelToken()).hits]


def wait_for(condition: Callable[[], object]) -> None:
    until, pause = time.monotonic() + WAIT_S, threading.Event()
    while not condition():
        assert time.monotonic() < until
        pause.wait(0.005)


@pytest.fixture
def start(services: Services, tmp_path: Path) -> Iterator[Start]:
    opened: list[Engine] = []

    def start_(*, threads: int = 2) -> Engine:
        folder = write_files(tmp_path / "w", FILES)
        opened.append(open_engine(folder, Settings(threads=threads, update_delay_ms=0), services))
        opened[-1].start()
        return opened[-1]

    yield start_
    for engine in opened:
        engine.close()


def test_files_are_read_and_found_while_the_model_is_loaded(
    start: Start, services: Services, monkeypatch: pytest.MonkeyPatch
):
    loading = threading.Event()
    real = services._loaded  # pyright: ignore[reportPrivateUsage]

    def load(setting: str, threads: int) -> object:
        assert loading.wait(WAIT_S)
        return real(setting, threads)

    monkeypatch.setattr(services, "_loaded", load)
    monkeypatch.setattr("cognate.indexing.steps.READ_BATCH_FILES", 8)
    engine = start()
    wait_for(lambda: engine.status().index.chunks >= 8)
    assert found(engine, "function_1")[0] == "file_1.py"
    status = engine.status()
    assert (status.index.state, status.index.coverage, status.model) == (State.INDEXING, 0.0, "loading")
    loading.set()
    assert engine.wait_until_current(WAIT_S)
    status = engine.status()
    assert (status.index.state, status.index.coverage, status.index.chunks) == (State.READY, 1.0, 40)


def test_an_edit_is_found_while_the_model_is_busy(start: Start, services: Services):
    encoder = GatedEncoder()
    services.encoder = encoder
    engine = start()
    assert encoder.entered.wait(WAIT_S)
    (engine.folder / "file_7.py").write_text("def quite_another_name(): ...\n", encoding="utf-8")
    engine.note_changed(["file_7.py"])
    wait_for(lambda: found(engine, "quite_another_name")[:1] == ["file_7.py"])
    assert not encoder.gate.is_set()
    encoder.gate.set()
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().index.coverage == 1.0


def test_chunks_are_embedded_while_files_are_still_read(
    start: Start, services: Services, monkeypatch: pytest.MonkeyPatch
):
    encoder = GatedEncoder(opened=True)
    services.encoder = encoder
    to_read: list[int] = []
    encode, engines = encoder.encode, list[Engine]()

    def noting(texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        wait_for(lambda: engines)
        to_read.append(engines[0].status().queue_files)
        return encode(texts, cancel=cancel)

    encoder.encode = noting
    monkeypatch.setattr("cognate.indexing.steps.READ_BATCH_FILES", 2)
    engines.append(start())
    assert engines[0].wait_until_current(WAIT_S)
    assert to_read[0] > 0
    assert len(encoder.encoded) == 40


def test_an_engine_that_is_closed_while_the_model_is_busy_ends(start: Start, services: Services):
    encoder = GatedEncoder()
    services.encoder = encoder
    engine = start()
    assert encoder.entered.wait(WAIT_S)
    closing = threading.Thread(target=engine.close)
    closing.start()
    encoder.gate.set()
    closing.join(WAIT_S)
    assert not closing.is_alive()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("cognate-embed")]


# -- the vector graph


def rows_of(count: int) -> Matrix:
    rows = np.random.default_rng(3).standard_normal((count, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def index() -> Index:
    made = open_index(None)
    stamp = FileStamp(1, 1)
    chunks = tuple((Chunk(i, i + 1, f"text {i}"), i.to_bytes(16, "big")) for i in range(400))
    made.apply([FileChange("a.py", FileRow("a.py", stamp, "python"), added=chunks)])
    made.use_model("model", 16)
    return made


def test_what_changes_while_a_graph_is_built_holds_in_the_new_one(index: Index, monkeypatch: pytest.MonkeyPatch):
    rows, ids = rows_of(400), list(index.records)
    index.set_vectors(dict(zip(ids[:300], rows[:300], strict=True)))
    built, real = threading.Event(), VectorIndex.compacted

    def held(vectors: VectorIndex, threads: int) -> VectorIndex:
        made = real(vectors, threads)
        assert built.wait(WAIT_S)
        return made

    monkeypatch.setattr(VectorIndex, "compacted", held)
    builder = Compactor(index)
    builder.begin(1)
    index.set_vectors(dict(zip(ids[300:], rows[300:], strict=True)))
    index.vectors = index.vectors.changed([ids[0], ids[399]], {})
    assert not builder.take()
    before = index.vectors
    built.set()
    builder.wait(lambda: False)
    assert builder.take()
    assert not builder.is_building
    assert index.vectors.ids() == before.ids() == frozenset(ids[1:399])
    assert len(index.vectors.base_rows.keys() - index.vectors.tombstones) == 299
    assert ids[0] in index.vectors.tombstones
    np.testing.assert_allclose(index.vectors.gathered(ids[1:399]), rows[1:399], atol=1e-3)
    for row in (1, 150, 310, 398):
        assert index.vectors.nearest(rows[row], 1)[0].tolist() == [ids[row]]
    assert ids[0] not in index.vectors.nearest(rows[0], 300)[0].tolist()


def test_waiting_for_a_graph_ends_when_something_is_more_urgent(index: Index, monkeypatch: pytest.MonkeyPatch):
    built, real = threading.Event(), VectorIndex.compacted

    def held(vectors: VectorIndex, threads: int) -> VectorIndex:
        assert built.wait(WAIT_S)
        return real(vectors, threads)

    monkeypatch.setattr(VectorIndex, "compacted", held)
    index.set_vectors(dict(zip(index.records, rows_of(400), strict=True)))
    builder = Compactor(index)
    builder.begin(1)
    builder.wait(lambda: True)
    assert builder.is_building
    built.set()
    builder.drop()
    assert not builder.is_building
    assert index.vectors.base is None


def test_a_graph_that_cannot_be_built_is_told(index: Index, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> VectorIndex:
        raise MemoryError

    monkeypatch.setattr(VectorIndex, "compacted", fail)
    index.set_vectors(dict(zip(index.records, rows_of(400), strict=True)))
    builder = Compactor(index)
    builder.begin(1)
    builder.wait(lambda: False)
    with pytest.raises(MemoryError):
        builder.take()
    assert not builder.take()


def test_the_first_graph_is_built_and_saved_a_later_one_for_enough_vectors(tmp_path: Path):
    (tmp_path / "store").mkdir()
    made = open_index(tmp_path / "store")
    count = compactor.SAVE_AFTER + 20
    chunks = tuple((Chunk(i, i + 1, f"text {i}"), i.to_bytes(16, "big")) for i in range(count))
    made.apply([FileChange("a.py", FileRow("a.py", FileStamp(1, 1), "python"), added=chunks)])
    made.use_model("model", 16)
    builder, rows, ids = Compactor(made), rows_of(count), list(made.records)
    assert not builder.is_due

    def tidied() -> int:
        steps = 0
        while builder.is_due:
            builder.tidy(1)
            builder.wait(lambda: False)
            builder.take()
            steps += 1
        return steps

    made.set_vectors({ids[0]: rows[0]})
    assert tidied() == 2
    made.set_vectors(dict(zip(ids[1:10], rows[1:10], strict=True)))
    assert tidied() == 0
    made.set_vectors(dict(zip(ids[10:], rows[10:], strict=True)))
    assert tidied() == 2
    assert made.vectors.base_rows.keys() - made.vectors.tombstones == set(ids)
    made.close()
