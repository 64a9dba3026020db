"""The vectors of an index as others can use them: by the digest of what was embedded. Any thread."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cognate.arrays import Matrix
from cognate.embedding.text import digest
from cognate.index import vectors as vector_files
from cognate.index import vocabulary
from cognate.index.locations import VOCABULARY_FILE
from cognate.index.opening import open_index
from cognate.indexing.services import Model


@dataclass(frozen=True, slots=True)
class Embedded:
    """The vectors of a folder's chunks, and those of the words of its names.

    Attributes:
        digests: of their texts, each once; those of words are the last.
        vectors: shape (digests, dimensions), float32.
        n_missing: texts of chunks that have no vector yet.
        n_words: how many of the digests are of words.
    """

    digests: list[bytes]
    vectors: Matrix
    n_missing: int
    n_words: int


def embedded(index_folder: Path, model: Model) -> Embedded:
    """Return the vectors that an index on disk has, and those of its chunks and words that the cache has.

    Raises:
        StoreError: when there is no index on disk to read.
    """
    encoder = model.encoder
    index = open_index(index_folder, writable=False)
    try:
        index.use_model(
            encoder.fingerprint,
            encoder.dimensions,
            vector_files.read(vector_files.file_of(index_folder, encoder.fingerprint)),
        )
        number_of: dict[bytes, int] = {}
        missing: set[bytes] = set()
        for entry in index.saved.files.values():
            for number, key in zip(entry.ids, entry.digests, strict=True):
                if number in index.saved.vectors:
                    number_of[key] = number
                else:
                    missing.add(key)
        missing -= number_of.keys()
        learned = vocabulary.read(index_folder / VOCABULARY_FILE, index.store.identity, encoder.fingerprint)
        words = {digest(word) for word in learned.words} - number_of.keys() if learned is not None else set[bytes]()
        cached = model.cache.get(sorted(missing))
        of_words = model.cache.get(sorted(words - missing))
        gathered = index.saved.vectors.gathered(list(number_of.values()))
    finally:
        index.close()
    rows = [gathered, *(np.stack(list(some.values())) for some in (cached, of_words) if some)]
    digests = [*number_of, *cached, *of_words]
    return Embedded(digests, np.concatenate(rows), len(missing) - len(cached), len(of_words))
