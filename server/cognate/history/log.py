"""Reads commits as ``git log --raw -p -U0`` prints them. Knows no database.

A commit's lines, words and names are bounded, so that one that brings in ten thousand files is read like any other.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from cognate.history.git import Repository, printing
from cognate.history.lines import NO_DIGESTS, Digests, digest_of, sorted_digests
from cognate.words import STOP_WORDS, identifiers, split_identifier, stem

MOST_FILES = 30
"""A commit that changes more is a sweep: its lines and functions tie nothing, and only so many of its files count."""

MOST_MESSAGE_BYTES = 8192
MOST_SUBJECT, MOST_BODY = 300, 1000  # Characters.
MOST_LINES = 20_000  # Added lines of one commit whose digests are kept.
MOST_CODE_BYTES = 1 << 16  # Changed lines of one commit whose identifiers count.
MOST_WORDS = 400  # Distinct words of these.
MOST_NAMES = 12  # In the header of a hunk.

_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@ ?(.*)")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_PLUS, _MINUS, _COLON = b"+-:"


class Depth(Enum):
    """How much of a commit is read; what is lacking in a partial clone leaves less."""

    LINES = ("--raw", "-p", "-U0", "-M", "-l400")
    FILES = ("--raw", "--no-renames")
    MESSAGE = ("--no-patch",)


@dataclass(slots=True)
class Change:
    """One file of a commit.

    Attributes:
        path: relative to the workspace folder; of a removed file the one it had.
        old_path: before the commit, if that was another one.
        lines: digests of the lines that were added.
        names: what the headers of its hunks name.
    """

    path: str
    old_path: str | None = None
    lines: Digests = field(default_factory=lambda: NO_DIGESTS)
    names: frozenset[str] = frozenset()


@dataclass(slots=True)
class ReadCommit:
    """A commit as it was read.

    Attributes:
        id: its whole name.
        date: when it was committed, in seconds since the epoch.
        subject: the first line of its message.
        body: the first paragraph behind that.
        n_files: how many files it changed.
        changes: the first MOST_FILES of them.
        words: stemmed words of the identifiers in its changed lines, joined by blanks.
    """

    id: str
    date: int
    subject: str
    body: str
    n_files: int
    changes: list[Change]
    words: str


def read_commits(
    repository: Repository, ids: Sequence[str], depth: Depth, between: Callable[[], None]
) -> Iterator[ReadCommit]:
    """Yield commits in the order of their names.

    Args:
        repository: that has them.
        ids: names of some hundred commits.
        depth: how much of each is read.
        between: called before each commit is yielded; may block, and what it raises ends the reading.

    Raises:
        GitError: when git fails, as on a commit or a file that is not there; those before it were yielded.
    """
    mark = secrets.token_hex(16)
    relative = f"--relative={repository.below}" if repository.below else "--no-relative"
    arguments = (
        "log", "--no-walk=unsorted", f"--format={mark}H%H %ct%n%B%n{mark}D", "--encoding=UTF-8", *depth.value,
        relative, "--no-ext-diff", "--no-textconv", "--no-color", "--no-decorate", "--no-notes", "--no-mailmap",
        "--no-show-signature", "--no-abbrev", "--submodule=short", "--ignore-submodules=none", "--src-prefix=a/",
        "--dst-prefix=b/", "--inter-hunk-context=0", "--diff-algorithm=default", "--end-of-options", *ids, "--",
    )  # fmt: skip
    with printing(repository, *arguments) as lines:
        for commit in parsed(lines, mark.encode()):
            between()
            yield commit


def parsed(lines: Iterator[bytes], mark: bytes) -> Iterator[ReadCommit]:
    """Yield the commits that lines tell of; before each commit and behind its message stands a line with the mark."""
    n_mark = len(mark)
    reading: _Reading | None = None
    in_message = False
    for line in lines:
        if line.startswith(mark):
            if line[n_mark] == ord("D"):
                in_message = False
                continue
            if reading is not None:
                yield reading.done()
            reading, in_message = _Reading(line[n_mark + 1 :]), True
        elif reading is None:
            continue
        elif in_message:
            reading.take_message(line)
        else:
            reading.take(line)
    if reading is not None:
        yield reading.done()


class _Reading:
    """A commit of which lines come."""

    def __init__(self, head: bytes) -> None:
        name, date = head.split()
        self._id, self._date = name.decode(), int(date)
        self._message: list[bytes] = []
        self._n_message = 0
        self._files: dict[bytes, Change] = {}
        self._n_files = 0
        self._change: Change | None = None
        self._added: set[int] = set()
        self._names: set[str] = set()
        self._n_lines = self._n_code = 0
        self._code: list[bytes] = []
        self._old_left = self._new_left = 0

    def take_message(self, line: bytes) -> None:
        if self._n_message < MOST_MESSAGE_BYTES:
            self._message.append(line)
            self._n_message += len(line)

    def take(self, line: bytes) -> None:
        first = line[0]
        if self._old_left or self._new_left:
            if first == _PLUS:
                self._new_left -= 1
            elif first == _MINUS:
                self._old_left -= 1
            if self._change is not None:
                self._take_changed(line, first)
        elif first == _COLON:
            self._take_file(line)
        elif line.startswith(b"@@"):
            if (hunk := _HUNK.match(line)) is not None:
                old, new, header = hunk.groups()
                self._old_left, self._new_left = int(old or 1), int(new or 1)
                if header and self._change is not None:
                    self._names.update(names_in(header))
        elif line.startswith(b"diff --git "):
            self._end_file()
        elif line.startswith((b"+++ b/", b'+++ "b/', b"--- a/", b'--- "a/')) and self._n_files <= MOST_FILES:
            path = _unquoted(line[4:].rstrip(b"\n").removesuffix(b"\t"))[2:]
            self._change = self._files.get(path, self._change)

    def _take_changed(self, line: bytes, first: int) -> None:
        if first == _PLUS and self._n_lines < MOST_LINES:
            self._n_lines += 1
            digest = digest_of(line[1:])
            if digest is not None:
                self._added.add(digest)
        if self._n_code < MOST_CODE_BYTES:
            self._n_code += len(line)
            self._code.append(line[1:])

    def _take_file(self, line: bytes) -> None:
        self._n_files += 1
        if self._n_files > MOST_FILES:
            return
        status, *paths = line.rstrip(b"\n").split(b"\t")
        path = _unquoted(paths[-1])
        old = _text(_unquoted(paths[0])) if len(paths) > 1 and b" R" in status else None
        self._files[path] = Change(_text(path), old)

    def _end_file(self) -> None:
        if self._change is not None:
            self._change.lines = sorted_digests(self._added) if self._added else NO_DIGESTS
            self._change.names = frozenset(self._names)
        self._change, self._added, self._names = None, set(), set()

    def done(self) -> ReadCommit:
        self._end_file()
        subject, body = _message(b"".join(self._message))
        words = words_in(b"".join(self._code)) if self._n_files <= MOST_FILES else ""
        return ReadCommit(self._id, self._date, subject, body, self._n_files, list(self._files.values()), words)


def _message(raw: bytes) -> tuple[str, str]:
    """Return the subject of a message and the first paragraph behind it, each on one line."""
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", raw.decode("utf-8", "replace").strip())]
    subject, rest = paragraphs[0] if paragraphs else "", paragraphs[1] if len(paragraphs) > 1 else ""
    return subject.replace("\0", "")[:MOST_SUBJECT], rest.replace("\0", "")[:MOST_BODY]


def words_in(code: bytes) -> str:
    """Return the distinct stemmed words of the identifiers in code, joined by blanks."""
    found: dict[str, None] = {}
    for identifier in dict.fromkeys(identifiers(code.decode("utf-8", "replace"))):
        for word in split_identifier(identifier):
            if len(word) > 1 and not word.isdigit() and word not in STOP_WORDS:
                found[stem(word)] = None
        if len(found) >= MOST_WORDS:
            break
    return " ".join(found)


def names_in(header: bytes) -> list[str]:
    """Return the names in the header of a hunk."""
    return [name for name in identifiers(header.decode("utf-8", "replace")) if not name.isdigit()][:MOST_NAMES]


def _text(path: bytes) -> str:
    return path.decode("utf-8", "replace").replace("\0", "")


def _unquoted(path: bytes) -> bytes:
    """Return a path as it is; git writes one with quotes, line breaks and such in quotes."""
    if not path.startswith(b'"'):
        return path
    return _ESCAPE.sub(_unescaped, path[1:].removesuffix(b'"'))


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _ESCAPED.get(code, code)  # noqa: PLR2004 - octal digits
