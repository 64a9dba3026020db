"""What the disk does to an index: damage, no room, no folder, other versions. Nothing is lost and it is said once."""

import ast
import os
import resource
import shutil
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.errors import DamagedLexicalError, DamagedStoreError, ModelError, StoreError
from cognate.index import store, vector_file, vectors
from cognate.index.index import NEW, FileChange, Index
from cognate.index.lexical import LexicalReader
from cognate.index.opening import open_index
from cognate.index.store import Store
from cognate.indexing import services as services_module
from cognate.indexing import storage, writer
from cognate.indexing.jobs import read as read_job
from cognate.indexing.jobs.table import Jobs
from cognate.indexing.services import Services, remove_unused_caches
from cognate.indexing.writer import Writer
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import Chunk, FileStamp, State, Status, Symbol
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0
SERVER = Path(__file__).parents[2] / "server" / "cognate"
FILLING = "so much text that half a page of the store has something in it to damage"
FILES = "".join(
    f"//- pkg/file_{n}.py\ndef function_{n}():\n    return compute_{n}(value, '{FILLING}')\n" for n in range(12)
)

Opener = Callable[..., Engine]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again after a moment."""
    monkeypatch.setattr(writer, "RETRY_S", 0.02)
    monkeypatch.setattr(writer, "RETRY_AT_MOST_S", 0.1)
    monkeypatch.setattr(storage, "DISK_RETRY_S", 0.05)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave little room in the pages of a small store, so that damage hits something."""
    monkeypatch.setattr(store, "PAGE_BYTES", 4096)


@pytest.fixture
def open_files(tmp_path: Path, cache_dir: Path) -> Iterator[Opener]:
    """Return a function that opens an engine on the files, with services of its own, as a new process would."""
    write_files(tmp_path / "w", FILES)
    closing: list[Callable[[], None]] = []

    def open_(*, wait: bool = True, encoder: object = None) -> Engine:
        folder = tmp_path / "w"
        shared = Services(cache_dir, encoder=encoder or GatedEncoder(opened=True))  # pyright: ignore
        engine = open_engine(folder, Settings(threads=1, update_delay_ms=0), shared)
        closing.extend([shared.close, engine.close])
        engine.start()
        if wait:
            assert engine.wait_until_current(WAIT_S)
        return engine

    yield open_
    for close in reversed(closing):
        close()


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder that costs no syncing, where the system has one."""
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None, ignore_cleanup_errors=True) as name:
        yield Path(name)


def found(engine: Engine, query: str) -> list[str]:
    answer = engine.search(SearchRequest(query, 5), CancelToken())
    return [hit.path for hit in answer.hits]


def texts(engine: Engine) -> dict[str, list[str]]:
    index = engine._writer.view.snapshot  # pyright: ignore
    assert index is not None
    return {path: [record.chunk.text for record in index.read_file(path)] for path in sorted(index.paths())}


def store_of(cache_dir: Path) -> Path:
    return next(cache_dir.glob("workspaces/*/store-v*.sqlite"))


def wait_for(engine: Engine, fits: Callable[[Status], bool]) -> None:
    """Wait until the status fits, looking at each that is told."""
    happened = threading.Event()
    engine.subscribe(lambda status: fits(status) and happened.set())
    assert fits(engine.status()) or happened.wait(WAIT_S), engine.status()


def edit(engine: Engine, path: str, text: str) -> None:
    (engine.folder / path).write_text(text, encoding="utf-8")
    engine.note_changed([path])


@contextmanager
def no_room(most_bytes: int = 0) -> Iterator[None]:
    """Let this process write no file beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# -- damage found at the start


def small_index(folder: Path) -> Index:
    index = open_index(folder)
    index.use_model("m", 2, None)
    for part in range(3):
        chunks = [
            (
                NEW,
                Chunk(
                    i, i + 1, f"alpha beta_{part}_{i} {i} " + "gamma " * i, (Symbol(f"f{i}", "function", "", i, i + 1),)
                ),
                bytes([i] * 16),
            )
            for i in range(40)
        ]
        index.apply([FileChange(f"dir/file_{part}.py", FileStamp(part, 1), "python", chunks=tuple(chunks))])
    return index


def read_back(index: Index) -> tuple[object, ...]:
    reader = index.lexical.reader()
    words = [
        {i: round(score, 3) for i, score in sorted(reader.score_chunks({word: 1.0}, {field: 1.0}, 200).items())}
        for field, word in [
            ("body", "alpha"),
            ("body", "beta"),
            ("names", "f1"),
            *(("body", str(n)) for n in range(40)),
        ]
    ]
    return index.saved.files, words


@pytest.mark.parametrize("name", ["chunks", "files"])
def test_a_lexical_index_that_was_cut_off_is_made_from_the_store(in_memory: Path, name: str):
    index = small_index(in_memory)
    wanted = read_back(index)
    index.close()
    (folder,) = in_memory.glob(f"lexical-v*/{name}")
    (folder / "meta.json").write_bytes((folder / "meta.json").read_bytes()[:40])
    again = open_index(in_memory)
    assert "damaged" in again.rebuilt_because
    assert read_back(again)[1] == wanted[1]
    again.close()


def test_a_question_that_meets_a_damaged_lexical_index_is_answered_once_it_is_mended(
    open_files: Opener, monkeypatch: pytest.MonkeyPatch
):
    engine = open_files()
    real, failures = LexicalReader.score_chunks, ["once"]

    def fails(self: LexicalReader, *arguments: object, **more: object) -> object:
        if failures:
            failures.pop()
            raise DamagedLexicalError("The lexical index cannot be read (a panic)")
        return real(self, *arguments, **more)  # pyright: ignore

    monkeypatch.setattr(LexicalReader, "score_chunks", fails)
    assert found(engine, "function_3")[0] == "pkg/file_3.py"
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().message == ""


def test_a_question_that_meets_a_damaged_store_is_answered_once_it_is_made_anew(open_files: Opener, cache_dir: Path):
    engine = open_files()
    with sqlite3.connect(store_of(cache_dir)) as db:
        db.execute("DROP TABLE chunks")
    db.close()
    engine._writer.view.snapshot.texts._known.clear()  # pyright: ignore
    assert found(engine, "function_3")[0] == "pkg/file_3.py"
    wait_for(engine, lambda status: status.index.state is State.READY)
    assert "damaged" in engine.status().message


@pytest.mark.parametrize("what", ["store", "lexical", "graph", "vector cache"])
@pytest.mark.parametrize("how", ["cut off", "flipped", "garbage", "empty"])
def test_damage_found_at_the_start_is_rebuilt_and_said_once(
    open_files: Opener, cache_dir: Path, what: str, how: str, caplog: pytest.LogCaptureFixture
):
    engine = open_files()
    wanted = texts(engine)
    engine.close()
    engine._services.close()  # pyright: ignore
    place = store_of(cache_dir).parent
    victims = {
        "store": [store_of(cache_dir)],
        "lexical": [f for f in place.glob("lexical-v*/chunks/*") if f.suffix in {".idx", ".term", ".fast"}],
        "graph": list(place.glob("vectors-v*.bin")),
        "vector cache": list((cache_dir / "embeddings").glob("*.sqlite")),
    }[what]
    assert victims
    for file in victims:
        data = file.read_bytes()
        middle = len(data) // 2
        if what == "store":
            middle -= middle % store.PAGE_BYTES  # SQLite notices what breaks its structure; each page begins with it.
        flipped = data[:middle] + bytes(byte ^ 0xFF for byte in data[middle : middle + 64]) + data[middle + 64 :]
        file.write_bytes({"cut off": data[:middle], "flipped": flipped, "garbage": b"?" * len(data), "empty": b""}[how])
    caplog.clear()
    again = open_files()
    assert texts(again) == wanted
    assert found(again, "function_3")[0] == "pkg/file_3.py"
    assert again.status().index.coverage == 1.0
    assert again.status().index.state is State.READY
    told = [record.getMessage() for record in caplog.records if "damaged" in record.getMessage()]
    silent = (what, how) in {("store", "empty"), ("vector cache", "flipped"), ("vector cache", "empty")}
    assert len(told) == (0 if silent else 1), told
    if what in {"store", "lexical"} and not silent:
        assert "damaged" in again.status().message
    again.close()
    assert "damaged" not in open_files().status().message


def test_a_database_with_other_tables_is_made_anew(open_files: Opener, cache_dir: Path):
    open_files().close()
    path = store_of(cache_dir)
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE files (something INTEGER)")
    db.close()
    assert found(open_files(), "function_3")[0] == "pkg/file_3.py"


def test_a_locked_database_is_not_taken_for_a_damaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cognate.index.store.BUSY_S", 0.01)
    small_index(tmp_path).close()
    path = next(tmp_path.glob("store-v*.sqlite"))
    other = sqlite3.connect(path, isolation_level=None)
    store = Store(tmp_path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked") as caught:
        store.apply([], ["x.py"], [])
    assert not isinstance(caught.value, DamagedStoreError)
    other.execute("ROLLBACK")
    other.close()
    assert sum(len(entry.ids) for entry in store.load()[1]) == 120
    store.close()


# -- damage found later


@pytest.mark.parametrize("blow", ["DROP TABLE chunks", "DROP TABLE meta", "DELETE FROM sqlite_sequence"])
def test_damage_found_in_the_middle_is_rebuilt_while_answers_go_on(open_files: Opener, cache_dir: Path, blow: str):
    engine = open_files()
    seen: list[int] = []
    engine.subscribe(lambda status: seen.append(status.files))
    with sqlite3.connect(store_of(cache_dir)) as db:
        db.execute(blow)
    db.close()
    edit(engine, "pkg/new.py", "def brand_new(): ...\n")
    wait_for(engine, lambda status: status.files == 13 and status.index.state is State.READY)
    assert found(engine, "brand_new")[0] == "pkg/new.py"
    assert min(seen) >= 12
    assert "damaged" in engine.status().message
    engine.close()
    assert len(texts(open_files())) == 13


@pytest.mark.parametrize("what", ["lexical-v*", "store-v*", "*"])
def test_a_cache_that_is_removed_in_the_middle_is_made_anew(open_files: Opener, cache_dir: Path, what: str):
    engine = open_files()
    for file in store_of(cache_dir).parent.glob(what):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    edit(engine, "pkg/new.py", "def brand_new(): ...\n")
    wait_for(engine, lambda status: status.files == 13 and status.index.state is State.READY)
    assert found(engine, "brand_new")[0] == "pkg/new.py"
    assert found(engine, "function_3")[0] == "pkg/file_3.py"
    engine.close()
    encoder = GatedEncoder(opened=True)
    again = open_files(encoder=encoder)
    assert len(texts(again)) == 13
    assert encoder.encoded == []


def test_a_fault_of_our_own_is_not_the_end_of_the_writer(open_files: Opener, monkeypatch: pytest.MonkeyPatch):
    engine = open_files()
    real, failures = read_job.read_batch, ["once", "twice"]

    def faulty(*arguments: object, **more: object) -> object:
        if failures:
            raise RuntimeError(failures.pop())
        return real(*arguments, **more)  # pyright: ignore

    monkeypatch.setattr(read_job, "read_batch", faulty)
    edit(engine, "pkg/new.py", "def brand_new(): ...\n")
    wait_for(engine, lambda status: status.files == 13 and status.index.state is State.READY)
    assert engine.status().message == ""


def test_a_model_that_fails_in_the_middle_leaves_the_words(open_files: Opener):
    encoder = GatedEncoder(opened=True)

    def fail(*_arguments: object, **_more: object) -> None:
        raise ModelError("The model failed.")

    encoder.encode = fail  # pyright: ignore
    engine = open_files(encoder=encoder)
    assert engine.status().index.state is State.LEXICAL_ONLY
    assert "The model failed." in engine.status().message
    assert found(engine, "function_3")[0] == "pkg/file_3.py"


def test_text_that_is_no_unicode_is_indexed_all_the_same(open_files: Opener):
    engine = open_files()
    engine.set_buffer("pkg/new.py", "def brand_new(): return '\ud800'\n")
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "brand_new")[0] == "pkg/new.py"
    assert engine.status().message == ""


# -- no room


def test_a_full_disk_is_said_answers_go_on_and_nothing_is_lost(open_files: Opener):
    engine = open_files()
    (engine.folder / "pkg" / "new.py").write_text("def brand_new(): ...\n")
    with no_room():
        engine.note_changed(["pkg/new.py"])
        wait_for(engine, lambda status: status.index.state is State.ERROR)
        assert "cannot be written" in engine.status().message
        assert not engine.wait_until_current(WAIT_S)
        assert found(engine, "function_3")[0] == "pkg/file_3.py"
    wait_for(engine, lambda status: status.files == 13 and status.index.state is State.READY)
    assert found(engine, "brand_new")[0] == "pkg/new.py"
    assert engine.status().message == ""
    engine.close()
    encoder = GatedEncoder(opened=True)
    assert len(texts(open_files(encoder=encoder))) == 13


def test_a_full_disk_at_the_first_start_means_memory_until_there_is_room(open_files: Opener, cache_dir: Path):
    with no_room(100):
        engine = open_files()
        assert engine.status().store == "memory"
        assert "the index is kept in memory" in engine.status().message
        assert found(engine, "function_3")[0] == "pkg/file_3.py"
    wait_for(engine, lambda status: status.store != "memory" and status.index.state is State.READY)
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "function_3")[0] == "pkg/file_3.py"
    assert engine.status().message == ""
    engine.close()
    assert store_of(cache_dir).exists()


@pytest.mark.parametrize("limit", [1, 4_000, 40_000, 70_000, 110_000])
def test_a_disk_that_fills_while_the_first_index_is_made_loses_nothing(open_files: Opener, limit: int):
    with no_room(limit):
        engine = open_files(wait=False)
        engine.wait_until_current(WAIT_S)
    wait_for(engine, lambda status: status.store != "memory" and status.files == 12)
    wait_for(engine, lambda status: status.index.state is State.READY and status.index.coverage == 1.0)
    assert engine.wait_until_current(WAIT_S)
    wanted = texts(engine)
    engine.close()
    again = open_files()
    assert texts(again) == wanted
    assert len(wanted) == 12


def test_a_graph_that_cannot_be_saved_is_said_and_saved_later(open_files: Opener, monkeypatch: pytest.MonkeyPatch):
    refusing = True

    real = vector_file.write

    def write(place: Path, rows: vector_file.SavedRows) -> None:
        if refusing:
            raise OSError(28, "No space left on device", str(place))
        real(place, rows)

    monkeypatch.setattr(vector_file, "write", write)
    engine = open_files(wait=False)
    wait_for(engine, lambda status: status.index.state is State.ERROR)
    assert "No space left" in engine.status().message
    assert engine.status().index.coverage == 1.0
    assert found(engine, "function_3")[0] == "pkg/file_3.py"
    refusing = False
    wait_for(engine, lambda status: status.index.state is State.READY)
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().message == ""


def test_a_store_without_room_changes_nothing_and_says_what_to_do(tmp_path: Path):
    index = small_index(tmp_path)
    wanted = index.store.load()
    pages = index.store._db.execute("PRAGMA page_count").fetchone()[0]  # pyright: ignore
    index.store._db.execute(f"PRAGMA max_page_count = {pages}")  # pyright: ignore
    big = tuple((NEW, Chunk(i, i + 1, "x" * 4000), bytes(16)) for i in range(50))
    with pytest.raises(StoreError, match=r"full.*Free some disk space"):
        index.apply([FileChange("big.py", FileStamp(1, 1), "python", chunks=big)])
    assert index.store.load() == wanted
    assert "big.py" not in index.saved.files
    index.close()


# -- what lies on disk


def test_the_cache_is_private_to_the_user(open_files: Opener, cache_dir: Path):
    cache_dir.chmod(0o755)
    open_files().close()
    assert stat.S_IMODE(cache_dir.stat().st_mode) == 0o700
    for folder in (cache_dir / "embeddings", *cache_dir.glob("workspaces/*")):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_step_that_always_fails_is_tried_again_ever_later(open_files: Opener, monkeypatch: pytest.MonkeyPatch):
    rests: list[float | None] = []

    def rest(resting: Writer, at_most: float | None) -> None:
        rests.append(at_most)
        resting._closing = len(rests) >= 5  # pyright: ignore[reportPrivateUsage]

    def fail(jobs: Jobs, *_: object, **__: object) -> bool:
        raise RuntimeError("a bug")

    engine = open_files()
    monkeypatch.setattr(Writer, "_rest", rest)
    monkeypatch.setattr(Jobs, "next", fail)
    engine.reconcile()
    engine._writer._thread.join(WAIT_S)  # pyright: ignore[reportPrivateUsage]
    waits = [wait for wait in rests if wait is not None]
    assert waits == sorted(waits)
    assert waits[-1] == writer.RETRY_AT_MOST_S


def test_what_other_versions_and_other_models_left_is_removed(open_files: Opener, cache_dir: Path):
    open_files().close()
    place = store_of(cache_dir).parent
    old = ["store-v0.sqlite", "store-v999.sqlite-wal", "vectors-v1-gated.hnsw", "vectors-v3-other.ids"]
    for name in old:
        (place / name).write_bytes(b"old")
    (place / "lexical-v0").mkdir()
    (place / "lexical-v0" / "meta.json").write_text("{}")
    encoder = GatedEncoder(opened=True)
    engine = open_files(encoder=encoder)
    assert encoder.encoded == []
    assert found(engine, "function_3")[0] == "pkg/file_3.py"
    left = {file.name for file in place.iterdir()}
    assert left.isdisjoint({*old, "lexical-v0"})
    assert any(name.startswith("vectors-v") for name in left)


def test_vector_caches_that_nobody_used_for_long_are_removed(tmp_path: Path):
    current, old, young = (tmp_path / f"vectors-1-{name}.sqlite" for name in ("current", "old", "young"))
    for file in (current, old, young, current.with_name(current.name + "-wal")):
        file.write_bytes(b"")
        os.utime(file, (0, 0))
    day = 86_400
    os.utime(young, (day * 50, day * 50))
    remove_unused_caches(current, now=day * (services_module.UNUSED_DAYS + 20))
    assert {file.name for file in tmp_path.iterdir()} == {current.name, f"{current.name}-wal", young.name}


def test_an_id_that_a_new_store_gives_again_never_brings_an_old_vector(tmp_path: Path):
    index = small_index(tmp_path)
    rows = np.eye(2, dtype=np.float32)
    ids = [number for path in index.saved.paths() for number in index.saved.ids_in(path)]
    index.set_vectors(dict.fromkeys(ids, rows[0]))
    index.use_vectors(index.saved.vectors.compacted(1))
    index.save_vectors()
    index.close()
    next(tmp_path.glob("store-v*.sqlite")).unlink()
    again = open_index(tmp_path)
    other = ((NEW, Chunk(0, 1, "something else"), b"another digest.."),)
    again.apply([FileChange("other.py", FileStamp(1, 1), "python", chunks=other)])
    again.use_model("m", 2, vectors.read(vectors.file_of(tmp_path, "m")))
    assert again.without_vectors() == [1]
    again.set_vectors({1: rows[1]})
    again.use_vectors(again.saved.vectors.compacted(1))
    assert again.saved.vectors.similarities(rows[1], [1])[0] == pytest.approx(1.0)
    assert again.saved.vectors.nearest(rows[1], 1)[0].tolist() == [1]
    again.close()


def test_nothing_is_ever_unpickled():
    unsafe = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
    checked = 0
    for file in SERVER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert unsafe.isdisjoint(name.partition(".")[0] for name in names), file
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                said = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert said.get("allow_pickle", "False") == "False", file
                if node.func.attr == "load" and ast.unparse(node.func.value) in {"np", "numpy", "torch"}:
                    assert "allow_pickle" in said, file
        checked += 1
    assert checked > 30
