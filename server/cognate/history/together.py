"""Files that usually change together, as the commits of a history say. Any thread, one view."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import log2

import numpy as np

from cognate.history.ties import earlier_names
from cognate.history.view import HistoryView

HALF_LIFE = 200
"""Commits after which one counts half: code is moved, and what belonged together parts. Of one file hidden from each of
the newest commits, 100 to 200 find the most among their first three."""

PRIOR = 2.0
"""Commits' worth of doubt: what changed together once is not usual yet."""


def changed_with(view: HistoryView, paths: Iterable[str]) -> dict[int, tuple[float, int]]:
    """Return the files that changed with some files, by the numbers of their paths as the commits had them.

    Each of the files is asked by itself, so that one which changes in every other commit does not drown the others.

    Returns:
        How usual it is that a commit which changes one of the files changes this one too, 0 to 1, the mean of all
        files asked about; and how many commits changed it with one of them.
    """
    groups = [group for path in paths if (group := list(earlier_names(view, path)))]
    asked = {number for group in groups for number in group}
    points: dict[int, float] = defaultdict(float)
    together: dict[int, set[int]] = defaultdict(set)
    for group in groups:
        commits = [number for number in view.commits_touching(group) if view.has(number)]
        for path, (share, _) in weighed(view, dict.fromkeys(commits, 1.0), asked).items():
            points[path] += share / len(groups)
        for commit, changed in view.files_of(commits).items():
            for path in changed - asked:
                together[path].add(commit)
    return {path: (share, len(together[path])) for path, share in points.items()}


def weighed(view: HistoryView, commits: Mapping[int, float], without: Iterable[int]) -> dict[int, tuple[float, int]]:
    """Return the files of commits, each with its share of the commits' weights and how many changed it.

    Args:
        view: the history.
        commits: by number, how much each counts; large and old ones count less.
        without: numbers of paths that are left out.
    """
    files = view.files_of(commits)
    left_out = set(without)
    total = PRIOR
    points: dict[int, float] = defaultdict(float)
    counts: dict[int, int] = defaultdict(int)
    for commit, paths in files.items():
        age = view.n_commits - 1 - int(np.searchsorted(view.numbers, commit))
        weight = commits[commit] * 0.5 ** (age / HALF_LIFE) / log2(1 + len(paths))
        total += weight
        for path in paths - left_out:
            points[path] += weight
            counts[path] += 1
    return {path: (points[path] / total, counts[path]) for path in points}
