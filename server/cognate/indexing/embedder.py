"""What the model does for one index beside its writer: which chunks it was asked for, and the vectors that came back.

Used by the writer thread alone, which goes on reading and committing meanwhile. Changes nothing in the index.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from cognate.embedding.cache import rounded
from cognate.embedding.stream import EmbeddingStream
from cognate.embedding.text import embedding_text
from cognate.index.index import Index
from cognate.indexing.services import Model
from cognate.types import ChunkId, Vector

LOOK_EVERY_S = 0.02  # How soon what is more urgent than vectors is noticed.


class Embedder:
    """Has the chunks of an index embedded.

    Args:
        index: whose chunks; read only.
        model: the encoder and the cache, which is asked first.
        threads: how many the encoder may use.
        give_way: called before each batch, to let questions go first.
    """

    def __init__(self, index: Index, model: Model, *, threads: int, give_way: Callable[[], None]) -> None:
        self._index = index
        self._model = model
        self._stream = EmbeddingStream(model.encoder, threads=threads, give_way=give_way)
        self._asked: dict[bytes, list[ChunkId]] = {}
        self._asked_ids: set[ChunkId] = set()
        self._found: dict[ChunkId, Vector] = {}
        self._dropped: dict[bytes, str] = {}  # Texts, which are likely to be asked for again soon.

    def ask(self, candidates: Iterable[ChunkId], *, at_most: int, beside_reading: bool = False) -> None:
        """Queue chunks, the first ones first; those that were asked for already or are gone are passed over.

        Args:
            candidates: ids of chunks without a vector.
            at_most: how many are to be in the queue.
            beside_reading: leave a core to the writer thread.
        """
        self._stream.leave_a_core(beside_reading)
        room = at_most - self._stream.n_waiting
        if room <= 0:
            return
        index = self._index
        fresh = (i for i in candidates if i not in self._asked_ids and i in index.records)
        by_digest: dict[bytes, list[ChunkId]] = {}
        for number in islice(fresh, room):
            by_digest.setdefault(index.digests[number], []).append(number)
            self._asked_ids.add(number)
        known = self._model.cache.get([digest for digest in by_digest if digest not in self._asked])
        texts: list[tuple[bytes, str]] = []
        for digest, numbers in by_digest.items():
            if digest in self._asked:
                self._asked[digest] += numbers
            elif digest in known:
                self._found.update((number, known[digest]) for number in numbers)
            else:
                self._asked[digest] = numbers
                texts.append((digest, self._dropped.get(digest) or self._text(numbers[0])))
        self._dropped.clear()
        self._stream.put(texts)

    def _text(self, number: ChunkId) -> str:
        record = self._index.records[number]
        return embedding_text(record.path, record.chunk)

    def collect(self, enough: int, stop: Callable[[], bool]) -> Mapping[ChunkId, Vector]:
        """Return vectors that came, waiting until there are enough, nothing more is to come, or it is to stop.

        Vectors are stored in the cache first, and are as the cache would give them back.

        Raises:
            ModelError: when the model failed.
        """
        while True:
            digests, vectors = self._stream.take(0.0 if stop() or len(self._found) >= enough else LOOK_EVERY_S)
            if digests:
                vectors = rounded(vectors)
                self._model.cache.put(digests, vectors)
                for digest, vector in zip(digests, vectors, strict=True):
                    self._found.update((number, vector) for number in self._asked.pop(digest))
            if len(self._found) >= enough or not self._asked or stop():
                found, self._found = self._found, {}
                self._asked_ids.difference_update(found)
                return found

    def drop(self) -> None:
        """Forget what the encoder has not begun with, as something else is to come first."""
        self._dropped.update(self._stream.drop())
        for digest in self._dropped:
            self._asked_ids.difference_update(self._asked.pop(digest, ()))

    def close(self) -> None:
        """End the threads; what is under way is given up."""
        self._stream.close()
