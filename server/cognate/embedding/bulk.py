"""Owns the embedding of many texts: what the cache knows comes first, the rest in small batches.

A generator on its caller's thread, which may stop between any two batches: a query, a pause or a cancel waits for one
batch at most. For what a person waits for, such as an unsaved buffer; whole folders go through ``stream``. Never knows
what a chunk or an index is.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from cognate.cancellation import CancelToken
from cognate.embedding.cache import VectorCache, rounded
from cognate.embedding.encoder import Encoder
from cognate.types import Matrix

BATCH_CHUNKS = 64
"""Texts encoded between two calls of ``yield_to``: a fifth of a second of one core, eight full runs of the model."""

SORTED_TOGETHER = 512
"""Texts sorted by length together; more save no padding."""

CACHE_CHUNKS = 2_048
"""Cached vectors handed over at once; 3 MB."""


def embed_missing(
    encoder: Encoder,
    cache: VectorCache,
    items: Sequence[tuple[bytes, str]],
    *,
    batch_chunks: int = BATCH_CHUNKS,
    cancel: CancelToken | None = None,
    yield_to: Callable[[], None] | None = None,
) -> Iterator[tuple[list[bytes], Matrix]]:
    """Yield (digests, vectors) until every distinct digest has had its vector, each exactly once.

    What the cache knows is yielded first. New vectors are stored before they are yielded, and yielded as the cache
    would give them back, so that an index does not depend on what was cached.

    Args:
        encoder: computes what is missing.
        cache: asked first, and given what was computed.
        items: (digest, embedding text), repeats allowed; the order decides what is embedded first, by
            ``batch_chunks * 8`` texts, within which texts of similar length are encoded together.
        batch_chunks: texts a step.
        cancel: checked before each step.
        yield_to: called before each step that encodes; may block for as long as others should go first.

    Raises:
        CancelledError: when cancelled; what was yielded is stored.
        ModelError: when the model fails.
    """
    texts = dict(items)
    digests = list(texts)
    missing: list[bytes] = []
    for start in range(0, len(digests), CACHE_CHUNKS):
        _check(cancel)
        some = digests[start : start + CACHE_CHUNKS]
        known = cache.get(some)
        missing += [digest for digest in some if digest not in known]
        if known:
            yield list(known), np.stack(list(known.values()))
    for batch in _batches(missing, texts, batch_chunks):
        if yield_to is not None:
            yield_to()
        _check(cancel)
        vectors = rounded(encoder.encode([texts[digest] for digest in batch], cancel=cancel))
        cache.put(batch, vectors)
        yield batch, vectors


def _batches(digests: Sequence[bytes], texts: dict[bytes, str], size: int) -> Iterator[list[bytes]]:
    """Yield batches of texts of similar length, so that the caller's order holds by and large."""
    ordered = [digest for digest, _ in of_similar_length([(digest, texts[digest]) for digest in digests], size * 8)]
    for first in range(0, len(ordered), size):
        yield ordered[first : first + size]


def of_similar_length(items: Sequence[tuple[bytes, str]], window: int = SORTED_TOGETHER) -> list[tuple[bytes, str]]:
    """Return digests and texts with those of similar length side by side, sorted within windows of so many."""
    ordered: list[tuple[bytes, str]] = []
    for start in range(0, len(items), window):
        ordered += sorted(items[start : start + window], key=lambda item: (len(item[1]), item[0]))
    return ordered


def _check(cancel: CancelToken | None) -> None:
    if cancel is not None:
        cancel.check()
