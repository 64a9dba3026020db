"""Search by meaning, as a recipe from the query to the hits. Any thread, no lock.

Works on one snapshot from beginning to end. Never touches the engine, the store or a file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from cognate.cancellation import CancelToken
from cognate.embedding.cross_encoder import PairScorer
from cognate.embedding.encoder import Encoder
from cognate.errors import InvalidRequestError
from cognate.index.snapshot import Snapshot
from cognate.search import rerank
from cognate.search.advice import advice_on
from cognate.search.copies import copies_among, locations_of_copies, without_surplus
from cognate.search.evidence import Evidence, collect, first_look
from cognate.search.focus import focus_line
from cognate.search.hits import NOTHING_FOUND, Found, facets_of, hit_on, never_stale
from cognate.search.locations import point
from cognate.search.order import contributions, linear_scores, nothing_is_close, order, probabilities
from cognate.search.query import Query, read_query
from cognate.search.request import SearchRequest
from cognate.search.retrieve import retrieve
from cognate.search.scope import allowed_chunks
from cognate.search.signals import Look, signals
from cognate.search.spelling import corrected
from cognate.types import ChunkId


def search(
    snapshot: Snapshot,
    encoder: Encoder | None,
    request: SearchRequest,
    cancel: CancelToken,
    *,
    reranker: PairScorer | None = None,
    is_stale: Callable[[str], bool] = never_stale,
) -> Found:
    """Answer a search on a snapshot, best first, with advice where its filters are to blame for what it lacks.

    Takes and raises what ``ranked_hits`` does.
    """
    query = read_query(request.query)
    found = ranked_hits(snapshot, encoder, query, request, cancel, reranker=reranker, is_stale=is_stale)
    return replace(found, advice=advice_on(snapshot, (query.scope, request.scope), has_hits=bool(found.hits)))


def ranked_hits(
    snapshot: Snapshot,
    encoder: Encoder | None,
    query: Query,
    request: SearchRequest,
    cancel: CancelToken,
    *,
    reranker: PairScorer | None,
    is_stale: Callable[[str], bool],
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

    Raises:
        InvalidRequestError: when the query is empty or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    retrieved = look_up(snapshot, encoder, query, request, cancel)
    if retrieved is None:
        return NOTHING_FOUND
    query, evidence, records = retrieved.query, retrieved.evidence, retrieved.evidence.records
    look = Look(query, evidence)
    if nothing_is_close(look):
        return NOTHING_FOUND
    features = signals(look)
    linear = linear_scores(features, query.is_symbol)
    locations = evidence.pointed.locations
    copies = copies_among(records, evidence.near, first=look.rows_pointed_at)
    for row, others in copies.items():
        linear[row] = max(linear[row], *linear[list(others)])
    repeated = {row for rows in copies.values() for row in rows}
    first = [row for row in look.rows_pointed_at if row not in repeated]
    ranked = order(records, linear, is_symbol=query.is_symbol, first=first, left_out=repeated)
    rows = [candidate.row for candidate in ranked]
    certain = [locations[records[row].id].certainty for row in first]
    scores = probabilities(ranked, look.coverage, look.likeness, is_symbol=query.is_symbol, certain=certain)
    reranker_scores: dict[int, float] = {}
    if reranker is not None and not rerank.is_sure(scores):
        reranker_scores = rerank.second_stage(
            reranker, query, records, linear, rows[len(certain) : rerank.CANDIDATES], cancel=cancel
        )
        rows = [*rows[: len(certain)], *reranker_scores, *rows[len(certain) + len(reranker_scores) :]]
    alike = {row: [records[other] for other in copies.get(row, ())] for row in rows}
    facets = facets_of([record for row in rows for record in (records[row], *alike[row])])
    hits = tuple(
        hit_on(
            snapshot,
            records[row],
            focus_line(query, records[row].chunk, evidence.idf) if location is None else location.line,
            score,
            contributions(features[row], query.is_symbol, reranker_scores.get(row)) if request.explain else None,
            stale=is_stale(records[row].path),
            copies=locations_of_copies(snapshot, records[row], alike[row], retrieved.allowed),
        )
        for row, score in islice(zip(rows, scores, strict=True), request.limit)
        for location in [locations.get(records[row].id)]
    )
    return Found(hits, facets)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A query as it was read, its best candidates with their evidence, and what its filters allow, None for all."""

    query: Query
    evidence: Evidence
    allowed: frozenset[ChunkId] | None


def look_up(
    snapshot: Snapshot, encoder: Encoder | None, query: Query, request: SearchRequest, cancel: CancelToken
) -> Retrieved | None:
    """Return the candidates of a request with their evidence, or None when there can be none.

    Raises:
        InvalidRequestError: when the query is empty or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    if not query.text:
        raise InvalidRequestError("The query is empty: type what you are looking for, in words or as a name.")
    scope = query.scope
    query = corrected(snapshot, query, encoder)
    allowed = allowed_chunks(snapshot, scope, request.scope)
    pointed = point(snapshot, query, allowed)
    if query.is_symbol and pointed.files:
        query = query.as_file()
    cancel.check()
    vector = encoder.encode_query(query.text) if encoder is not None and len(snapshot.vectors) else None
    cancel.check()
    retrieve_from = partial(retrieve, snapshot, query, vector, pointed=pointed, with_all_allowed=bool(scope.phrases))
    found = without_surplus(snapshot, retrieve_from, allowed, kept=pointed.locations)
    cancel.check()
    kept = first_look(snapshot, query, found, pointed)
    near = request.near.path if request.near else None
    evidence = collect(snapshot, query, kept, pointed, near=near, recent=request.recent)
    cancel.check()
    return Retrieved(query, evidence, allowed) if evidence.records else None
