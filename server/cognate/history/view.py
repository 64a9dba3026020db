"""What questions see of a history at one moment, frozen. Any thread; texts and lines are read from the store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cognate.commits import Commit
from cognate.history.question import message_text
from cognate.history.store import HistoryStore, unpacked

if TYPE_CHECKING:
    from cognate.arrays import Vector
    from cognate.history.lines import Digests

    Numbers = NDArray[np.int64]
    Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One file of a commit, as it is kept."""

    commit: int
    path: int
    lines: "Digests"
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Meaning:
    """How the meaning of a question is compared with that of messages.

    Attributes:
        translate: returns a question's vector by the translation table; None without one.
        similarities: returns the cosine of a question with each of some messages by the model, which takes some
            milliseconds a message that was never compared before; None without a model.
    """

    translate: "Callable[[str], Vector] | None" = None
    similarities: "Callable[[str, Sequence[str]], Scores] | None" = None


@dataclass(frozen=True)
class HistoryView:
    """The history of one workspace folder.

    Attributes:
        store: has the texts; None where there is no history.
        numbers: of the commits, ascending: the newest has the highest.
        dates: when each was committed, in seconds since the epoch.
        n_words: of each, distinct words in its changed lines.
        translated: vectors of their messages by the translation table at half precision, shape (commits, dimensions),
            rows of NaN where there is none yet; no columns without a table.
        meaning: how these and the messages are compared with a question.
        message: why there is no history, or how far it reaches; empty where all is well.
        is_read: whether all commits were read that are to be.
        has_moved: looks whether HEAD is another one since.
    """

    store: HistoryStore | None = None
    numbers: "Numbers" = field(default_factory=lambda: np.empty(0, np.int64))
    dates: "Numbers" = field(default_factory=lambda: np.empty(0, np.int64))
    n_words: "Numbers" = field(default_factory=lambda: np.empty(0, np.int64))
    translated: NDArray[np.float16] = field(default_factory=lambda: np.empty((0, 0), np.float16))
    meaning: Meaning = Meaning()
    message: str = ""
    is_read: bool = True
    has_moved: Callable[[], bool] = lambda: False

    @property
    def is_complete(self) -> bool:
        """Whether all commits were read that are to be, and are known by meaning where there is a table."""
        return self.is_read and not len(self.untranslated)

    @property
    def untranslated(self) -> "Numbers":
        """The rows that the translation table did not come to yet."""
        return np.flatnonzero(np.isnan(self.translated[:, 0])) if self.translated.size else self.numbers[:0]

    @property
    def n_commits(self) -> int:
        """How many commits there are."""
        return len(self.numbers)

    def rows_of(self, numbers: "Sequence[int] | Numbers") -> "Numbers":
        """Return the row of each commit; those that are not here are left out."""
        wanted = np.asarray(numbers, np.int64)
        rows = np.searchsorted(self.numbers, wanted)
        rows = rows[rows < len(self.numbers)] if len(self.numbers) else rows[:0]
        return rows[np.isin(self.numbers[rows], wanted)]

    @cached_property
    def known(self) -> Mapping[int, int]:
        """When each commit that is here was committed, by its number."""
        return dict(zip(self.numbers.tolist(), self.dates.tolist(), strict=True))

    def has(self, number: int) -> bool:
        """Return whether a commit is here."""
        return number in self.known

    def date_of(self, number: int) -> int:
        """Return when a commit that is here was committed."""
        return self.known[number]

    def commits(self, numbers: Iterable[int]) -> Mapping[int, Commit]:
        """Return commits by number."""
        return self.store.commits(numbers) if self.store is not None else {}

    def messages(self, rows: Sequence[int]) -> dict[int, str]:
        """Return by row what is compared of commits by meaning; those that are gone are left out."""
        commits = self.commits(self.numbers[rows].tolist())
        by_row = ((row, commits.get(int(self.numbers[row]))) for row in rows)
        return {row: message_text(commit) for row, commit in by_row if commit is not None}

    # -- files

    def path_numbers(self, paths: Iterable[str]) -> dict[str, int]:
        """Return the number of each path that a commit ever changed."""
        if self.store is None:
            return {}
        return dict(self.store.rows_of("SELECT path, number FROM paths WHERE path IN {}", paths))

    def paths(self, numbers: Iterable[int]) -> dict[int, str]:
        """Return paths by number."""
        if self.store is None:
            return {}
        return dict(self.store.rows_of("SELECT number, path FROM paths WHERE number IN {}", numbers))

    def all_paths(self) -> list[tuple[int, str]]:
        """Return every path that a commit ever changed, with its number."""
        return [] if self.store is None else self.store.rows("SELECT number, path FROM paths")

    def commits_touching(self, paths: Iterable[int]) -> set[int]:
        """Return the commits that changed one of some files, by the numbers of their paths."""
        if self.store is None:
            return set()
        rows = self.store.rows_of("SELECT DISTINCT commit_number FROM changes WHERE path IN {}", paths)
        return {number for (number,) in rows}

    def files_of(self, commits: Iterable[int]) -> dict[int, set[int]]:
        """Return the numbers of the paths that each commit changed."""
        found: dict[int, set[int]] = {}
        if self.store is not None:
            for commit, path in self.store.rows_of(
                "SELECT commit_number, path FROM changes WHERE commit_number IN {}", commits
            ):
                found.setdefault(commit, set()).add(path)
        return found

    def changes_of(self, commits: Iterable[int]) -> list[StoredChange]:
        """Return the files of commits."""
        return self._changes("commit_number", commits)

    def changes_to(self, paths: Iterable[int]) -> list[StoredChange]:
        """Return what commits did to files, by the numbers of their paths."""
        return self._changes("path", paths)

    def _changes(self, column: str, values: Iterable[int]) -> list[StoredChange]:
        if self.store is None:
            return []
        query = f"SELECT commit_number, path, lines, names FROM changes WHERE {column} IN {{}}"
        return [
            StoredChange(commit, path, unpacked(lines), frozenset(names.split()))
            for commit, path, lines, names in self.store.rows_of(query, values)
            if commit in self.known
        ]


BEING_READ = "The history is being read."

NO_HISTORY = HistoryView(message=BEING_READ, is_read=False)
"""Before any commit was read."""
