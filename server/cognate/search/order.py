"""From signals to an order: a linear score with learned weights, and the probability that an answer is right. Pure."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace

import numpy as np
from numpy.typing import NDArray

from cognate.search.signals import NAMES, SIGNALS, Features, Look
from cognate.search.weights import BIAS, CALIBRATION, NAME_CALIBRATION, NAME_WEIGHTS, PROSE_WEIGHTS, SLOPE
from cognate.types import ChunkRecord

LEADING_POSITIONS = 3
LEADING_FACTOR = 0.25
"""Factor of a file's next chunk at the top: these positions go to different files, unless one file is far ahead."""

FURTHER_FACTOR = 0.9
"""The same below them, where another chunk of a good file beats the best of a poor one. Without the difference, either
answers that are about files or answers that are about lines lose (benchmarks/README.md)."""

NAME_LEADING_FACTOR, NAME_FURTHER_FACTOR = 0.9, 0.95
"""The two for a query that is one name: its overloads and parts often stand side by side in one file."""

LAST_POSITIONS = 7
LAST_FACTOR = 0.2
"""The same after seven positions: the files above did not hold what is looked for, so others come first."""

CLOSE_SIMILARITY = 0.27
CLOSE_SHARE = 0.35
"""A query is about something else when no chunk is this similar to it and none has this share of its words. Of 605
labelled queries 5 fall under both, of which 3 had a right chunk among the candidates; of twenty questions about
cooking, football and the like, 20 do in flask, 11 in leveldb and 2 in git, which has words and chunks for everything.
The similarity is the shipped model's."""

HIGHEST_SIMILARITY = 0.6
"""A query that is more like some chunk than this is no likelier to be answered."""

USUAL_SIMILARITY = 0.5
"""The cosine of an ordinary question and the chunk that is most like it; stands in where there is no model."""

LEAST_RELEVANCE = 0.01
"""Below this an answer is noise: not one in a hundred is right."""

LEAST_SHOWN = 5
"""So many answers are shown even if they are less relevant, for a query that may be about something here."""

RERANKER_SIGNAL = "cross_encoder"
"""What the second stage is called where a hit says why."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A position in the order: the candidate's row in the features, and its relevance, which never rises."""

    row: int
    relevance: float


def nothing_is_close(look: Look) -> bool:
    """Return whether no candidate has to do with the query, neither by what it is like nor by what is certain."""
    is_unlike = look.closest is not None and look.closest < CLOSE_SIMILARITY and look.best_share < CLOSE_SHARE
    return is_unlike and not look.is_certain


def weights_for(is_symbol: bool) -> NDArray[np.float64]:
    """Return the weights of the signals, in the order of SIGNALS; names typed alone have weights of their own."""
    table = NAME_WEIGHTS if is_symbol else PROSE_WEIGHTS
    known = zip(NAMES, priors(is_symbol).tolist(), strict=True)
    return np.array([table.get(name, prior) for name, prior in known], np.float64)


def priors(is_symbol: bool) -> NDArray[np.float64]:
    """Return the weights that learning starts from, in the order of SIGNALS; they count until others are learned."""
    own = [signal.prior if signal.name_prior is None else signal.name_prior for signal in SIGNALS]
    return np.array(own if is_symbol else [signal.prior for signal in SIGNALS], np.float64)


def linear_scores(features: Features, is_symbol: bool) -> NDArray[np.float64]:
    """Return the linear score of each candidate; shape (candidates,)."""
    return features @ weights_for(is_symbol)


def relevance(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers between 0 and 1 by which candidates are ordered, from their linear scores."""
    return 1.0 / (1.0 + np.exp(-(SLOPE * linear + BIAS)))


def linear_of(relevances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the linear scores that have some relevances; the inverse of ``relevance``."""
    clipped = np.clip(relevances, 1e-9, 1 - 1e-9)
    return (np.log(clipped / (1 - clipped)) - BIAS) / SLOPE


def combined(scores: Sequence[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return one linear score of each candidate from those under each wording, and the wording under which it is best.

    The relevance of a candidate is the mean of its relevances under the wordings. So a wording that finds nothing
    lowers all alike and moves none, and one that is sure of something outweighs several that are not.

    Args:
        scores: the linear scores under each wording; each of shape (candidates,).
    """
    if len(scores) == 1:
        return scores[0], np.zeros(len(scores[0]), np.int64)
    stacked = np.stack(scores)
    return linear_of(relevance(stacked).mean(axis=0)), stacked.argmax(axis=0)


def probabilities(
    ranked: Sequence[Ranked],
    covered: float,
    likeness: float | None,
    *,
    is_symbol: bool,
    certain: Sequence[float] = (),
) -> list[float]:
    """Return for each position the score that is shown: the calibrated probability that its hit is right.

    By logistic regression (Platt, 1999), on questions about something else as well: what lies lower in a list is right
    less often at the same relevance, and hardly ever where nothing is like the query. Scores never rise.

    Args:
        ranked: the positions, best first.
        covered: see ``Look.coverage``.
        likeness: see ``Look.likeness``.
        is_symbol: whether the query is one name.
        certain: the probabilities of the first positions, where they are known otherwise.
    """
    slope, by_coverage, by_position, by_similarity, bias = NAME_CALIBRATION if is_symbol else CALIBRATION
    similarity = USUAL_SIMILARITY if likeness is None else min(likeness, HIGHEST_SIMILARITY)
    linear = linear_of(np.array([candidate.relevance for candidate in ranked]))
    of_query = by_coverage * covered + by_similarity * similarity + bias
    log_odds = slope * linear + of_query - by_position * np.log1p(np.arange(len(ranked)))
    shown = 1.0 / (1.0 + np.exp(-log_odds))
    shown[: len(certain)] = certain
    return np.minimum.accumulate(shown).tolist()


def order(
    records: Sequence[ChunkRecord],
    linear: NDArray[np.float64],
    *,
    is_symbol: bool,
    least: float = LEAST_RELEVANCE,
    first: Sequence[int] = (),
    left_out: Collection[int] = (),
) -> list[Ranked]:
    """Return the candidates, best first, one file not filling the list; ties go to the lower id.

    Greedy: each position goes to the chunk with the highest relevance, taken down for each chunk of its file placed
    before; after LEAST_SHOWN the list ends where that falls below ``least``. The relevance that is returned is not
    taken down, and never rises. Rows named in ``first`` stand before all others, in that order; rows ``left_out`` get
    no position.
    """
    scores: list[float] = relevance(linear).tolist()
    waiting: dict[str, deque[int]] = {}
    others = set(range(len(records))).difference(first, left_out)
    for row in sorted(others, key=lambda i: (-scores[i], records[i].id)):
        waiting.setdefault(records[row].path, deque()).append(row)
    placed = dict.fromkeys(waiting, 0)
    ranked = [Ranked(row, 1.0) for row in first]
    for row in first:
        if records[row].path in placed:
            placed[records[row].path] += 1
    ceiling = 1.0
    leading, further = (NAME_LEADING_FACTOR, NAME_FURTHER_FACTOR) if is_symbol else (LEADING_FACTOR, FURTHER_FACTOR)
    for end, factor in ((LEADING_POSITIONS, leading), (LAST_POSITIONS, further), (len(records), LAST_FACTOR)):

        def next_of(path: str, factor: float = factor) -> tuple[float, int, str]:
            row = waiting[path][0]
            return -scores[row] * factor ** placed[path], records[row].id, path

        files = [next_of(path) for path in waiting]
        heapify(files)
        while files and len(ranked) < end:
            value, _, path = files[0]
            if -value < least and len(ranked) >= LEAST_SHOWN:
                return ranked
            row = waiting[path].popleft()
            # That others of its file stand above it says where it goes, not whether it is right.
            ceiling = min(ceiling, scores[row])
            ranked.append(Ranked(row, ceiling))
            placed[path] += 1
            if waiting[path]:
                heapreplace(files, next_of(path))
            else:
                del waiting[path]
                heappop(files)
    return ranked


def contributions(
    features: NDArray[np.float64], is_symbol: bool, reranker_score: float | None = None
) -> Mapping[str, float]:
    """Return what each signal, and the second stage, added to one candidate's linear score, the largest first.

    Signals that added nothing are left out.
    """
    parts = features * weights_for(is_symbol)
    named = {name: float(value) for name, value in zip(NAMES, parts, strict=True) if abs(value) > 1e-4}  # noqa: PLR2004
    if reranker_score is not None:
        named[RERANKER_SIGNAL] = reranker_score
    return dict(sorted(named.items(), key=lambda item: -abs(item[1])))
