"""Finds commits by words and by meaning, and says how close each is. Any thread, one view.

A word counts as much as it is rare among the commits, and where it stands: a subject says what a commit is about,
its code only what it touches. A commit's share of the question's words, and its cosine beside those of ordinary
commits, are both numbers between 0 and 1; the score is the mean of the two.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cognate.history.store import COLUMNS
from cognate.history.view import HistoryView

if TYPE_CHECKING:
    from cognate.history.view import Scores
    from cognate.types import Vector

WEIGHTS = {"subject": 1.0, "body": 0.7, "files": 0.6, "code": 0.5}
"""What a word counts by where it stands; the best of these counts."""

USUAL_WORDS = 40
"""Distinct words in the code of a commit from which on each counts for less: a large change has every word."""

CLOSE = 0.75
"""Cosine at which a message says the same as the question."""

USUAL, DOUBT = 0.25, 50
"""Cosine of an ordinary commit, mean and deviation together, as other histories have it; and how many commits' worth
that is: a handful cannot say what is ordinary, nor which words are rare."""

BY_WORDS = 0.5
"""How much the words decide; meaning decides the rest."""

LEAST = 0.3
"""Below this score a commit is no answer."""


def scores_of(view: HistoryView, terms: Sequence[str], query: "Vector | None") -> "Scores":
    """Return how close each commit is to a question, shape (commits,), 0 to 1.

    Args:
        view: the history.
        terms: stemmed words of the question.
        query: its vector, None where it is known by words alone.
    """
    by_words = words_matched(view, terms)
    if query is None or not view.vectors.size:
        return by_words
    by_meaning = meaning(view, query)
    if not terms:
        return by_meaning
    return (BY_WORDS * by_words + (1 - BY_WORDS) * by_meaning).astype(np.float32)


def words_matched(view: HistoryView, terms: Sequence[str]) -> "Scores":
    """Return the share of the question's words that each commit has, rare ones counting more."""
    total, found = 0.0, np.zeros(view.n_commits, np.float32)
    if view.store is None or not view.store.has_words or not view.n_commits:
        return found
    spread = np.minimum(1.0, USUAL_WORDS / np.maximum(view.n_words, 1)) ** 0.5
    for term in terms:
        best = np.zeros(view.n_commits, np.float32)
        for column in COLUMNS:
            rows = _rows_with(view, column, term)
            weight: float | NDArray[np.float64] = WEIGHTS[column]
            if column == "code":
                weight = weight * spread[rows]
            best[rows] = np.maximum(best[rows], weight)
        frequency = int(np.count_nonzero(best))
        rarity = float(np.log1p((view.n_commits + DOUBT - frequency + 0.5) / (frequency + 0.5)))
        total += rarity
        found += rarity * best
    return (found / total).astype(np.float32) if total else found


def _rows_with(view: HistoryView, column: str, term: str) -> NDArray[np.int64]:
    assert view.store is not None
    quoted = term.replace('"', '""')
    rows = view.store.rows("SELECT rowid FROM words WHERE words MATCH ?", (f'{column} : "{quoted}"',))
    return view.rows_of([number for (number,) in rows])


def meaning(view: HistoryView, query: "Vector") -> "Scores":
    """Return how much nearer each commit is to a question than an ordinary one, 0 to 1."""
    cosines = view.similarities(query)
    known = cosines[~np.isnan(cosines)]
    if not len(known):
        return np.zeros(view.n_commits, np.float32)
    usual = (float(known.mean() + known.std()) * len(known) + USUAL * DOUBT) / (len(known) + DOUBT)
    return np.clip((np.nan_to_num(cosines, nan=-1.0) - usual) / max(CLOSE - usual, 0.1), 0.0, 1.0).astype(np.float32)


def best_rows(scores: "Scores", view: HistoryView, limit: int) -> list[int]:
    """Return the rows of the best commits, ties by date, the newest first; those that are no answer are left out."""
    rows = np.flatnonzero(scores >= LEAST)
    order = sorted(rows.tolist(), key=lambda row: (-round(float(scores[row]), 4), -int(view.dates[row]), -row))
    return order[:limit]
