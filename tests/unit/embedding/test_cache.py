"""Vectors that were once computed: kept, shared, bounded, and lost without harm."""

import logging
import sqlite3
import stat
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from cognate.arrays import Matrix
from cognate.embedding.cache import VectorCache, rounded
from cognate.embedding.text import digest

DIMENSIONS = 8


def some(count: int, seed: int = 1) -> tuple[list[bytes], Matrix]:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    digests = [digest(f"{seed}/{i}") for i in range(count)]
    return digests, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def check_same(cache: VectorCache, digests: list[bytes], vectors: Matrix) -> None:
    found = cache.get(digests)
    assert list(found) == list(found) and set(found) == set(digests)
    np.testing.assert_array_equal(np.stack([found[d] for d in digests]), rounded(vectors))


def test_vectors_come_back_after_a_restart(tmp_path: Path):
    digests, vectors = some(1200)
    first = VectorCache(tmp_path, "f", DIMENSIONS)
    first.put(digests, vectors)
    first.close()
    second = VectorCache(tmp_path, "f", DIMENSIONS)
    check_same(second, digests, vectors)
    assert second.get([digest("unknown")]) == {}
    second.close()


def test_vectors_come_back_as_unit_float32_close_to_what_they_were():
    digests, vectors = some(50)
    cache = VectorCache(None, "f", DIMENSIONS)
    cache.put(digests, vectors)
    found = np.stack(list(cache.get(digests).values()))
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert (rounded(vectors) * vectors).sum(axis=1).min() > 0.999_999
    cache.close()


def test_models_do_not_share_vectors(tmp_path: Path):
    digests, vectors = some(3)
    one, other = VectorCache(tmp_path, "one", DIMENSIONS), VectorCache(tmp_path, "other", DIMENSIONS)
    one.put(digests, vectors)
    assert other.get(digests) == {}
    one.close()
    other.close()


def test_processes_share_vectors_while_both_are_open(tmp_path: Path):
    one, other = VectorCache(tmp_path, "f", DIMENSIONS), VectorCache(tmp_path, "f", DIMENSIONS)
    work = [some(200, seed) for seed in range(6)]
    threads = [
        threading.Thread(target=cache.put, args=batch) for cache, batch in zip([one, other] * 3, work, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for digests, vectors in work:
        check_same(one, digests, vectors)
        check_same(other, digests, vectors)
    one.close()
    other.close()


def test_a_new_folder_is_private(tmp_path: Path):
    cache = VectorCache(tmp_path / "new", "f", DIMENSIONS)
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    cache.close()


def test_vectors_of_another_shape_are_refused():
    cache = VectorCache(None, "f", DIMENSIONS)
    with pytest.raises(ValueError, match="expected vectors of shape"):
        cache.put([b"x"], np.zeros((1, 3), dtype=np.float32))
    cache.close()


def test_a_damaged_file_is_moved_aside_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    digests, vectors = some(4)
    path = tmp_path / "vectors-2-f.sqlite"
    path.write_bytes(b"not a database, but long enough to have a header" * 50)
    cache = VectorCache(tmp_path, "f", DIMENSIONS)
    cache.put(digests, vectors)
    check_same(cache, digests, vectors)
    assert path.with_name(path.name + ".damaged").exists()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    cache.close()


def test_a_file_damaged_while_open_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    digests, vectors = some(600)
    first = VectorCache(tmp_path, "f", DIMENSIONS)
    first.put(digests, vectors)
    first.close()
    cache = VectorCache(tmp_path, "f", DIMENSIONS)
    assert cache.path is not None
    size = cache.path.stat().st_size
    with cache.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    assert len(cache.get(digests)) < 600
    cache.put(digests, vectors)
    check_same(cache, digests, vectors)
    assert "moved aside" in caplog.text
    cache.close()


def test_a_flipped_bit_in_a_vector_is_noticed_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    digests, vectors = some(4)
    cache = VectorCache(tmp_path, "f", DIMENSIONS)
    cache.put(digests, vectors)
    with sqlite3.connect(tmp_path / "vectors-2-f.sqlite") as other:
        row = bytearray(other.execute("SELECT vector FROM vectors WHERE digest = ?", digests[:1]).fetchone()[0])
        row[3] ^= 1
        other.execute("UPDATE vectors SET vector = ? WHERE digest = ?", (bytes(row), digests[0]))
    other.close()
    check_same(cache, digests[1:], vectors[1:])
    assert cache.get(digests[:1]) == {}
    assert "1 vectors" in caplog.text
    cache.put(digests, vectors)
    check_same(cache, digests, vectors)
    cache.close()


def test_a_folder_that_cannot_be_written_means_memory(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    (tmp_path / "file").write_text("in the way")
    cache = VectorCache(tmp_path / "file" / "below", "f", DIMENSIONS)
    digests, vectors = some(4)
    cache.put(digests, vectors)
    check_same(cache, digests, vectors)
    assert "kept in memory" in caplog.text
    cache.close()


def test_a_write_that_fails_is_logged_and_loses_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    digests, vectors = some(4)
    cache = VectorCache(tmp_path, "f", DIMENSIONS)
    other = sqlite3.connect(tmp_path / "vectors-2-f.sqlite")
    other.execute("DROP TABLE vectors")
    other.commit()
    other.close()
    cache.put(digests, vectors)
    assert cache.get(digests) == {}
    assert "could not be written" in caplog.text
    cache.close()


def test_the_least_recently_used_vectors_go_first(tmp_path: Path):
    day = 0
    cache = VectorCache(tmp_path, "f", DIMENSIONS, max_bytes=200_000, today=lambda: day)
    kept = some(100, seed=0)
    cache.put(*kept)
    for day in range(1, 80):
        cache.put(*some(100, seed=day))
        assert len(cache.get(kept[0])) == 100
    check_same(cache, *kept)
    check_same(cache, *some(100, seed=79))
    assert cache.get(some(100, seed=1)[0]) == {}
    cache.close()
    assert (tmp_path / "vectors-2-f.sqlite").stat().st_size < 400_000
