"""The frozen nouns of a folder's history, as answers have them. Lines and paths as in ``types``."""

from dataclasses import dataclass
from datetime import datetime, timezone

from cognate.types import IndexInfo


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, without its author.

    Attributes:
        id: its whole name, in hexadecimal digits.
        date: when it was committed, in seconds since the epoch.
        subject: the first line of its message.
        body: the first paragraph after that; empty where there is none.
    """

    id: str
    date: int
    subject: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a commit's work stands in today's code.

    Attributes:
        path: relative to the workspace folder.
        start_line: its first line.
        end_line: one past its last line.
        symbol: the qualified name of the definition there, None outside of all.
    """

    path: str
    start_line: int
    end_line: int
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class CommitHit:
    """A commit that answers.

    Attributes:
        commit: which.
        score: how close it is to a question; of a place, the share of its lines that the commit wrote. 0 to 1.
        files: those it changed, by the names they have today; of a large commit the first ones.
        places: what it led to in today's code, the most first.
    """

    commit: Commit
    score: float
    files: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """A file that usually changes together with the files in question.

    Attributes:
        path: relative to the workspace folder.
        score: how usual that is, 0 to 1.
        commits: how many commits changed both.
    """

    path: str
    score: float
    commits: int


@dataclass(frozen=True, slots=True)
class History:
    """What the history says.

    Attributes:
        commits: best first; of a place, newest first.
        together: files that change with what is asked about, and are not open; the likeliest first.
        index: the state of the index that gave the places.
        covered: how many commits have been read.
        message: a sentence that says why there is nothing, or how far the history reaches; empty where all is well.
        is_complete: whether all commits have been read that are to be.
    """

    commits: tuple[CommitHit, ...]
    together: tuple[Together, ...]
    index: IndexInfo
    covered: int = 0
    message: str = ""
    is_complete: bool = True


def iso_date(seconds: int) -> str:
    """Return a time in seconds since the epoch as ISO 8601 has it, in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(date: int, now: float) -> str:
    """Return how long ago a time was, in words such as ``3 months ago``. Both in seconds since the epoch."""
    passed = max(0.0, now - date)
    for unit, seconds in _UNITS:
        count = int(passed // seconds)
        if count:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


_UNITS = (
    ("year", 365 * 86_400), ("month", 30 * 86_400), ("week", 7 * 86_400), ("day", 86_400), ("hour", 3600),
    ("minute", 60),
)  # fmt: skip


def seconds_of(date: str) -> int | None:
    """Return an ISO 8601 date in seconds since the epoch, in this computer's time zone if it names none.

    None for what is no date.
    """
    try:
        return int(datetime.fromisoformat(date.strip().replace("Z", "+00:00")).timestamp())
    except (ValueError, OverflowError, OSError):
        return None
