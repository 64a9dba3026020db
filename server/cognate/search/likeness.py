"""How likely a person says of two definitions that they do the same. Pure, any thread.

A logistic regression over four measures, learned from pairs that were judged by reading them, and checked on projects
that it was not learned from: benchmarks/quality/duplicates.py.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shares = NDArray[np.float64]
"""Of pairs, 0 to 1; shape (pairs,)."""

SHAPE_WEIGHT = 4.4
WORDS_WEIGHT = 4.3
MEANING_WEIGHT = 1.5
SIZE_WEIGHT = 4.1
VARIETY_WEIGHT = 3.6
LENGTH_WEIGHT = 1.4
INTERCEPT = -14.3

SHORT = 40
"""Runs of tokens of a short definition."""

THRESHOLD = 0.7
"""Likeness from which on two definitions are shown as doing the same."""


@dataclass(frozen=True, slots=True)
class Measures:
    """What two definitions have in common, each 0 to 1 but for the last.

    Attributes:
        shape: share of their runs of tokens that both have.
        words: share of their words that both have.
        meaning: cosine of the vectors of the chunks that they are in.
        size: tokens of the smaller by those of the larger.
        variety: of the runs of tokens of the more monotonous one, the share that are no repetition of another: a table
            written as code is like any other of its length.
        length: see ``length_of``.
    """

    shape: float
    words: float
    meaning: float
    size: float
    variety: float
    length: float


def likeness(measures: Measures) -> float:
    """Return the probability that a person says they do the same."""
    return 1.0 / (1.0 + math.exp(-float(_total(**asdict(measures)))))


def length_of(shape: Any, n_runs: Any) -> Any:
    """Return how often a definition is twice as long as a short one, as far as its shape is another's, 0 to 4.

    The longer two definitions of one shape are, the less their names need to agree.

    Args:
        shape: as in ``Measures``.
        n_runs: of tokens, of the shorter of both, each counted once.
    """
    return shape**4 * np.clip(np.log2(n_runs / SHORT), 0.0, 4.0)


def may_reach(threshold: float, **measures: Shares) -> NDArray[np.bool_]:
    """Return which pairs can reach a likeness if their words are the same, by their other measures."""
    return _total(words=1.0, **measures) >= math.log(threshold / (1.0 - threshold))


def _total(*, shape: Any, words: Any, meaning: Any, size: Any, variety: Any, length: Any) -> Any:
    return (
        SHAPE_WEIGHT * shape
        + WORDS_WEIGHT * words
        + MEANING_WEIGHT * meaning
        + SIZE_WEIGHT * size
        + VARIETY_WEIGHT * variety
        + LENGTH_WEIGHT * length
        + INTERCEPT
    )
