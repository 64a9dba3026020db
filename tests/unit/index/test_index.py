from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from cognate.arrays import Matrix
from cognate.errors import DamagedStoreError, StoreError
from cognate.index.index import NEW, FileChange, Index
from cognate.index.lock import WriterLock
from cognate.index.opening import open_index
from cognate.index.texts import Texts
from cognate.index.translated import Translator
from cognate.types import Chunk, FileStamp, Symbol


def change(path: str, *texts: str, index: Index | None = None) -> FileChange:
    """A file of these chunks, a line each; those that an index has of it already keep their ids."""
    known = {r.chunk.text: r.id for r in index.saved.read_file(path)} if index else {}
    chunks = [
        (known.get(text, NEW), Chunk(i, i + 1, text, (Symbol(text.split()[0], "function", "", i, i + 1),)), key(text))
        for i, text in enumerate(texts)
    ]
    return FileChange(path, FileStamp(1, 1), "python", "", tuple(chunks))


def key(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def contents(index: Index) -> dict[str, list[str]]:
    return {path: [r.chunk.text for r in index.saved.read_file(path)] for path in index.saved.paths()}


def scored(index: Index, word: str) -> set[int]:
    return set(index.saved.lexical.score_chunks({word: 1.0}, {"body": 1.0}, 5))


def with_vectors(index: Index) -> Index:
    index.use_model("m", 2, None)
    ids = sorted(i for path in index.saved.paths() for i in index.saved.ids_in(path))
    index.set_vectors(dict(zip(ids, np.eye(2, dtype=np.float32)[np.arange(len(ids)) % 2], strict=True)))
    return index


def test_a_change_reaches_the_store_the_lexical_index_and_the_snapshot(tmp_path: Path):
    index = open_index(tmp_path)
    index.apply([change("a.py", "Alpha one", "beta two")])
    assert contents(index) == {"a.py": ["Alpha one", "beta two"]}
    assert len(index.saved.defining("ALPHA", 5)) == len(index.saved.defining("beta", 5)) == 1
    assert len(scored(index, "alpha")) == 1
    index.close()
    again = open_index(tmp_path)
    assert contents(again) == {"a.py": ["Alpha one", "beta two"]}
    assert again.saved.outline("a.py")[1].symbols == (Symbol("beta", "function", "", 1, 2),)


def test_a_chunk_whose_text_stayed_keeps_its_id_and_its_vector():
    index = open_index(None)
    index.apply([change("a.py", "alpha", "beta")])
    alpha, beta = index.saved.ids_in("a.py")
    with_vectors(index)
    index.apply([change("a.py", "gamma", "beta", index=index)])
    gamma, kept = index.saved.ids_in("a.py")
    assert kept == beta
    assert gamma not in {alpha, beta}
    assert index.saved.vectors.ids() == {beta}
    assert scored(index, "alpha") == set()
    assert scored(index, "beta") == {beta}


def test_a_published_snapshot_never_changes():
    index = open_index(None)
    index.apply([change("a.py", "alpha")])
    before = index.saved
    index.apply([change("a.py", "gamma", index=index), change("b.py", "delta")])
    assert [r.chunk.text for r in before.read_file("a.py")] == ["alpha"]
    assert list(before.paths()) == ["a.py"]
    assert before.defining("gamma", 5) == []
    assert index.saved.generation > before.generation


def test_texts_of_removed_chunks_stay_until_they_are_deleted():
    index = open_index(None)
    index.apply([change("a.py", "alpha")])
    before = index.saved
    index.apply([FileChange("a.py", None)])
    assert [r.chunk.text for r in before.read_file("a.py")] == ["alpha"]
    assert index.store.delete_removed() == 1
    assert index.store.delete_removed() == 0
    with pytest.raises(DamagedStoreError):
        replace(before, texts=Texts(index.store.text_reader())).read_file("a.py")


def test_a_file_that_is_gone_leaves_nothing():
    index = open_index(None)
    index.apply([change("a.py", "alpha"), change("b.py", "beta")])
    with_vectors(index)
    index.apply([FileChange("a.py", None)])
    snapshot = index.saved
    assert contents(index) == {"b.py": ["beta"]}
    assert "a.py" not in snapshot.files
    assert snapshot.mean_of("a.py") is None
    assert snapshot.defining("alpha", 5) == []
    assert len(snapshot.vectors) == 1
    assert snapshot.lexical.n_chunks == 1


def test_a_file_that_moved_its_chunks_has_its_new_lines():
    index = open_index(None)
    index.apply([change("a.py", "alpha")])
    (number,) = index.saved.ids_in("a.py")
    moved = Chunk(7, 8, "alpha", (Symbol("alpha", "function", "", 7, 8),))
    index.apply([FileChange("a.py", FileStamp(2, 2), "python", "", ((number, moved, key("alpha")),))])
    assert [r.chunk for r in index.saved.read([number])] == [moved]


def test_ids_of_removed_chunks_are_forgotten_once_there_are_many(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cognate.index.snapshot.SPARE_PATHS", 5)
    index = open_index(None)
    for n in range(20):
        index.apply([change("a.py", f"text{n}", index=index)])
    assert len(index.saved.owners.of_chunk) < 10
    assert contents(index) == {"a.py": ["text19"]}


def test_a_lexical_index_that_missed_a_change_is_mended(tmp_path: Path):
    index = open_index(tmp_path)
    index.apply([change("a.py", "alpha")])
    index.store.set_meta("lexical_generation", "0")
    index.lexical.start_anew()
    index.close()
    again = open_index(tmp_path)
    assert len(scored(again, "alpha")) == 1
    assert again.saved.lexical.score_files({"alpha": 1.0}, 5)
    assert again.is_lexical_current


def test_a_damaged_lexical_index_is_made_from_the_store(tmp_path: Path):
    index = open_index(tmp_path)
    index.apply([change("a.py", "alpha"), change("b.py", "beta")])
    index.mend_lexical(damaged=True)
    assert len(scored(index, "alpha")) == len(scored(index, "beta")) == 1
    assert index.is_lexical_current


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


@pytest.mark.parametrize("column", ["ids", "digests", "outlines"])
def test_a_row_that_does_not_fit_itself_starts_the_store_anew(tmp_path: Path, column: str):
    index = open_index(tmp_path)
    index.apply([change("a.py", "alpha", "beta")])
    index.store._db.execute(f"UPDATE files SET {column} = substr({column}, 1, 5)")
    index.close()
    again = open_index(tmp_path)
    assert contents(again) == {}
    assert "damaged" in again.rebuilt_because


def test_vectors_come_back_from_disk(tmp_path: Path):
    index = open_index(tmp_path)
    index.apply([change("a.py", "alpha", "beta")])
    with_vectors(index)
    index.use_vectors(index.saved.vectors.compacted(1))
    index.save_vectors()
    index.close()
    from cognate.index import vectors

    (file,) = vectors.files_in(tmp_path)
    assert vectors.fingerprint_of(file) == "m"
    again = open_index(tmp_path)
    again.use_model("m", 2, vectors.read(file))
    assert not again.without_vectors()
    assert again.saved.coverage == 1.0
    assert again.saved.mean_of("a.py") is not None
    again.use_model("another", 2, None)
    assert len(again.without_vectors()) == 2
    assert again.saved.mean_of("a.py") is None


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


def test_the_table_covers_what_has_a_row_and_everything_where_there_is_no_table(tmp_path: Path):
    index = open_index(tmp_path)
    index.apply([change("a.py", "one", "two"), change("b.py", "three")])
    assert index.saved.table_coverage == 1.0

    def ones(texts: Sequence[object]) -> Matrix:
        return np.ones((len(texts), 2), np.float32)

    index.use_translator(Translator("t", 2, ones, ones, lambda _: np.ones(2, np.float32)))
    assert index.saved.table_coverage == 0.0
    index.translate(index.untranslated()[:2])
    assert index.saved.table_coverage == pytest.approx(2 / 3)
    index.translate(index.untranslated())
    assert index.saved.table_coverage == 1.0
    index.close()


@pytest.mark.parametrize("batches", [(1200,), (1180, 20), (1, 599, 590, 10)])
def test_the_sample_of_vectors_does_not_depend_on_when_they_came(batches: tuple[int, ...]):
    index = open_index(None)
    index.apply([change("a.py", *(f"f{i}" for i in range(sum(batches))))])
    index.use_model("m", 2, None)
    ids = list(index.saved.ids_in("a.py"))
    angles = np.arange(len(ids))
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    begin = 0
    for size in batches:
        index.set_vectors(dict(zip(ids[begin : begin + size], vectors[begin : begin + size], strict=True)))
        begin += size
    assert index.saved.sample == pytest.approx(vectors, abs=1e-3)
    index.close()
