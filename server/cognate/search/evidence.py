"""What is known about each candidate of one wording, from every index of one snapshot. Any thread.

A first look by what is known at once leaves the candidates whose text is read and about which the rest is found out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from cognate.arrays import Matrix, Vector
from cognate.index.lexical import file_number, inverse_document_frequency
from cognate.index.snapshot import Snapshot
from cognate.search.locations import NOTHING, Pointed
from cognate.search.pool import Column, Pool
from cognate.search.retrieve import RETRIEVAL_FIELDS, Candidates, Depth
from cognate.search.wordings import Wording
from cognate.types import ChunkId

FEEDBACK_ANSWERS = 5
FEEDBACK_WEIGHT = 0.5  # How far the query moves towards its own best answers (Rocchio, 1971).

FIRST_LOOK = {"body": 1.5, "names": 0.5, "file": 1.0, "defines": 5.0, "named": 3.0, "meaning": 2.2, "file_meaning": 1.4}
"""Weights of what is known at once."""

STANDARD_DEVIATIONS = 5.0  # Similarities seldom lie further from the workspace's mean; puts them in -1..1.


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What is known about a wording without reading any text.

    Attributes:
        ids: the candidates worth a closer look, in the order of ids.
        body: BM25 of words, names and path of each chunk where it is known.
        file: BM25 of whole files by number, where it is known.
        moved: the wording's vector, moved towards its best answers.
        usual: mean and standard deviation of its similarity over the workspace.
    """

    ids: Sequence[ChunkId]
    body: Mapping[ChunkId, float]
    file: Mapping[int, float]
    moved: Vector | None = None
    usual: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the pool under one wording; arrays have one entry a candidate, NaN where nothing is known.

    Attributes:
        pool: the candidates.
        body: BM25 of the chunk's words, names and path together.
        file: BM25 of the whole file.
        similarity: cosine of query and chunk.
        file_similarity: cosine of query and the file's mean.
        feedback: cosine of chunk and the query moved towards its best answers.
        usual: mean and standard deviation of ``similarity`` over the workspace.
        translated: cosine of query and chunk by the translation table, in standard deviations.
        file_translated: the same of query and the file's mean.
        idf: inverse document frequency of each of the query's words.
        words_in_file: which of the query's words the file has: bit i for the i-th.
        pointed: what the query points at.
    """

    pool: Pool
    body: Column
    file: Column
    similarity: Column
    file_similarity: Column
    feedback: Column
    usual: tuple[float, float]
    translated: Column
    file_translated: Column
    idf: Mapping[str, float]
    words_in_file: Sequence[int]
    pointed: Pointed = NOTHING


def first_look(snapshot: Snapshot, wording: Wording, found: Candidates, depth: Depth) -> FirstLook:
    """Return the candidates of a wording worth a closer look, and what was found out about them."""
    query, pointed, vector = wording.query, wording.pointed, wording.vector
    ids, paths = list(found.paths), list(found.paths.values())
    numbers = {path: file_number(path) for path in dict.fromkeys(paths)}
    files: dict[int, float] = {}
    if depth.is_thorough:
        files = dict.fromkeys(numbers.values(), 0.0)
        files.update(snapshot.lexical.score_files(query.words, len(files), list(files)))
    points = sum(
        FIRST_LOOK[name] * scaled(np.array(column, np.float64))
        for name, column in (
            ("body", [found.body.get(number, 0.0) for number in ids]),
            ("names", [found.names.get(number, 0.0) for number in ids]),
            ("file", [files.get(numbers[path], 0.0) for path in paths]),
            ("defines", [number in found.defining for number in ids]),
        )
    )
    named = FIRST_LOOK["named"]
    points += np.array(
        [np.inf if i in pointed.locations else named * (p in pointed.files) for i, p in found.paths.items()]
    )
    moved, usual = None, (0.0, 1.0)
    meant = np.zeros(len(ids))
    like = None if query.is_symbol else wording.translated
    if like is not None:
        meant += standardised(like.of(ids), like.usual)
    if vector is not None:
        rows = snapshot.vectors.gathered(ids)
        similarity = (rows @ vector).astype(np.float64)
        of_files = dict(zip(numbers, (snapshot.means_of(numbers) @ vector).tolist(), strict=True))
        usual = snapshot.usual_similarity(vector)
        meaning = standardised(similarity, usual)
        meant += meaning
        points += FIRST_LOOK["meaning"] * meaning
        points += FIRST_LOOK["file_meaning"] * standardised(np.array([of_files[path] for path in paths]), usual)
        moved = _moved(vector, rows, similarity)
    order = np.argsort(-np.asarray(points), kind="stable").tolist()
    best = set(order[: depth.kept])
    if like is not None:
        by_meaning = (row for row in np.argsort(-meant, kind="stable").tolist() if row not in best)
        best.update(list(islice(by_meaning, depth.meant)))
    return FirstLook([ids[row] for row in sorted(best)], found.body, files, moved, usual)


def collect(snapshot: Snapshot, wording: Wording, first: FirstLook, pool: Pool) -> Evidence:
    """Return all that is known about the candidates of all wordings under one."""
    query, vector = wording.query, wording.vector
    body, file = dict(first.body), dict(first.file)
    if unscored := [number for number in pool.ids if number not in body]:
        body |= snapshot.lexical.score_chunks(query.words, RETRIEVAL_FIELDS, len(unscored), unscored)
    numbers = [file_number(path) for path in pool.files]
    if unscored := [number for number in numbers if number not in file]:
        file |= snapshot.lexical.score_files(query.words, len(unscored), unscored)
    in_file = snapshot.lexical.words_of_files(query.words, numbers)
    similarity = file_similarity = feedback = np.full(len(pool.records), np.nan)
    if vector is not None and first.moved is not None:
        similarity = (pool.vectors @ vector).astype(np.float64)
        file_similarity = (pool.means @ vector).astype(np.float64)[pool.file_of]
        feedback = (pool.vectors @ first.moved).astype(np.float64)
    translated, file_translated = _translated(snapshot, wording, pool)
    return Evidence(
        pool=pool,
        body=np.array([body.get(number, 0.0) for number in pool.ids]),
        file=np.array([file.get(number, 0.0) for number in numbers])[pool.file_of],
        similarity=similarity,
        file_similarity=file_similarity,
        feedback=feedback,
        usual=first.usual,
        translated=translated,
        file_translated=file_translated,
        idf={word: _idf(snapshot, word) for word in query.words},
        words_in_file=np.array([in_file.get(number, 0) for number in numbers], object)[pool.file_of].tolist(),
        pointed=wording.pointed,
    )


def _translated(snapshot: Snapshot, wording: Wording, pool: Pool) -> tuple[Column, Column]:
    """Return what the translation table says of each candidate and of its file, in standard deviations; else zeros."""
    like = wording.translated
    if like is None:
        return np.zeros(len(pool.records)), np.zeros(len(pool.records))
    of_files = like.of_files([snapshot.ids_in(path) for path in pool.files])
    return standardised(like.of(pool.ids), like.usual), standardised(of_files, like.usual)[pool.file_of]


def _moved(vector: Vector, rows: Matrix, similarity: Column) -> Vector | None:
    """Return the query moved towards its best answers, None when nothing has a vector."""
    known = int((~np.isnan(similarity)).sum())
    if not known:
        return None
    best = np.argsort(-np.nan_to_num(similarity, nan=-1.0), kind="stable")[: min(FEEDBACK_ANSWERS, known)]
    moved = vector + FEEDBACK_WEIGHT * rows[best].mean(axis=0)
    return moved / np.linalg.norm(moved)


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
