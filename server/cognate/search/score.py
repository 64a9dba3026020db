"""From signals to an order: a linear score with learned weights, made a number between 0 and 1. Pure."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cognate.search.signals import SIGNALS, Features, best_share
from cognate.search.weights import BIAS, CHANCE, NAME_CHANCE, NAME_WEIGHTS, PROSE_WEIGHTS, SLOPE
from cognate.types import ChunkRecord

LEADING_PLACES = 3
LEADING_FACTOR = 0.25
"""Of a file's next chunk in the leading places: these go to different files, unless one file is far ahead."""

FURTHER_FACTOR = 0.9
"""The same below them, where another chunk of a good file beats the best of a poor one. Without the difference, either
answers that are about files or answers that are about lines lose (benchmarks/README.md)."""

NAME_LEADING_FACTOR, NAME_FURTHER_FACTOR = 0.9, 0.95
"""The two for a query that is one name: its overloads and parts often stand side by side in one file."""

LAST_PLACES = 7
LAST_FACTOR = 0.2
"""The same after so many places: who reads that far has not found it in the files above."""

CLOSE_SIMILARITY = 0.27
CLOSE_SHARE = 0.35
"""A query is about something else when no chunk is this similar to it and none has this share of its words. Of 605
labelled queries 5 fall under both, of which 3 had a right place among the candidates; of twenty questions about
cooking, football and the like, 20 do in flask, 11 in leveldb and 2 in git, which has words and chunks for everything.
The similarity is the shipped model's."""

LEAST_STRENGTH = 0.01
LEAST_SHOWN = 5
"""Below this an answer is noise: not one in a hundred is right. Who asks about what may be there sees the best few."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate's place in the order: its row in the features, and its strength, which never rises along the list."""

    row: int
    strength: float


def nothing_is_close(similarity: NDArray[np.float64], features: Features) -> bool:
    """Return whether no candidate has to do with the query.

    Args:
        similarity: cosine of query and each candidate, NaN where unknown.
        features: of the candidates.
    """
    known = similarity[~np.isnan(similarity)]
    if not known.size or float(known.max()) >= CLOSE_SIMILARITY:
        return False
    return best_share(features) < CLOSE_SHARE


def weights_for(is_symbol: bool) -> NDArray[np.float64]:
    """Return the weights of the signals, in the order of SIGNALS; names typed alone have weights of their own."""
    table = NAME_WEIGHTS if is_symbol else PROSE_WEIGHTS
    return np.array([table.get(name, 0.0) for name in SIGNALS], np.float64)


def relevance(features: Features, is_symbol: bool) -> NDArray[np.float64]:
    """Return the linear score of each candidate; shape (candidates,)."""
    return features @ weights_for(is_symbol)


def strengths(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers between 0 and 1 by which candidates are ordered: the chance of a right file, place unseen."""
    return 1.0 / (1.0 + np.exp(-(SLOPE * linear + BIAS)))


def chances(ranked: Sequence[Ranked], covered: float, *, is_symbol: bool) -> list[float]:
    """Return for each place the score that is shown: the chance that its hit is right, by logistic regression.

    What lies lower in a list is right less often at the same strength, above all when one name was asked for, and an
    answer in the query's own words more often than one without. Scores never rise along the list.

    Args:
        ranked: the places, best first.
        covered: see ``signals.coverage_of``.
        is_symbol: whether the query is one name.
    """
    slope, by_coverage, by_place, bias = NAME_CHANCE if is_symbol else CHANCE
    strength = np.clip([place.strength for place in ranked], 1e-9, 1 - 1e-9)
    linear = (np.log(strength / (1 - strength)) - BIAS) / SLOPE
    log_odds = slope * linear + by_coverage * covered - by_place * np.log1p(np.arange(len(ranked))) + bias
    return np.minimum.accumulate(1.0 / (1.0 + np.exp(-log_odds))).tolist()


def order(
    records: Sequence[ChunkRecord],
    linear: NDArray[np.float64],
    limit: int,
    *,
    is_symbol: bool,
    least: float = LEAST_STRENGTH,
) -> list[Ranked]:
    """Return the best candidates, best first, one file not filling the list; ties go to the lower id.

    Greedy: each place goes to the chunk with the highest score, taken down for each chunk of its file placed before;
    after LEAST_SHOWN the list ends where that falls below ``least``. Strengths, which are not taken down, never rise.
    """
    scores = strengths(linear)
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
        factor = leading if len(ranked) < LEADING_PLACES else further if len(ranked) < LAST_PLACES else LAST_FACTOR
        path = max((*placed, fresh[0]) if fresh else placed, key=value)
        best, _ = value(path)
        if best < least and len(ranked) >= LEAST_SHOWN:
            break
        # That others of its file stand above it says where it goes, not whether it is right.
        ceiling = min(ceiling, float(scores[waiting[path][0]]))
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
