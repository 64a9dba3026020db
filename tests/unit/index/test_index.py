from pathlib import Path

import numpy as np
import pytest

from cognate.errors import StoreError
from cognate.index.index import FileChange, Index
from cognate.index.lock import WriterLock
from cognate.index.opening import open_index
from cognate.index.store import FileRow
from cognate.types import Chunk, FileStamp, Symbol


def change(path: str, *texts: str, index: Index | None = None) -> FileChange:
    """Replace a file's chunks by these, a line each."""
    chunks = [
        (Chunk(i, i + 1, text, (Symbol(text.split()[0], "function", "", i, i + 1),)), text.encode())
        for i, text in enumerate(texts)
    ]
    removed = index.by_path.get(path, ()) if index else ()
    return FileChange(path, FileRow(path, FileStamp(1, 1), "python"), removed=tuple(removed), added=tuple(chunks))


def contents(index: Index) -> dict[str, list[str]]:
    return {path: [index.records[i].chunk.text for i in ids] for path, ids in index.by_path.items()}


def test_a_change_reaches_the_store_the_lexical_index_and_the_snapshot(tmp_path: Path):
    index = open_index(tmp_path)
    index.apply([change("a.py", "alpha one", "beta two")])
    snapshot = index.snapshot()
    assert contents(index) == {"a.py": ["alpha one", "beta two"]}
    assert set(snapshot.definitions) == {"alpha", "beta"}
    assert len(snapshot.lexical.score_chunks({"alpha": 1.0}, {"body": 1.0}, 5)) == 1
    index.close()
    again = open_index(tmp_path)
    assert contents(again) == {"a.py": ["alpha one", "beta two"]}


def test_a_published_snapshot_never_changes():
    index = open_index(None)
    index.apply([change("a.py", "alpha")])
    before = index.snapshot()
    index.apply([change("a.py", "gamma", index=index), change("b.py", "delta")])
    assert [r.chunk.text for r in before.records.values()] == ["alpha"]
    assert set(before.definitions) == {"alpha"}
    assert index.snapshot().generation > before.generation


def test_a_file_that_is_gone_leaves_nothing():
    index = open_index(None)
    index.use_model("m", 2)
    index.apply([change("a.py", "alpha"), change("b.py", "beta")])
    index.set_vectors({i: np.array([1, 0], np.float32) for i in index.records})
    index.apply([FileChange("a.py", None)])
    snapshot = index.snapshot()
    assert contents(index) == {"b.py": ["beta"]}
    assert "a.py" not in snapshot.files
    assert "a.py" not in snapshot.file_vectors
    assert "alpha" not in snapshot.definitions
    assert len(snapshot.vectors) == 1
    assert snapshot.lexical.n_chunks == 1


def test_a_lexical_index_that_missed_a_change_is_rebuilt(tmp_path: Path):
    index = open_index(tmp_path)
    index.apply([change("a.py", "alpha")])
    index.store.set_meta("lexical_generation", "0")
    index.lexical.clear()
    index.close()
    again = open_index(tmp_path)
    assert len(again.snapshot().lexical.score_chunks({"alpha": 1.0}, {"body": 1.0}, 5)) == 1
    assert again.snapshot().lexical.score_files({"alpha": 1.0}, 5)


@pytest.mark.parametrize("damage", [b"not a database at all" * 100, b""])
def test_a_damaged_store_is_started_anew(tmp_path: Path, damage: bytes):
    index = open_index(tmp_path)
    index.apply([change("a.py", "alpha")])
    index.close()
    database = next(tmp_path.glob("store-*.sqlite"))
    database.write_bytes(damage)
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    again = open_index(tmp_path)
    assert contents(again) == {}
    again.apply([change("a.py", "alpha")])
    assert contents(again) == {"a.py": ["alpha"]}


def test_vectors_come_back_from_disk(tmp_path: Path):
    index = open_index(tmp_path)
    index.use_model("m", 2)
    index.apply([change("a.py", "alpha", "beta")])
    rows = dict(zip(index.records, np.eye(2, dtype=np.float32), strict=True))
    index.set_vectors(rows)
    index.compact(1)
    index.save_vectors()
    index.close()
    again = open_index(tmp_path)
    again.use_model("m", 2)
    assert not again.without_vectors()
    assert again.snapshot().coverage == 1.0
    other = open_index(tmp_path)
    other.use_model("another", 2)
    assert len(other.without_vectors()) == 2


def test_a_folder_that_cannot_be_a_store_is_a_clear_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_index(tmp_path / "file")


def test_one_process_writes_at_a_time(tmp_path: Path):
    one, other = WriterLock(tmp_path / "lock"), WriterLock(tmp_path / "lock")
    assert one.acquire()
    assert not other.acquire()
    one.release()
    assert other.acquire()
    other.release()
