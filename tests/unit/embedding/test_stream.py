"""Embedding beside its owner: in order by and large, once each, given up or dropped when something else comes first."""

import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from cognate.embedding.stream import RUNS_A_BATCH, EmbeddingStream

from cognate.cancellation import CancelToken
from cognate.embedding.onnx import BATCH_SIZE
from cognate.embedding.text import digest
from cognate.errors import ModelError
from cognate.types import Matrix, Vector
from fixtures import GatedEncoder

WAIT_S = 30.0


class Calls(GatedEncoder):
    """Remembers how many texts each call had, and how many calls there were at the same time."""

    def __init__(self, *, opened: bool = False) -> None:
        super().__init__(opened=opened)
        self.sizes: list[int] = []
        self.most_at_once = self._at_once = 0
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        with self._lock:
            self.sizes.append(len(texts))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return super().encode(texts, cancel=cancel)
        finally:
            with self._lock:
                self._at_once -= 1


@pytest.fixture
def streams() -> Iterator[Callable[..., EmbeddingStream]]:
    opened: list[tuple[GatedEncoder, EmbeddingStream]] = []

    def open_(encoder: GatedEncoder, *, threads: int = 2, give_way: Callable[[], None] = lambda: None):
        opened.append((encoder, EmbeddingStream(encoder, threads=threads, give_way=give_way)))
        return opened[-1][1]

    yield open_
    for encoder, stream in opened:
        encoder.gate.set()
        stream.close()


def items(*texts: str) -> list[tuple[bytes, str]]:
    return [(digest(text), text) for text in texts]


def taken(stream: EmbeddingStream, count: int) -> dict[bytes, Vector]:
    found: dict[bytes, Vector] = {}
    while len(found) < count:
        digests, vectors = stream.take(WAIT_S)
        assert digests, "nothing more is to come"
        assert not found.keys() & set(digests)
        found.update(zip(digests, vectors, strict=True))
    return found


def test_every_text_comes_back_with_its_vector(streams: Callable[..., EmbeddingStream]):
    encoder = Calls(opened=True)
    texts = [f"text {'x' * (i % 7)} {i}" for i in range(500)]
    stream = streams(encoder)
    stream.put(items(*texts))
    found = taken(stream, 500)
    for text in texts:
        np.testing.assert_array_equal(found[digest(text)], encoder.encode_query(text))
    assert stream.take(0.0)[0] == []


def test_the_encoder_has_its_next_batch_before_it_ends_one(streams: Callable[..., EmbeddingStream]):
    encoder = Calls()
    size = 2 * RUNS_A_BATCH * BATCH_SIZE
    stream = streams(encoder)
    stream.put(items(*(str(i) for i in range(3 * size))))
    until = threading.Event()
    while len(encoder.sizes) < 2:
        until.wait(0.001)
    assert encoder.sizes == [size, size]
    assert stream.n_waiting == size
    encoder.gate.set()
    taken(stream, 3 * size)
    assert encoder.most_at_once == 2


@pytest.mark.parametrize(("threads", "size"), [(2, BATCH_SIZE), (4, 3 * BATCH_SIZE)])
def test_a_core_is_left_to_others_where_that_is_asked(streams: Callable[..., EmbeddingStream], threads: int, size: int):
    encoder = Calls(opened=True)
    stream = streams(encoder, threads=threads)
    stream.leave_a_core(True)
    stream.put(items(*(str(i) for i in range(5 * size))))
    taken(stream, 5 * size)
    assert encoder.sizes == [size] * 5
    assert encoder.most_at_once == 1


def test_with_one_thread_nothing_is_embedded_while_a_core_is_left(streams: Callable[..., EmbeddingStream]):
    encoder = Calls(opened=True)
    stream = streams(encoder, threads=1)
    stream.leave_a_core(True)
    stream.put(items("a", "b"))
    assert stream.take(0.05)[0] == []
    stream.leave_a_core(False)
    assert len(taken(stream, 2)) == 2


def test_what_is_dropped_is_not_embedded_and_may_come_again(streams: Callable[..., EmbeddingStream]):
    encoder = Calls()
    stream = streams(encoder, threads=1)
    stream.put(items("first"))
    assert encoder.entered.wait(WAIT_S)
    stream.leave_a_core(True)
    stream.put(items("later", "last"))
    dropped = stream.drop()
    assert stream.n_waiting == 0
    encoder.gate.set()
    assert set(taken(stream, 1)) == {digest("first")}
    assert stream.take(WAIT_S)[0] == []
    assert encoder.encoded == ["first"]
    stream.put(dropped)
    stream.leave_a_core(False)
    assert set(taken(stream, 2)) == {digest("later"), digest("last")}


def test_a_failure_of_the_model_is_told_once_and_gives_up_what_was_queued(streams: Callable[..., EmbeddingStream]):
    encoder = Calls(opened=True)
    real, failures = encoder.encode, [ModelError("The model failed.")]

    def faulty(texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        if failures:
            raise failures.pop()
        return real(texts, cancel=cancel)

    encoder.encode = faulty
    stream = streams(encoder, threads=1)
    stream.put(items("a"))
    with pytest.raises(ModelError, match="The model failed"):
        stream.take(WAIT_S)
    assert stream.take(0.0)[0] == []
    stream.put(items("b"))
    assert set(taken(stream, 1)) == {digest("b")}


def test_others_may_go_first_before_every_batch(streams: Callable[..., EmbeddingStream]):
    encoder, may_go = Calls(opened=True), threading.Event()
    stream = streams(encoder, give_way=lambda: may_go.wait(WAIT_S))
    stream.put(items("a"))
    assert stream.take(0.05)[0] == []
    assert not encoder.entered.is_set()
    may_go.set()
    assert set(taken(stream, 1)) == {digest("a")}


def test_closing_gives_up_what_is_left(streams: Callable[..., EmbeddingStream]):
    encoder = Calls()
    stream = streams(encoder)
    stream.put(items(*(str(i) for i in range(1000))))
    assert encoder.entered.wait(WAIT_S)
    closing = threading.Thread(target=stream.close)
    closing.start()
    encoder.gate.set()
    closing.join(WAIT_S)
    assert not closing.is_alive()
    assert len(encoder.encoded) < 1000
