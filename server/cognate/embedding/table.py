"""The translation table: what words mean in questions and in code, learned from what people wrote beside code.

Each word has two vectors, one in a question and one in code; a text's vector is the sum of those of its words. A chunk
takes less than a tenth of a millisecond, so that everything has this meaning as soon as it is read. A word that the
table does not know is told by its letters. Pure; any thread.
"""

import logging
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix, Vector
from cognate.words import STOP_WORDS, stem, words

log = logging.getLogger(__name__)

FORMAT_VERSION = 2
FILE = Path(__file__).parent.parent / "models" / "translation-table" / f"table-v{FORMAT_VERSION}.npz"

RUN_LENGTHS = (3, 4, 5)
"""Letters of the runs that an unknown word is told by, its ends marked."""

MOST_WORDS = 128
"""Words of one text that are read."""

_CACHED_WORDS = 1 << 15


def letter_runs(word: str, buckets: int) -> list[int]:
    """Return the bucket of each run of letters of a word, by the checksum of the run."""
    marked = f"<{word}>"
    runs = (marked[at : at + size] for size in RUN_LENGTHS for at in range(len(marked) - size + 1))
    return [zlib.crc32(run.encode("utf-8", "surrogatepass")) % buckets for run in runs]


@dataclass(frozen=True, slots=True)
class Side:
    """What words mean in questions, or in code.

    Attributes:
        rows: a vector in whole numbers for each known word, then for each bucket of letters; shape (rows, dimensions).
        weights: what each row counts; shape (rows,).
    """

    rows: NDArray[np.int8]
    weights: NDArray[np.float32]


class TranslationTable:
    """See the module.

    Args:
        known: the words it knows, in the order of their rows.
        query: of questions.
        code: of code.
        fingerprint: names what vectors of code are made with.
    """

    def __init__(self, known: Sequence[str], query: Side, code: Side, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self._query, self._code = query, code
        self.rows_of = lru_cache(maxsize=_CACHED_WORDS)(_finder(known, len(code.rows) - len(known)))

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._code.rows.shape[1]

    def of_query(self, text: str) -> Vector:
        """Return the unit vector of a question; zeros where no word says anything. Shape (dimensions,)."""
        told = [word for word in words(text) if len(word) > 1 and not word.isdigit()]
        telling = [word for word in told if word not in STOP_WORDS]
        return self._vectors([telling or told], self._query)[0]

    def of_code(self, texts: Sequence[str]) -> Matrix:
        """Return the unit vectors of embedding texts, zeros for one without words; shape (texts, dimensions)."""
        return self._vectors([dict.fromkeys(text.split()) for text in texts], self._code)

    def _vectors(self, texts: Sequence[Iterable[str]], side: Side) -> Matrix:
        sums = np.zeros((len(texts), self.dimensions), np.float32)
        for number, told in enumerate(texts):
            found = [self.rows_of(word) for word in islice(told, MOST_WORDS)]
            rows = list(chain.from_iterable(found))
            if rows:
                weights = side.weights[rows]
                if len(rows) > len(found):  # A word that is told by its letters counts as one.
                    weights /= np.repeat(*_lengths(found))
                np.dot(weights, side.rows[rows].astype(np.float32), out=sums[number])
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return (sums / np.where(lengths > 0, lengths, 1.0)).astype(np.float32, copy=False)


def _lengths(found: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    sizes = [len(rows) for rows in found]
    return sizes, sizes


def _finder(known: Sequence[str], buckets: int) -> Callable[[str], tuple[int, ...]]:
    """Return what tells the rows of a word: its own, that of another of its forms, or those of its letters."""
    own = {word: row for row, word in enumerate(known)}
    by_stem: dict[str, int] = {}
    for row, word in enumerate(known):
        by_stem.setdefault(stem(word), row)

    def rows_of(word: str) -> tuple[int, ...]:
        row = own.get(word)
        if row is None:
            row = by_stem.get(stem(word))
        if row is not None:
            return (row,)
        return tuple(len(own) + bucket for bucket in letter_runs(word, buckets)) if buckets else ()

    return rows_of


@lru_cache(maxsize=1)
def read_table(file: Path = FILE) -> TranslationTable | None:
    """Return the table in a file, or None where it is missing or damaged: search goes on without it.

    The last one is kept for all of the process.
    """
    if not file.exists():
        return None
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as found:
            known = found["words"].tobytes().decode("utf-8").split("\n")
            query, code = (
                Side(found[f"{name}_rows"], found[f"{name}_weights"].astype(np.float32)) for name in ("query", "code")
            )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        log.warning("The translation table at %s cannot be used, and searches go without it: %s", file, error)
        return None
    checksum = zlib.crc32(code.weights.tobytes(), zlib.crc32(code.rows.tobytes()))
    return TranslationTable(known, query, code, f"{checksum:08x}")
