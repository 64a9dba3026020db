"""Search by meaning, as a recipe from the query to the hits. Any thread, no lock.

Works on one snapshot from beginning to end. Never touches the engine, the store or a file.
"""

from collections.abc import Callable
from functools import cache

from cognate.cancellation import CancelToken
from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.encoder import Encoder
from cognate.index.snapshot import Snapshot
from cognate.search.advice import advice_on
from cognate.search.copies import locations_of_copies
from cognate.search.focus import focus_line
from cognate.search.hits import Found, facets_of, hit_on, never_stale
from cognate.search.lookup import look_up
from cognate.search.near_words import advice_of, is_weak, near_words
from cognate.search.order import contributions
from cognate.search.query import read_query
from cognate.search.ranking import Ranking, ranking_of
from cognate.search.request import SearchRequest
from cognate.timing import untimed
from cognate.types import Hit


def search(
    snapshot: Snapshot,
    encoder: Encoder | None,
    request: SearchRequest,
    cancel: CancelToken,
    *,
    reranker: PairScorer | None = None,
    is_stale: Callable[[str], bool] = never_stale,
    ended: Callable[[str], None] = untimed,
) -> Found:
    """Answer a search on a snapshot, best first, with advice where its filters or its words are to blame.

    Args:
        snapshot: what is searched.
        encoder: of the snapshot's vectors; without it, words alone are compared.
        request: what is asked.
        cancel: stops the work between its steps.
        reranker: the cross-encoder of the second stage; without it there is none.
        is_stale: whether a file is no longer what was indexed.
        ended: told the name of each stage when it has ended.

    Raises:
        InvalidRequestError: when the query is empty or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    query = read_query(request.query)
    found = look_up(snapshot, encoder, query, request, cancel, ended=ended)
    scopes = query.scope, request.scope
    if found is None:
        return Found((), advice=advice_on(snapshot, scopes, has_hits=False))
    ranking = ranking_of(found, reranker, cancel, ended)
    advice = advice_on(snapshot, scopes, has_hits=bool(ranking.rows))
    if not advice.message and is_weak(ranking.scores):
        advice = advice_of(near_words(snapshot, query, found.wordings[0].vector))
        ended("near words")
    answer = Found(hits_of(snapshot, ranking, request, is_stale), facets_of(ranking.everything()), advice)
    ended("hits")
    return answer


def hits_of(
    snapshot: Snapshot, ranking: Ranking, request: SearchRequest, is_stale: Callable[[str], bool]
) -> tuple[Hit, ...]:
    """Return the best hits of a ranking, as many as are asked for."""
    found, records = ranking.found, ranking.found.pool.records
    is_file_stale = cache(is_stale)
    locations = found.looks[0].evidence.pointed.locations

    def hit(row: int, score: float) -> Hit:
        record, wording = records[row], int(ranking.found_by[row])
        look, location = found.looks[wording], locations.get(record.id)
        line = focus_line(look.query, record.chunk, look.evidence.idf) if location is None else location.line
        why = None
        if request.explain:
            why = contributions(ranking.features[wording][row], look.query.is_symbol, ranking.reranker_scores.get(row))
        return hit_on(
            snapshot,
            record,
            line,
            score,
            why,
            stale=is_file_stale(record.path),
            copies=locations_of_copies(snapshot, record, ranking.alike(row), found.allowed),
            found_by=found.typed[wording] if len(found.typed) > 1 else None,
        )

    return tuple(map(hit, ranking.rows[: request.limit], ranking.scores))
