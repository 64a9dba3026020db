"""The ground truth on disk: files and their chunks in one SQLite database, in WAL mode.

Vectors live beside it in the cache that all workspaces share, keyed by digest; the lexical and the vector index are
derived and can be thrown away. One thread uses a store; only the process that holds the writer lock writes. Every row
carries a checksum, since SQLite itself notices a flipped bit only where it breaks its own structure.
"""

import json
import logging
import sqlite3
import zlib
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path

from cognate.errors import DamagedStoreError, StoreError
from cognate.types import Chunk, ChunkId, ChunkRecord, FileStamp, References, Symbol

log = logging.getLogger(__name__)

FORMAT_VERSION = 3  # Part of the database's name: another version is another file, rebuilt from the workspace.
PAGE_BYTES = 1 << 15  # Rows of about 1 KB waste a fifth of SQLite's usual 4 KB, and are read more slowly from there.
WAL_BYTES = 1 << 22  # What waits beside the database before it is taken in; SQLite's usual size.
USES_COMPRESSION = 6  # Of zlib: names repeat, so that a third is left.
BUSY_S = 5.0  # How long another process's write, which takes milliseconds, is waited for.

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    language TEXT NOT NULL, rule TEXT NOT NULL, generation INTEGER NOT NULL, checksum INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    cell INTEGER, container TEXT NOT NULL, symbols TEXT NOT NULL, digest BLOB NOT NULL, text TEXT NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS chunks_by_path ON chunks (path);
CREATE TABLE IF NOT EXISTS uses (path TEXT PRIMARY KEY, data BLOB NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
"""

_CHUNKS = (
    "SELECT c.id, c.path, f.language, start_line, end_line, cell, container, symbols, digest, text, c.checksum "
    "FROM chunks c LEFT JOIN files f USING (path)"
)

_IDENTITY = "SELECT value FROM meta WHERE key = 'identity'"

_from_json = json.JSONDecoder().raw_decode  # Without what json.loads does around it: half the time of a short text.

_THE_DISK = ("locked", "busy", "full", "readonly", "unable to open", "disk i/o error", "interrupted", "permission")
"""Words in SQLite's messages when the surroundings are at fault; any other failure means that the file is damaged."""


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


@dataclass(frozen=True, slots=True)
class StoredChanges:
    """What another process committed since some generation.

    Attributes:
        generation: of the store now.
        files: files that were read, new or again, each with all its chunks.
        gone: files that are no more.
    """

    generation: int
    files: tuple[tuple[FileRow, tuple[StoredChunk, ...]], ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredUses:
    """What the files that were read after some generation use.

    Attributes:
        generation: of the store now.
        references: by path, of the files that were read; None for those that can use nothing by name.
        paths: every file of the store.
    """

    generation: int
    references: Mapping[str, References | None]
    paths: frozenset[str]


class Store:
    """Files and chunks of one workspace folder. Every change is one transaction.

    Attributes:
        identity: a number that another store, made anew under the same name, does not have; 0 if there is none yet.
    """

    def __init__(self, folder: Path | None, *, writable: bool = True, checked: bool = True) -> None:
        """Open or create the database under the folder; None keeps everything in memory.

        A writer removes a database that cannot be understood and makes a new one.

        Args:
            folder: where it lies.
            writable: False opens what another process writes, and changes nothing on disk.
            checked: False leaves out SQLite's look at all pages, for who reads few rows: each has its own checksum.

        Raises:
            StoreError: when the folder cannot be written, or, for a reader, when there is nothing to read yet.
        """
        self.path = None if folder is None else folder / f"store-v{FORMAT_VERSION}.sqlite"
        self.writable = writable
        self._checked = checked
        self.rebuilt_because = ""
        try:
            self._db = self._open()
        except DamagedStoreError as error:
            if not writable or self.path is None:
                raise
            self._discard(error)
        self._inode = self._inode_now()

    def _open(self) -> sqlite3.Connection:
        name = ":memory:" if self.path is None else self.path.absolute().as_uri() if not self.writable else self.path
        name = f"{name}?mode=ro" if self.path is not None and not self.writable else name
        with self._translated("opened"):
            db = sqlite3.connect(
                name, isolation_level=None, check_same_thread=False, timeout=BUSY_S, uri=not self.writable
            )
            try:
                if self.writable:
                    db.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # Of a new database; others keep theirs.
                    db.execute("PRAGMA journal_mode = WAL")
                    db.execute(f"PRAGMA wal_autocheckpoint = {WAL_BYTES // PAGE_BYTES}")
                    db.execute("PRAGMA synchronous = NORMAL")
                    db.executescript(_SCHEMA)
                    if db.execute(_IDENTITY).fetchone() is None:
                        db.execute("INSERT INTO meta VALUES ('identity', hex(randomblob(7)))")
                identity = db.execute(_IDENTITY).fetchone()
                self.identity = int(identity[0], 16) if identity else 0
                damage = db.execute("PRAGMA quick_check(1)").fetchone()[0] if self._checked else "ok"
                if damage != "ok":
                    raise sqlite3.DatabaseError(damage)
            except sqlite3.Error:
                db.close()
                raise
        return db

    def _discard(self, error: DamagedStoreError) -> None:
        """Remove a damaged database and begin an empty one; the folder has all that was in it."""
        assert self.path is not None
        log.warning("%s; building a new one", error)
        self.rebuilt_because = str(error)
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self._db = self._open()

    def start_anew(self, error: DamagedStoreError) -> None:
        """Throw away everything, after damage was found in what had been opened.

        Raises:
            StoreError: when the folder cannot be written.
        """
        self._db.close()
        self._discard(error)
        self._inode = self._inode_now()

    def close(self) -> None:
        """Close the database; the store cannot be used after."""
        self._db.close()

    def meta(self, key: str) -> str | None:
        """Return a remembered value."""
        with self._translated("read"):
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        with self._translated("written"):
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def load(self) -> tuple[int, list[FileRow], list[StoredChunk]]:
        """Return the generation, every file, and every chunk in the order of ids, as of one moment.

        Raises:
            DamagedStoreError: when a row is not what was written.
        """
        with self._translated("read"), self._transaction("BEGIN"):
            generation = self.generation()
            files = [self._file(row) for row in self._db.execute("SELECT * FROM files")]
            chunks = [self._chunk(row) for row in self._db.execute(f"{_CHUNKS} ORDER BY c.id")]
            (counted,) = self._db.execute("SELECT count(*) FROM chunks INDEXED BY chunks_by_path").fetchone()
            if counted != len(chunks):
                raise self._damage("a table and its index differ")
        return generation, files, chunks

    def hold(self) -> int:
        """Begin a transaction that lasts until the store is closed, for a reader; return the generation it sees."""
        with self._translated("read"):
            self._db.execute("BEGIN")
            return self.generation()

    def chunks(self, numbers: Sequence[ChunkId]) -> list[StoredChunk]:
        """Return those chunks that are there, in the order of ids.

        Raises:
            DamagedStoreError: when a row is not what was written.
        """
        places = ",".join("?" * len(numbers))
        with self._translated("read"):
            rows = self._db.execute(f"{_CHUNKS} WHERE c.id IN ({places}) ORDER BY c.id", tuple(numbers))
            return [self._chunk(row) for row in rows]

    def file(self, path: str) -> FileRow | None:
        """Return a file, None when it is not known.

        Raises:
            DamagedStoreError: when its row is not what was written.
        """
        with self._translated("read"):
            row = self._db.execute("SELECT * FROM files WHERE path = ?", (path,)).fetchone()
        return None if row is None else self._file(row)

    def changes_since(self, generation: int, known: Iterable[str]) -> StoredChanges:
        """Return what was committed after a generation, as of one moment.

        Args:
            generation: the last one that the caller has seen.
            known: paths of the files that the caller knows.
        """
        with self._translated("read"), self._transaction("BEGIN"):
            now = self.generation()
            rows = self._db.execute("SELECT * FROM files WHERE generation > ?", (generation,)).fetchall()
            files: list[tuple[FileRow, tuple[StoredChunk, ...]]] = []
            for row in rows:
                found = self._db.execute(f"{_CHUNKS} WHERE c.path = ? ORDER BY c.id", (row[0],))
                files.append((self._file(row), tuple(self._chunk(chunk) for chunk in found)))
            present = {path for (path,) in self._db.execute("SELECT path FROM files")}
        return StoredChanges(now, tuple(files), tuple(path for path in known if path not in present))

    def uses_since(self, generation: int) -> StoredUses:
        """Return what the files that were read after a generation use, as of one moment.

        Raises:
            DamagedStoreError: when a row is not what was written.
        """
        with self._translated("read"), self._transaction("BEGIN"):
            now = self.generation()
            paths = frozenset(path for (path,) in self._db.execute("SELECT path FROM files"))
            rows = self._db.execute(
                "SELECT f.path, data, u.checksum FROM files f LEFT JOIN uses u USING (path) WHERE generation > ?",
                (generation,),
            )
            references = {row[0]: None if row[1] is None else self._references(row) for row in rows}
        return StoredUses(now, references, paths)

    def paths_since(self, generation: int) -> frozenset[str]:
        """Return the files that were read after a generation."""
        with self._translated("read"):
            rows = self._db.execute("SELECT path FROM files WHERE generation > ?", (generation,))
            return frozenset(path for (path,) in rows)

    def generation(self) -> int:
        """Return the number of committed changes; derived indexes remember the one they were built from."""
        value = self.meta("generation") or "0"
        if not value.isdecimal():
            raise self._damage("its generation is no number")
        return int(value)

    def data_version(self) -> int:
        """Return a number that changes whenever another process commits anything. Costs microseconds."""
        with self._translated("read"):
            return self._db.execute("PRAGMA data_version").fetchone()[0]

    @property
    def is_replaced(self) -> bool:
        """Whether the file that is open is no longer the one under its name."""
        return self.path is not None and self._inode_now() != self._inode

    def apply(
        self,
        *,
        files: Iterable[FileRow] = (),
        gone: Iterable[str] = (),
        removed: Iterable[ChunkId] = (),
        moved: Iterable[tuple[ChunkRecord, bytes]] = (),
        added: Sequence[tuple[str, Chunk, bytes]] = (),
        references: Iterable[tuple[str, References]] = (),
    ) -> list[ChunkId]:
        """Apply one change in one transaction and return the ids of the added chunks, in order.

        Args:
            files: files that were read, new or again.
            gone: files that are no more; their chunks go too.
            removed: chunks of other files to remove.
            moved: chunks whose text stayed while their lines or symbols changed, with their digests.
            added: path, chunk and digest of the embedding text.
            references: what the files that were read use.

        Raises:
            StoreError: when the disk refuses; nothing was changed.
            DamagedStoreError: when the database turns out to be damaged or was removed; nothing was changed.
        """
        if self.is_replaced:
            raise self._damage("it was removed while in use")
        with self._translated("written"), self._transaction("BEGIN IMMEDIATE"):
            db = self._db
            generation = self.generation() + 1
            gone, files = list(gone), list(files)
            db.executemany("DELETE FROM chunks WHERE path = ?", [(path,) for path in gone])
            db.executemany("DELETE FROM files WHERE path = ?", [(path,) for path in gone])
            db.executemany("DELETE FROM uses WHERE path = ?", [(path,) for path in (*gone, *(f.path for f in files))])
            db.executemany("DELETE FROM chunks WHERE id = ?", [(number,) for number in removed])
            db.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                [_with_checksum((f.path, *_stamp(f.stamp), f.language, f.rule, generation)) for f in files],
            )
            last = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'chunks'").fetchone()
            first = (last[0] if last else 0) + 1
            ids = list(range(first, first + len(added)))
            db.executemany(
                "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_chunk_row(r.id, r.path, r.chunk, digest) for r, digest in moved],
            )
            db.executemany(
                "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_chunk_row(number, *row) for number, row in zip(ids, added, strict=True)],
            )
            db.executemany(
                "INSERT INTO uses VALUES (?, ?, ?)",
                [_uses_row(path, used) for path, used in references if used.family],
            )
            self.set_meta("generation", str(generation))
        return ids

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

    @contextmanager
    def _translated(self, action: str) -> Generator[None]:
        """Turn SQLite's errors into ours: the disk's fault, which passes, or the file's, which does not."""
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            if isinstance(error, sqlite3.OperationalError) and any(word in text.lower() for word in _THE_DISK):
                advice = " Free some disk space." if action == "written" else ""
                raise StoreError(f"The index at {self.path} cannot be {action}: {text}.{advice}") from error
            raise self._damage(text) from error

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

    def _file(self, row: tuple[object, ...]) -> FileRow:
        if _checksum(row[:-1]) != row[-1]:
            raise self._damage("a file's row is not what was written")
        path, size, mtime_ns, language, rule, *_ = row
        return FileRow(path, FileStamp(size, mtime_ns), language, rule)  # pyright: ignore[reportArgumentType]

    def _references(self, row: tuple[object, ...]) -> References:
        path, data, checksum = row
        if not isinstance(data, bytes) or _checksum((path, zlib.crc32(data))) != checksum:
            raise self._damage("a file's uses are not what was written")
        return _references_from(data)

    def _chunk(self, row: tuple[object, ...]) -> StoredChunk:
        number, path, language, start, end, cell, container, symbols, digest, text, checksum = row
        # As ``_checksum`` has it; written out, it takes two thirds of the time, and a start reads every row.
        written = f"{number}\0{path}\0{start}\0{end}\0{cell}\0{container}\0{symbols}\0{digest}\0{text}"
        if language is None or zlib.crc32(written.encode("utf-8", "surrogatepass")) != checksum:
            raise self._damage("a chunk's row is not what was written")
        chunk = Chunk(start, end, text, _symbols_from(str(symbols)), container, cell)  # pyright: ignore[reportArgumentType]
        return StoredChunk(ChunkRecord(number, path, language, chunk), digest)  # pyright: ignore[reportArgumentType]


def _stamp(stamp: FileStamp) -> tuple[int, int]:
    return stamp.size, stamp.mtime_ns


def _chunk_row(number: ChunkId, path: str, chunk: Chunk, digest: bytes) -> tuple[object, ...]:
    symbols = _symbols_to(chunk.symbols)
    lines = (chunk.start_line, chunk.end_line, chunk.cell)
    return _with_checksum((number, path, *lines, chunk.container, symbols, digest, chunk.text))


def _with_checksum(row: tuple[object, ...]) -> tuple[object, ...]:
    return (*row, _checksum(row))


def _checksum(row: tuple[object, ...]) -> int:
    return zlib.crc32("\0".join(map(str, row)).encode("utf-8", "surrogatepass"))


def _uses_row(path: str, references: References) -> tuple[object, ...]:
    data = _references_to(references)
    return path, data, _checksum((path, zlib.crc32(data)))


def _references_to(references: References) -> bytes:
    """Pack what a file uses: its family, its imports, then each owner with its names, a line each."""
    lines = [references.family, "\t".join(references.imports)]
    lines += (f"{owner}\t{names}" for owner, names in references.uses)
    return zlib.compress("\n".join(lines).encode("utf-8", "surrogatepass"), USES_COMPRESSION)


def _references_from(data: bytes) -> References:
    family, imports, *uses = zlib.decompress(data).decode("utf-8", "surrogatepass").split("\n")
    owners = ((owner, names) for owner, _, names in (line.rpartition("\t") for line in uses))
    return References(family, tuple(imports.split("\t")) if imports else (), tuple(owners))


def _symbols_to(symbols: Sequence[Symbol]) -> str:
    if not symbols:
        return ""
    rows = [(s.name, s.kind, s.container, s.start_line, s.end_line) for s in symbols]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _symbols_from(text: str) -> tuple[Symbol, ...]:
    if not text:
        return ()
    return tuple(starmap(Symbol, _from_json(text)[0]))
