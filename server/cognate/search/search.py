"""Search by meaning, as a recipe from the query to the hits. Any thread, no lock.

Works on one snapshot from beginning to end. Never touches the engine, the store or a file.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from cognate.cancellation import CancelToken
from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.encoder import Encoder
from cognate.index.snapshot import Snapshot
from cognate.search import rerank
from cognate.search.advice import advice_on
from cognate.search.copies import copies_among, locations_of_copies
from cognate.search.focus import focus_line
from cognate.search.hits import NOTHING_FOUND, Found, facets_of, hit_on, never_stale
from cognate.search.lookup import look_up
from cognate.search.near_words import advice_of, is_weak, near_words, reordered, with_words
from cognate.search.order import combined, contributions, linear_scores, nothing_is_close, order, probabilities
from cognate.search.query import Query, read_query
from cognate.search.request import SearchRequest
from cognate.search.signals import signals
from cognate.types import Hit, Vector


def search(
    snapshot: Snapshot,
    encoder: Encoder | None,
    request: SearchRequest,
    cancel: CancelToken,
    *,
    reranker: PairScorer | None = None,
    is_stale: Callable[[str], bool] = never_stale,
) -> Found:
    """Answer a search on a snapshot, best first, with advice where its filters or its words are to blame.

    Takes and raises what ``ranked_hits`` does.
    """
    query = read_query(request.query)
    found = ranked_hits(snapshot, encoder, query, request, cancel, reranker=reranker, is_stale=is_stale)
    advice = advice_on(snapshot, (query.scope, request.scope), has_hits=bool(found.hits))
    if advice.message or not is_weak(found):
        return replace(found, advice=advice)
    words = near_words(snapshot, query, found.vector)
    # Who writes a name or a wording knows what to ask for; a cross-encoder would have to read the answers twice.
    if words and found.hits and not (query.names or request.also or reranker):
        again = replace(request, also=(with_words(query, words),))
        second = ranked_hits(
            snapshot, encoder, query, again, cancel, reranker=None, is_stale=is_stale, vector=found.vector
        )
        found = reordered(found, second)
    return replace(found, advice=advice_of(words))


def ranked_hits(
    snapshot: Snapshot,
    encoder: Encoder | None,
    query: Query,
    request: SearchRequest,
    cancel: CancelToken,
    *,
    reranker: PairScorer | None,
    is_stale: Callable[[str], bool],
    vector: Vector | None = None,
) -> Found:
    """Answer a search on a snapshot, best first.

    Args:
        snapshot: what is searched.
        encoder: of the snapshot's vectors; without it, words alone are compared.
        query: the request's, as it was read.
        request: what is asked.
        cancel: stops the work between its steps.
        reranker: the cross-encoder of the second stage; without it there is none.
        is_stale: whether a file is no longer what was indexed.
        vector: the query's, if it is known already.

    Raises:
        InvalidRequestError: when the query is empty or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    found = look_up(snapshot, encoder, query, request, cancel, vector=vector)
    if found is None:
        return NOTHING_FOUND
    if all(map(nothing_is_close, found.looks)):
        return replace(NOTHING_FOUND, vector=found.vector)
    pool, looks, records = found.pool, found.looks, found.pool.records
    asked = looks[0]
    is_symbol = asked.query.is_symbol
    features = [signals(look) for look in looks]
    linear, found_by = combined(
        [linear_scores(table, look.query.is_symbol) for table, look in zip(features, looks, strict=True)]
    )
    locations = asked.evidence.pointed.locations
    copies = copies_among(records, pool.near, first=asked.rows_pointed_at)
    for row, others in copies.items():
        linear[row] = max(linear[row], *linear[list(others)])
    repeated = {row for rows in copies.values() for row in rows}
    first = [row for row in asked.rows_pointed_at if row not in repeated]
    ranked = order(records, linear, is_symbol=is_symbol, first=first, left_out=repeated)
    rows = [candidate.row for candidate in ranked]
    certain = [locations[records[row].id].certainty for row in first]
    scores = probabilities(
        ranked,
        max(look.coverage for look in looks),
        max((look.likeness for look in looks if look.likeness is not None), default=None),
        is_symbol=is_symbol,
        certain=certain,
    )
    reranker_scores: dict[int, float] = {}
    if reranker is not None and not rerank.is_sure(scores):
        reranker_scores = rerank.second_stage(
            reranker, asked.query, records, linear, rows[len(certain) : rerank.CANDIDATES], cancel=cancel
        )
        rows = [*rows[: len(certain)], *reranker_scores, *rows[len(certain) + len(reranker_scores) :]]
    alike = {row: [records[other] for other in copies.get(row, ())] for row in rows}

    def hit(row: int, score: float) -> Hit:
        record, wording = records[row], int(found_by[row])
        look, location = looks[wording], locations.get(record.id)
        line = focus_line(look.query, record.chunk, look.evidence.idf) if location is None else location.line
        why = None
        if request.explain:
            why = contributions(features[wording][row], look.query.is_symbol, reranker_scores.get(row))
        return hit_on(
            snapshot,
            record,
            line,
            score,
            why,
            stale=is_stale(record.path),
            copies=locations_of_copies(snapshot, record, alike[row], found.allowed),
            found_by=found.typed[wording] if len(looks) > 1 else None,
        )

    hits = tuple(hit(row, score) for row, score in islice(zip(rows, scores, strict=True), request.limit))
    return Found(
        hits, facets_of([record for row in rows for record in (records[row], *alike[row])]), vector=found.vector
    )
