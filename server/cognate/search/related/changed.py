"""Files that usually change with the one that is asked about, as the history says. One snapshot, one view."""

from collections.abc import Callable

from cognate.history.view import HistoryView
from cognate.index.snapshot import Snapshot
from cognate.search.history import changed_most, files_changed_with
from cognate.search.hits import Found, facets_of, hit_on
from cognate.search.request import RelatedRequest
from cognate.search.scope import allowed_chunks
from cognate.types import Advice, ChunkRecord, Hit

NOTHING = "No other file usually changes with {}."


def changed_with_file(
    snapshot: Snapshot, view: HistoryView, request: RelatedRequest, is_stale: Callable[[str], bool]
) -> Found:
    """Return the files that usually change with that of a span, the likeliest first.

    Each is shown at the definition that changed most often with the other file, or else at its first one.

    Raises:
        InvalidRequestError: when a pattern cannot be read.
        StoreError: when the history cannot be read.
    """
    allowed = allowed_chunks(snapshot, request.scope)
    files = [
        file for file in files_changed_with(view, snapshot, (request.span.path,)) if file.score >= request.min_score
    ]
    places = changed_most(view, snapshot, request.span.path, [file.path for file in files])
    hits: list[Hit] = []
    records: list[ChunkRecord] = []
    for file in files:
        outlines = [
            (number, outline)
            for number, outline in snapshot.outlined(file.path)
            if allowed is None or number in allowed
        ]
        if not outlines:
            continue
        place = places.get(file.path)
        defining = [number for number, outline in outlines if outline.definitions]
        number, line = (defining or [outlines[0][0]])[0], None
        for candidate, outline in outlines:
            if place is not None and outline.start_line <= place.start_line < outline.end_line:
                number, line = candidate, place.start_line
        record = snapshot.read([number])[0]
        if line is None:
            line = record.chunk.definitions[0].start_line if record.chunk.definitions else record.chunk.start_line
        why = {"commits": float(file.commits), "score": file.score} if request.explain else None
        hits.append(hit_on(snapshot, record, line, file.score, why, stale=is_stale(file.path)))
        records.append(record)
    advice = Advice() if hits else Advice(view.message or NOTHING.format(request.span.path))
    return Found(tuple(hits[: request.limit]), facets_of(records), advice)
