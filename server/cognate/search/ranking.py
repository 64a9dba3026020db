"""From the candidates of a question to their order; no hit is made yet. Any thread, one snapshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.embedding.cross_encoder import PairScorer
from cognate.search import rerank
from cognate.search.copies import copies_among
from cognate.search.lookup import Retrieved
from cognate.search.order import combined, linear_scores, nothing_is_close, order, probabilities
from cognate.search.signals import Features, signals
from cognate.timing import untimed
from cognate.types import ChunkRecord


@dataclass(frozen=True, slots=True)
class Ranking:
    """The order of the candidates of a question; without any where none has to do with it.

    Attributes:
        found: the candidates; a row is a position among them.
        rows: those that are answers, best first.
        scores: the score of each of the rows that is shown.
        linear: the linear score of each candidate.
        found_by: the wording under which each candidate is best.
        features: the signals under each wording.
        copies: other rows with the very same text, by row; they are no answers of their own.
        reranker_scores: what the second stage added, by row.
    """

    found: Retrieved
    rows: Sequence[int] = ()
    scores: Sequence[float] = ()
    linear: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    found_by: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    features: Sequence[Features] = ()
    copies: Mapping[int, Sequence[int]] = field(default_factory=dict[int, Sequence[int]])
    reranker_scores: Mapping[int, float] = field(default_factory=dict[int, float])

    def alike(self, row: int) -> list[ChunkRecord]:
        """Return the copies of a candidate."""
        return [self.found.pool.records[other] for other in self.copies.get(row, ())]

    def everything(self) -> list[ChunkRecord]:
        """Return all answers with their copies."""
        return [record for row in self.rows for record in (self.found.pool.records[row], *self.alike(row))]


def ranking_of(
    found: Retrieved, reranker: PairScorer | None, cancel: CancelToken, ended: Callable[[str], None] = untimed
) -> Ranking:
    """Return the order of what was found; arguments are those of ``search``.

    Raises:
        CancelledError: when nobody waits for the answer any more.
    """
    if all(map(nothing_is_close, found.looks)):
        return Ranking(found)
    pool, looks, records = found.pool, found.looks, found.pool.records
    asked = looks[0]
    is_symbol = asked.query.is_symbol
    features = [signals(look) for look in looks]
    linear, found_by = combined(
        [linear_scores(table, look.query.is_symbol) for table, look in zip(features, looks, strict=True)]
    )
    ended("signals")
    copies = copies_among(records, pool.near, first=asked.rows_pointed_at)
    for row, others in copies.items():
        linear[row] = max(linear[row], *linear[list(others)])
    repeated = {row for rows in copies.values() for row in rows}
    first = [row for row in asked.rows_pointed_at if row not in repeated]
    ranked = order(records, linear, is_symbol=is_symbol, first=first, left_out=repeated)
    rows = [candidate.row for candidate in ranked]
    scores = probabilities(
        ranked,
        max(look.coverage for look in looks),
        max((look.likeness for look in looks if look.likeness is not None), default=None),
        is_symbol=is_symbol,
        certain=[asked.evidence.pointed.locations[records[row].id].certainty for row in first],
    )
    ended("order")
    reranker_scores: dict[int, float] = {}
    if reranker is not None and not rerank.is_sure(scores):
        reranker_scores = rerank.second_stage(
            reranker, asked.query, records, linear, rows[len(first) : rerank.CANDIDATES], cancel=cancel
        )
        rows = [*rows[: len(first)], *reranker_scores, *rows[len(first) + len(reranker_scores) :]]
        ended("reranker")
    return Ranking(found, rows, scores, linear, found_by, features, copies, reranker_scores)
