"""A start from nothing: what goes on at the same time, and what does not wait for what."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from cognate.arrays import Matrix
from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.index.index import NEW, FileChange, Index
from cognate.index.opening import open_index
from cognate.index.vectors import VectorIndex
from cognate.indexing.jobs import Budget
from cognate.indexing.jobs import compact as compact_job
from cognate.indexing.jobs.compact import Compact
from cognate.indexing.services import Services
from cognate.indexing.state import FolderState
from cognate.indexing.storage import Storage
from cognate.search.request import RelatedRequest, SearchRequest
from cognate.settings import Settings
from cognate.types import Chunk, FileStamp, Span, State
from cognate.workspace.buffers import Buffers
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0
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
    monkeypatch.setattr("cognate.indexing.jobs.read.BATCH_FILES", 8)
    engine = start()
    wait_for(lambda: engine.status().index.chunks >= 8)
    assert found(engine, "function_1")[0] == "file_1.py"
    status = engine.status()
    assert (status.index.state, status.index.coverage, status.model) == (State.INDEXING, 0.0, "loading")
    wait_for(lambda: engine.status().index.word_coverage == 1.0)
    status = engine.status()
    assert (status.index.coverage, status.index.chunks, status.queue_files) == (0.0, 40, 0)
    assert status.index.summary == "Indexing: 0 % of 40 chunks have embeddings; words find all of them"
    in_other_words = engine.search(SearchRequest("procedure that hands back a number", explain=True), CancelToken())
    assert any(hit.why and hit.why.get("translated_alone") for hit in in_other_words.hits)
    loading.set()
    assert engine.wait_until_current(WAIT_S)
    info = engine.status().index
    assert (info.state, info.coverage, info.word_coverage, info.chunks) == (State.READY, 1.0, 1.0, 40)


KITCHEN = """//- oven.py
def preheat(oven, degrees):
    oven.power = True
    while oven.temperature < degrees:
        wait(seconds=1)
//- kettle.py
def boil(kettle):
    kettle.switch(on=True)
    while kettle.temperature < 100:
        sleep(1)
//- ledger.py
def invoice(customer, amount):
    return Bill(customer.address, amount)
//- letters.py
def vowels(text):
    return [letter for letter in text if letter in "aeiou"]
//- login.py
def sign_in(user, password):
    return session(user) if user.digest == hash(password) else None
//- page.py
def render(template, values):
    return template.format_map(values).encode()
//- mail.py
def send(message, host):
    connect(host).deliver(message.recipient, message.body)
"""


def test_what_is_similar_is_known_by_the_table_before_anything_is_embedded(
    open_workspace: Callable[..., Engine], services: Services
):
    services.encoder = encoder = GatedEncoder()
    engine = open_workspace(KITCHEN, wait=False)
    wait_for(lambda: engine.status().index.word_coverage == 1.0 and encoder.entered.is_set())
    request = RelatedRequest(Span("oven.py", 0, 4), explain=True)
    best, *others = engine.related(request, CancelToken()).hits
    assert engine.status().index.coverage == 0.0
    assert (best.path, [hit.path for hit in others if hit.score > best.score / 2]) == ("kettle.py", [])
    assert best.why is not None
    assert best.why["similarity"] > 0.0
    encoder.gate.set()


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
    monkeypatch.setattr("cognate.indexing.jobs.read.BATCH_FILES", 2)
    engines.append(start())
    assert engines[0].wait_until_current(WAIT_S)
    assert to_read[0] > 0
    assert sum(text.startswith("file") for text in encoder.encoded) == 40


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


# -- the base of the vectors


def rows_of(count: int) -> Matrix:
    rows = np.random.default_rng(3).standard_normal((count, 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def index() -> Index:
    made = open_index(None)
    stamp = FileStamp(1, 1)
    chunks = tuple((NEW, Chunk(i, i + 1, f"text {i}"), i.to_bytes(16, "big")) for i in range(400))
    made.apply([FileChange("a.py", stamp, "python", chunks=chunks)])
    made.use_model("model", 16, None)
    return made


def compactor(index: Index, services: Services, folder: Path) -> Compact:
    """A job on an index that nobody else uses."""
    storage = Storage(services, folder)
    return Compact(FolderState(folder, Settings(threads=1), services, storage, Buffers(), index, lambda: None))


def budget(*, should_yield: bool = False) -> Budget:
    return Budget(lambda: should_yield, lambda: False)


def test_what_changes_while_a_graph_is_built_holds_in_the_new_one(
    index: Index, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rows, ids = rows_of(400), list(index.saved.ids_in("a.py"))
    index.set_vectors(dict(zip(ids[:300], rows[:300], strict=True)))
    built, real = threading.Event(), VectorIndex.compacted

    def held(vectors: VectorIndex, threads: int) -> VectorIndex:
        made = real(vectors, threads)
        assert built.wait(WAIT_S)
        return made

    monkeypatch.setattr(VectorIndex, "compacted", held)
    job = compactor(index, services, tmp_path)
    assert job.due(0.0, waited_for=False) == 0.0
    job.run(budget())
    index.set_vectors(dict(zip(ids[300:], rows[300:], strict=True)))
    index.use_vectors(index.saved.vectors.changed([ids[0], ids[399]], {}))
    assert not job.beside()
    before = index.saved.vectors
    built.set()
    job.run(budget())
    assert job.beside()
    assert not job.beside()
    vectors = index.saved.vectors
    assert vectors.ids() == before.ids() == frozenset(ids[1:399])
    assert len(vectors.base.rows.keys() - vectors.tombstones) == 299
    assert ids[0] in vectors.tombstones
    np.testing.assert_allclose(vectors.gathered(ids[1:399]), rows[1:399], atol=1e-3)
    for row in (1, 150, 310, 398):
        assert vectors.nearest(rows[row], 1)[0].tolist() == [ids[row]]
    assert ids[0] not in vectors.nearest(rows[0], 300)[0].tolist()


def test_waiting_for_a_graph_ends_when_something_is_more_urgent(
    index: Index, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    built, real = threading.Event(), VectorIndex.compacted

    def held(vectors: VectorIndex, threads: int) -> VectorIndex:
        assert built.wait(WAIT_S)
        return real(vectors, threads)

    monkeypatch.setattr(VectorIndex, "compacted", held)
    index.set_vectors(dict(zip(index.saved.ids_in("a.py"), rows_of(400), strict=True)))
    job = compactor(index, services, tmp_path)
    job.run(budget())
    job.run(budget(should_yield=True))
    assert not job.beside()
    assert job.due(0.0, waited_for=False) == 0.0
    built.set()
    job.drop()
    assert not job.beside()
    assert not len(index.saved.vectors.base)


def test_a_graph_that_cannot_be_built_is_told(
    index: Index, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: object) -> VectorIndex:
        raise MemoryError

    monkeypatch.setattr(VectorIndex, "compacted", fail)
    index.set_vectors(dict(zip(index.saved.ids_in("a.py"), rows_of(400), strict=True)))
    job = compactor(index, services, tmp_path)
    job.run(budget())
    job.run(budget())
    with pytest.raises(MemoryError):
        job.beside()
    assert not job.beside()


def test_the_first_graph_is_built_and_saved_a_later_one_for_enough_vectors(services: Services, tmp_path: Path):
    (tmp_path / "store").mkdir()
    made = open_index(tmp_path / "store")
    count = compact_job.SAVE_AFTER + 20
    chunks = tuple((NEW, Chunk(i, i + 1, f"text {i}"), i.to_bytes(16, "big")) for i in range(count))
    made.apply([FileChange("a.py", FileStamp(1, 1), "python", chunks=chunks)])
    made.use_model("model", 16, None)
    job, rows, ids = compactor(made, services, tmp_path), rows_of(count), list(made.saved.ids_in("a.py"))
    assert job.due(0.0, waited_for=False) is None

    def saves() -> int:
        before = n_saves
        while job.due(0.0, waited_for=False) is not None:
            job.run(budget())
            job.beside()
        return n_saves - before

    n_saves, save = 0, made.save_vectors

    def counted() -> None:
        nonlocal n_saves
        n_saves += 1
        save()

    made.save_vectors = counted
    made.set_vectors({ids[0]: rows[0]})
    assert saves() == 1
    made.set_vectors(dict(zip(ids[1:10], rows[1:10], strict=True)))
    assert saves() == 0
    made.set_vectors(dict(zip(ids[10:], rows[10:], strict=True)))
    assert saves() == 1
    assert made.saved.vectors.base.rows.keys() - made.saved.vectors.tombstones == set(ids)
    made.close()
