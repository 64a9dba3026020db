"""The second stage of a search: a cross-encoder reads the query with each of the best answers, and orders them anew.

Any thread, no lock; stops between batches when nobody waits any more. What the first stage left out stays left out, and
without a cross-encoder, or when it fails, the first stage's answer is the answer.

The vectors find, the cross-encoder orders. Both stages give log-odds, and these are added, so that a model that cannot
tell two answers apart changes nothing. The places keep the first stage's scores: these are calibrated, and a
cross-encoder's numbers, which differ from model to model, are not.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cognate.cancellation import CancelToken
from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.encoder import Encoder
from cognate.embedding.text import passage_text, question_text
from cognate.errors import ModelError
from cognate.index.snapshot import IndexSnapshot
from cognate.search import score
from cognate.search import search as search_code
from cognate.search.query import read_query
from cognate.search.request import SearchRequest
from cognate.search.spelling import corrected
from cognate.search.weights import SLOPE
from cognate.types import ChunkRecord, Hit

CANDIDATES = 20
"""How many answers are read; the time of the stage grows with it."""

WEIGHT = 1.0
"""Of the cross-encoder's log-odds beside the first stage's: both count as they stand."""

SURE_SCORE = 0.6
SURE_LEAD = 0.2
"""The first stage is sure of an answer with so high a score, if the next one's is so much lower: no second look is
taken. Of 605 labelled queries this held for 88, most of them names, and 98 % of these first answers were right."""

SIGNAL = "cross_encoder"
"""What the stage is called where a hit says why."""

log = logging.getLogger(__name__)


def search(
    index: IndexSnapshot,
    encoder: Encoder | None,
    request: SearchRequest,
    cancel: CancelToken,
    *,
    reranker: PairScorer | None = None,
) -> tuple[Hit, ...]:
    """Answer a search on a snapshot, best first: both stages, or the first alone.

    Raises:
        InvalidRequestError: when the query is empty or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    if reranker is None:
        return search_code.search(index, encoder, request, cancel)
    wide = replace(request, limit=max(request.limit, CANDIDATES), explain=True)
    found = search_code.search(index, encoder, wide, cancel)
    head = found[:CANDIDATES]
    if len(head) > 1 and not is_sure(head):
        try:
            head = _reordered(index, encoder, request.query, head, cancel, reranker=reranker)
        except ModelError as error:
            log.warning("Answered without the reranker: %s", error)
    hits = (*head, *found[CANDIDATES:])[: request.limit]
    return hits if request.explain else tuple(replace(hit, why=None) for hit in hits)


def is_sure(hits: Sequence[Hit]) -> bool:
    """Whether the first of several answers is so good, and the next so far behind, that no second look is needed."""
    return hits[0].score >= SURE_SCORE and hits[0].score - hits[1].score >= SURE_LEAD


def _reordered(
    index: IndexSnapshot,
    encoder: Encoder | None,
    query: str,
    hits: Sequence[Hit],
    cancel: CancelToken,
    *,
    reranker: PairScorer,
) -> tuple[Hit, ...]:
    records = [_record(index, hit) for hit in hits]
    read = corrected(index, read_query(search_code.usable(query)), encoder)
    passages = [passage_text(record.path, record.chunk) for record in records]
    logits = reranker.score(question_text(read.text), passages, cancel=cancel).astype(np.float64)
    # What was added up for each hit, before a file's further chunks were taken down; the same is done again below.
    first = np.array([sum((hit.why or {}).values()) for hit in hits])
    opinion = WEIGHT * (logits - logits.max()) / SLOPE
    order = score.order(records, first + opinion, len(records), is_symbol=read.is_symbol, least=0.0)
    return tuple(
        _placed(hits[ranked.row], place.score, float(opinion[ranked.row]))
        for ranked, place in zip(order, hits, strict=True)
    )


def _placed(hit: Hit, points: float, opinion: float) -> Hit:
    """Return a hit with the score of the place that it came to, and with what brought it there."""
    why = {**(hit.why or {}), SIGNAL: opinion}
    return replace(hit, score=points, why=dict(sorted(why.items(), key=lambda item: -abs(item[1]))))


def _record(index: IndexSnapshot, hit: Hit) -> ChunkRecord:
    """Return the chunk that a hit shows."""
    return next(
        record
        for record in (index.records[i] for i in index.by_path[hit.path])
        if (record.chunk.cell, record.chunk.start_line) == (hit.cell, hit.start_line)
    )
