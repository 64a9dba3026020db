"""How sure a difference between two systems on the same queries is: the paired bootstrap. Pure.

Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile interval).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 10_000
SEED = 20_230_611
CONFIDENCE = 0.95
BLOCK = 1000  # Resamples drawn at once, so that a large label set needs little memory.


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean difference with the ends of its confidence interval."""

    mean: float
    low: float
    high: float


def paired_interval(
    ours: Sequence[float], theirs: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED
) -> Interval:
    """Return the mean of ``ours - theirs`` and its 95 % interval; the two hold one figure a query, in the same order.

    Raises:
        ValueError: when they are not of the same length, or empty.
    """
    if len(ours) != len(theirs) or not len(ours):
        raise ValueError(f"A paired comparison needs the same queries on both sides: {len(ours)}, {len(theirs)}.")
    differences = np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)
    generator = np.random.default_rng(seed)
    means: list[np.ndarray] = []
    for start in range(0, resamples, BLOCK):
        drawn = generator.integers(0, len(differences), (min(BLOCK, resamples - start), len(differences)))
        means.append(differences[drawn].mean(axis=1))
    tail = (1 - CONFIDENCE) / 2 * 100
    low, high = np.percentile(np.concatenate(means), [tail, 100 - tail])
    return Interval(float(differences.mean()), float(low), float(high))
