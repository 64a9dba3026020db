"""Search by meaning: retrieve with every index, collect evidence, rank, pick the focus line. Any thread, no lock.

Works on one snapshot from beginning to end. Never touches the engine, the store or a file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.embedding.encoder import Encoder
from cognate.errors import InvalidRequestError
from cognate.index.lexical import file_number, inverse_document_frequency
from cognate.index.snapshot import Snapshot
from cognate.search import focus, score
from cognate.search.nearness import nearness
from cognate.search.query import Query, merged, read_query
from cognate.search.request import SearchRequest
from cognate.search.scope import allowed_chunks
from cognate.search.signals import Evidence, coverage_of, first_look, signals
from cognate.search.spelling import corrected
from cognate.types import ChunkId, ChunkRecord, Hit, Matrix, Scope, Symbol, Vector
from cognate.workspace.path_facts import path_facts

LEXICAL_CANDIDATES = 120
LEXICAL_SCORED = 400  # So many are scored at once: to ask for the scores of given chunks takes three times as long.
MEANING_CANDIDATES = 100
FILE_CANDIDATES = 15  # Files that match as a whole, each with its best chunks, though no chunk of theirs stands out.
CHUNKS_PER_FILE = 6
DEFINITION_CANDIDATES = 60  # Chunks that define a queried name; a name defined more often says little.
FEEDBACK_ANSWERS = 5
FEEDBACK_WEIGHT = 0.5  # How far the query moves towards its own best answers (Rocchio, 1971).
RETRIEVAL_FIELDS = {"body": 1.0, "names": 1.0, "path": 0.6}
FILTER_BY_ID_LIMIT = (
    4000  # Up to so many allowed chunks are named to the lexical index; beyond, its answers are sifted.
)

MAX_QUERY_CHARS = 2000  # The encoder reads 64 tokens; what is pasted beyond this is a mistake or a log.


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Candidates of one query, with their evidence."""

    query: Query
    evidence: Evidence


def search(snapshot: Snapshot, encoder: Encoder | None, request: SearchRequest, cancel: CancelToken) -> tuple[Hit, ...]:
    """Answer a search on a snapshot, best first.

    Raises:
        InvalidRequestError: when the query is empty or a pattern cannot be read.
        CancelledError: when nobody waits for the answer any more.
    """
    found = retrieve(snapshot, encoder, request, cancel)
    if found is None:
        return ()
    cancel.check()
    features = signals(found.query, found.evidence)
    if score.nothing_is_close(found.evidence.similarity, features):
        return ()
    linear = score.relevance(features, found.query.is_symbol)
    records = found.evidence.records
    order = score.order(records, linear, request.limit, is_symbol=found.query.is_symbol)
    chances = score.chances(order, coverage_of(features), is_symbol=found.query.is_symbol)
    hits: list[Hit] = []
    for place, points in zip(order, chances, strict=True):
        why = score.contributions(features[place.row], found.query.is_symbol) if request.explain else None
        record = records[place.row]
        line = focus.focus_line(found.query, record.chunk, found.evidence.idf)
        hits.append(hit_at(snapshot, record, line, points, why))
    return tuple(hits)


def retrieve(
    snapshot: Snapshot, encoder: Encoder | None, request: SearchRequest, cancel: CancelToken
) -> Retrieved | None:
    """Return the candidates of a request with their evidence, or None when there can be none."""
    query = read_query(usable(request.query))
    scope = merged(query.scope, request.scope)
    if not query.text:
        raise InvalidRequestError("The query is empty: type what you are looking for, in words or as a name.")
    allowed = allowed_chunks(snapshot, scope)
    if not snapshot.records or (allowed is not None and not allowed):
        return None
    query = corrected(snapshot, query, encoder)
    cancel.check()
    meant = None
    if encoder is not None and len(snapshot.vectors):
        meant = _nearest(snapshot, encoder, query.text, allowed)
        cancel.check()
    found = _candidates(snapshot, query, meant, allowed, scope)
    if not found.numbers:
        return None
    cancel.check()
    return Retrieved(query, _evidence(snapshot, query, meant[0] if meant is not None else None, found, request))


def _nearest(
    snapshot: Snapshot, encoder: Encoder, text: str, allowed: frozenset[ChunkId] | None
) -> tuple[Vector, list[ChunkId]]:
    """Return the vector of a text and the chunks nearest to it."""
    vector = encoder.encode_query(text)
    ids, _ = snapshot.vectors.nearest(vector, MEANING_CANDIDATES, allowed)
    return vector, ids.tolist()


def usable(query: str) -> str:
    """Return a query as typed, cut to a length that makes sense, and without the half surrogate pairs JSON may hold."""
    return query[:MAX_QUERY_CHARS].encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class _Candidates:
    """What the retrievers found: ids in order, and the BM25 scores by id."""

    numbers: list[ChunkId]
    body: Mapping[ChunkId, float]
    names: Mapping[ChunkId, float]


def _candidates(
    snapshot: Snapshot,
    query: Query,
    meant: tuple[Vector, list[ChunkId]] | None,
    allowed: frozenset[ChunkId] | None,
    scope: Scope,
) -> _Candidates:
    """Return the union of what every retriever finds, in the order of ids."""
    words = dict.fromkeys(query.words, 1.0)
    few = allowed if allowed is not None and len(allowed) <= FILTER_BY_ID_LIMIT else None
    limit = LEXICAL_CANDIDATES if allowed is None or few is not None else LEXICAL_CANDIDATES * 8
    body = snapshot.lexical.score_chunks(words, RETRIEVAL_FIELDS, max(limit, LEXICAL_SCORED), few)
    names = snapshot.lexical.score_chunks(words, {"names": 1.0}, limit, few)
    found = {*islice(body, limit), *names}
    for name in query.names:
        found.update(snapshot.definitions.get(name, ())[:DEFINITION_CANDIDATES])
    if scope.phrases and allowed is not None and len(allowed) <= LEXICAL_CANDIDATES:
        found.update(allowed)
    files = snapshot.lexical.score_files(words, FILE_CANDIDATES)
    if meant is not None:
        found.update(meant[1])
    inside: list[ChunkId] = []
    for number in files:
        chunks = snapshot.by_path.get(snapshot.path_of_number.get(number, ""), ())
        scored = [i for i in chunks if i in body]
        inside += scored if len(scored) >= CHUNKS_PER_FILE else chunks  # None of the others is among its best.
    unscored = [i for i in {*found, *inside} if i not in body]
    body.update(snapshot.lexical.score_chunks(words, RETRIEVAL_FIELDS, len(unscored), unscored) if unscored else {})
    found.update(_best_per_file(snapshot, inside, body))
    return _Candidates(
        sorted(i for i in found if i in snapshot.records and (allowed is None or i in allowed)), body, names
    )


def _best_per_file(snapshot: Snapshot, ids: Iterable[ChunkId], scores: Mapping[ChunkId, float]) -> Iterable[ChunkId]:
    taken: dict[str, int] = {}
    for number in sorted((i for i in ids if i in scores), key=lambda i: (-scores[i], i)):
        path = snapshot.records[number].path
        taken[path] = taken.get(path, 0) + 1
        if taken[path] <= CHUNKS_PER_FILE:
            yield number


def _evidence(
    snapshot: Snapshot, query: Query, vector: Vector | None, found: _Candidates, request: SearchRequest
) -> Evidence:
    """Return the evidence for the candidates that a first look leaves; what is dear to find out comes after it."""
    numbers = found.numbers
    records = [snapshot.records[i] for i in numbers]
    paths = [record.path for record in records]
    number_of = {path: file_number(path) for path in dict.fromkeys(paths)}
    words = dict.fromkeys(query.words, 1.0)
    file_scores = snapshot.lexical.score_files(words, len(number_of), list(number_of.values()))
    body = np.array([found.body.get(number, 0.0) for number in numbers])
    names = np.array([found.names.get(number, 0.0) for number in numbers])
    file = np.array([file_scores.get(number_of[path], 0.0) for path in paths])
    similarity = file_similarity = feedback = np.full(len(records), np.nan)
    usual = (0.0, 1.0)
    if vector is not None:
        rows = snapshot.vectors.gathered(numbers)
        similarity = (rows @ vector).astype(np.float64)
        known = [path for path in number_of if path in snapshot.file_vectors]
        of_files = np.stack([snapshot.file_vectors[path] for path in known]) @ vector if known else vector[:0]
        by_path = dict(zip(known, of_files.tolist(), strict=True))
        file_similarity = np.array([by_path.get(path, np.nan) for path in paths])
        feedback = _feedback(vector, rows, similarity)
        usual = snapshot.usual_similarity(vector)
    defined = {number for name in query.names for number in snapshot.definitions.get(name, ())}
    defines = np.array([float(number in defined) for number in numbers])
    kept = first_look(
        {"body": body, "names": names, "file": file, "defines": defines}, (similarity, file_similarity), usual
    )
    records = [records[row] for row in kept.tolist()]
    files = list(dict.fromkeys(record.path for record in records))
    held = snapshot.lexical.words_of_files(query.words, [number_of[path] for path in files])
    near = request.near.path if request.near is not None else None
    closeness = nearness(snapshot, files, near, request.recent)
    ranks = {path: snapshot.graph.document_rank(path) for path in files}
    return Evidence(
        records=records,
        body=body[kept],
        names=names[kept],
        file=file[kept],
        similarity=similarity[kept],
        file_similarity=file_similarity[kept],
        feedback=feedback[kept],
        usual=usual,
        idf={word: _idf(snapshot, word) for word in query.words},
        words_in_file=[held.get(number_of[record.path], 0) for record in records],
        file_rank=np.array([ranks[record.path] for record in records]),
        symbol_rank=np.array([snapshot.symbol_rank(record) for record in records]),
        near=np.array([closeness[record.path] for record in records]),
        tolerated=path_facts(near).kinds if near is not None else frozenset(),
    )


def _feedback(vector: Vector, rows: Matrix, similarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the similarity of each candidate to the query moved towards its best answers."""
    known = int((~np.isnan(similarity)).sum())
    best = np.argsort(-np.nan_to_num(similarity, nan=-1.0), kind="stable")[: min(FEEDBACK_ANSWERS, known)]
    if not len(best):
        return similarity
    moved = vector + FEEDBACK_WEIGHT * rows[best].mean(axis=0)
    moved /= np.linalg.norm(moved)
    return (rows @ moved).astype(np.float64)


def _idf(snapshot: Snapshot, word: str) -> float:
    """Return the inverse document frequency over chunks."""
    return inverse_document_frequency(snapshot.lexical.n_chunks, snapshot.lexical.document_frequency(word))


def hit_at(snapshot: Snapshot, record: ChunkRecord, line: int, points: float, why: Mapping[str, float] | None) -> Hit:
    """Return the hit for a chunk, its focus on a line."""
    chunk = record.chunk
    return Hit(
        path=record.path,
        start_line=chunk.start_line,
        end_line=chunk.end_line,
        focus_line=line,
        focus_text=chunk.text.split("\n")[line - chunk.start_line],
        score=points,
        symbol=focus.symbol_at(chunk, line) or _symbol_around(snapshot, record, line),
        language=record.language,
        preview=focus.preview(chunk, line),
        cell=chunk.cell,
        why=why,
    )


def _symbol_around(snapshot: Snapshot, record: ChunkRecord, line: int) -> Symbol | None:
    """Return the innermost definition around a line that began in an earlier chunk of the file."""
    if not record.chunk.container:
        return None
    earlier = (snapshot.records[number].chunk for number in snapshot.by_path.get(record.path, ()))
    around = [
        symbol
        for chunk in earlier
        if chunk.cell == record.chunk.cell
        for symbol in chunk.symbols
        if symbol.start_line <= line < symbol.end_line
    ]
    return max(around, key=lambda symbol: (symbol.start_line, -symbol.end_line), default=None)
