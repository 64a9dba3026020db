"""The ground truth on disk: files and their chunks in one SQLite database, in WAL mode.

Vectors live beside it in the cache that all workspaces share, keyed by digest; the lexical and the vector index are
derived and can be thrown away. One thread uses a store; only the process that holds the writer lock writes.
"""

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cognate.errors import StoreError
from cognate.types import Chunk, ChunkId, ChunkRecord, FileStamp, Symbol

log = logging.getLogger(__name__)

FORMAT_VERSION = 1  # Part of the database's name: another version is another file, rebuilt from the workspace.

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    language TEXT NOT NULL, rule TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    cell INTEGER, container TEXT NOT NULL, symbols TEXT NOT NULL, digest BLOB NOT NULL, text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS chunks_by_path ON chunks (path);
"""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file the index knows: its stamp when read, its language, and why it has no chunks (empty if it has)."""

    path: str
    stamp: FileStamp
    language: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk as the store holds it, with the digest of its embedding text."""

    record: ChunkRecord
    digest: bytes


class Store:
    """Files and chunks of one workspace folder. Every change is one transaction."""

    def __init__(self, folder: Path | None) -> None:
        """Open or create the database under the folder; None keeps everything in memory.

        A database that cannot be read is moved aside and a new one is made.

        Raises:
            StoreError: when the folder cannot be written.
        """
        self.path = None if folder is None else folder / f"store-v{FORMAT_VERSION}.sqlite"
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            if self.path is None or isinstance(error, sqlite3.OperationalError):
                raise StoreError(f"The index at {self.path} cannot be opened: {error}") from error
            log.warning("The index at %s is damaged (%s); building a new one", self.path, error)
            for suffix in ("", "-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path or ":memory:", isolation_level=None, check_same_thread=False, timeout=5.0)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = OFF")
            db.executescript(_SCHEMA)
            damage = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.DatabaseError:
            db.close()
            raise
        if damage != "ok":
            db.close()
            raise sqlite3.DatabaseError(damage)
        return db

    def close(self) -> None:
        """Close the database; the store cannot be used after."""
        self._db.close()

    def meta(self, key: str) -> str | None:
        """Return a remembered value."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def files(self) -> Iterator[FileRow]:
        """Yield every file."""
        for path, size, mtime_ns, language, rule in self._db.execute("SELECT * FROM files"):
            yield FileRow(path, FileStamp(size, mtime_ns), language, rule)

    def chunks(self) -> Iterator[StoredChunk]:
        """Yield every chunk, in the order of ids."""
        rows = self._db.execute(
            "SELECT c.id, c.path, f.language, start_line, end_line, cell, container, symbols, digest, text "
            "FROM chunks c JOIN files f USING (path) ORDER BY c.id"
        )
        for number, path, language, start, end, cell, container, symbols, digest, text in rows:
            chunk = Chunk(start, end, text, _symbols_from(symbols), container, cell)
            yield StoredChunk(ChunkRecord(number, path, language, chunk), digest)

    def generation(self) -> int:
        """Return the number of committed changes; derived indexes remember the one they were built from."""
        return int(self.meta("generation") or 0)

    def apply(
        self,
        *,
        files: Iterable[FileRow] = (),
        gone: Iterable[str] = (),
        removed: Iterable[ChunkId] = (),
        moved: Iterable[ChunkRecord] = (),
        added: Sequence[tuple[str, Chunk, bytes]] = (),
    ) -> list[ChunkId]:
        """Apply one change in one transaction and return the ids of the added chunks, in order.

        Args:
            files: files that were read, new or again.
            gone: files that are no more; their chunks go too.
            removed: chunks of other files to remove.
            moved: chunks whose content stayed and whose lines or symbols' lines changed.
            added: path, chunk and digest of the embedding text.

        Raises:
            StoreError: when the disk refuses; nothing was changed.
        """
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            ids: list[ChunkId] = []
            try:
                gone = list(gone)
                db.executemany("DELETE FROM chunks WHERE path = ?", [(path,) for path in gone])
                db.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in gone])
                db.executemany("DELETE FROM chunks WHERE id = ?", [(number,) for number in removed])
                db.executemany(
                    "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)",
                    [(f.path, f.stamp.size, f.stamp.mtime_ns, f.language, f.rule) for f in files],
                )
                db.executemany(
                    "UPDATE chunks SET start_line = ?, end_line = ?, cell = ?, symbols = ? WHERE id = ?",
                    [
                        (r.chunk.start_line, r.chunk.end_line, r.chunk.cell, _symbols_to(r.chunk.symbols), r.id)
                        for r in moved
                    ],
                )
                for path, chunk, digest in added:
                    cursor = db.execute(
                        "INSERT INTO chunks (path, start_line, end_line, cell, container, symbols, digest, text) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        (
                            path, chunk.start_line, chunk.end_line, chunk.cell, chunk.container,
                            _symbols_to(chunk.symbols), digest, chunk.text,
                        ),
                    )  # fmt: skip
                    ids.append(int(cursor.lastrowid or 0))
                self.set_meta("generation", str(self.generation() + 1))
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreError(f"The index at {self.path} cannot be written: {error}. Free some disk space.") from error
        return ids


def _symbols_to(symbols: Sequence[Symbol]) -> str:
    if not symbols:
        return ""
    rows = [(s.name, s.kind, s.container, s.start_line, s.end_line) for s in symbols]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _symbols_from(text: str) -> tuple[Symbol, ...]:
    if not text:
        return ()
    return tuple(Symbol(*row) for row in json.loads(text))
