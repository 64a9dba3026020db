"""Reads commits, differences and whole states of a git repository, for the benchmarks that replay its past.

Runs ``git`` to read and for nothing else, in a way that no configuration of a repository can have it run a program or
ask the network. Lines are 1-based, spans inclusive.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_OPTIONS = (
    "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "diff.external=", "-c", "core.pager=cat",
    "-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false",
)  # fmt: skip
_DIFFERENCE = ("-p", "-U0", "--no-color", "--no-ext-diff", "--no-textconv")
_ENVIRONMENT = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_REGULAR = "100"  # How the mode of a regular file begins; links and submodules have others.
_ABSENT = "BAD"  # What git says is the size of a blob that the copy lacks.
_NOTHING = "/dev/null"


class UnreadableError(SystemExit):
    """Git failed: the copy lacks an object, or the repository is damaged."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that a commit replaced: where they began and how many they were, before and after it."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int


@dataclass(slots=True)
class Change:
    """What a commit did to one file: its path before and after, None where there was or is none, and the hunks."""

    old: str | None
    new: str | None
    hunks: list[Hunk] = field(default_factory=list[Hunk])


@dataclass(slots=True)
class Commit:
    """A commit: its id, its first parent's (empty for a root), its time (unix seconds), author, subject, changes."""

    id: str
    parent: str
    date: int
    author: str
    subject: str
    changes: list[Change] = field(default_factory=list[Change])

    @property
    def old_paths(self) -> list[str]:
        """The files that were there before and that it changed."""
        return [change.old for change in self.changes if change.old is not None]


@dataclass(frozen=True)
class Repository:
    """A git repository on this machine: its work tree, or its git directory."""

    path: Path

    def command(self, *arguments: str) -> list[str]:
        """Return a command line of git."""
        return ["git", "-C", str(self.path), *_OPTIONS, *arguments]

    def call(self, *arguments: str) -> bytes:
        """Return what git prints.

        Raises:
            UnreadableError: when it fails.
        """
        done = subprocess.run(
            self.command(*arguments), capture_output=True, stdin=subprocess.DEVNULL, env=_environment(), check=False
        )
        if done.returncode:
            trouble = done.stderr.decode("utf-8", "replace").strip()
            raise UnreadableError(f"git {arguments[0]} failed in {self.path}: {trouble[-500:]}")
        return done.stdout

    def lines(self, *arguments: str) -> Iterator[str]:
        """Yield the lines that git prints while it runs.

        Raises:
            UnreadableError: when it fails.
        """
        with subprocess.Popen(
            self.command(*arguments), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=_environment(),
        ) as process:  # fmt: skip
            assert process.stdout
            for line in process.stdout:
                yield line.decode("utf-8", "replace").rstrip("\n")
        if process.returncode:
            raise UnreadableError(f"git {arguments[0]} failed in {self.path} with {process.returncode}.")

    def resolve(self, revision: str) -> str | None:
        """Return the id of the commit that a revision names, None where there is no such commit."""
        done = subprocess.run(
            self.command("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
            capture_output=True, stdin=subprocess.DEVNULL, env=_environment(), check=False,
        )  # fmt: skip
        return done.stdout.decode().strip() or None if done.returncode == 0 else None

    def log(self, *revisions: str, limit: int | None = None) -> Iterator[Commit]:
        """Yield commits that are no merges, newest first, each with what it changed; renames are followed.

        Raises:
            UnreadableError: at the first commit that changed a file whose text the copy lacks.
        """
        count = (f"--max-count={limit}",) if limit is not None else ()
        form = "--format=%x00%H%x00%P%x00%ct%x00%an%x00%s"
        lines = self.lines("log", "--no-merges", *count, form, *_DIFFERENCE, "-M", *revisions, "--")
        commit: Commit | None = None
        for line in lines:
            if line.startswith("\0"):
                if commit is not None:
                    yield commit
                _, number, parents, date, author, subject = line.split("\0", 5)
                commit = Commit(number, parents.split(" ")[0], int(date), author, subject)
            elif commit is not None:
                _read_difference(line, lines, commit.changes)
        if commit is not None:
            yield commit

    def differences(self, old: str, new: str, paths: Sequence[str]) -> dict[str, list[Hunk]]:
        """Return the hunks between two states of some files, by path."""
        printed = self.call("diff", *_DIFFERENCE, "--no-renames", old, new, "--", *paths)
        lines = iter(printed.decode("utf-8", "replace").split("\n"))
        changes: list[Change] = []
        for line in lines:
            _read_difference(line, lines, changes)
        return {change.old or change.new or "": change.hunks for change in changes}

    def files(self, commit: str) -> dict[str, tuple[str, int]]:
        """Return blob and size in bytes of each regular file of a state, by path, without those that the copy lacks."""
        found: dict[str, tuple[str, int]] = {}
        for row in self.call("ls-tree", "-r", "-z", "-l", "--full-tree", commit).decode("utf-8", "replace").split("\0"):
            facts, _, path = row.partition("\t")
            mode, _, blob, size = facts.split() if facts else ("", "", "", "")
            if mode.startswith(_REGULAR) and size != _ABSENT:
                found[path] = blob, int(size)
        return found

    def check_out(self, commit: str, folder: Path, within: Sequence[str] = (), max_bytes: int = 1_000_000) -> None:
        """Write the files of a state into an empty folder, as they were committed.

        Files that the copy lacks are left out, as mirrors lack the largest ones.

        Args:
            commit: the state.
            folder: where to.
            within: only what lies in these folders, unless there are none.
            max_bytes: larger files are left out.

        Raises:
            UnreadableError: when no file can be written.
        """
        wanted = {
            path: blob
            for path, (blob, size) in self.files(commit).items()
            if size <= max_bytes and (not within or path.startswith(tuple(f"{one}/" for one in within)))
        }
        if not wanted:
            raise UnreadableError(f"{self.path} has the text of no file at {commit}; is it a partial clone?")
        root = folder.resolve()
        command = self.command("cat-file", "--batch")
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as process:
            assert process.stdin and process.stdout
            for path, blob in wanted.items():
                process.stdin.write(f"{blob}\n".encode())
                process.stdin.flush()
                answer = process.stdout.readline().split()
                data = process.stdout.read(int(answer[2]) + 1)[:-1]
                target = root / path
                if not target.resolve().is_relative_to(root):
                    raise SystemExit(f"{self.path} holds a path that leads out of it: {path}")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)


def _environment() -> dict[str, str]:
    return {**os.environ, **_ENVIRONMENT}


def _read_difference(line: str, lines: Iterator[str], changes: list[Change]) -> None:
    """Read on in a difference, from a line that stands outside of hunks."""
    if line.startswith("diff --git "):
        changes.append(Change(None, None))
    elif not changes:
        return
    elif line.startswith("rename from "):
        changes[-1].old = line.removeprefix("rename from ")
    elif line.startswith("rename to "):
        changes[-1].new = line.removeprefix("rename to ")
    elif line.startswith("--- "):
        changes[-1].old = _path(line[4:])
    elif line.startswith("+++ "):
        changes[-1].new = _path(line[4:])
    elif hunk := _HUNK.match(line):
        old_start, old_lines, new_start, new_lines = (int(number or 1) for number in hunk.groups())
        changes[-1].hunks.append(Hunk(old_start, old_lines, new_start, new_lines))
        for _ in range(old_lines + new_lines):
            if next(lines, "").startswith("\\"):  # A remark that the last line has no end; it stands for no line.
                next(lines, "")


def _path(name: str) -> str | None:
    name = name.rstrip("\t")
    return None if name == _NOTHING else name[2:]
