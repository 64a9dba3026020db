"""From signals to an order: a linear score with learned weights, made a number between 0 and 1. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cognate.ranking.signals import SIGNALS, Features
from cognate.ranking.weights import BIAS, NAME_WEIGHTS, PROSE_WEIGHTS, SLOPE
from cognate.types import ChunkRecord

FURTHER_CHUNK_FACTOR = 0.3  # Of a file's next chunk: people want places, not one file ten times. 0.2 to 0.4 rank alike.
LEAST_SCORE = 0.02  # Below it an answer is noise.


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's place in the order: its row in the features, and its score between 0 and 1."""

    row: int
    score: float


def weights_for(is_symbol: bool) -> NDArray[np.float64]:
    """Return the weights of the signals, in the order of SIGNALS; names typed alone have weights of their own."""
    table = NAME_WEIGHTS if is_symbol else PROSE_WEIGHTS
    return np.array([table.get(name, 0.0) for name in SIGNALS], np.float64)


def relevance(features: Features, is_symbol: bool) -> NDArray[np.float64]:
    """Return the linear score of each candidate; shape (candidates,)."""
    return features @ weights_for(is_symbol)


def calibrated(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scores between 0 and 1 by a logistic curve (Platt, 1999)."""
    return 1.0 / (1.0 + np.exp(-(SLOPE * linear + BIAS)))


def order(records: Sequence[ChunkRecord], linear: NDArray[np.float64], limit: int) -> list[Ranked]:
    """Return the best candidates, best first, one file not filling the list; ties go to the lower id.

    Greedy: the score of a file's next chunk is multiplied by the factor for each chunk taken before it.
    """
    scores = calibrated(linear)
    by_file: dict[str, list[int]] = {}
    for row in sorted(range(len(records)), key=lambda i: (-scores[i], records[i].id)):
        by_file.setdefault(records[row].path, []).append(row)
    ranked = [
        Ranked(row, float(scores[row]) * FURTHER_CHUNK_FACTOR**place)
        for rows in by_file.values()
        for place, row in enumerate(rows)
    ]
    ranked.sort(key=lambda r: (-r.score, records[r.row].id))
    return [r for r in ranked[:limit] if r.score >= LEAST_SCORE]


def contributions(features: NDArray[np.float64], is_symbol: bool) -> Mapping[str, float]:
    """Return what each signal added to one candidate's linear score, the largest first, zeros left out."""
    parts = features * weights_for(is_symbol)
    named = [(name, float(value)) for name, value in zip(SIGNALS, parts, strict=True) if abs(value) > 1e-4]  # noqa: PLR2004
    return dict(sorted(named, key=lambda item: -abs(item[1])))
