"""Files that usually change together, as the commits of a history say. Any thread, one view."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import log2

import numpy as np

from cognate.history.ties import earlier_names
from cognate.history.view import HistoryView

HALF_LIFE = 400
"""Commits after which one counts half: code is moved, and what belonged together parts."""

PRIOR = 2.0
"""Commits' worth of doubt: what changed together once is not usual yet."""


def changed_with(view: HistoryView, paths: Iterable[str]) -> dict[int, tuple[float, int]]:
    """Return the files that changed with some files, by the numbers of their paths as the commits had them.

    Returns:
        How usual it is that a commit which changes one of the files changes this one too, 0 to 1, and how many did.
    """
    asked: set[int] = set()
    for path in paths:
        asked.update(earlier_names(view, path))
    commits = [number for number in view.commits_touching(asked) if view.has(number)]
    return weighed(view, dict.fromkeys(commits, 1.0), asked)


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
