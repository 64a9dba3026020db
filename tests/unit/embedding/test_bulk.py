"""Embedding many texts: once each, cached first, giving way in between."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from cognate.embedding.bulk import embed_missing

from cognate.cancellation import CancelToken
from cognate.embedding.cache import VectorCache
from cognate.embedding.text import digest
from cognate.errors import CancelledError
from cognate.types import Matrix, Vector


class CountingEncoder:
    """Gives each text a vector of its own and remembers what it was asked."""

    name = "counting"
    fingerprint = "counting"
    dimensions = 4

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        self.batches.append(list(texts))
        return np.stack([self.encode_query(text) for text in texts])

    def give_memory_back(self) -> None:
        return

    def knows(self, word: str) -> bool:
        return False

    def encode_query(self, text: str) -> Vector:
        vector = np.frombuffer(digest(text), dtype=np.uint8)[:4].astype(np.float32) + 1
        return vector / np.linalg.norm(vector)


def items(*texts: str) -> list[tuple[bytes, str]]:
    return [(digest(text), text) for text in texts]


@pytest.fixture
def cache(tmp_path: Path) -> VectorCache:
    return VectorCache(None, "counting", 4)


def collect(encoder: CountingEncoder, cache: VectorCache, *texts: str, size: int = 2) -> dict[bytes, Vector]:
    found: dict[bytes, Vector] = {}
    for digests, vectors in embed_missing(encoder, cache, items(*texts), batch_chunks=size):
        assert not found.keys() & set(digests)
        assert vectors.shape == (len(digests), 4)
        found.update(zip(digests, vectors, strict=True))
    return found


def test_each_distinct_text_is_embedded_once_and_yielded_once(cache: VectorCache):
    encoder = CountingEncoder()
    found = collect(encoder, cache, "a", "b", "a", "cc", "b")
    assert set(found) == {digest(t) for t in ("a", "b", "cc")}
    assert sorted(text for batch in encoder.batches for text in batch) == ["a", "b", "cc"]
    np.testing.assert_allclose(found[digest("cc")], encoder.encode_query("cc"), atol=1e-3)


def test_what_is_cached_comes_first_and_is_not_embedded(cache: VectorCache):
    encoder = CountingEncoder()
    collect(encoder, cache, "a", "b")
    encoder.batches.clear()
    first = next(embed_missing(encoder, cache, items("new", "b", "a")))
    assert set(first[0]) == {digest("a"), digest("b")}
    assert encoder.batches == []


def test_a_vector_is_the_same_whether_it_was_cached_or_not(cache: VectorCache):
    fresh = collect(CountingEncoder(), cache, "a", "b")
    cached = collect(CountingEncoder(), cache, "a", "b")
    for key, vector in fresh.items():
        np.testing.assert_array_equal(vector, cached[key])


def test_texts_of_similar_length_share_a_batch(cache: VectorCache):
    encoder = CountingEncoder()
    collect(encoder, cache, "a" * 9, "b", "c" * 8, "d" * 2)
    assert [[len(t) for t in batch] for batch in encoder.batches] == [[1, 2], [8, 9]]


def test_what_was_asked_first_is_embedded_first_by_and_large(cache: VectorCache):
    encoder = CountingEncoder()
    collect(encoder, cache, *(f"{i:02}{'x' * (40 - i)}" for i in range(40)))
    assert {t[:2] for batch in encoder.batches[:8] for t in batch} == {f"{i:02}" for i in range(16)}


def test_others_may_go_first_before_every_batch(cache: VectorCache):
    encoder = CountingEncoder()
    seen: list[int] = []
    work = embed_missing(
        encoder, cache, items("a", "b", "c"), batch_chunks=1, yield_to=lambda: seen.append(len(encoder.batches))
    )
    assert len(list(work)) == 3
    assert seen == [0, 1, 2]


def test_a_cancel_stops_before_the_next_batch_and_keeps_what_was_done(cache: VectorCache):
    encoder, cancel = CountingEncoder(), CancelToken()
    work = embed_missing(encoder, cache, items("a", "b", "c"), batch_chunks=1, cancel=cancel)
    digests, _ = next(work)
    cancel.cancel()
    with pytest.raises(CancelledError):
        next(work)
    assert list(cache.get([digest(t) for t in "abc"])) == digests
    assert len(encoder.batches) == 1


def test_nothing_to_do_does_nothing(cache: VectorCache):
    assert collect(CountingEncoder(), cache) == {}
