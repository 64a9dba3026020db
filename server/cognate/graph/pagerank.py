"""PageRank by power iteration (Brin and Page, 1998, "The Anatomy of a Large-Scale Hypertextual Web Search Engine").

Pure arithmetic on edge lists. numpy is enough: a step over a million edges takes milliseconds, and no further library
has to be installed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

DAMPING = 0.85  # The authors' figure, which everybody keeps.
TOLERANCE = 1e-8  # Of the change of any rank, 1 on average, in a step; what steps after it would change is below 1e-7.
MAX_STEPS = 250  # 0.85 to the power of 170 is 1e-12, what is left of a rank of 10,000.
TIE = 1e-6  # Ranks whose mean is 1 are equal when no more than this lies between them.

Ranks = NDArray[np.float64]


class Direction(Enum):
    """Which way rank flows along a reference from one file to what it uses."""

    UNDIRECTED = "undirected"
    DIRECTED = "directed"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Edges:
    """References among numbered nodes.

    Attributes:
        source: shape (edges,), the nodes that refer.
        target: shape (edges,), the nodes that are referred to.
        weight: shape (edges,), above 0.
        n_nodes: nodes are numbered from 0.
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: Ranks
    n_nodes: int


def page_rank(
    edges: Edges,
    direction: Direction = Direction.UNDIRECTED,
    *,
    start: Ranks | None = None,
    between: Callable[[], None] = lambda: None,
) -> Ranks:
    """Return each node's share of the time that a random reader spends there; they sum to 1.

    The reader follows a reference with probability DAMPING, by weight, and otherwise, or where there is none, goes
    anywhere.

    Args:
        edges: the references.
        direction: undirected follows a reference either way, once however often the two refer to each other.
        start: the ranks before a change, to begin from; any positive numbers, shape (nodes,).
        between: called before each step, to let others go first.
    """
    n_nodes = edges.n_nodes
    if not n_nodes:
        return np.zeros(0)
    flow = _undirected(edges) if direction is Direction.UNDIRECTED else edges
    source, target = flow.source, flow.target
    if direction is Direction.REVERSED:
        source, target = target, source
    leaving = np.bincount(source, flow.weight, n_nodes)
    share = flow.weight / leaving[source]
    dangling = leaving == 0.0
    ranks = np.full(n_nodes, 1.0 / n_nodes) if start is None else start / start.sum()
    for _ in range(MAX_STEPS):
        between()
        followed = np.bincount(target, ranks[source] * share, n_nodes)
        moved = DAMPING * (followed + ranks[dangling].sum() / n_nodes) + (1.0 - DAMPING) / n_nodes
        change = float(np.abs(moved - ranks).max()) * n_nodes
        ranks = moved
        if change < TOLERANCE:
            break
    return ranks


def percentiles(ranks: Ranks) -> Ranks:
    """Return for each rank the share of nodes below it, between 0 and 1; of equal ones the middle.

    Ranks are spread over orders of magnitude, and how far depends on the size of the graph; their order does not.
    """
    if not len(ranks):
        return ranks
    order = np.argsort(ranks, kind="stable")
    apart = np.diff(ranks[order] / (ranks.mean() or 1.0)) > TIE
    group = np.concatenate([np.zeros(1, np.int64), np.cumsum(apart)])
    counts = np.bincount(group)
    shares = np.empty(len(ranks))
    shares[order] = ((np.cumsum(counts) - counts / 2.0) / len(ranks))[group]
    return shares


def _undirected(edges: Edges) -> Edges:
    """Return both directions of every pair of nodes that refer to each other, with the larger weight of the two."""
    source, target, weight = merged(edges)
    keep = source != target
    low, high = np.minimum(source, target)[keep], np.maximum(source, target)[keep]
    keys = low * edges.n_nodes + high
    pairs, first, weights = _grouped(keys, weight[keep])
    largest = np.maximum.reduceat(weights, first) if len(first) else weights
    low, high = pairs // edges.n_nodes, pairs % edges.n_nodes
    return Edges(np.concatenate([low, high]), np.concatenate([high, low]), np.tile(largest, 2), edges.n_nodes)


def merged(edges: Edges) -> tuple[NDArray[np.int64], NDArray[np.int64], Ranks]:
    """Return sources, targets and summed weights with each pair of nodes once, in their order."""
    pairs, first, weights = _grouped(edges.source * edges.n_nodes + edges.target, edges.weight)
    summed = np.add.reduceat(weights, first) if len(first) else weights
    n_nodes = max(edges.n_nodes, 1)
    return pairs // n_nodes, pairs % n_nodes, summed


def _grouped(keys: NDArray[np.int64], weight: Ranks) -> tuple[NDArray[np.int64], NDArray[np.int64], Ranks]:
    """Return the distinct keys, where each one's weights begin, and the weights in the order of keys."""
    order = np.argsort(keys, kind="stable")
    pairs, first = np.unique(keys[order], return_index=True)
    return pairs, first, weight[order]
