"""What is known about each candidate of a query, from every index of one snapshot. Any thread.

A first look by what is known at once leaves the candidates whose text is read and about which the rest is found out.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cognate.index.lexical import file_number, inverse_document_frequency
from cognate.index.snapshot import Snapshot
from cognate.search.locations import NOTHING, Pointed
from cognate.search.query import Query
from cognate.search.retrieve import Candidates
from cognate.types import ChunkId, ChunkRecord, Matrix, Vector
from cognate.workspace.path_facts import path_facts

FEEDBACK_ANSWERS = 5
FEEDBACK_WEIGHT = 0.5  # How far the query moves towards its own best answers (Rocchio, 1971).

FIRST_LOOK_KEEPS = 96
FIRST_LOOK = {"body": 1.5, "names": 0.5, "file": 1.0, "defines": 5.0, "named": 3.0, "meaning": 2.2, "file_meaning": 1.4}
"""Weights of what is known at once, and how many candidates it leaves, of 240 on average. Costs hardly any NDCG."""

STANDARD_DEVIATIONS = 5.0  # Similarities seldom lie further from the workspace's mean; puts them in -1..1.

LINKED = 0.8  # The most that a file gets which the user's file refers to or is referred to by.
SAME_FOLDER = 0.6
RECENT = 0.7  # A file that was edited lately, wherever the user is now.

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FirstEvidence:
    """What is known without reading any text; arrays have one entry a candidate, NaN where nothing is known.

    Attributes:
        ids: the candidates.
        paths: the file of each.
        body: BM25 of the chunk's words, names and path together.
        names: BM25 of the names it defines.
        file: BM25 of the whole file.
        defines: 1 where it defines a name of the query.
        named: 1 where the path stands in the query, infinite where the query names the very location.
        similarity: cosine of query and chunk.
        file_similarity: cosine of query and the file's mean.
        feedback: cosine of chunk and the query moved towards its best answers.
        usual: mean and standard deviation of ``similarity`` over the workspace.
    """

    ids: NDArray[np.int64]
    paths: Sequence[str]
    body: Column
    names: Column
    file: Column
    defines: Column
    named: Column
    similarity: Column
    file_similarity: Column
    feedback: Column
    usual: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the candidates that are ranked; arrays have one entry each, NaN where nothing is known.

    Attributes:
        records: the candidates.
        body: as in FirstEvidence, like the next five.
        idf: inverse document frequency of each of the query's words.
        words_in_file: which of the query's words the file has: bit i for the i-th.
        file_rank: how central the file is in the reference graph, 0 to 1.
        symbol_rank: how central the chunk's most central definition is, 0 to 1.
        near: how near the file is to where the user is, 0 to 1.
        tolerated: kinds of files that need not be asked for, as the user is in one.
        pointed: what the query points at.
    """

    records: Sequence[ChunkRecord]
    body: Column
    file: Column
    similarity: Column
    file_similarity: Column
    feedback: Column
    usual: tuple[float, float]
    idf: Mapping[str, float]
    words_in_file: Sequence[int]
    file_rank: Column
    symbol_rank: Column
    near: Column
    tolerated: frozenset[str] = frozenset()
    pointed: Pointed = NOTHING


def first_look(snapshot: Snapshot, query: Query, found: Candidates, pointed: Pointed) -> FirstEvidence:
    """Return the candidates worth a closer look, in the order of ids."""
    ids, paths = list(found.paths), list(found.paths.values())
    number_of = {path: file_number(path) for path in dict.fromkeys(paths)}
    words = dict.fromkeys(query.words, 1.0)
    file_scores = snapshot.lexical.score_files(words, len(number_of), list(number_of.values()))
    similarity = file_similarity = feedback = np.full(len(ids), np.nan)
    usual = (0.0, 1.0)
    if found.vector is not None:
        rows = snapshot.vectors.gathered(ids)
        similarity = (rows @ found.vector).astype(np.float64)
        of_file = _file_similarities(snapshot, found.vector, number_of)
        file_similarity = np.array([of_file.get(path, np.nan) for path in paths])
        feedback = _feedback(found.vector, rows, similarity)
        usual = snapshot.usual_similarity(found.vector)
    everything = FirstEvidence(
        ids=np.array(ids, np.int64),
        paths=paths,
        body=np.array([found.body.get(number, 0.0) for number in ids]),
        names=np.array([found.names.get(number, 0.0) for number in ids]),
        file=np.array([file_scores.get(number_of[path], 0.0) for path in paths]),
        defines=np.array([float(number in found.defining) for number in ids]),
        named=np.array(
            [np.inf if i in pointed.locations else float(p in pointed.files) for i, p in found.paths.items()]
        ),
        similarity=similarity,
        file_similarity=file_similarity,
        feedback=feedback,
        usual=usual,
    )
    return _rows(everything, _best_rows(everything))


def _best_rows(everything: FirstEvidence) -> NDArray[np.int64]:
    columns = {name: scaled(getattr(everything, name)) for name in ("body", "names", "file", "defines")}
    columns["meaning"] = standardised(everything.similarity, everything.usual)
    columns["file_meaning"] = standardised(everything.file_similarity, everything.usual)
    columns["named"] = everything.named
    points = sum(FIRST_LOOK[name] * column for name, column in columns.items())
    return np.sort(np.argsort(-np.asarray(points), kind="stable")[:FIRST_LOOK_KEEPS])


def _rows(evidence: FirstEvidence, rows: NDArray[np.int64]) -> FirstEvidence:
    columns = ("ids", "body", "names", "file", "defines", "named", "similarity", "file_similarity", "feedback")
    kept = {name: getattr(evidence, name)[rows] for name in columns}
    return replace(evidence, paths=[evidence.paths[row] for row in rows.tolist()], **kept)


def _file_similarities(snapshot: Snapshot, vector: Vector, paths: Iterable[str]) -> Mapping[str, float]:
    return {path: float(mean @ vector) for path in paths if (mean := snapshot.mean_of(path)) is not None}


def _feedback(vector: Vector, rows: Matrix, similarity: Column) -> Column:
    """Return the similarity of each candidate to the query moved towards its best answers."""
    known = int((~np.isnan(similarity)).sum())
    best = np.argsort(-np.nan_to_num(similarity, nan=-1.0), kind="stable")[: min(FEEDBACK_ANSWERS, known)]
    if not len(best):
        return similarity
    moved = vector + FEEDBACK_WEIGHT * rows[best].mean(axis=0)
    moved /= np.linalg.norm(moved)
    return (rows @ moved).astype(np.float64)


def collect(
    snapshot: Snapshot,
    query: Query,
    first: FirstEvidence,
    pointed: Pointed,
    *,
    near: str | None,
    recent: Sequence[str],
) -> Evidence:
    """Read the candidates and return all that is known about them.

    Args:
        snapshot: what is searched.
        query: whose words are looked for.
        first: the candidates, and what is known about them already.
        pointed: what the query points at.
        near: the file that the user is in, if known.
        recent: files that were edited lately.
    """
    ids: list[ChunkId] = first.ids.tolist()
    records = snapshot.read(ids)
    if len(records) < len(ids):
        known = {record.id for record in records}
        first = _rows(first, np.flatnonzero([number in known for number in ids]))
    files = list(dict.fromkeys(first.paths))
    in_file = snapshot.lexical.words_of_files(query.words, [file_number(path) for path in files])
    closeness = nearness(snapshot, files, near, recent)
    ranks = {path: snapshot.graph.document_rank(path) for path in files}
    return Evidence(
        records=records,
        body=first.body,
        file=first.file,
        similarity=first.similarity,
        file_similarity=first.file_similarity,
        feedback=first.feedback,
        usual=first.usual,
        idf={word: _idf(snapshot, word) for word in query.words},
        words_in_file=[in_file.get(file_number(path), 0) for path in first.paths],
        file_rank=np.array([ranks[path] for path in first.paths]),
        symbol_rank=np.array([snapshot.symbol_rank(record) for record in records]),
        near=np.array([closeness[path] for path in first.paths]),
        tolerated=path_facts(near).kinds if near is not None else frozenset(),
        pointed=pointed,
    )


def _idf(snapshot: Snapshot, word: str) -> float:
    """Return the inverse document frequency over chunks."""
    return inverse_document_frequency(snapshot.lexical.n_chunks, snapshot.lexical.document_frequency(word))


def scaled(column: Column) -> Column:
    """Return a column over its largest value; unknown values are 0."""
    column = np.where(np.isnan(column), 0.0, column)
    top = float(column.max(initial=0.0))
    return column / top if top > 0 else column


def standardised(column: Column, usual: tuple[float, float]) -> Column:
    """Return similarities in standard deviations above the usual mean, scaled; unknown values are the known mean."""
    mean, deviation = usual
    z = np.clip((column - mean) / deviation / STANDARD_DEVIATIONS, -1.0, 1.5)
    unknown = np.isnan(z)
    return np.where(unknown, 0.0 if unknown.all() else z[~unknown].mean(), z) if unknown.any() else z


def nearness(
    snapshot: Snapshot, paths: Iterable[str], near: str | None, recent: Sequence[str] = ()
) -> dict[str, float]:
    """Return how near each file is to the user, 0 to 1, in the reference graph, the tree of folders, and in time.

    The user's own file is 1.
    """
    edited = frozenset(recent)
    linked = _linked_files(snapshot, near) if near is not None else {}
    strongest = max(linked.values(), default=1.0)
    found: dict[str, float] = {}
    for path in paths:
        if path == near:
            found[path] = 1.0
            continue
        by_graph = LINKED * linked.get(path, 0.0) / strongest
        by_tree = SAME_FOLDER * _shared_folders(path, near) if near is not None else 0.0
        found[path] = max(by_graph, by_tree, RECENT if path in edited else 0.0)
    return found


def _linked_files(snapshot: Snapshot, path: str) -> Mapping[str, float]:
    """Return the files linked to one by references; what everything refers to says little about any one of them."""
    graph = snapshot.graph
    return {other: weight / math.log2(2 + graph.n_referrers(other)) for other, weight in graph.neighbours(path).items()}


def _shared_folders(one: str, other: str) -> float:
    """Return the share of the longer path's folders that both are in; files side by side at the root share all."""
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    shared = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        shared += 1
    longer = max(len(first), len(second))
    return shared / longer if longer else 1.0
