"""The second stage of a search: a cross-encoder reads the query with each of the best answers, and orders them anew.

Any thread, no lock; stops between batches when nobody waits any more. What the first stage left out stays left out, and
when the cross-encoder fails, the first stage's answer is the answer.

The vectors find, the cross-encoder orders. Both stages give log-odds, and these are added, so that a model that cannot
tell two answers apart changes nothing. The positions keep the first stage's scores: these are calibrated, and a
cross-encoder's numbers, which differ from model to model, are not.
"""

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.text import passage_text, question_text
from cognate.errors import ModelError
from cognate.search.order import order
from cognate.search.query import Query
from cognate.search.weights import SLOPE
from cognate.types import ChunkRecord

CANDIDATES = 20
"""How many answers are read; the time of the stage grows with it."""

WEIGHT = 1.0
"""Factor of the cross-encoder's log-odds beside the first stage's: both count as they stand."""

SURE_SCORE = 0.8
SURE_LEAD = 0.2
"""The first stage is sure of an answer with so high a score, if the next one's is so much lower: no second look is
taken. Of 605 labelled queries this held for 112, and 97 % of these first answers were right."""

log = logging.getLogger(__name__)


def is_sure(scores: Sequence[float]) -> bool:
    """Whether a second look is not needed: there is a single answer, or the first is good and far ahead of the next."""
    return len(scores) < 2 or (scores[0] >= SURE_SCORE and scores[0] - scores[1] >= SURE_LEAD)  # noqa: PLR2004


def second_stage(
    reranker: PairScorer,
    query: Query,
    records: Sequence[ChunkRecord],
    linear: NDArray[np.float64],
    rows: Sequence[int],
    *,
    cancel: CancelToken,
) -> dict[int, float]:
    """Return the reranker score of each row, 0 for the best and below 0 for others, the rows in their new order.

    None when the cross-encoder fails. ``linear`` has the first stage's score of each of the candidates, which are
    ``records``; the cross-encoder reads those in ``rows``.

    Raises:
        CancelledError: when nobody waits for the answer any more.
    """
    read = [records[row] for row in rows]
    passages = [passage_text(record.path, record.chunk) for record in read]
    try:
        logits = reranker.score(question_text(query.text), passages, cancel=cancel).astype(np.float64)
    except ModelError as error:
        log.warning("Answered without the reranker: %s", error)
        return {}
    scores = WEIGHT * (logits - logits.max()) / SLOPE
    again = order(read, linear[list(rows)] + scores, is_symbol=query.is_symbol, least=0.0)
    return {rows[ranked.row]: float(scores[ranked.row]) for ranked in again}
