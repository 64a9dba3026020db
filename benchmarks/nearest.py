#!/usr/bin/env python3
"""Looking through every vector against hnswlib's graph: time of a query, recall, memory and time to make, by size.

Usage: nearest.py EMBEDDINGS... [--sizes 12000,50000,231000] [--labels DIR]

EMBEDDINGS are files of cached vectors of the shipped model (``embeddings/vectors-*.sqlite`` in a cache folder); their
distinct vectors are shuffled. Where they are fewer than a size, mixtures of two of them make up for it. The questions
are labelled ones. Private: makes vector indexes of its own. Prints a table in processor time of one thread, the median
of questions that are asked in turns, of either kind one. Without hnswlib the graph is left out.
"""

import argparse
import json
import os
import random
import sqlite3
import sys
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from numpy.typing import NDArray

from cognate.embedding.onnx import load_encoder
from cognate.index import hnsw
from cognate.index.vectors import VectorIndex
from cognate.process import give_memory_back, resident_mb
from cognate.search.retrieve import ALONE
from cognate.types import ChunkId

QUESTIONS = 150
GONE = 0.1  # Share of the chunks that are removed without a new base.
ALLOWED = 0.5  # Share of the chunks that a filter leaves.
WAYS = {"all": (False, False), "a tenth removed": (True, False), "half allowed": (False, True)}

Vectors = NDArray[np.float32]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embeddings", type=Path, nargs="+")
    parser.add_argument("--sizes", default="12000,50000,231000")
    parser.add_argument("--labels", type=Path, default=Path(__file__).parent / "quality/labels")
    options = parser.parse_args()
    vectors, queries = vectors_in(options.embeddings), questions(options.labels)
    print(f"| vectors | found by | made in | memory | {' | '.join(WAYS)} | recall@{ALONE.meaning} of each |")
    print("|---" * (5 + len(WAYS)) + "|")
    for size in map(int, options.sizes.split(",")):
        measure(enlarged(vectors, size), queries)
    return 0


def measure(vectors: Vectors, queries: Vectors) -> None:
    """Print the rows of one size."""
    n_rows = len(vectors)
    print(f"({n_rows:,}: {n_rows * vectors.shape[1] * 2 / 1e6:.0f} MB of vectors)", file=sys.stderr)
    plain = VectorIndex(vectors.shape[1]).changed((), dict(enumerate(vectors)))
    made: dict[str, VectorIndex] = {}
    costs: dict[str, str] = {}
    for name, begin in (("looking through", n_rows + 1), ("graph", 1)):
        if name == "graph" and hnsw.missing_because():
            continue
        hnsw.GRAPH_FROM = begin
        give_memory_back()
        before, began = resident_mb(), time.process_time()
        made[name] = plain.compacted(1)
        seconds = time.process_time() - began
        give_memory_back()
        costs[name] = f"{seconds:.1f} s | {resident_mb() - before:.0f} MB"
    del plain
    gone = random.Random(2).sample(range(n_rows), int(GONE * n_rows))
    allowed = frozenset(random.Random(3).sample(range(n_rows), int(ALLOWED * n_rows)))
    times: dict[str, list[str]] = {name: [] for name in made}
    recalls: dict[str, list[str]] = {name: [] for name in made}
    for removed, filtered in WAYS.values():
        views = {name: index.changed(gone, {}) if removed else index for name, index in made.items()}
        among = allowed if filtered else None
        good = np.ones(n_rows, bool)
        if removed:
            good[gone] = False
        if filtered:
            good &= np.isin(np.arange(n_rows), list(allowed))
        for name, (milliseconds, recall) in asked(views, vectors, queries, among, good).items():
            times[name].append(f"{milliseconds:.1f} ms")
            recalls[name].append(f"{recall:.3f}")
    for name in made:
        print(
            f"| {n_rows:,} | {name} | {costs[name]} | {' | '.join(times[name])} | {', '.join(recalls[name])} |",
            flush=True,
        )


def asked(
    views: dict[str, VectorIndex],
    vectors: Vectors,
    queries: Vectors,
    among: frozenset[ChunkId] | None,
    good: NDArray[np.bool_],
) -> dict[str, tuple[float, float]]:
    """Return the median of the milliseconds of a query and the mean recall, by name."""
    taken: dict[str, list[float]] = {name: [] for name in views}
    shares: dict[str, list[float]] = {name: [] for name in views}
    for query in queries:
        similarities = np.where(good, vectors @ query, -np.inf)
        exact = np.argpartition(-similarities, ALONE.meaning)[: ALONE.meaning]
        for name, view in views.items():
            began = time.process_time()
            ids, _ = view.nearest(query, ALONE.meaning, among)
            taken[name].append(time.process_time() - began)
            shares[name].append(len(np.intersect1d(exact, ids)) / len(exact))
    return {name: (float(np.median(taken[name])) * 1000, float(np.mean(shares[name]))) for name in views}


def vectors_in(files: list[Path]) -> Vectors:
    """Return the distinct vectors in some caches, shuffled, of unit length."""
    rows: dict[bytes, bytes] = {}
    with load_encoder("") as encoder:
        size = 2 * encoder.dimensions
    for file in files:
        connection = sqlite3.connect(f"file:{file}?immutable=1", uri=True)
        rows.update(connection.execute("SELECT digest, vector FROM vectors"))
        connection.close()
    found = np.stack([np.frombuffer(row[:size], "<f2") for row in rows.values()])
    return unit(np.random.default_rng(1).permutation(np.unique(found, axis=0)).astype(np.float32))


def enlarged(vectors: Vectors, size: int) -> Vectors:
    """Return `size` vectors: the given ones and, if these are too few, mixtures of two of them."""
    random_numbers = np.random.default_rng(4)
    pairs = random_numbers.integers(0, len(vectors), (max(0, size - len(vectors)), 2))
    return np.concatenate([vectors[:size], unit(0.8 * vectors[pairs[:, 0]] + 0.2 * vectors[pairs[:, 1]])])


def unit(rows: Vectors) -> Vectors:
    """Return rows at unit length."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def questions(folder: Path) -> Vectors:
    """Return vectors of labelled questions."""
    texts = [row["query"] for file in sorted(folder.glob("*.json")) for row in json.loads(file.read_text("utf-8"))]
    with load_encoder("") as encoder:
        return np.stack([encoder.encode_query(text) for text in random.Random(1).sample(texts, QUESTIONS)])


if __name__ == "__main__":
    sys.exit(main())
