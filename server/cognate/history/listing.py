"""Which commits a history is to have, and reading some of them. Runs git; on a thread that may wait for it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cognate.history.git import GitError, Repository, commits_from, head_commit, said
from cognate.history.log import Depth, ReadCommit, read_commits

log = logging.getLogger(__name__)

BATCH = 200
"""Commits read by one process: their names fit on a command line, and what is read is kept every second or so."""

MOST_LOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Listing:
    """The commits that a history is to have.

    Attributes:
        head: the commit that HEAD names; empty where there is none.
        commits: newest first: all of them, or those that came.
        lost: those that HEAD no longer leads to, where only what came is listed.
        is_whole: whether these are all of them.
        is_shallow: whether the clone lacks older ones.
        is_partial: whether the clone lacks the content of old files.
    """

    head: str
    commits: Sequence[str] = ()
    lost: Sequence[str] = ()
    is_whole: bool = True
    is_shallow: bool = False
    is_partial: bool = False


def list_commits(repository: Repository, shared: str, before: str, at_most: int) -> Listing:
    """Return the commits that HEAD leads to: those that came since another head, or all, where that is not told.

    Args:
        repository: that has them.
        shared: git's folder of all its work trees.
        before: the head before; empty to list all.
        at_most: how many commits a history has.

    Raises:
        GitError: when git is not there or refuses.
    """
    head = head_commit(repository)
    if head is None:
        return Listing("")
    is_shallow, is_partial = Path(shared, "shallow").exists(), _is_partial(repository)
    if before:
        try:
            came = commits_from(repository, at_most, head, f"^{before}")
            lost = commits_from(repository, MOST_LOST, before, f"^{head}")
        except GitError as error:
            log.info("All commits are listed again: %s", error)
        else:
            if len(came) < at_most:
                return Listing(head, came, lost, False, is_shallow, is_partial)
    return Listing(head, commits_from(repository, at_most, head), (), True, is_shallow, is_partial)


def _is_partial(repository: Repository) -> bool:
    try:
        return bool(said(repository, "config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"))
    except GitError:  # It has no such setting.
        return False


def read_batch(
    repository: Repository, ids: Sequence[str], depth: Depth, between: Callable[[], None]
) -> tuple[list[ReadCommit], list[str], Depth]:
    """Return commits, those that cannot be read, and how deep the next ones can be read.

    Args:
        repository: that has them.
        ids: their names.
        depth: how much of them is read, if it is there.
        between: as for ``read_commits``.

    Raises:
        GitError: when git cannot be run at all.
    """
    read: list[ReadCommit] = []
    depths = list(Depth)
    while True:
        rest = ids[len(read) :]
        try:
            read += read_commits(repository, rest, depth, between)
        except GitError as error:
            said(repository, "rev-parse", "--git-dir")
            rest = ids[len(read) :]
            deeper = depths[depths.index(depth) + 1 :]
            if deeper and rest and _is_there(repository, rest[0]):
                depth = deeper[0]
                continue
            log.info("Some commits cannot be read: %s", error)
            if len(rest) > 1 and not _is_there(repository, rest[0]):
                one, unreadable, depth = read_batch(repository, rest[1:], depth, between)
                return read + one, [rest[0], *unreadable], depth
            return read, list(rest[:1]), depth
        return read, [], depth


def _is_there(repository: Repository, name: str) -> bool:
    try:
        said(repository, "cat-file", "-e", f"{name}^{{commit}}")
    except GitError:
        return False
    return True
