"""Ties commits to code: by lines that they added and that still stand, else by the functions that their hunks name.

Made when somebody asks, from the lines as they are now, so nothing has to be kept in step with edits. Against what
``git blame -w`` says of each line this finds some nine in ten, in a tenth of its time, and goes on where lines moved.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from cognate.history.lines import Digests, long_ones, sorted_digests
from cognate.history.store import signed
from cognate.history.view import HistoryView

MOST_RENAMES = 20
"""Earlier names of a file that are followed."""


def earlier_names(view: HistoryView, path: str) -> dict[int, int | None]:
    """Return the numbers of a file's path and of those it had before, each with the date up to which it counts."""
    start = view.path_numbers([path]).get(path)
    found: dict[int, int | None] = {} if start is None else {start: None}
    waiting = list(found)
    while waiting and view.store is not None and len(found) <= MOST_RENAMES:
        number = waiting.pop()
        until = found[number]
        renames = view.store.rows(
            "SELECT commit_number, old_path FROM changes WHERE path = ? AND old_path IS NOT NULL", (number,)
        )
        for commit, old in renames:
            if old not in found and view.has(commit) and (until is None or view.date_of(commit) <= until):
                found[old] = view.date_of(commit)
                waiting.append(old)
    return found


def later_names(view: HistoryView, path: int, since: int) -> list[int]:
    """Return the numbers of the paths that a file of a commit got later, the last first, and its own at the end."""
    names = [path]
    while view.store is not None and len(names) <= MOST_RENAMES:
        renames = view.store.rows("SELECT commit_number, path FROM changes WHERE old_path = ?", (names[-1],))
        dated = sorted((view.date_of(c), new) for c, new in renames if view.has(c) and new not in names)
        after = [(date, new) for date, new in dated if date >= since]
        if not after:
            break
        since, new = after[0]
        names.append(new)
    return names[::-1]


def commits_of_lines(view: HistoryView, path: str, lines: Iterable[int], names: Iterable[str]) -> Mapping[int, float]:
    """Return the commits that made a piece of code what it is.

    Args:
        view: the history.
        path: of the file that it stands in.
        lines: digests of its lines.
        names: of the definition, as the headers of hunks may have it; none where it is no definition.

    Returns:
        By commit, the share of the lines that it wrote; 0 for those that changed it and of which no line is left.
    """
    counts = Counter(lines)
    known = earlier_names(view, path)
    changes = [
        change
        for change in view.changes_to(known)
        if (until := known[change.path]) is None or view.date_of(change.commit) <= until
    ]
    changes.sort(key=lambda change: (view.date_of(change.commit), change.commit), reverse=True)
    total = counts.total()
    left: Digests = sorted_digests(counts)
    written: Counter[int] = Counter()
    for change in changes:
        standing = left[np.isin(left, change.lines)]
        if len(standing):
            written[change.commit] += sum(counts[digest] for digest in standing.tolist())
            left = np.setdiff1d(left, standing)
    for digest, commit in origins_of(view, left).items():
        written[commit] += counts[digest]
    found = {commit: n / total for commit, n in written.items()}
    wanted = frozenset(names)
    for change in changes:
        if change.commit not in found and wanted & change.names:
            found[change.commit] = 0.0
    return found


def origins_of(view: HistoryView, digests: Digests) -> dict[int, int]:
    """Return the one commit that wrote a long line, by digest, of those that one alone wrote."""
    wanted = long_ones(digests)
    if view.store is None or not len(wanted):
        return {}
    rows = view.store.rows_of("SELECT digest, commit_number FROM origins WHERE digest IN {}", signed(wanted))
    return {digest % (1 << 64): commit for digest, commit in rows if commit and view.has(commit)}
