"""Cognate's own chunks ordered by one thing alone: words, meaning, or plain reciprocal rank fusion of the two.

They show what the ranking adds to the chunks, the split and stemmed words and the model, which are the same here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from baselines.common import Answers, Result, best_line, query_words, timed
from cognate.embedding.encoder import Encoder
from cognate.engine import Engine, open_engine
from cognate.index.snapshot import Snapshot
from cognate.indexing.services import Services
from cognate.search.query import read_query
from cognate.search.retrieve import RETRIEVAL_FIELDS
from cognate.settings import Settings
from cognate.types import ChunkRecord

FUSION_DEPTH = 100
FUSION_CONSTANT = 60  # Cormack, Clarke and Büttcher, "Reciprocal rank fusion", 2009.


@dataclass(frozen=True, slots=True)
class Opened:
    """The index of a folder, complete."""

    engine: Engine
    snapshot: Snapshot
    encoder: Encoder


@contextmanager
def opened(folder: Path) -> Iterator[Opened]:
    """Index a folder, or bring its index up to date, and give what a search reads."""
    services = Services()
    engine = open_engine(folder, Settings(threads=2, update_delay_ms=0), services)
    try:
        engine.start()
        engine.wait_until_current()
        view = engine._writer.view
        if view.snapshot is None or view.encoder is None:
            raise SystemExit(f"{folder} could not be indexed: {engine.status().message}")
        yield Opened(engine, view.snapshot, view.encoder)
    finally:
        engine.close()
        services.close()


def bm25(folder: Path, queries: Sequence[str], limit: int) -> Answers:
    """Return the best chunks by BM25 over their words, the names they define and their path."""
    with opened(folder) as index:
        return timed(lambda: lambda query: _results(index, query, by_words(index.snapshot, query, limit)), queries)


def dense(folder: Path, queries: Sequence[str], limit: int) -> Answers:
    """Return the chunks nearest in meaning, by exact search."""
    with opened(folder) as index:

        def prepare() -> Callable[[str], list[Result]]:
            nearest = by_meaning(index)
            return lambda query: _results(index, query, nearest(query, limit), focus=False)

        return timed(prepare, queries)


def fused(folder: Path, queries: Sequence[str], limit: int) -> Answers:
    """Return the best chunks by reciprocal rank fusion of the two."""
    with opened(folder) as index:

        def prepare() -> Callable[[str], list[Result]]:
            nearest = by_meaning(index)

            def search(query: str) -> list[Result]:
                lists = (by_words(index.snapshot, query, FUSION_DEPTH), nearest(query, FUSION_DEPTH))
                return _results(index, query, fuse(*lists)[:limit])

            return search

        return timed(prepare, queries)


def fuse(*lists: Sequence[int]) -> list[int]:
    """Return the members of ranked lists by reciprocal rank fusion, best first."""
    scores: dict[int, float] = {}
    for one in lists:
        for rank, number in enumerate(one, 1):
            scores[number] = scores.get(number, 0.0) + 1 / (FUSION_CONSTANT + rank)
    return sorted(scores, key=lambda number: (-scores[number], number))


def by_words(snapshot: Snapshot, query: str, limit: int) -> list[int]:
    """Return ids of chunks, best first."""
    scores = snapshot.lexical.score_chunks(read_query(query).words, RETRIEVAL_FIELDS, limit)
    return sorted(scores, key=lambda number: (-scores[number], number))


def by_meaning(index: Opened) -> Callable[[str, int], list[int]]:
    """Return a function that gives the ids of the nearest chunks, best first."""
    numbers = np.array(sorted(index.snapshot.vectors.ids()))
    vectors = index.snapshot.vectors.gathered([int(number) for number in numbers])

    def nearest(query: str, limit: int) -> list[int]:
        similarities = vectors @ index.encoder.encode_query(query)
        return [int(i) for i in numbers[np.argsort(-similarities, kind="stable")[:limit]]]

    return nearest


def _results(index: Opened, query: str, numbers: Sequence[int], *, focus: bool = True) -> list[Result]:
    words = query_words(query)
    return [_result(record, words if focus else ()) for record in index.snapshot.read(numbers)]


def _result(record: ChunkRecord, words: Sequence[str]) -> Result:
    chunk = record.chunk
    result: Result = {"path": record.path, "start_line": chunk.start_line + 1, "end_line": chunk.end_line}
    if words:
        result["focus_line"] = chunk.start_line + best_line(chunk.text.split("\n"), words) + 1
    return result
