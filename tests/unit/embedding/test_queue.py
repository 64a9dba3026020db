"""The embedding queue: urgent texts first, every text once, the cache before the model, one error for one failure."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from cognate.arrays import Matrix, Vector
from cognate.cancellation import CancelToken
from cognate.embedding.cache import VectorCache
from cognate.embedding.onnx import BATCH_SIZE
from cognate.embedding.queue import WINDOW, EmbeddingQueue
from cognate.embedding.text import digest
from cognate.errors import ModelError
from fixtures import GatedEncoder

WAIT_S = 300.0


class Batches(GatedEncoder):
    """Remembers its batches, how many there were at the same time, and waits at the gate before each.

    Args:
        opened: whether the gate is open at first.
        at_once: how many batches must be in the encoder before ``full`` is set.
    """

    def __init__(self, *, opened: bool = False, at_once: int = 1) -> None:
        super().__init__(opened=opened)
        self.batches: list[list[str]] = []
        self.full = threading.Event()
        self.most_at_once = self._at_once = 0
        self._enough = at_once
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        with self._lock:
            self.batches.append(list(texts))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            if self._at_once >= self._enough:
                self.full.set()
        try:
            return super().encode(texts, cancel=cancel)
        finally:
            with self._lock:
                self._at_once -= 1


class UntilCancelled(Batches):
    """Encodes until it is cancelled."""

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        assert cancel is not None
        opener = threading.Thread(target=self._open_when_cancelled, args=(cancel,))
        opener.start()
        try:
            return super().encode(texts, cancel=cancel)
        finally:
            opener.join()

    def _open_when_cancelled(self, cancel: CancelToken) -> None:
        until = threading.Event()
        while not cancel.cancelled:
            until.wait(0.001)
        self.gate.set()


@pytest.fixture
def cache() -> Iterator[VectorCache]:
    opened = VectorCache(None, "gated", GatedEncoder.dimensions)
    yield opened
    opened.close()


@pytest.fixture
def open_queue(cache: VectorCache) -> Iterator[Callable[..., EmbeddingQueue]]:
    opened: list[tuple[GatedEncoder, EmbeddingQueue]] = []

    def open_(encoder: GatedEncoder, *, threads: int = 1, give_way: Callable[[], None] = lambda: None):
        opened.append((encoder, EmbeddingQueue(encoder, cache, threads=threads, give_way=give_way)))
        return opened[-1][1]

    yield open_
    for encoder, queue in opened:
        encoder.gate.set()
        queue.close()


def items(*texts: str) -> list[tuple[bytes, Callable[[], str]]]:
    return [(digest(text), lambda text=text: text) for text in texts]


def many(name: str, count: int) -> list[str]:
    """Return texts of one length, whose order by digest is not their order here."""
    return [f"{name}{i:04}" for i in range(count)]


def take(queue: EmbeddingQueue, *texts: str) -> dict[bytes, Vector]:
    """Take until nothing more is to come, and check that these texts came and no others, each once."""
    found: dict[bytes, Vector] = {}
    while some := queue.take(WAIT_S):
        assert not found.keys() & some.keys()
        found.update(some)
    assert found.keys() == digests(texts)
    return found


def digests(texts: Iterable[str]) -> set[bytes]:
    return {digest(text) for text in texts}


def block(queue: EmbeddingQueue, encoder: Batches, *, priority: int = 0) -> str:
    """Put a text and return it when the encoder has it, so that what is put next has to wait."""
    queue.put(items("blocks"), priority=priority)
    assert encoder.full.wait(WAIT_S)
    return "blocks"


def test_every_text_comes_back_once_with_its_vector(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches(opened=True)
    texts = [f"text {'x' * (i % 7)} {i}" for i in range(2 * WINDOW + 3)]
    queue = open_queue(encoder, threads=2)
    queue.put(items(*texts, *texts), priority=1)
    found = take(queue, *texts)
    for text in texts:
        np.testing.assert_allclose(found[digest(text)], encoder.encode_query(text), atol=1e-3)
    assert sorted(encoder.encoded) == sorted(texts)
    assert queue.n_waiting == 0
    assert queue.take(WAIT_S) == {}


def test_the_more_urgent_come_first_whenever_they_were_put(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches()
    queue = open_queue(encoder)
    block(queue, encoder)
    late, soon, now = many("late", BATCH_SIZE), many("soon", BATCH_SIZE), many("now", BATCH_SIZE)
    queue.put(items(*late), priority=7)
    queue.put(items(*now), priority=0)
    queue.put(items(*soon), priority=3)
    encoder.gate.set()
    take(queue, "blocks", *late, *soon, *now)
    assert [set(batch) for batch in encoder.batches[1:]] == [set(now), set(soon), set(late)]


def test_an_urgent_text_waits_for_the_batch_under_way_alone(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches()
    queue = open_queue(encoder)
    rest = many("rest", 5 * BATCH_SIZE)
    queue.put(items(*rest), priority=4)
    assert encoder.full.wait(WAIT_S)
    queue.put(items("urgent"), priority=0)
    encoder.gate.set()
    take(queue, "urgent", *rest)
    assert [len(batch) for batch in encoder.batches] == [BATCH_SIZE, 1, *[BATCH_SIZE] * 4]
    assert encoder.batches[1] == ["urgent"]


def test_a_queued_text_becomes_as_urgent_as_it_was_ever_put(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches()
    queue = open_queue(encoder)
    rest = many("rest", 3 * BATCH_SIZE)
    queue.put(items(*rest), priority=4)
    assert encoder.full.wait(WAIT_S)
    raised = next(text for text in rest if text not in encoder.batches[0])
    queue.put(items("never"), priority=2)
    queue.put(items(raised), priority=1)
    queue.put(items(raised), priority=9)
    assert queue.n_waiting == len(rest) + 1
    encoder.gate.set()
    take(queue, "never", *rest)
    assert encoder.batches[1:3] == [[raised], ["never"]]
    assert sorted(encoder.encoded) == sorted(["never", *rest])


def test_within_a_priority_the_first_put_is_the_first_embedded_window_by_window(
    open_queue: Callable[..., EmbeddingQueue],
):
    encoder = Batches()
    queue = open_queue(encoder)
    block(queue, encoder)
    texts = many("text", 2 * WINDOW)
    queue.put(items(*texts), priority=1)
    encoder.gate.set()
    take(queue, "blocks", *texts)
    assert set(encoder.encoded[1 : 1 + WINDOW]) == set(texts[:WINDOW])


def test_texts_of_similar_length_share_a_batch(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches()
    queue = open_queue(encoder)
    block(queue, encoder)
    texts = [f"{i:02}{'x' * (i * 7 % 40)}" for i in range(40)]
    queue.put(items(*texts), priority=1)
    encoder.gate.set()
    take(queue, "blocks", *texts)
    lengths = [len(text) for text in encoder.encoded[1:]]
    assert lengths == sorted(lengths)


def test_what_the_cache_knows_is_handed_back_without_the_model_or_the_text(
    open_queue: Callable[..., EmbeddingQueue], cache: VectorCache
):
    encoder = Batches(opened=True)
    queue = open_queue(encoder)
    queue.put(items("a", "b"), priority=1)
    fresh = take(queue, "a", "b")
    asked: list[str] = []
    queue.put([(digest("a"), lambda: asked.append("a") or "a"), *items("new")], priority=1)
    again = take(queue, "a", "new")
    np.testing.assert_array_equal(again[digest("a")], fresh[digest("a")])
    assert (asked, sorted(encoder.encoded)) == ([], ["a", "b", "new"])
    np.testing.assert_array_equal(cache.get([digest("new")])[digest("new")], again[digest("new")])
    assert queue.known([digest("b"), digest("unknown")]).keys() == digests(["b"])


def test_a_text_that_is_being_embedded_or_waits_to_be_taken_is_not_queued_again(
    open_queue: Callable[..., EmbeddingQueue],
):
    encoder = Batches()
    queue = open_queue(encoder)
    block(queue, encoder, priority=5)
    queue.put(items("blocks"), priority=0)
    assert queue.n_waiting == 1
    encoder.gate.set()
    until = threading.Event()
    while queue.n_waiting:
        until.wait(0.001)
    queue.put(items("blocks"), priority=0)
    take(queue, "blocks")
    assert encoder.encoded == ["blocks"]


def test_a_text_is_read_only_when_its_turn_comes(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches()
    queue = open_queue(encoder)
    block(queue, encoder)
    asked: list[str] = []
    queue.put([(digest(text), lambda text=text: asked.append(text) or text) for text in ("a", "b")], priority=1)
    queue.retain(digests(["b"]))
    assert asked == []
    encoder.gate.set()
    take(queue, "blocks", "b")
    assert asked == ["b"]


def test_what_is_not_retained_is_forgotten_unless_it_has_begun(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches()
    queue = open_queue(encoder)
    texts = many("text", 3 * BATCH_SIZE)
    queue.put(items(*texts), priority=2)
    assert encoder.full.wait(WAIT_S)
    begun = encoder.batches[0]
    kept = [text for text in texts if text not in begun][:3]
    queue.put(items("other"), priority=6)
    queue.retain(digests(kept))
    assert queue.n_waiting == len(begun) + len(kept)
    encoder.gate.set()
    take(queue, *begun, *kept)
    queue.put(items("other"), priority=6)
    take(queue, "other")
    assert sorted(encoder.encoded) == sorted([*begun, *kept, "other"])


def test_what_is_forgotten_keeps_nothing_less_urgent_waiting(open_queue: Callable[..., EmbeddingQueue]):
    queue = open_queue(Batches(opened=True), threads=1)
    queue.use_threads(0)
    queue.put([(b"urgent".ljust(16), lambda: "urgent")], priority=0)
    queue.retain(())
    queue.put([(b"ordinary".ljust(16), lambda: "ordinary")], priority=1)
    queue.use_threads(1)
    assert set(queue.take(WAIT_S)) == {b"ordinary".ljust(16)}


def test_a_failure_of_the_model_is_raised_once_and_gives_up_what_was_queued(
    open_queue: Callable[..., EmbeddingQueue],
):
    encoder = Batches()
    real, failures = encoder.encode, [ModelError("The model failed.")]

    def faulty(texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        vectors = real(texts, cancel=cancel)
        if failures:
            raise failures.pop()
        return vectors

    encoder.encode = faulty
    queue = open_queue(encoder)
    block(queue, encoder)
    queue.put(items("a"), priority=1)
    encoder.gate.set()
    with pytest.raises(ModelError, match="The model failed"):
        queue.take(WAIT_S)
    assert (queue.take(WAIT_S), queue.n_waiting) == ({}, 0)
    queue.put(items("a", "blocks"), priority=1)
    take(queue, "a", "blocks")


def test_a_text_that_cannot_be_read_is_told_to_the_owner(open_queue: Callable[..., EmbeddingQueue]):
    def unreadable() -> str:
        raise OSError("The disk failed.")

    queue = open_queue(Batches(opened=True))
    queue.put([(digest("a"), unreadable)], priority=1)
    with pytest.raises(OSError, match="The disk failed"):
        queue.take(WAIT_S)
    queue.put(items("a"), priority=1)
    take(queue, "a")


def test_as_many_batches_as_threads_are_encoded_at_once(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches(at_once=3)
    queue = open_queue(encoder, threads=3)
    texts = many("text", 6 * BATCH_SIZE)
    queue.put(items(*texts), priority=1)
    assert encoder.full.wait(WAIT_S)
    assert [len(batch) for batch in encoder.batches] == [BATCH_SIZE] * 3
    encoder.gate.set()
    take(queue, *texts)
    assert encoder.most_at_once == 3


@pytest.mark.parametrize(("threads", "most"), [(2, 1), (3, 2), (3, 1)])
def test_no_more_threads_embed_than_are_allowed_at_the_moment(
    open_queue: Callable[..., EmbeddingQueue], threads: int, most: int
):
    encoder = Batches(at_once=most)
    queue = open_queue(encoder, threads=threads)
    queue.use_threads(most)
    texts = many("text", 9 * BATCH_SIZE)
    queue.put(items(*texts), priority=1)
    assert encoder.full.wait(WAIT_S)
    encoder.gate.set()
    take(queue, *texts)
    assert encoder.most_at_once == most


def test_nothing_is_embedded_while_no_thread_is_allowed(open_queue: Callable[..., EmbeddingQueue]):
    encoder = Batches(opened=True)
    queue = open_queue(encoder)
    queue.use_threads(0)
    queue.put(items("a", "b"), priority=1)
    assert queue.take(0.05) == {}
    assert encoder.batches == []
    queue.use_threads(1)
    take(queue, "a", "b")


def test_others_may_go_first_before_every_batch(open_queue: Callable[..., EmbeddingQueue]):
    encoder, asked, may_go = Batches(opened=True), threading.Event(), threading.Event()

    def give_way() -> None:
        asked.set()
        assert may_go.wait(WAIT_S)

    queue = open_queue(encoder, give_way=give_way)
    queue.put(items("a"), priority=5)
    assert asked.wait(WAIT_S)
    queue.put(items("urgent"), priority=0)
    assert encoder.batches == []
    may_go.set()
    take(queue, "a", "urgent")
    assert encoder.batches == [["urgent"], ["a"]]


def test_closing_gives_up_what_is_left_and_ends_the_threads(open_queue: Callable[..., EmbeddingQueue]):
    encoder = UntilCancelled(at_once=2)
    before = set(threading.enumerate())
    queue = open_queue(encoder, threads=2)
    queue.put(items(*many("text", 1000)), priority=1)
    assert encoder.full.wait(WAIT_S)
    queue.close()
    assert len(encoder.batches) == 2
    assert set(threading.enumerate()) <= before


def test_vectors_survive_in_the_cache_of_the_next_queue(tmp_path: Path):
    for encoded in (["a"], []):
        encoder, cache = Batches(opened=True), VectorCache(tmp_path, "gated", GatedEncoder.dimensions)
        queue = EmbeddingQueue(encoder, cache, threads=1, give_way=lambda: None)
        queue.put(items("a"), priority=1)
        take(queue, "a")
        queue.close()
        cache.close()
        assert encoder.encoded == encoded
