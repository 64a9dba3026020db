"""Related code of a kind: the tests, callers, callees, siblings and docs of a definition. Any thread, one snapshot.

What is related is found by name, in the lexical index and among definitions, and judged by how the name is used there,
by the links of the reference graph, and by meaning. Nothing is parsed or embedded; only candidates' texts are read.
"""

from collections.abc import Callable, Mapping

from cognate.cancellation import CancelToken
from cognate.embedding.encoder import Encoder
from cognate.errors import InvalidRequestError
from cognate.history.view import NO_HISTORY, HistoryView
from cognate.index.snapshot import Snapshot
from cognate.search import request as asked
from cognate.search.advice import advice_on
from cognate.search.hits import Found, facets_of, hit_on, never_stale
from cognate.search.related.callees import callees
from cognate.search.related.callers import callers
from cognate.search.related.changed import changed_with_file
from cognate.search.related.docs import docs
from cognate.search.related.place import Candidate, Place, place_at
from cognate.search.related.siblings import siblings
from cognate.search.related.similar import similar
from cognate.search.related.tests import tests
from cognate.search.request import RelatedRequest
from cognate.search.scope import allowed_chunks
from cognate.types import Advice, ChunkId

Finder = Callable[[Place, frozenset[ChunkId] | None], list[Candidate]]

FINDERS: Mapping[str, Finder] = {
    asked.TESTS: tests,
    asked.CALLERS: callers,
    asked.CALLEES: callees,
    asked.SIBLINGS: siblings,
    asked.DOCS: docs,
}

NOTHING = {
    asked.TESTS: "No test of {} was found.",
    asked.CALLERS: "Nothing that uses {} was found.",
    asked.CALLEES: "Nothing that {} uses is defined here.",
    asked.SIBLINGS: "Nothing stands beside {} in the same role.",
    asked.DOCS: "No documentation of {} was found.",
}


def related(
    snapshot: Snapshot,
    encoder: Encoder | None,
    request: RelatedRequest,
    cancel: CancelToken,
    *,
    is_stale: Callable[[str], bool] = never_stale,
    history: HistoryView = NO_HISTORY,
) -> Found:
    """Answer what is related to a span in the way that the request names, best first.

    Arguments are those of ``search``; only what is similar needs the encoder. The history says what changes together.

    Raises:
        InvalidRequestError: when there is no such kind, or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    if request.kind == asked.SIMILAR:
        return similar(snapshot, encoder, request, cancel, is_stale=is_stale)
    if request.kind == asked.CHANGED_WITH:
        return changed_with_file(snapshot, history, request, is_stale)
    find = FINDERS.get(request.kind)
    if find is None:
        raise InvalidRequestError(f"kind must be one of {', '.join(asked.KINDS)}.")
    place = place_at(snapshot, request.span)
    if place is None:
        return Found((), advice=Advice("There is no definition at this line."))
    allowed = allowed_chunks(snapshot, request.scope)
    cancel.check()
    candidates = [c for c in find(place, allowed) if c.points >= request.min_score]
    cancel.check()
    candidates.sort(key=lambda c: (-c.points, c.record.path, c.line))
    hits = tuple(
        hit_on(
            snapshot,
            candidate.record,
            candidate.line,
            candidate.points,
            {**candidate.why, "score": candidate.points} if request.explain else None,
            stale=is_stale(candidate.record.path),
        )
        for candidate in candidates[: request.limit]
    )
    advice = advice_on(snapshot, (request.scope,), has_hits=bool(hits))
    if not hits and not advice.message:
        advice = Advice(NOTHING[request.kind].format(place.symbol.name))
    return Found(hits, facets_of([candidate.record for candidate in candidates]), advice)
