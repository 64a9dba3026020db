"""The words that a workspace's names are made of, each with a vector: what it calls things. Frozen. Any thread.

Knows no model: whoever makes a vocabulary says what the vectors are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cognate.arrays import Matrix
from cognate.index.entries import FileEntry
from cognate.packing import from_texts, packed, to_texts, unpacked

_KINDS = ("<i8", "u1", "u1", "<f2")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words with their vectors, and what they were taken from.

    Attributes:
        words: in lower case, not stemmed, the commonest first.
        vectors: shape (words, dimensions); single precision, as a product with half precision takes ten times as long.
        n_chunks: how many chunks the index had then.
        last_id: the highest id among them; ids grow and are never reused.
    """

    words: tuple[str, ...] = ()
    vectors: Matrix = field(default_factory=lambda: np.empty((0, 0), np.float32))
    n_chunks: int = 0
    last_id: int = 0

    def drift(self, files: Mapping[str, FileEntry]) -> float:
        """Return how many chunks came or went since, as a share of those there are; 0 where there are none."""
        present = fresh = 0
        for entry in files.values():
            present += len(entry.ids)
            if entry.ids and max(entry.ids) > self.last_id:
                fresh += sum(number > self.last_id for number in entry.ids)
        gone = self.n_chunks - (present - fresh)
        return (fresh + gone) / present if present else 0.0


def no_vocabulary() -> Vocabulary:
    """Return no words: before they are known, and without an encoder."""
    return _EMPTY


_EMPTY = Vocabulary()


def pack(vocabulary: Vocabulary, identity: int, fingerprint: str) -> bytes:
    """Return a vocabulary as bytes.

    Args:
        vocabulary: is kept at half precision.
        identity: of the store whose chunks it was taken from.
        fingerprint: of the model.
    """
    header = np.array([identity, vocabulary.n_chunks, vocabulary.last_id])
    return packed([header, from_texts([fingerprint]), from_texts(vocabulary.words), vocabulary.vectors], _KINDS)


def read(file: Path, identity: int, fingerprint: str) -> Vocabulary | None:
    """Return the vocabulary in a file, or None when there is none that can be read, or it belongs to something else.

    Args:
        file: what ``pack`` returned.
        identity: as there.
        fingerprint: as there.
    """
    try:
        return unpack(file.read_bytes(), identity, fingerprint)
    except OSError:
        return None


def unpack(data: bytes, identity: int, fingerprint: str) -> Vocabulary | None:
    """Return what was packed, or None when it is damaged or belongs to another store or model."""
    try:
        header, model, words, vectors = unpacked(data, _KINDS)
        known, n_chunks, last_id = header.tolist()
        if known != identity or to_texts(model) != [fingerprint]:
            return None
        listed = tuple(to_texts(words))
        shape = (len(listed), -1 if listed else 0)
        return Vocabulary(listed, vectors.astype(np.float32).reshape(shape), n_chunks, last_id)
    except ValueError:
        return None
