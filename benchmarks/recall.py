"""How many of the exactly nearest vectors a search finds, as built and after 30 % of the chunks were replaced.

Private: takes the vectors out of an index and builds vector indexes of its own, as no public answer shows candidates.
"""

import random

import numpy as np
from harness import Bench, Goal, Row
from numpy.typing import NDArray

from cognate.embedding.onnx import load_encoder
from cognate.engine import open_engine
from cognate.index.vectors import VectorIndex
from cognate.indexing.services import Services
from cognate.settings import Settings

DEPTH = 50
QUERIES = 200
REPLACED = 0.3
STEP = 500
NOTE = (
    "Private: the index's own vectors, which questions are harder to place among than chunks are. Replaced in steps "
    "of 500, compacted when the writer would."
)


def rows(bench: Bench) -> list[Row]:
    """Measure at the largest size."""
    size = bench.largest
    bench.ensure_index(size)
    vectors = _vectors(bench, size)
    chooser = random.Random(1)
    with load_encoder("") as encoder:
        queries = np.stack([encoder.encode_query(query) for query in bench.queries(size)[:QUERIES]])
    # As many at first that replacing 30 % of them takes all the others: real vectors throughout.
    first = int(len(vectors) / (1 + REPLACED))
    index = VectorIndex(vectors.shape[1]).changed((), dict(enumerate(vectors[:first]))).compacted(bench.threads)
    fresh = recall(index, queries)
    gone = chooser.sample(range(first), len(vectors) - first)
    for start in range(0, len(gone), STEP):
        removed = gone[start : start + STEP]
        added = {first + start + i: vectors[first + start + i] for i in range(len(removed))}
        index = index.changed(removed, added)
        if index.needs_compaction:
            index = index.compacted(bench.threads)
    return [
        Row(f"recall@{DEPTH} of {first:,} vectors", size, f"{fresh:.4f}", "exact search", fresh,
            Goal(0.98, at_least=True, unit=""), NOTE),
        Row(f"recall@{DEPTH} after 30 % were replaced", size, f"{(worn := recall(index, queries)):.4f}", "exact search",
            worn, Goal(0.97, at_least=True, unit=""), NOTE),
    ]  # fmt: skip


def recall(index: VectorIndex, queries: NDArray[np.float32]) -> float:
    """Return the mean share of each query's exactly nearest ids that the index returns."""
    numbers = np.array(sorted(index.ids()))
    vectors = index.gathered(numbers.tolist())
    shares: list[float] = []
    for query in queries:
        exact = numbers[np.argsort(-(vectors @ query))[:DEPTH]]
        shares.append(len(np.intersect1d(exact, index.nearest(query, DEPTH)[0])) / len(exact))
    return float(np.mean(shares))


def _vectors(bench: Bench, size: str) -> NDArray[np.float32]:
    """Return the distinct vectors of a size's index, shuffled; equal ones would make ties."""
    services = Services(bench.cache(size))
    engine = open_engine(bench.folder(size), Settings(threads=bench.threads), services)
    try:
        engine.start()
        engine.wait_until_current()
        view = engine._writer.view
        assert view.snapshot is not None
        found = view.snapshot.vectors.gathered(sorted(view.snapshot.vectors.ids()))
    finally:
        engine.close()
        services.close()
    return np.random.default_rng(1).permutation(np.unique(found, axis=0))
