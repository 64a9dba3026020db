"""The loss that ranking weights are learned with, over all queries at once.

Listwise softmax over files (Cao et al., "Learning to rank: from pairwise approach to listwise approach", 2007). The
best chunk of each group of candidates stands for it: a file's right chunks are one group, its others another.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Ranking(Protocol):
    """One query: features of its candidates, shape (candidates, signals); the group of each; which groups are right."""

    features: NDArray[np.float64]
    groups: NDArray[np.int64]
    wanted: NDArray[np.bool_]


class Stacked:
    """Queries one below the other, each with its candidates sorted by group."""

    def __init__(self, rankings: Sequence[Ranking]) -> None:
        orders = [np.argsort(ranking.groups, kind="stable") for ranking in rankings]
        sizes = [np.bincount(ranking.groups, minlength=len(ranking.wanted)) for ranking in rankings]
        self._features = np.concatenate([r.features[order] for r, order in zip(rankings, orders, strict=True)])
        self._sizes = np.concatenate(sizes)
        self._groups = _starts(self._sizes)
        self._group_of = np.repeat(np.arange(len(self._sizes)), self._sizes)
        n_groups = np.array([len(size) for size in sizes])
        self._queries = _starts(n_groups)
        self._query_of = np.repeat(np.arange(len(rankings)), n_groups)
        self._wanted = np.concatenate([ranking.wanted for ranking in rankings]).astype(np.float64)
        self._n_wanted = np.add.reduceat(self._wanted, self._queries)

    def gradient(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient of the loss, summed over the queries: half for any right group, half for each of them."""
        linear = self._features @ weights
        top = np.maximum.reduceat(linear, self._groups)
        rows = np.flatnonzero(linear == top[self._group_of])
        _, first = np.unique(self._group_of[rows], return_index=True)
        best = rows[first]
        raised = np.exp(top - np.maximum.reduceat(top, self._queries)[self._query_of])
        share = raised / np.add.reduceat(raised, self._queries)[self._query_of]
        wanted = share * self._wanted
        any_right = share - wanted / np.add.reduceat(wanted, self._queries)[self._query_of]
        each_right = share - self._wanted / self._n_wanted[self._query_of]
        return (0.5 * any_right + 0.5 * each_right) @ self._features[best]


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.cumsum(sizes) - sizes
