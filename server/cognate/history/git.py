"""Runs ``git`` as a program that only reads, and starts no other: nothing that a repository configures is run.

Neither textconv, external diff, file system monitor, signature check nor pager; no transport either, so that a partial
clone does not fetch what it lacks. Any thread.
"""

import os
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cognate.errors import CognateError
from cognate.programs import program_outside

TIMEOUT_S = 120
"""For what prints names of commits alone."""

MOST_LINE_BYTES = 4096
"""A line is cut there: what is longer was not written by hand."""

_KEPT = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES", "GIT_EXEC_PATH"}
)
"""Of the variables that begin with ``GIT_``: where git and the user's own configuration are."""

_OWN = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # Older versions know no other way not to fetch.
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_OPTIONS = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "core.pager=cat"),
    *("-c", "diff.external="),
    *("-c", "log.showSignature=false"),
    *("-c", "log.showRoot=true"),
)

NO_GIT = "There is no program git on this computer; it is needed to read the history"


class GitError(CognateError):
    """Git is not there, or refuses; the message says why."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository and the part of it that is open.

    Attributes:
        root: its work tree.
        below: the workspace folder relative to that, with ``/`` at its end; empty where it is the root.
    """

    root: Path
    below: str = ""


def program(root: Path) -> str:
    """Return where git is; never one that lies in the repository.

    Raises:
        GitError: when there is none.
    """
    found = program_outside(root, "git")
    if found is None:
        raise GitError(NO_GIT)
    return found


def environment() -> dict[str, str]:
    """Return this process's environment without what it says of other repositories and programs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    return {**kept, **_OWN}


def said(repository: Repository, *arguments: str) -> str:
    """Return what a command prints.

    Raises:
        GitError: when it fails.
    """
    command = [program(repository.root), *_OPTIONS, *arguments]
    try:
        done = subprocess.run(
            command, cwd=repository.root, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git cannot be run: {error}") from error
    if done.returncode:
        raise GitError(_complaint(done.stderr))
    return done.stdout.decode("utf-8", "replace")


@contextmanager
def printing(repository: Repository, *arguments: str) -> Generator[Iterator[bytes]]:
    """Yield the lines that a command prints, while it prints them; leaving the block ends it.

    Raises:
        GitError: when it fails, once its lines have been read.
    """
    command = [program(repository.root), *_OPTIONS, *arguments]
    try:
        running = subprocess.Popen(
            command, cwd=repository.root, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, bufsize=1 << 18,
        )  # fmt: skip
    except OSError as error:
        raise GitError(f"git cannot be run: {error}") from error
    with running:
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            yield cut_lines(running.stdout)
            if running.stdout.read(1) == b"" and running.wait():
                raise GitError(_complaint(running.stderr.read(MOST_LINE_BYTES)))
        finally:
            running.kill()


def cut_lines(stream: object) -> Iterator[bytes]:
    """Yield the lines of a stream, each with its end, or cut at MOST_LINE_BYTES."""
    readline = stream.readline  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    while line := readline(MOST_LINE_BYTES):
        if len(line) == MOST_LINE_BYTES and line[-1] != 10:  # noqa: PLR2004 - the end of a line
            while (rest := readline(1 << 16)) and rest[-1] != 10:  # noqa: PLR2004
                pass
        yield line


def _complaint(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    told = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
    return f"git failed: {told.partition(': ')[2] or told or 'it does not say why'}"


def head_commit(repository: Repository) -> str | None:
    """Return the commit that HEAD names; None where nothing was committed yet.

    Raises:
        GitError: when git refuses to say.
    """
    try:
        return said(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}").strip() or None
    except GitError:
        said(repository, "rev-parse", "--git-dir")  # Raises where it is no repository, or one that git does not trust.
        return None


def commits_from(repository: Repository, at_most: int, *revisions: str) -> list[str]:
    """Return the commits that revisions lead to, merges left out, newest first.

    Raises:
        GitError: when one of the revisions is not there.
    """
    paths = ("--", f":(top,literal){repository.below}") if repository.below else ("--",)
    listed = said(repository, "rev-list", "--no-merges", f"--max-count={at_most}", *revisions, *paths)
    return listed.split()
