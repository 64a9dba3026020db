"""What chunks mean by the translation table: rows of whole numbers, compared exactly. Frozen; any thread.

Knows no table: whoever makes an index says how code and questions are translated.
"""

import logging
import zlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix, Vector
from cognate.disk import write_whole
from cognate.index.scan import Ids, Scores, best
from cognate.types import ChunkId, ChunkRecord

log = logging.getLogger(__name__)

FORMAT_VERSION = 1
LARGEST = 127
SCALE = 3.0
"""A unit vector of 128 numbers seldom has one above a third of its length; those are cut off."""

BLOCK = 4096
"""Rows turned into single precision at once: they stay in the processor's cache."""

DELTA_LIMIT = 2048
DELTA_SHARE = 0.125
"""Newer rows, or removed ones, from which on all are copied together; the share as for vectors of the model."""

MOST_LENGTHS = 50_000
"""Files of which the length of the mean is remembered; more than a folder has are those that were edited since."""

Whole = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are never changed.

    Attributes:
        ids: of the chunks, ascending.
        rows: shape (len(ids), dimensions).
    """

    ids: Ids
    rows: Whole

    def positions(self, ids: Ids) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Return where ids stand, and whether they do."""
        if not len(self.ids):
            return np.zeros(len(ids), np.intp), np.zeros(len(ids), np.bool_)
        at = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return at, self.ids[at] == ids


def block_of(ids: Sequence[ChunkId] | Ids, rows: Whole) -> Block:
    """Return a block of rows in any order."""
    numbers = np.asarray(ids, np.int64)
    order = np.argsort(numbers, kind="stable")
    return Block(numbers[order], np.ascontiguousarray(rows[order]))


NO_BLOCK = Block(np.empty(0, np.int64), np.empty((0, 0), np.int8))


@dataclass(frozen=True, slots=True)
class Translations:
    """A view of all rows at one moment.

    Attributes:
        base: nearly all of them.
        newer: those that came since.
        dead: ids in either that are gone.
        lengths: of the sum of the rows of some files that were asked for, by their chunks; a row never changes.
    """

    base: Block = NO_BLOCK
    newer: Block = NO_BLOCK
    dead: frozenset[ChunkId] = frozenset()
    lengths: dict[tuple[ChunkId, ...], float] = field(default_factory=dict[tuple[ChunkId, ...], float])

    def __len__(self) -> int:
        return len(self.base.ids) + len(self.newer.ids) - len(self.dead)

    def ids(self) -> frozenset[ChunkId]:
        """Return the ids that have a row."""
        return frozenset(self.base.ids.tolist()).union(self.newer.ids.tolist()) - self.dead

    def changed(
        self, removed: Iterable[ChunkId], ids: Sequence[ChunkId] = (), rows: Whole | None = None
    ) -> "Translations":
        """Return a view without the removed rows and with those of new ids."""
        gone = np.fromiter(removed, np.int64)
        known = gone[self.base.positions(gone)[1] | self.newer.positions(gone)[1]] if len(gone) else gone
        dead = self.dead.union(known.tolist())
        newer = self.newer
        if rows is not None and len(ids):
            fresh = block_of(ids, rows)
            newer = fresh if not len(newer.ids) else _joined(newer, fresh)
        limit = max(DELTA_LIMIT, DELTA_SHARE * len(self.base.ids))
        if len(newer.ids) <= limit and len(dead) <= limit:
            return Translations(self.base, newer, dead, self.lengths)
        return Translations(_without(_joined(self.base, newer), dead), lengths=self.lengths)

    def compared(self, query: Vector) -> "Compared":
        """Return how like a question everything is."""
        every = np.concatenate([_products(block, query) for block in (self.base, self.newer)])
        ids, scores = np.concatenate([self.base.ids, self.newer.ids]), every
        if self.dead:
            lives = ~np.isin(ids, np.fromiter(self.dead, np.int64, len(self.dead)))
            scores, ids = scores[lives], ids[lives]
        return Compared(self, every, ids, scores)

    def length_of(self, ids: tuple[ChunkId, ...]) -> float:
        """Return the length of the sum of a file's rows, 0 for one without; found once for a file."""
        known = self.lengths.get(ids)
        if known is None:
            rows = self.gathered(ids)
            known = float(np.linalg.norm(np.nan_to_num(rows).sum(axis=0)))
            if not np.isnan(rows).any():  # Else some are still to come.
                if len(self.lengths) > MOST_LENGTHS:
                    self.lengths.clear()
                self.lengths[ids] = known
        return known

    def gathered(self, ids: Sequence[ChunkId]) -> Matrix:
        """Return the vectors of ids in order, NaN where there is none; shape (len(ids), dimensions)."""
        numbers = np.asarray(ids, np.int64)
        found = np.full((len(numbers), max(self.base.rows.shape[1], self.newer.rows.shape[1])), np.nan, np.float32)
        for block in (self.base, self.newer):
            at, is_there = block.positions(numbers)
            if is_there.any():
                found[is_there] = block.rows[at[is_there]] * np.float32(1 / (LARGEST * SCALE))
        if self.dead:
            found[[number in self.dead for number in ids]] = np.nan
        return found


@dataclass(frozen=True, slots=True)
class Compared:
    """A question beside all rows.

    Attributes:
        among: the rows.
        every: cosines of all rows of the base and then of the newer ones, removed ones too.
        ids: of the rows that are not removed, those of ``scores``.
        scores: their cosines.
    """

    among: Translations
    every: Scores
    ids: Ids
    scores: Scores

    @property
    def usual(self) -> tuple[float, float]:
        """Mean and standard deviation of the scores."""
        if len(self.scores) < 2:  # noqa: PLR2004
            return 0.0, 1.0
        return float(self.scores.mean()), max(float(self.scores.std()), 1e-3)

    def nearest(self, limit: int, allowed: Collection[ChunkId] | None = None) -> list[ChunkId]:
        """Return the ids with the highest scores, best first, ties by id."""
        ids, scores = self.ids, self.scores
        if allowed is not None:
            is_allowed = np.isin(ids, np.fromiter(allowed, np.int64, len(allowed)))
            ids, scores = ids[is_allowed], scores[is_allowed]
        return best(ids, scores, limit)[0].tolist()

    def of(self, ids: Sequence[ChunkId]) -> NDArray[np.float64]:
        """Return the score of each id, NaN where it has no row."""
        numbers = np.asarray(ids, np.int64)
        found = np.full(len(numbers), np.nan)
        begin = 0
        for block in (self.among.base, self.among.newer):
            at, is_there = block.positions(numbers)
            found[is_there] = self.every[begin + at[is_there]]
            begin += len(block.ids)
        if self.among.dead:
            found[[number in self.among.dead for number in ids]] = np.nan
        return found

    def of_files(self, files: Sequence[Sequence[ChunkId]]) -> NDArray[np.float64]:
        """Return the cosine of the question and the mean of each file's rows, NaN for a file without."""
        sizes = [len(ids) for ids in files]
        scores = np.nan_to_num(self.of([number for ids in files for number in ids]))
        found = np.full(len(files), np.nan)
        filled = np.flatnonzero(sizes)
        if not len(filled):
            return found
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])[filled]
        sums = np.add.reduceat(scores, starts)
        lengths = np.array([self.among.length_of(tuple(files[position])) for position in filled.tolist()])
        found[filled] = np.where(lengths > 0, sums / np.where(lengths > 0, lengths, 1.0), np.nan)
        return found


@dataclass(frozen=True, slots=True)
class Translator:
    """How texts are translated; what an index needs to know of a table.

    Attributes:
        fingerprint: names the table.
        dimensions: length of a vector.
        of_chunks: returns the unit vectors of chunks.
        of_texts: returns those of other texts and words that are no questions.
        of_query: returns the unit vector of a question.
    """

    fingerprint: str
    dimensions: int
    of_chunks: Callable[[Sequence[ChunkRecord]], Matrix]
    of_texts: Callable[[Sequence[str]], Matrix]
    of_query: Callable[[str], Vector]


@dataclass(frozen=True, slots=True)
class Translated:
    """What a snapshot has of it: nothing without a table.

    Attributes:
        rows: of the chunks.
        translator: None without a table.
    """

    rows: Translations = field(default_factory=Translations)
    translator: Translator | None = None

    def compared(self, text: str) -> Compared | None:
        """Return how like a question all chunks are, None where the table says nothing about it."""
        if self.translator is None or not len(self.rows):
            return None
        query = self.translator.of_query(text)
        return self.rows.compared(query) if query.any() else None

    def compared_to(self, records: Sequence[ChunkRecord]) -> Compared | None:
        """Return how like the mean of some code all chunks are, None where the table says nothing about it."""
        if self.translator is None or not len(self.rows):
            return None
        total = self.translator.of_chunks(records).sum(axis=0)
        length = np.linalg.norm(total)
        return self.rows.compared((total / length).astype(np.float32)) if length > 0 else None

    def compared_words(self, text: str, words: Sequence[str]) -> Scores:
        """Return how like a question single words of code are, zeros without a table; shape (words,)."""
        if self.translator is None or not words:
            return np.zeros(len(words), np.float32)
        return self.translator.of_texts(words) @ self.translator.of_query(text)

    def changed(self, removed: Iterable[ChunkId], records: Sequence[ChunkRecord]) -> "Translated":
        """Return what a snapshot has without some chunks and with others."""
        if self.translator is None:
            return self
        rows = whole(self.translator.of_chunks(records)) if records else None
        return Translated(self.rows.changed(removed, [record.id for record in records], rows), self.translator)


def whole(vectors: Matrix) -> Whole:
    """Return unit vectors as whole numbers."""
    return np.clip(np.round(vectors * (LARGEST * SCALE)), -LARGEST, LARGEST).astype(np.int8)


NOTHING = Translated()
"""Of an index without a table."""


def file_of(folder: Path, fingerprint: str) -> Path:
    """Return the file that holds a folder's rows of a table."""
    return folder / f"translations-v{FORMAT_VERSION}-{fingerprint}.bin"


def write(file: Path, rows: Translations, identity: int) -> None:
    """Write all rows so that a crash leaves the old file or the new one.

    Raises:
        OSError: when the disk refuses.
    """
    block = _without(_joined(rows.base, rows.newer), rows.dead) if len(rows.newer.ids) or rows.dead else rows.base
    header = np.array([identity, len(block.ids), block.rows.shape[1]], "<i8")
    body = header.tobytes() + block.ids.astype("<i8").tobytes() + block.rows.tobytes()
    write_whole(file, zlib.crc32(body).to_bytes(4, "little") + body)


def read(file: Path, identity: int) -> Translations | None:
    """Return what was written, None when it is missing, damaged or of another store."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    body = memoryview(data)[4:]
    if len(body) < 24 or zlib.crc32(body).to_bytes(4, "little") != data[:4]:  # noqa: PLR2004
        log.warning("%s is damaged; chunks are translated anew", file)
        return None
    known, count, dimensions = np.frombuffer(body[:24], "<i8").tolist()
    if known != identity or len(body) != 24 + count * (8 + dimensions):
        return None
    ids = np.frombuffer(body[24 : 24 + 8 * count], "<i8").astype(np.int64)
    rows = np.frombuffer(body[24 + 8 * count :], np.int8).reshape(count, dimensions)
    return Translations(Block(ids, rows))


def _products(block: Block, query: Vector) -> Scores:
    scores = np.empty(len(block.ids), np.float32)
    if not len(scores):
        return scores
    single = np.empty((min(BLOCK, len(scores)), block.rows.shape[1]), np.float32)
    scaled = (query / (LARGEST * SCALE)).astype(np.float32)
    for start in range(0, len(scores), BLOCK):
        some = block.rows[start : start + BLOCK]
        np.copyto(single[: len(some)], some, casting="unsafe")
        np.dot(single[: len(some)], scaled, out=scores[start : start + len(some)])
    return scores


def _joined(one: Block, other: Block) -> Block:
    if not len(one.ids):
        return other
    if not len(other.ids):
        return one
    ids, rows = np.concatenate([one.ids, other.ids]), np.concatenate([one.rows, other.rows])
    return Block(ids, rows) if one.ids[-1] < other.ids[0] else block_of(ids, rows)


def _without(block: Block, dead: frozenset[ChunkId]) -> Block:
    if not dead:
        return block
    lives = ~np.isin(block.ids, np.fromiter(dead, np.int64, len(dead)))
    return Block(block.ids[lives], block.rows[lives])
