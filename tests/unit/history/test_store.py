"""What is kept of commits is found again by number, word, line and file; what is gone is gone."""

from pathlib import Path

import numpy as np
import pytest

from cognate.history.find import words_matched
from cognate.history.lines import NO_DIGESTS, digest_of, sorted_digests
from cognate.history.log import Change, ReadCommit
from cognate.history.store import HistoryStore
from cognate.history.ties import commits_of_lines, later_names
from cognate.history.together import changed_with
from cognate.history.view import HistoryView

LINE = "return fetch_from_upstream(address)"
SHORT = "short_line = 1"


@pytest.fixture(params=["on disk", "in memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> HistoryStore:
    return HistoryStore(tmp_path if request.param == "on disk" else None)


def digest(line: str) -> int:
    found = digest_of(line.encode())
    assert found is not None
    return found


def made(name: str, date: int, *changes: Change, subject: str = "", words: str = "") -> ReadCommit:
    return ReadCommit(name, date, subject or name, "", len(changes), list(changes), words)


def change(path: str, *lines: str, old: str | None = None, names: tuple[str, ...] = ()) -> Change:
    return Change(path, old, sorted_digests(map(digest, lines)) if lines else NO_DIGESTS, frozenset(names))


def keep(store: HistoryStore, *oldest_first: ReadCommit) -> HistoryView:
    store.want([commit.id for commit in reversed(oldest_first)])
    store.add(oldest_first)
    return view_of(store)


def view_of(store: HistoryStore) -> HistoryView:
    rows = store.rows("SELECT number, date, n_words FROM commits ORDER BY number")
    return HistoryView(store, *np.array(rows, np.int64).reshape(-1, 3).T.copy())


def by_name(view: HistoryView, found: dict[int, float]) -> dict[str, float]:
    commits = view.commits(found)
    return {commits[number].id: share for number, share in found.items()}


def test_numbers_grow_with_time_and_are_never_given_again(store: HistoryStore) -> None:
    keep(store, made("a", 1), made("b", 2))
    store.remove(["b"])
    keep(store, made("c", 3))
    store.want(["older"], older=True)
    store.add([made("older", 0)])
    assert store.all_ids() == ["c", "a", "older"]
    numbers = [number for (number,) in store.rows("SELECT number FROM commits ORDER BY number")]
    assert numbers[2] - numbers[1] == 2


def test_a_line_is_the_newest_commits_that_wrote_it_in_this_file(store: HistoryStore) -> None:
    view = keep(store, made("a", 1, change("x.py", LINE, SHORT)), made("b", 2, change("x.py", LINE)))
    assert by_name(view, dict(commits_of_lines(view, "x.py", [digest(LINE), digest(SHORT)], ()))) == {
        "a": 0.5,
        "b": 0.5,
    }


def test_a_line_of_another_file_counts_if_it_is_long_and_one_commits_alone(store: HistoryStore) -> None:
    view = keep(store, made("a", 1, change("x.py", LINE, SHORT)))
    lines = [digest(LINE), digest(SHORT)]
    assert by_name(view, dict(commits_of_lines(view, "moved.py", lines, ()))) == {"a": 0.5}
    view = keep(store, made("b", 2, change("y.py", LINE)))
    assert not commits_of_lines(view, "moved.py", lines, ())


def test_a_line_is_one_commits_again_when_the_other_is_gone_and_comes_back(store: HistoryStore) -> None:
    keep(store, made("a", 1, change("x.py", LINE)))
    store.remove(["a"])
    view = keep(store, made("a", 1, change("x.py", LINE)))
    assert by_name(view, dict(commits_of_lines(view, "moved.py", [digest(LINE)], ()))) == {"a": 1.0}


def test_a_commit_without_a_line_left_is_tied_by_the_name_in_its_hunk(store: HistoryStore) -> None:
    view = keep(store, made("a", 1, change("x.py", names=("parse",))), made("b", 2, change("x.py", LINE)))
    assert by_name(view, dict(commits_of_lines(view, "x.py", [digest(LINE)], ("parse",)))) == {"a": 0.0, "b": 1.0}


def test_renames_are_followed_both_ways_but_not_to_a_later_file_of_the_old_name(store: HistoryStore) -> None:
    view = keep(
        store,
        made("a", 1, change("old.py", SHORT)),
        made("b", 2, change("new.py", old="old.py")),
        made("c", 3, change("old.py", SHORT)),
    )
    assert by_name(view, dict(commits_of_lines(view, "new.py", [digest(SHORT)], ()))) == {"a": 1.0}
    old = view.path_numbers(["old.py"])["old.py"]
    assert [view.paths([number])[number] for number in later_names(view, old, 1)] == ["new.py", "old.py"]
    assert len(later_names(view, old, 3)) == 1


def test_a_word_counts_by_where_it_stands(store: HistoryStore) -> None:
    view = keep(
        store, made("a", 1, subject="Retry requests"), made("b", 2, subject="Other", words="retri"), made("c", 3)
    )
    in_subject, in_code, nowhere = words_matched(view, ("retri",)).tolist()
    assert in_subject > in_code > nowhere == 0.0


def test_one_file_that_changes_often_does_not_drown_the_others(store: HistoryStore) -> None:
    often = [made(f"n{n}", n, change("busy.py"), change("log.py")) for n in range(30)]
    pair = [made(f"p{n}", 50 + n, change("model.py"), change("schema.sql")) for n in range(5)]
    view = keep(store, *often, *pair)
    found = changed_with(view, ["busy.py", "model.py"])
    names = view.paths(found)
    assert {names[n]: commits for n, (_, commits) in found.items()} == {"log.py": 30, "schema.sql": 5}
    shares = {names[n]: share for n, (share, _) in found.items()}
    assert shares["schema.sql"] > 0.5 * shares["log.py"]
