"""Owns the vectors that were once computed: digest of an embedding text → vector, for all workspaces of the user.

Any thread may call it (one lock, one connection), and several processes share the file (SQLite, WAL). One file a model
fingerprint, so that vectors of two models never meet. It is a cache: when the disk fails it says so in the log and
forgets, and the caller computes again. Never holds a pickle, never knows what a chunk is.
"""

import contextlib
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix, Vector
from cognate.disk import remove_database

FORMAT_VERSION = 2
"""Part of the file's name; a reader of another format starts a file of its own.

A row holds a vector as float16, little-endian, and the CRC-32 of these bytes, so that a flipped bit is noticed.
"""

CHECKSUM_BYTES = 4

MAX_BYTES = 1 << 30
"""Beyond this the least recently used vectors go: about 1.2 million of 384 dimensions, a dozen large repositories."""

PRUNE_SHARE = 0.25
"""Share of the vectors dropped at once, so that pruning is rare."""

BUSY_SECONDS = 5.0
"""How long a process waits for another one's write, which takes milliseconds."""

_QUERY_VARIABLES = 500  # SQLite before 3.32 allows 999 in a statement.

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (digest BLOB PRIMARY KEY, vector BLOB NOT NULL, day INTEGER NOT NULL)"

logger = logging.getLogger(__name__)


def days_since_epoch() -> int:
    """Return today as a number of days, the resolution of "recently used"."""
    return int(time.time() // 86_400)


def rounded(vectors: Matrix) -> Matrix:
    """Return the vectors as they come back from the cache: through float16 and scaled to unit length again."""
    return _unit(vectors.astype(np.float16).astype(np.float32))


class VectorCache:
    """Digest → vector, on disk.

    Args:
        folder: where the file lives; made private (0700) if it is new. None keeps everything in memory.
        fingerprint: of the encoder.
        dimensions: of its vectors.
        max_bytes: bound on the file's used pages.
        today: the current day, see ``days_since_epoch``.
    """

    def __init__(
        self,
        folder: Path | None,
        fingerprint: str,
        dimensions: int,
        *,
        max_bytes: int = MAX_BYTES,
        today: Callable[[], int] = days_since_epoch,
    ) -> None:
        self.path = folder / f"vectors-{FORMAT_VERSION}-{fingerprint}.sqlite" if folder is not None else None
        self._dimensions = dimensions
        self._max_bytes = max_bytes
        self._today = today
        self._used_again: set[bytes] = set()
        self._lock = threading.Lock()
        self._connection = self._open()

    def get(self, digests: Sequence[bytes]) -> dict[bytes, Vector]:
        """Return those vectors that are known, by digest; float32, unit length.

        Digests without a usable vector are left out; a failing disk counts as not known and is logged.
        """
        found: dict[bytes, Vector] = {}
        with self._lock, self._fenced("read"):
            today = self._today()
            for start in range(0, len(digests), _QUERY_VARIABLES):
                some = list(digests[start : start + _QUERY_VARIABLES])
                marks = ",".join("?" * len(some))
                rows = self._connection.execute(
                    f"SELECT digest, vector, day FROM vectors WHERE digest IN ({marks})", some
                ).fetchall()
                self._used_again.update(digest for digest, _, day in rows if day != today)
                found.update(self._decode([(digest, vector) for digest, vector, _ in rows]))
        return found

    def put(self, digests: Sequence[bytes], vectors: Matrix) -> None:
        """Keep vectors, shape (len(digests), dimensions); a failing disk is logged and changes nothing.

        Raises:
            ValueError: when the shapes do not fit.
        """
        if vectors.shape != (len(digests), self._dimensions):
            raise ValueError(f"expected vectors of shape {(len(digests), self._dimensions)}, got {vectors.shape}")
        packed: NDArray[np.float16] = vectors.astype("<f2")
        with self._lock, self._fenced("written"):
            today = self._today()
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                    [(digest, _sealed(row.tobytes()), today) for digest, row in zip(digests, packed, strict=True)],
                )
                self._mark_used(today)
            self._prune()

    def close(self) -> None:
        """Write down what was used and close the file; using the cache afterwards is an error."""
        with self._lock:
            with self._fenced("written"), self._connection:
                self._mark_used(self._today())
            self._connection.close()

    def _decode(self, rows: Sequence[tuple[bytes, bytes]]) -> dict[bytes, Vector]:
        size = 2 * self._dimensions
        good = [(digest, row[:size]) for digest, row in rows if len(row) == size + CHECKSUM_BYTES and _is_whole(row)]
        if len(good) < len(rows):
            logger.warning("%d vectors in %s are damaged; they are computed again.", len(rows) - len(good), self.path)
        if not good:
            return {}
        packed = np.frombuffer(b"".join(vector for _, vector in good), dtype="<f2").reshape(len(good), -1)
        return dict(zip((digest for digest, _ in good), _unit(packed.astype(np.float32)), strict=True))

    def _mark_used(self, today: int) -> None:
        if self._used_again:
            self._connection.executemany(
                "UPDATE vectors SET day = ? WHERE digest = ?", [(today, digest) for digest in self._used_again]
            )
            self._used_again.clear()

    def _prune(self) -> None:
        """Drop the least recently used share once the used pages pass the bound."""
        pages, free, size = (
            int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * size <= self._max_bytes:
            return
        count = int(self._connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
        with self._connection:
            self._connection.execute(
                "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors ORDER BY day, rowid LIMIT ?)",
                (max(1, int(count * PRUNE_SHARE)),),
            )
        logger.info("Pruned the vector cache %s: %d vectors were too many.", self.path, count)

    @contextlib.contextmanager
    def _fenced(self, action: str) -> Generator[None]:
        """Turn a failing disk into a warning, and start a damaged file anew: what is lost is only a saving."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.OperationalError as error:
            logger.warning("The vector cache %s could not be %s: %s.", self.path, action, error)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            self._connection = self._rebuild(error)

    def _open(self) -> sqlite3.Connection:
        if self.path is not None:
            try:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                return _connect(str(self.path))
            except sqlite3.DatabaseError as error:
                if not isinstance(error, sqlite3.OperationalError):
                    return self._rebuild(error)
                logger.warning("Cannot open the vector cache %s (%s); vectors are kept in memory.", self.path, error)
            except OSError as error:
                logger.warning("Cannot open the vector cache %s (%s); vectors are kept in memory.", self.path, error)
            self.path = None
        return _connect(":memory:")

    def _rebuild(self, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        """Move a damaged file aside and start an empty one."""
        path = self.path
        if path is not None:
            logger.warning("The vector cache %s is damaged (%s); it is moved aside and filled again.", path, error)
            try:
                path.replace(path.with_name(path.name + ".damaged"))
                remove_database(path)
                return _connect(str(path))
            except (OSError, sqlite3.DatabaseError) as second:
                logger.warning("Cannot start a new vector cache (%s); vectors are kept in memory.", second)
            self.path = None
        return _connect(":memory:")


def _connect(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute(_SCHEMA)
        connection.execute("SELECT digest, vector, day FROM vectors LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _sealed(vector: bytes) -> bytes:
    return vector + zlib.crc32(vector).to_bytes(CHECKSUM_BYTES, "little")


def _is_whole(row: bytes) -> bool:
    return zlib.crc32(row[:-CHECKSUM_BYTES]).to_bytes(CHECKSUM_BYTES, "little") == row[-CHECKSUM_BYTES:]


def _unit(vectors: Matrix) -> Matrix:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
