"""Pairs of sets that have much in common, found among many without a look at every pair. Pure, any thread.

A sketch of a set is the minima of many hashes of its members: the share of equal minima estimates what two sets have in
common (Broder, 1997), and sets with a group of equal minima meet in a bucket (Indyk and Motwani, 1998).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cognate.search.shapes import Hashes, mixed

GROUPS, PER_GROUP = 20, 3
"""Of pairs that have half of their members in common 93 in 100 meet, of those with a fifth 15."""

CROWDED = 40
"""Sets in a bucket from which on each meets those next to it alone: what so many have in common is a form."""

BATCH = 2048
"""Sets that are sketched together."""

Sketches = NDArray[np.uint32]
"""Shape (sets, GROUPS * PER_GROUP)."""

Pairs = NDArray[np.int64]
"""Rows of sketches, the lower first; shape (pairs, 2)."""

_HASHES = GROUPS * PER_GROUP
_RANDOM = np.random.default_rng(7)
_FACTORS: Hashes = np.bitwise_or(_RANDOM.integers(0, 1 << 32, _HASHES, np.uint32), np.uint32(1))
_SUMMANDS: Hashes = _RANDOM.integers(0, 1 << 32, _HASHES, np.uint32)


def sketches_of(sets: Sequence[Hashes]) -> Sketches:
    """Return the sketches of sets, none of them empty."""
    found = np.empty((len(sets), _HASHES), np.uint32)
    for start in range(0, len(sets), BATCH):
        some = sets[start : start + BATCH]
        members = np.concatenate(some)
        starts = np.cumsum([0, *(len(one) for one in some[:-1])])
        for column in range(_HASHES):
            hashed = mixed(members * _FACTORS[column] + _SUMMANDS[column])
            found[start : start + len(some), column] = np.minimum.reduceat(hashed, starts)
    return found


def about_in_common(sketches: Sketches, pairs: Pairs) -> NDArray[np.float64]:
    """Return the share of their members that each pair has in common, about: one time in three 0.06 off, or more."""
    low, high = pairs.T
    return (sketches[low] == sketches[high]).mean(axis=1)


def pairs_that_meet(sketches: Sketches, kinds: Sequence[int]) -> Pairs:
    """Return the pairs that share a bucket and a kind, each once, in order."""
    count = len(sketches)
    found = [np.empty(0, np.int64)]
    for group in range(GROUPS):
        key = np.array(kinds, np.uint64)
        for column in range(group * PER_GROUP, (group + 1) * PER_GROUP):
            key = key * np.uint64(0x9E3779B97F4A7C15) + sketches[:, column].astype(np.uint64)
        order = np.argsort(key, kind="stable")
        key = key[order]
        for step in range(1, min(CROWDED, count)):
            same = key[step:] == key[:-step]
            if not same.any():
                break
            low, high = order[:-step][same], order[step:][same]
            found.append(np.minimum(low, high) * count + np.maximum(low, high))
    numbers = np.unique(np.concatenate(found))
    return np.stack(np.divmod(numbers, max(count, 1)), axis=1)
