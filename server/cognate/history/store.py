"""A repository's history on disk: commits, the files they changed, the lines they wrote, and their words.

One SQLite database beside the index, and apart from it: it may be thrown away without cost to the index. The writer
thread writes, any thread reads, on a connection of its own. No author is kept.
"""

import logging
import sqlite3
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.commits import Commit
from cognate.disk import remove_database
from cognate.errors import StoreError
from cognate.history import HISTORY_FILE
from cognate.history.lines import Digests, long_ones
from cognate.history.log import ReadCommit
from cognate.words import STOP_WORDS, stem, words

log = logging.getLogger(__name__)

BUSY_S = 5.0
VARIABLES = 500  # In one statement; SQLite before 3.32 allows 999.
CACHE_KB = 8_000  # Of pages, while the history is written: digests are put in at random.
FIRST = 1 << 40
"""The number that the newest commit gets that is read first. Newer ones have higher numbers, and numbers of removed
commits are not given again, so what a removed commit left in the index of words means nothing."""

COLUMNS = ("subject", "body", "files", "code")
"""Where a commit has a word."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS commits (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, date INTEGER NOT NULL, subject TEXT NOT NULL,
    body TEXT NOT NULL, n_files INTEGER NOT NULL, n_words INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS paths (number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS changes (
    id INTEGER PRIMARY KEY, path INTEGER NOT NULL, commit_number INTEGER NOT NULL, old_path INTEGER,
    lines BLOB NOT NULL, names TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS changes_by_path ON changes (path);
CREATE INDEX IF NOT EXISTS changes_by_old_path ON changes (old_path) WHERE old_path IS NOT NULL;
CREATE INDEX IF NOT EXISTS changes_by_commit ON changes (commit_number);
CREATE TABLE IF NOT EXISTS origins (digest INTEGER PRIMARY KEY, commit_number INTEGER NOT NULL);
"""
"""``origins`` says which commit alone wrote a long line; 0 where several did."""

_WORDS = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 "
    "(subject, body, files, code, content='', tokenize='unicode61 remove_diacritics 0')"
)

_NEW_WORDS = "INSERT INTO words (rowid, subject, body, files, code) VALUES (?, ?, ?, ?, ?)"

NO_WORDS = "SQLite of this Python has no FTS5, so commits are found by meaning alone."


class HistoryStore:
    """The history of one workspace folder. Every change is one transaction.

    Attributes:
        has_words: whether SQLite can look up words.
    """

    def __init__(self, folder: Path | None) -> None:
        """Open or create the database under a folder; one that cannot be read is made anew.

        Args:
            folder: where it lies; None keeps it in a file that the system removes.

        Raises:
            StoreError: when the folder cannot be written.
        """
        self.path = folder / HISTORY_FILE if folder is not None else None
        self.has_words = True
        try:
            self._db = self._open()
        except StoreError as error:
            if self.path is None:
                raise
            log.warning("%s; reading the history again", error)
            remove_database(self.path)
            self._db = self._open()
        self._reader = self._db if self.path is None else _connected(self.path)
        self._lock = threading.RLock()

    def _open(self) -> sqlite3.Connection:
        with translated("opened"):
            db = _connected(self.path)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
                db.executescript(_SCHEMA)
                try:
                    db.execute(_WORDS)
                except sqlite3.OperationalError as error:
                    if "fts5" not in str(error):
                        raise
                    self.has_words = False
                db.execute("SELECT count(*) FROM meta").fetchone()
            except sqlite3.Error:
                db.close()
                raise
        return db

    def close(self) -> None:
        """Close the database; readers must have ended."""
        with self._lock, suppress(sqlite3.Error):
            self._db.close()
            self._reader.close()

    def start_anew(self) -> None:
        """Throw everything away.

        Raises:
            StoreError: when the disk refuses.
        """
        with self._writing() as db:
            for table in ("meta", "pending", "commits", "paths", "changes", "origins"):
                db.execute(f"DELETE FROM {table}")
            if self.has_words:
                db.execute("DROP TABLE words")
                db.execute(_WORDS)

    # -- writing

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        """Yield the database for one transaction."""
        with translated("written"), self._lock if self._reader is self._db else threading.Lock(), self._db:
            self._db.execute("BEGIN")
            yield self._db

    def meta(self, key: str) -> str:
        """Return a remembered value; empty where there is none."""
        with translated("read"):
            return _meta(self._db, key)

    def remember(self, **values: str) -> None:
        """Remember values."""
        with self._writing() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def want(self, newest_first: Sequence[str], *, older: bool = False, **values: str) -> None:
        """Note commits that are to be read, and remember values with that.

        Args:
            newest_first: their names.
            older: whether they are older than all that are known, instead of newer.
            values: what ``meta`` says from now on.
        """
        with self._writing() as db:
            low, high = db.execute(
                "SELECT min(number), max(number) FROM (SELECT number FROM pending UNION ALL SELECT number FROM commits)"
            ).fetchone()
            if low is not None and older:
                top = low - 1
            else:
                known = max(high or 0, int(_meta(db, "highest") or 0))
                top = known + len(newest_first) if known else FIRST
            rows = [(top - row, name) for row, name in enumerate(newest_first)]
            db.executemany("INSERT INTO pending VALUES (?, ?)", rows)
            if rows and not older:
                values["highest"] = str(top)
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def pending(self, at_most: int) -> list[str]:
        """Return commits that are to be read, newest first."""
        with translated("read"):
            rows = self._db.execute("SELECT id FROM pending ORDER BY number DESC LIMIT ?", (at_most,))
            return [name for (name,) in rows]

    @property
    def n_pending(self) -> int:
        """How many commits are to be read."""
        with translated("read"):
            return self._db.execute("SELECT count(*) FROM pending").fetchone()[0]

    def add(self, commits: Iterable[ReadCommit], unreadable: Iterable[str] = ()) -> None:
        """Keep commits that were wanted; forget those that cannot be read.

        Raises:
            StoreError: when the disk refuses; nothing is changed then.
        """
        with self._writing() as db:
            numbers: dict[str, int] = {}
            origins: list[tuple[int, int]] = []
            for commit in commits:
                row = db.execute("SELECT number FROM pending WHERE id = ?", (commit.id,)).fetchone()
                if row is not None:
                    numbers[commit.id] = row[0]
                    self._add(db, row[0], commit, origins)
            origins.sort()
            db.executemany(
                "INSERT INTO origins VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET commit_number = CASE "
                "WHEN commit_number = excluded.commit_number THEN commit_number "
                "WHEN commit_number != 0 AND commit_number NOT IN (SELECT number FROM commits) "
                "THEN excluded.commit_number ELSE 0 END",
                origins,
            )
            db.executemany("DELETE FROM pending WHERE id = ?", [(name,) for name in (*numbers, *unreadable)])

    def _add(self, db: sqlite3.Connection, number: int, commit: ReadCommit, origins: list[tuple[int, int]]) -> None:
        texts = (commit.subject, commit.body)
        n_words = commit.words.count(" ") + 1
        row = (number, commit.id, commit.date, *texts, commit.n_files, n_words)
        db.execute("INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        for change in commit.changes:
            path = _path_number(db, change.path)
            old = _path_number(db, change.old_path) if change.old_path is not None else None
            lines = change.lines.astype("<u8").tobytes()
            db.execute(
                "INSERT INTO changes (path, commit_number, old_path, lines, names) VALUES (?, ?, ?, ?, ?)",
                (path, number, old, lines, " ".join(sorted(change.names))),
            )
            origins += [(digest, number) for digest in signed(long_ones(change.lines))]
        if self.has_words:
            files = " ".join(stems_in(" ".join(change.path for change in commit.changes)))
            columns = (*(" ".join(stems_in(text)) for text in texts), files, commit.words)
            db.execute(_NEW_WORDS, (number, *columns))

    def remove(self, ids: Sequence[str]) -> None:
        """Forget commits, also those that were to be read.

        Raises:
            StoreError: when the disk refuses; nothing is changed then.
        """
        with self._writing() as db:
            named = [(name,) for name in ids]
            db.executemany("DELETE FROM changes WHERE commit_number = (SELECT number FROM commits WHERE id = ?)", named)
            db.executemany("DELETE FROM commits WHERE id = ?", named)
            db.executemany("DELETE FROM pending WHERE id = ?", named)

    # -- reading, on any thread

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Return the rows that a query gives.

        Raises:
            StoreError: when the database cannot be read.
        """
        with self._lock, translated("read"):
            return self._reader.execute(query, parameters).fetchall()

    def rows_of(self, query: str, values: Iterable[Any]) -> list[Any]:
        """Return the rows that a query gives which ends in ``IN {}``, for any number of values."""
        wanted = list(values)
        found: list[Any] = []
        for start in range(0, len(wanted), VARIABLES):
            some = wanted[start : start + VARIABLES]
            found += self.rows(query.format(f"({','.join('?' * len(some))})"), some)
        return found

    def all_ids(self) -> list[str]:
        """Return the names of all commits that were read or are to be, newest first."""
        query = "SELECT id FROM (SELECT number, id FROM commits UNION ALL SELECT number, id FROM pending)"
        return [name for (name,) in self.rows(f"{query} ORDER BY number DESC")]

    def commits(self, numbers: Iterable[int]) -> Mapping[int, Commit]:
        """Return commits by number; those that are gone are left out."""
        query = "SELECT number, id, date, subject, body FROM commits WHERE number IN {}"
        return {number: Commit(*rest) for number, *rest in self.rows_of(query, numbers)}


def stems_in(text: str) -> list[str]:
    """Return the stemmed words of a text without those that say nothing, in order."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def signed(digests: Digests) -> list[int]:
    """Return digests as SQLite keeps them."""
    return digests.view(np.int64).tolist()


def unpacked(lines: bytes) -> Digests:
    """Return the digests that a change has."""
    values: NDArray[np.uint64] = np.frombuffer(lines, "<u8")
    return values


def _meta(db: sqlite3.Connection, key: str) -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return row[0] if row else ""


def _path_number(db: sqlite3.Connection, path: str) -> int:
    row = db.execute("SELECT number FROM paths WHERE path = ?", (path,)).fetchone()
    if row is None:
        row = db.execute("INSERT INTO paths (path) VALUES (?) RETURNING number", (path,)).fetchone()
    return row[0]


def _connected(path: Path | None) -> sqlite3.Connection:
    return sqlite3.connect("" if path is None else path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


@contextmanager
def translated(what: str) -> Generator[None]:
    """Raise what SQLite says as a StoreError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"The history cannot be {what}: {error}") from error
