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
) -> tuple[list[ReadCommit], list[str]]:
    """Return commits, and the names of those that cannot be read.

    Args:
        repository: that has them.
        ids: their names.
        depth: how much of them is read; less, if the clone or its disk does not have it.
        between: as for ``read_commits``.

    Raises:
        GitError: when git cannot be run at all.
    """
    read: list[ReadCommit] = []
    unreadable: list[str] = []
    depths = list(Depth)[list(Depth).index(depth) :]
    rest = list(ids)
    while rest:
        before = len(read)
        try:
            read += read_commits(repository, rest, depths[0], between)
            break
        except GitError as error:
            done = {commit.id for commit in read[before:]}
            there = set(said(repository, "rev-list", "--no-walk=unsorted", "--ignore-missing", *rest, "--").split())
            gone = [name for name in rest if name not in there]
            rest = [name for name in rest if name in there and name not in done]
            unreadable += gone
            log.info("Some commits cannot be read as they are: %s", error)
            if not gone and len(depths) > 1:
                depths.pop(0)
            elif not gone:
                unreadable += rest[:1]
                rest = rest[1:]
    return read, unreadable
