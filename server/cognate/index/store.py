"""The ground truth on disk: one row a file and one row a chunk's text, in one SQLite database, in WAL mode.

A file's row holds all that a snapshot knows of it, so a start reads these rows alone. A chunk's row is its text, which
never changes. Only the process that holds the writer lock writes, on one thread; texts are read by any. Vectors live
beside it in the cache that all workspaces share, keyed by digest; the lexical and the vector index are derived.
"""

import logging
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from cognate.disk import remove_database
from cognate.errors import DamagedStoreError, StoreError
from cognate.index.entries import FileEntry
from cognate.index.rows import entry_of, packed_uses, row_of, uses_of
from cognate.types import ChunkId, References

T = TypeVar("T")
R = TypeVar("R")

log = logging.getLogger(__name__)

FORMAT_VERSION = 5  # Part of the database's name: another version is another file, rebuilt from the workspace.
PAGE_BYTES = 1 << 15  # Rows of about 1 KB waste a fifth of SQLite's usual 4 KB, and are read more slowly from there.
WAL_BYTES = 1 << 22  # Size of the log at which it is taken into the database; SQLite's usual size.
BUSY_S = 5.0  # How long another process's write, which takes milliseconds, is waited for.
VARIABLES = 500  # In one statement; SQLite before 3.32 allows 999.

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, language TEXT NOT NULL,
    rule TEXT NOT NULL, generation INTEGER NOT NULL, ids BLOB NOT NULL, digests BLOB NOT NULL, outlines TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS removed (id INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS uses (path TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
"""

_FILES = "SELECT path, size, mtime_ns, language, rule, ids, digests, outlines FROM files"

_IDENTITY = "SELECT value FROM meta WHERE key = 'identity'"

_THE_DISK = ("locked", "busy", "full", "readonly", "unable to open", "disk i/o error", "interrupted", "permission")
"""Words in SQLite's messages when the surroundings are at fault; any other failure means that the file is damaged."""


@dataclass(frozen=True, slots=True)
class StoredUses:
    """What the files that were read after some generation use.

    Attributes:
        references: by path, of the files that were read; None for those that can use nothing by name.
        paths: every file of the store.
    """

    references: Mapping[str, References | None]
    paths: frozenset[str]


@dataclass(frozen=True, slots=True)
class FileRead:
    """What is stored of one file that was read.

    Attributes:
        entry: the file as it is now, with 0 for the id of each new chunk.
        texts: of the chunks that are new, in the order of the file.
        references: what the file uses by name.
    """

    entry: FileEntry
    texts: tuple[str, ...]
    references: References


class Store:
    """Files and chunks of one workspace folder. Every change is one transaction.

    Attributes:
        identity: a number that another store, made anew under the same name, does not have; 0 if there is none yet.
    """

    def __init__(self, folder: Path | None, *, writable: bool = True) -> None:
        """Open or create the database under the folder; None keeps everything in memory.

        A writer removes a database that cannot be understood and makes a new one.

        Args:
            folder: where it lies.
            writable: False opens what another process writes, and changes nothing on disk.

        Raises:
            StoreError: when the folder cannot be written, or, for a reader, when there is nothing to read yet.
        """
        self.path = None if folder is None else folder / f"store-v{FORMAT_VERSION}.sqlite"
        self.writable = writable
        self.rebuilt_because = ""
        try:
            self._db = self._open()
        except DamagedStoreError as error:
            if not writable or self.path is None:
                raise
            self._discard(error)
        self._inode = self._inode_now()

    def _open(self) -> sqlite3.Connection:
        with _translated(self.path, "opened"):
            db = _connected(self.path, writable=self.writable)
            try:
                if self.writable:
                    db.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # It counts for a new database only.
                    db.execute("PRAGMA journal_mode = WAL")
                    db.execute(f"PRAGMA wal_autocheckpoint = {WAL_BYTES // PAGE_BYTES}")
                    db.execute("PRAGMA synchronous = NORMAL")
                    db.executescript(_SCHEMA)
                    if db.execute(_IDENTITY).fetchone() is None:
                        db.execute("INSERT INTO meta VALUES ('identity', hex(randomblob(7)))")
                identity = db.execute(_IDENTITY).fetchone()
                self.identity = int(identity[0], 16) if identity else 0
            except sqlite3.Error:
                db.close()
                raise
        return db

    def _discard(self, error: DamagedStoreError) -> None:
        """Remove a damaged database and begin an empty one; the folder has all that was in it."""
        assert self.path is not None
        log.warning("%s; building a new one", error)
        self.rebuilt_because = str(error)
        remove_database(self.path)
        self._db = self._open()

    def start_anew(self, error: DamagedStoreError) -> None:
        """Throw away everything, after damage was found in what had been opened.

        Raises:
            StoreError: when the folder cannot be written.
        """
        self._db.close()
        self._discard(error)
        self._inode = self._inode_now()

    def check(self) -> None:
        """Have SQLite look at the structure of all pages, which takes 50 ms at 50,000 chunks.

        Raises:
            DamagedStoreError: when it is broken.
        """
        with _translated(self.path, "read"):
            damage = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise self._damage(damage)

    def close(self) -> None:
        """Close the database; the store cannot be used after, but those who read texts go on until they end."""
        if self.path is None:
            return  # A reader of texts may still hold the connection.
        if self.writable:
            with suppress(sqlite3.Error):  # A full disk; the log stays and is taken in the next time.
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    def meta(self, key: str) -> str | None:
        """Return a remembered value."""
        with _translated(self.path, "read"):
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        with _translated(self.path, "written"):
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def load(self) -> tuple[int, list[FileEntry]]:
        """Return the generation and every file, as of one moment.

        Raises:
            DamagedStoreError: when a row cannot be understood.
        """
        with _translated(self.path, "read"), self._transaction("BEGIN"):
            generation = self.generation()
            return generation, [self._understood(entry_of, row) for row in self._db.execute(_FILES)]

    def text_reader(self) -> "TextReader":
        """Return a reader of this store's texts.

        Raises:
            StoreError: when the database cannot be opened.
        """
        with _translated(self.path, "opened"):
            return TextReader(self.path, self._db if self.path is None else _connected(self.path, writable=False))

    def uses_since(self, generation: int) -> StoredUses:
        """Return what the files that were read after a generation use, as of one moment.

        Raises:
            DamagedStoreError: when a row cannot be understood.
        """
        with _translated(self.path, "read"), self._transaction("BEGIN"):
            paths = frozenset(path for (path,) in self._db.execute("SELECT path FROM files"))
            rows = self._db.execute(
                "SELECT f.path, data FROM files f LEFT JOIN uses u USING (path) WHERE generation > ?", (generation,)
            )
            references = {path: None if data is None else self._understood(uses_of, data) for path, data in rows}
        return StoredUses(references, paths)

    def paths_since(self, generation: int) -> frozenset[str]:
        """Return the files that were read after a generation."""
        with _translated(self.path, "read"):
            rows = self._db.execute("SELECT path FROM files WHERE generation > ?", (generation,))
            return frozenset(path for (path,) in rows)

    def generation(self) -> int:
        """Return the number of committed changes; derived indexes remember the one they were built from."""
        value = self.meta("generation") or "0"
        if not value.isdecimal():
            raise self._damage("its generation is not a number")
        return int(value)

    @property
    def is_replaced(self) -> bool:
        """Whether the file that is open is no longer the one under its name."""
        return self.path is not None and self._inode_now() != self._inode

    def apply(
        self, files: Sequence[FileRead], gone: Sequence[str], removed: Sequence[ChunkId]
    ) -> tuple[int, list[FileEntry]]:
        """Apply one change in one transaction; return the generation and the entries with the ids of new chunks.

        Args:
            files: files that were read, new or again.
            gone: files that are no more.
            removed: chunks that no file has any more. Their texts stay until ``delete_removed``.

        Raises:
            StoreError: when the disk refuses; nothing was changed.
            DamagedStoreError: when the database turns out to be damaged or was removed; nothing was changed.
        """
        if self.is_replaced:
            raise self._damage("it was removed while in use")
        with _translated(self.path, "written"), self._transaction("BEGIN IMMEDIATE"):
            db = self._db
            generation = self.generation() + 1
            last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'").fetchone()
            numbers = iter(range((last[0] if last else 0) + 1, 1 << 62))
            entries: list[FileEntry] = []
            texts: list[tuple[ChunkId, str]] = []
            for file in files:
                fresh = iter(file.texts)
                ids = tuple(number or next(numbers) for number in file.entry.ids)
                texts += ((new, next(fresh)) for new, old in zip(ids, file.entry.ids, strict=True) if not old)
                entries.append(replace(file.entry, ids=ids))
            paths = [(path,) for path in gone]
            db.executemany("DELETE FROM files WHERE path = ?", paths)
            db.executemany("DELETE FROM uses WHERE path = ?", [*paths, *((entry.path,) for entry in entries)])
            db.executemany("INSERT INTO removed VALUES (?)", [(number,) for number in removed])
            db.executemany("INSERT INTO chunks VALUES (?, ?)", texts)
            db.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [row_of(entry, generation) for entry in entries],
            )
            db.executemany(
                "INSERT INTO uses VALUES (?, ?)",
                [(f.entry.path, packed_uses(f.references)) for f in files if f.references.family],
            )
            self.set_meta("generation", str(generation))
        return generation, entries

    def delete_removed(self) -> int:
        """Delete the texts of chunks that were removed, and return how many; when no query can ask for them any more.

        Raises:
            StoreError: when the disk refuses; nothing was changed.
        """
        with _translated(self.path, "read"):
            if self._db.execute("SELECT 1 FROM removed LIMIT 1").fetchone() is None:
                return 0
        with _translated(self.path, "written"), self._transaction("BEGIN IMMEDIATE"):
            deleted = self._db.execute("DELETE FROM chunks WHERE id IN (SELECT id FROM removed)").rowcount
            self._db.execute("DELETE FROM removed")
        return deleted

    # -- inside

    @contextmanager
    def _transaction(self, begin: str) -> Generator[None]:
        self._db.execute(begin)
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # SQLite itself rolls back after a full disk.
                self._db.execute("ROLLBACK")
            raise

    def _damage(self, what: str) -> DamagedStoreError:
        return DamagedStoreError(f"The index at {self.path} is damaged ({what})")

    def _inode_now(self) -> tuple[int, int] | None:
        if self.path is None:
            return None
        try:
            info = self.path.stat()
        except OSError:
            return None
        return info.st_dev, info.st_ino

    def _understood(self, read: Callable[[T], R], stored: T) -> R:
        try:
            return read(stored)
        except ValueError as error:
            raise self._damage(str(error)) from error


class TextReader:
    """Returns texts of chunks by id, for one thread at a time.

    Has a connection of its own, which is closed with the reader's last holder: a snapshot of a store that was made anew
    can be read for as long as it is shown. In memory there is but one connection, which the writer shares.
    """

    def __init__(self, path: Path | None, db: sqlite3.Connection) -> None:
        self._path = path
        self._db = db

    def __del__(self) -> None:
        self._db.close()

    def __call__(self, numbers: Sequence[ChunkId]) -> dict[ChunkId, str]:
        """Return the texts of those chunks that there are.

        Raises:
            StoreError: when they cannot be read.
        """
        found: dict[ChunkId, str] = {}
        with _translated(self._path, "read"):
            for start in range(0, len(numbers), VARIABLES):
                some = numbers[start : start + VARIABLES]
                marks = ",".join("?" * len(some))
                found.update(self._db.execute(f"SELECT id, text FROM chunks WHERE id IN ({marks})", tuple(some)))
        return found


def _connected(path: Path | None, *, writable: bool) -> sqlite3.Connection:
    name = ":memory:" if path is None else str(path) if writable else f"{path.absolute().as_uri()}?mode=ro"
    uri = path is not None and not writable
    return sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=BUSY_S, uri=uri)


@contextmanager
def _translated(path: Path | None, action: str) -> Generator[None]:
    """Turn SQLite's errors into ours: the disk's fault, which passes, or the file's, which does not."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        if isinstance(error, sqlite3.OperationalError) and any(word in text.lower() for word in _THE_DISK):
            advice = " Free some disk space." if action == "written" else ""
            raise StoreError(f"The index at {path} cannot be {action}: {text}.{advice}") from error
        raise DamagedStoreError(f"The index at {path} is damaged ({text})") from error
