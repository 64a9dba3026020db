"""From signals to an order: a linear score with learned weights, made a number between 0 and 1. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cognate.ranking.signals import SIGNALS, Features, coverage
from cognate.ranking.weights import BIAS, NAME_WEIGHTS, PROSE_WEIGHTS, SLOPE
from cognate.types import ChunkRecord

LEADING_PLACES = 3
LEADING_FACTOR = 0.3
"""Of a file's next chunk in the leading places: these go to different files, unless one file is far ahead."""

FURTHER_FACTOR = 0.7
"""The same below them, where another chunk of a good file beats the best of a poor one. Without the difference, either
answers that are about files or answers that are about lines lose (benchmarks/README.md)."""

NAME_LEADING_FACTOR, NAME_FURTHER_FACTOR = 0.6, 0.9
"""The two for a query that is one name: its overloads and parts often stand side by side in one file."""

CLOSE_SIMILARITY = 0.27
CLOSE_COVERAGE = 0.35
"""A query is about something else when no chunk is this similar to it and none has this share of its words. Of 605
labelled queries 6 fall under both, of which 2 had a right answer; of twenty questions about cooking, football and the
like, 20 do in flask, 11 in leveldb and 2 in git, which has words and chunks for everything. The similarity is the
shipped model's."""

LEAST_SCORE = 0.02
LEAST_SHOWN = 5
"""Below this score an answer is noise (0.7 % are right), but who asks about what may be there sees the best few."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's place in the order: its row in the features, and its score between 0 and 1."""

    row: int
    score: float


def nothing_is_close(similarity: NDArray[np.float64], features: Features) -> bool:
    """Return whether no candidate has to do with the query.

    Args:
        similarity: cosine of query and each candidate, NaN where unknown.
        features: of the candidates.
    """
    known = similarity[~np.isnan(similarity)]
    if not known.size or float(known.max()) >= CLOSE_SIMILARITY:
        return False
    return coverage(features[:, SIGNALS.index("words_in_chunk")]) < CLOSE_COVERAGE


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


def order(
    records: Sequence[ChunkRecord],
    linear: NDArray[np.float64],
    limit: int,
    *,
    is_symbol: bool,
    least: float = LEAST_SCORE,
) -> list[Ranked]:
    """Return the best candidates, best first, one file not filling the list; ties go to the lower id.

    Greedy: each place goes to the chunk with the highest score, taken down for each chunk of its file placed before.
    Scores never rise along the list; after LEAST_SHOWN it ends where they fall below ``least``.
    """
    scores = calibrated(linear)
    leading = NAME_LEADING_FACTOR if is_symbol else LEADING_FACTOR
    further = NAME_FURTHER_FACTOR if is_symbol else FURTHER_FACTOR
    waiting: dict[str, deque[int]] = {}
    for row in sorted(range(len(records)), key=lambda i: (-scores[i], records[i].id)):
        waiting.setdefault(records[row].path, deque()).append(row)
    fresh = deque(waiting)  # Files without a place yet, the one with the best chunk first.
    placed: dict[str, int] = {}
    ranked: list[Ranked] = []
    ceiling = 1.0

    def value(path: str) -> tuple[float, int]:
        row = waiting[path][0]
        return float(scores[row]) * factor ** placed.get(path, 0), -records[row].id

    while len(ranked) < limit and (fresh or placed):
        factor = leading if len(ranked) < LEADING_PLACES else further
        path = max((*placed, fresh[0]) if fresh else placed, key=value)
        best, _ = value(path)
        if best < least and len(ranked) >= LEAST_SHOWN:
            break
        ceiling = min(ceiling, best)
        ranked.append(Ranked(waiting[path].popleft(), ceiling))
        if fresh and path == fresh[0]:
            fresh.popleft()
        placed[path] = placed.get(path, 0) + 1
        if not waiting[path]:
            del placed[path]
    return ranked


def contributions(features: NDArray[np.float64], is_symbol: bool) -> Mapping[str, float]:
    """Return what each signal added to one candidate's linear score, the largest first, zeros left out."""
    parts = features * weights_for(is_symbol)
    named = [(name, float(value)) for name, value in zip(SIGNALS, parts, strict=True) if abs(value) > 1e-4]  # noqa: PLR2004
    return dict(sorted(named, key=lambda item: -abs(item[1])))
