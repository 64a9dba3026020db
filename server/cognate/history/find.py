"""Finds commits by words and by meaning, and says how close each is. Any thread, one view.

A word counts as much as it is rare among the commits, and where it stands: a subject says what a commit is about,
its code only what it touches. By meaning every commit is compared with the translation table, and those that are
closest so far with the model as well. A commit's share of the question's words, and how far its cosine is beyond those
of ordinary commits, are numbers between 0 and 1; the score is the mean of the two.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cognate.history.question import Question
from cognate.history.store import COLUMNS
from cognate.history.view import HistoryView

if TYPE_CHECKING:
    from cognate.history.view import Scores

WEIGHTS = {"subject": 1.0, "body": 0.7, "files": 0.6, "code": 0.5}
"""What a word counts by where it stands; the best of these counts."""

USUAL_WORDS = 40
"""Distinct words in the code of a commit from which on each counts for less: a large change has every word."""

CLOSE, USUAL = 0.65, 0.2
"""Cosine by the model at which a message says the same as the question, and that of an ordinary one, mean and deviation
together."""

CLOSE_BY_TABLE, USUAL_BY_TABLE = 0.45, 0.15
"""The same by the translation table."""

COMPARED = 64
"""Commits that the model compares with a question: as good as all of 5,000, which take it 20 seconds."""

DOUBT = 50
"""Commits' worth of doubt which words are rare: a handful cannot say."""

BY_WORDS = 0.5
"""How much the words decide; meaning decides the rest."""

LEAST = 0.25
"""Where no commit has this score, none is an answer."""

LEAST_SHARE = 0.5
"""Of the best score that a commit has which is shown beside it."""


def scores_of(view: HistoryView, question: Question, allowed: NDArray[np.bool_]) -> "Scores":
    """Return how close each commit is to a question, shape (commits,), 0 to 1; 0 for those that are not allowed."""
    by_words = words_matched(view, question.terms)
    known: list[Scores] = []
    if question.text and view.translated.size and view.meaning.translate is not None:
        cosines = np.nan_to_num(view.translated.astype(np.float32) @ view.meaning.translate(question.text))
        known.append(_beyond(cosines, USUAL_BY_TABLE, CLOSE_BY_TABLE))
    if question.text and view.meaning.similarities is not None:
        closest = np.argsort(-_mixed(by_words, known, question) * allowed, kind="stable")[:COMPARED]
        messages = view.messages(closest.tolist())
        by_model = np.zeros(view.n_commits, np.float32)
        cosines = view.meaning.similarities(question.text, list(messages.values()))
        by_model[list(messages)] = _beyond(cosines, USUAL, CLOSE)
        known.append(by_model)
    return _mixed(by_words, known, question) * allowed.astype(np.float32)


def _mixed(by_words: "Scores", by_meaning: "Sequence[Scores]", question: Question) -> "Scores":
    if not by_meaning:
        return by_words
    meaning: Scores = np.stack(by_meaning).mean(axis=0)
    return (BY_WORDS * by_words + (1 - BY_WORDS) * meaning).astype(np.float32) if question.terms else meaning


def _beyond(cosines: "Scores", usual: float, close: float) -> "Scores":
    return np.clip((cosines - usual) / (close - usual), 0.0, 1.0)


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


def best_rows(scores: "Scores", view: HistoryView, limit: int) -> list[int]:
    """Return the rows of the best commits, ties by date, the newest first; those that are no answer are left out."""
    best = float(scores.max(initial=0.0))
    rows = np.flatnonzero(scores >= max(LEAST_SHARE * best, 1e-6)) if best >= LEAST else np.empty(0, np.int64)
    order = sorted(rows.tolist(), key=lambda row: (-round(float(scores[row]), 4), -int(view.dates[row]), -row))
    return order[:limit]
