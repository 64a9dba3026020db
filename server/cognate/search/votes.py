"""Votes of past commits for the files that a pasted title is about. Pure; any thread, one view of the history.

Who pastes the title of a commit or an issue asks in the words of committers, so the commits with titles like it say
which files it is about. A question in anybody's own words is not helped by them, and is left alone.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cognate.history.find import scores_of
from cognate.history.question import read_question
from cognate.history.view import HistoryView, Meaning
from cognate.search.retrieve import ALONE
from cognate.types import Hit

ORDERED = ALONE.kept
"""Results that are put in another order; all that the ranking orders."""

NEAREST = 20
"""Commits that vote."""

WEIGHT = 1.5
"""Of the most votes, beside the log-odds of a score: learned on six repositories for each of seven, 1.5 or 2."""

EVEN = 0.01
"""Added to both sides of the odds, so that they are finite."""


def votes_for(view: HistoryView, query: str) -> dict[str, float]:
    """Return how much the nearest commits are for each file that they changed, 0 to 1, by path.

    Raises:
        StoreError: when the history cannot be read.
    """
    if not view.n_commits:
        return {}
    by_table = replace(view, meaning=Meaning(view.meaning.translate))
    scores = scores_of(by_table, read_question(query), np.ones(view.n_commits, np.bool_))
    nearest = np.argsort(-scores, kind="stable")[:NEAREST]
    closeness = dict(zip(view.numbers[nearest].tolist(), scores[nearest].tolist(), strict=True))
    points: dict[int, float] = defaultdict(float)
    for commit, files in view.files_of(closeness).items():
        for path in files:
            points[path] += closeness[commit] / math.log2(1 + len(files))
    most = max(points.values(), default=0.0)
    return {path: points[number] / most for number, path in view.paths(points).items()} if most else {}


def voted(hits: Sequence[Hit], votes: dict[str, float]) -> tuple[Hit, ...]:
    """Return hits in the order that the votes give them. The scores stay where they were: the first has the highest."""

    def odds(hit: Hit) -> float:
        return math.log((hit.score + EVEN) / (1 + EVEN - hit.score)) + WEIGHT * votes.get(hit.path, 0.0)

    return tuple(
        replace(hit, score=old.score, why=None if hit.why is None else {**hit.why, "votes": votes.get(hit.path, 0.0)})
        for hit, old in zip(sorted(hits, key=lambda hit: -odds(hit)), hits, strict=True)
    )
