"""Finds the candidates of a query with every index: words, names, meaning, whole files. Any thread, one snapshot.

Reads no text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from cognate.index.snapshot import Snapshot
from cognate.search.locations import Pointed
from cognate.search.query import Query
from cognate.types import ChunkId, Vector

LEXICAL_CANDIDATES = 120
LEXICAL_SCORED = 400  # Scored at once, because to ask for the scores of given chunks takes three times as long.
MEANING_CANDIDATES = 100
FILE_CANDIDATES = 15  # Files that match as a whole, each with its best chunks, though no chunk of theirs stands out.
CHUNKS_PER_FILE = 6
DEFINITION_CANDIDATES = 60  # Chunks that define a queried name; a name defined more often says little.
DEFINITIONS_KNOWN = 5000  # Definitions of a name that are told apart from its uses.
RETRIEVAL_FIELDS = {"body": 1.0, "names": 1.0, "path": 0.6}
FILTER_BY_ID_LIMIT = 4000
"""Up to this count the allowed chunks are named to the lexical index; beyond it, its answers are filtered."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the indexes found.

    Attributes:
        paths: the file of each candidate, by its id, in the order of ids.
        body: BM25 of words, names and path, by id; other chunks than the candidates may be among them.
        names: the same of the names alone.
        defining: the chunks that define a name of the query.
        vector: of the query, None without an encoder.
    """

    paths: Mapping[ChunkId, str]
    body: Mapping[ChunkId, float]
    names: Mapping[ChunkId, float]
    defining: frozenset[ChunkId]
    vector: Vector | None


def retrieve(
    snapshot: Snapshot,
    query: Query,
    vector: Vector | None,
    allowed: frozenset[ChunkId] | None,
    pointed: Pointed,
    *,
    with_all_allowed: bool,
) -> Candidates:
    """Return the union of what every index finds.

    Args:
        snapshot: what is searched.
        query: whose words and names are looked for.
        vector: of the query, None without an encoder.
        allowed: the chunks to choose from, None for all.
        pointed: what the query points at.
        with_all_allowed: whether all allowed chunks are candidates, if they are few.
    """
    words = dict.fromkeys(query.words, 1.0)
    few = allowed if allowed is not None and len(allowed) <= FILTER_BY_ID_LIMIT else None
    limit = LEXICAL_CANDIDATES if allowed is None or few is not None else LEXICAL_CANDIDATES * 8
    body = snapshot.lexical.score_chunks(words, RETRIEVAL_FIELDS, max(limit, LEXICAL_SCORED), few)
    names = snapshot.lexical.score_chunks(words, {"names": 1.0}, limit, few)
    found = {*islice(body, limit), *names}
    definitions = [snapshot.defining(name, DEFINITIONS_KNOWN) for name in query.names]
    for defining in definitions:
        found.update(defining[:DEFINITION_CANDIDATES])
    if with_all_allowed and allowed is not None and len(allowed) <= LEXICAL_CANDIDATES:
        found.update(allowed)
    if vector is not None:
        found.update(snapshot.vectors.nearest(vector, MEANING_CANDIDATES, allowed)[0].tolist())
    found.update(pointed.locations)
    inside: dict[ChunkId, str] = {number: file for file in pointed.files for number in snapshot.ids_in(file)}
    for number in snapshot.lexical.score_files(words, FILE_CANDIDATES):
        path = snapshot.path_of_file_number(number)
        if path is not None:
            chunks = snapshot.ids_in(path)
            scored = [i for i in chunks if i in body]
            # With enough of them scored, none of the others is among the file's best.
            inside.update(dict.fromkeys(scored if len(scored) >= CHUNKS_PER_FILE else chunks, path))
    unscored = [i for i in {*found, *inside} if i not in body]
    body.update(snapshot.lexical.score_chunks(words, RETRIEVAL_FIELDS, len(unscored), unscored) if unscored else {})
    found.update(_best_per_file(inside, body))
    paths = {i: path for i in sorted(found) if (path := snapshot.path_of(i)) is not None}
    if allowed is not None:
        paths = {i: path for i, path in paths.items() if i in allowed}
    return Candidates(paths, body, names, frozenset().union(*definitions), vector)


def _best_per_file(paths: Mapping[ChunkId, str], scores: Mapping[ChunkId, float]) -> Iterable[ChunkId]:
    taken: dict[str, int] = {}
    for number in sorted((i for i in paths if i in scores), key=lambda i: (-scores[i], i)):
        taken[paths[number]] = taken.get(paths[number], 0) + 1
        if taken[paths[number]] <= CHUNKS_PER_FILE:
            yield number
