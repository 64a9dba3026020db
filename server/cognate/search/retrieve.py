"""Finds the candidates of a query with every index: words, names, meaning, whole files. Any thread, one snapshot.

Reads no text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from cognate.arrays import Vector
from cognate.index.snapshot import Snapshot
from cognate.search.locations import Pointed
from cognate.search.query import Query
from cognate.search.wordings import Wording
from cognate.types import ChunkId

LEXICAL_CANDIDATES = 120
CHUNKS_PER_FILE = 6
DEFINITION_CANDIDATES = 60  # Chunks that define a queried name; a name defined more often says little.
DEFINITIONS_KNOWN = 5000  # Definitions of a name that are told apart from its uses.
RETRIEVAL_FIELDS = {"body": 1.0, "names": 1.0, "path": 0.6}
FILTER_BY_ID_LIMIT = 4000
"""Up to this count the allowed chunks are named to the lexical index; beyond it, its answers are filtered."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How far one wording of a question looks.

    Attributes:
        scored: chunks scored at once by words; to ask for the scores of given chunks takes three times as long.
        meaning: chunks found by meaning.
        files: files that match as a whole, each with its best chunks, though no chunk of theirs stands out.
        kept: candidates that are read.
        translated: chunks found by the translation table.
        meant: candidates that are read besides, for what they mean alone, whatever their words.
    """

    scored: int
    meaning: int
    files: int
    kept: int
    translated: int = 0
    meant: int = 0

    @property
    def is_thorough(self) -> bool:
        """Whether names alone and whole files are searched, too, and everything found is scored by words at once."""
        return self.files > 0


ALONE = Depth(scored=400, meaning=64, files=6, kept=96, translated=60, meant=24)
"""With 100 chunks by meaning and 15 files every labelled query is answered as well, and takes 7 % longer; with 80 kept,
questions for uses lose 0.006."""


def depth_of(wordings: int) -> Depth:
    """Return how far each wording looks, where there are so many: less far than one alone, as the others look, too."""
    if wordings == 1:
        return ALONE
    kept, translated, meant = max(32, ALONE.kept // wordings), ALONE.translated // wordings, ALONE.meant // wordings
    return Depth(scored=120, meaning=50, files=0, kept=kept, translated=translated, meant=meant)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the indexes found.

    Attributes:
        paths: the file of each candidate, by its id, in the order of ids.
        body: BM25 of words, names and path of each chunk where it is known, others than the candidates among them.
        names: the same of the names alone.
        defining: the chunks that define a name of the query.
    """

    paths: Mapping[ChunkId, str]
    body: Mapping[ChunkId, float]
    names: Mapping[ChunkId, float]
    defining: frozenset[ChunkId]


@dataclass(frozen=True, slots=True)
class ByWords:
    """What words and names alone find among some chunks.

    Attributes:
        allowed: the chunks to choose from, None for all.
        found: the candidates.
        inside: chunks of files that match as a whole, with their file, of which the best are candidates.
        body: as in Candidates, like the next two.
    """

    allowed: frozenset[ChunkId] | None
    found: frozenset[ChunkId]
    inside: Mapping[ChunkId, str]
    body: Mapping[ChunkId, float]
    names: Mapping[ChunkId, float]
    defining: frozenset[ChunkId]


def by_words(
    snapshot: Snapshot, query: Query, pointed: Pointed, depth: Depth, allowed: frozenset[ChunkId] | None
) -> ByWords:
    """Return what words, names and whole files find, and what the query points at, among all chunks or some."""
    few = allowed if allowed is not None and len(allowed) <= FILTER_BY_ID_LIMIT else None
    limit = LEXICAL_CANDIDATES if allowed is None or few is not None else LEXICAL_CANDIDATES * 8
    body = snapshot.lexical.score_chunks(query.words, RETRIEVAL_FIELDS, max(limit, depth.scored), few)
    names = snapshot.lexical.score_chunks(query.words, {"names": 1.0}, limit, few) if depth.is_thorough else {}
    found = {*islice(body, limit), *names, *pointed.locations}
    definitions = [snapshot.defining(name, DEFINITIONS_KNOWN) for name in query.names]
    for defining in definitions:
        found.update(defining[:DEFINITION_CANDIDATES])
    if query.scope.phrases and allowed is not None and len(allowed) <= LEXICAL_CANDIDATES:
        found.update(allowed)
    inside: dict[ChunkId, str] = {number: file for file in pointed.files for number in snapshot.ids_in(file)}
    matching = snapshot.lexical.score_files(query.words, depth.files) if depth.is_thorough else ()
    for number in matching:
        path = snapshot.path_of_file_number(number)
        if path is not None:
            chunks = snapshot.ids_in(path)
            scored = [i for i in chunks if i in body]
            # With enough of them scored, none of the others is among the file's best.
            inside.update(dict.fromkeys(scored if len(scored) >= CHUNKS_PER_FILE else chunks, path))
    return ByWords(allowed, frozenset(found), inside, body, names, frozenset().union(*definitions))


def retrieve(snapshot: Snapshot, wording: Wording, words: ByWords, near: Vector | None, depth: Depth) -> Candidates:
    """Return the union of what words and the translation table find, and the chunks nearest to a vector if any."""
    query, found, body, allowed = wording.query, set(words.found), dict(words.body), words.allowed
    if wording.translated is not None and not query.is_symbol:
        found.update(wording.translated.nearest(depth.translated, allowed))
    if near is not None:
        found.update(snapshot.vectors.nearest(near, depth.meaning, allowed)[0].tolist())
    unscored = [i for i in {*found, *words.inside} if i not in body] if depth.is_thorough else []
    if unscored:
        body.update(snapshot.lexical.score_chunks(query.words, RETRIEVAL_FIELDS, len(unscored), unscored))
    found.update(_best_per_file(words.inside, body))
    paths = {i: path for i in sorted(found) if (path := snapshot.path_of(i)) is not None}
    if allowed is not None:
        paths = {i: path for i, path in paths.items() if i in allowed}
    return Candidates(paths, dict.fromkeys(unscored, 0.0) | body, words.names, words.defining)


def _best_per_file(paths: Mapping[ChunkId, str], scores: Mapping[ChunkId, float]) -> Iterable[ChunkId]:
    taken: dict[str, int] = {}
    for number in sorted((i for i in paths if i in scores), key=lambda i: (-scores[i], i)):
        taken[paths[number]] = taken.get(paths[number], 0) + 1
        if taken[paths[number]] <= CHUNKS_PER_FILE:
            yield number
