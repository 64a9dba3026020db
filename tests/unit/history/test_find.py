"""How close commits are to a question: the table tells of all of them, the model of the closest alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cognate.history import find
from cognate.history.find import best_rows, scores_of
from cognate.history.log import ReadCommit
from cognate.history.question import Question
from cognate.history.store import HistoryStore
from cognate.history.view import HistoryView, Meaning

SUBJECTS = ("Paint the whole sidebar", "Try again when overloaded", "Document the licence terms")
QUESTION = Question("retry failed requests", ("retry",))
ALL = np.ones(len(SUBJECTS), np.bool_)
BY_TABLE = np.array([[0.1, 0.0], [0.3, 0.0], [0.9, 0.0]], np.float16)


@pytest.fixture
def view(tmp_path: Path) -> HistoryView:
    store = HistoryStore(tmp_path)
    store.want(SUBJECTS[::-1])
    store.add([ReadCommit(subject, date, subject, "", 0, [], "") for date, subject in enumerate(SUBJECTS)])
    rows = store.rows("SELECT number, date, n_words FROM commits ORDER BY number")
    return HistoryView(store, *np.array(rows, np.int64).reshape(-1, 3).T.copy())


def of_table(_question: str) -> NDArray[np.float32]:
    return np.array([1, 0], np.float32)


def of_model(asked: list[str]) -> Callable[[str, Sequence[str]], NDArray[np.float32]]:
    """Return a model that finds only one message close, and notes those that it compares."""

    def similarities(_question: str, messages: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(messages)
        return np.array([0.9 if message.startswith("Try again") else 0.0 for message in messages], np.float32)

    return similarities


def test_the_model_compares_only_those_that_are_closest_so_far(
    view: HistoryView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "COMPARED", 2)
    asked: list[str] = []
    view = replace(view, translated=BY_TABLE, meaning=Meaning(of_table, of_model(asked)))
    scores = scores_of(view, QUESTION, ALL)
    assert asked == [SUBJECTS[2], SUBJECTS[1]]
    assert best_rows(scores, view, 3) == [1, 2]


def test_what_is_not_allowed_is_neither_compared_nor_close(view: HistoryView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "COMPARED", 2)
    asked: list[str] = []
    view = replace(view, translated=BY_TABLE, meaning=Meaning(of_table, of_model(asked)))
    scores = scores_of(view, QUESTION, np.array([True, True, False]))
    assert asked == [SUBJECTS[1], SUBJECTS[0]]
    assert scores[2] == 0


@pytest.mark.parametrize("has_table", [True, False])
@pytest.mark.parametrize("has_model", [True, False])
def test_without_a_table_or_a_model_the_rest_decides(view: HistoryView, has_table: bool, has_model: bool) -> None:
    meaning = Meaning(of_table if has_table else None, of_model([]) if has_model else None)
    view = replace(view, translated=BY_TABLE if has_table else view.translated, meaning=meaning)
    first = {(True, True): 1, (True, False): 2, (False, True): 1}.get((has_table, has_model))
    assert best_rows(scores_of(view, QUESTION, ALL), view, 1) == ([] if first is None else [first])


def test_of_a_diff_words_alone_decide(view: HistoryView) -> None:
    asked: list[str] = []
    view = replace(view, translated=BY_TABLE, meaning=Meaning(of_table, of_model(asked)))
    assert best_rows(scores_of(view, Question("", ("sidebar",)), ALL), view, 3) == [0]
    assert not asked
