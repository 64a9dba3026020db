"""How near candidates are to where the user is and works: in the reference graph, in the tree of folders, in time.

Works on one snapshot; any thread.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from cognate.index.snapshot import Snapshot

LINKED = 0.8  # At most, for a file that the user's file refers to or is referred to by.
SAME_FOLDER = 0.6
RECENT = 0.7  # A file that was edited lately, wherever the user is now.


def nearness(
    snapshot: Snapshot, paths: Iterable[str], near: str | None, recent: Sequence[str] = ()
) -> dict[str, float]:
    """Return how near each file is, 0 to 1; the user's own file is 1.

    Args:
        snapshot: whose reference graph counts.
        paths: the files asked about.
        near: the file that the user is in, if known.
        recent: files that were edited lately.
    """
    edited = frozenset(recent)
    linked = linked_files(snapshot, near) if near is not None else {}
    strongest = max(linked.values(), default=1.0)
    found: dict[str, float] = {}
    for path in paths:
        if path == near:
            found[path] = 1.0
            continue
        by_graph = LINKED * linked.get(path, 0.0) / strongest
        by_tree = SAME_FOLDER * _shared_folders(path, near) if near is not None else 0.0
        found[path] = max(by_graph, by_tree, RECENT if path in edited else 0.0)
    return found


def linked_files(snapshot: Snapshot, path: str) -> Mapping[str, float]:
    """Return the files linked to one by references; what everything refers to says little about any one of them."""
    graph = snapshot.graph
    return {other: weight / math.log2(2 + graph.n_referrers(other)) for other, weight in graph.neighbours(path).items()}


def _shared_folders(one: str, other: str) -> float:
    """Return the share of the longer path's folders that both are in; files side by side at the root share all."""
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    shared = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        shared += 1
    longer = max(len(first), len(second))
    return shared / longer if longer else 1.0
