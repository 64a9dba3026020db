"""Questions to the history of real repositories: commits in, answers out, with the shipped model."""

import io
import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cognate.cancellation import CancelToken
from cognate.cli.main import main
from cognate.commits import History
from cognate.engine import Engine, open_engine
from cognate.history import HISTORY_FILE
from cognate.history.git import NO_GIT, Repository
from cognate.indexing.jobs import history as history_job
from cognate.indexing.jobs.history import INNER, NO_COMMIT, NO_REPOSITORY, OFF
from cognate.indexing.services import Services
from cognate.mcp.questions import Questions
from cognate.search.request import CHANGED_WITH, HistoryRequest, RelatedRequest, SearchRequest
from cognate.settings import Settings
from cognate.types import Span, State
from fixtures import GatedEncoder
from repositories import commit, git, head, new_repository

PATIENCE_S = 60.0
WROTE_NOTHING = "none wrote these lines. Lines of a commit with more than 30 files do not count."
RETRY = """//- src/client.py
def fetch_with_retries(url):
    for attempt in range(MAXIMUM_ATTEMPTS):
        if send_request(url).status != 503:
            return True
    return False
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "workspace")


def ask(engine: Engine, query: str = "", **more: object) -> History:
    """Ask once the history has been read as it is now."""
    until = time.monotonic() + PATIENCE_S
    engine.reconcile()
    engine.wait_until_current(PATIENCE_S)
    while not (found := engine.history(HistoryRequest(query, **more), CancelToken())).is_complete:  # pyright: ignore[reportArgumentType]
        assert time.monotonic() < until, "the history was not read"
        engine.wait_until_current(PATIENCE_S)
    return found


def test_a_commit_is_found_with_what_it_led_to(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    commit(repository, "Start", "//- README.md\n# Demo\n")
    asked = commit(repository, "Try again when the server is overloaded", RETRY)
    commit(repository, "Document the licence", "//- LICENSE\nMIT\n")
    found = ask(open_workspace(folder=repository), "retry failed requests")
    assert found.covered == 3
    assert found.commits[0].commit.id == asked
    assert found.commits[0].files == ("src/client.py",)
    assert [place.symbol for place in found.commits[0].places] == ["fetch_with_retries"]


def test_a_message_is_embedded_once_and_only_when_a_question_is_close_to_it(repository: Path, tmp_path: Path) -> None:
    commit(repository, "Try again when overloaded", RETRY)
    encoder = GatedEncoder(opened=True)
    services = Services(tmp_path / "cache", encoder=encoder)
    with opened(repository, services) as engine:
        ask(engine, near=("src/client.py",))
        assert "Try again when overloaded" not in encoder.encoded
        for query in ("try again", "overloaded servers"):
            ask(engine, query)
        assert encoder.encoded.count("Try again when overloaded") == 1
    services.close()


@contextmanager
def opened(folder: Path, services: Services) -> Generator[Engine]:
    engine = open_engine(folder, Settings(update_delay_ms=0), services)
    engine.start()
    try:
        yield engine
    finally:
        engine.close()


def test_a_definition_has_the_commits_that_made_it(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    first = commit(repository, "Fetch", RETRY)
    second = commit(repository, "Give up sooner", RETRY.replace("MAXIMUM_ATTEMPTS", "REASONABLE_ATTEMPTS"))
    commit(repository, "Something else", "//- other.py\ndef unrelated_function_here():\n    pass\n")
    found = ask(open_workspace(folder=repository), span=Span("src/client.py", 3, 4))
    assert [hit.commit.id for hit in found.commits] == [second, first]


def subjects(history: History) -> list[str]:
    return [hit.commit.subject for hit in history.commits]


def test_a_definition_that_was_moved_keeps_its_commits(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    commit(repository, "Fetch", RETRY)
    (repository / "lib").mkdir()
    git(repository, "mv", "src/client.py", "lib/http.py")
    commit(repository, "Move")
    found = ask(open_workspace(folder=repository), span=Span("lib/http.py", 2, 3))
    assert subjects(found) == ["Fetch"]
    assert found.commits[0].files == ("lib/http.py",)


def test_an_unsaved_line_has_no_commit(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    commit(repository, "Fetch", RETRY)
    engine = open_workspace(folder=repository)
    engine.set_buffer("src/client.py", "def written_a_moment_ago(value):\n    return value + some_constant\n")
    found = ask(engine, span=Span("src/client.py", 0, 1))
    assert (subjects(found), found.message) == ([], f"1 commit was read; {WROTE_NOTHING}")


def test_lines_of_an_import_of_many_files_have_no_commit_and_it_is_said_why(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(repository, "Import", RETRY + "".join(f"//- data/{number}.txt\n{number}\n" for number in range(30)))
    assert main(["history", "src/client.py:2", str(repository)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"cognate: 1 commit was read; {WROTE_NOTHING}"


def test_a_question_that_no_commit_answers_says_so(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    commit(repository, "Fetch", RETRY)
    found = ask(open_workspace(folder=repository), "colour of the sidebar in dark themes")
    assert (found.commits, found.message) == ((), "1 commit was read; none is close to this question.")


def test_since_and_paths_limit_what_is_found(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    commit(repository, "Retry requests in Python", RETRY)
    commit(repository, "Retry requests in Go", "//- retry.go\nfunc RetryRequest(url string) bool { return true }\n")
    engine = open_workspace(folder=repository)
    assert subjects(ask(engine, "retry requests", paths=("*.go",))) == ["Retry requests in Go"]
    assert not ask(engine, "retry requests", since=int(time.time()) + 3600).commits


def test_a_pasted_diff_finds_the_change_that_is_like_it(
    repository: Path, open_workspace: Callable[..., Engine]
) -> None:
    asked = commit(repository, "Fetch", RETRY)
    commit(repository, "Licence", "//- LICENSE\nMIT\n")
    found = ask(open_workspace(folder=repository), git(repository, "show", asked))
    assert subjects(found)[:1] == ["Fetch"]


def test_files_that_change_together_are_named_unless_they_are_open(
    repository: Path, open_workspace: Callable[..., Engine]
) -> None:
    for number in range(4):
        commit(repository, f"Field {number}", f"//- model.py\nfield = {number}\n//- schema.sql\nfield int {number};\n")
    commit(repository, "Readme", "//- README.md\nhello there\n")
    engine = open_workspace(folder=repository)
    assert [(file.path, file.commits) for file in ask(engine, near=("model.py",)).together] == [("schema.sql", 4)]
    assert not ask(engine, near=("model.py", "schema.sql")).together
    request = RelatedRequest(Span("model.py", 0, 1), kind=CHANGED_WITH)
    assert [hit.path for hit in engine.related(request, CancelToken()).hits] == ["schema.sql"]


def test_a_file_that_changes_with_another_is_shown_at_what_changed(
    repository: Path, open_workspace: Callable[..., Engine]
) -> None:
    tables = "def unrelated_helper(value):\n    return value\n\n\ndef columns_of_model():\n    return known_columns"
    for number in range(4):
        files = f"//- model.py\nnumber_of_columns = {number}\n//- tables.py\n{tables}[:{number}]\n"
        commit(repository, f"Add column {number}", files)
    engine = open_workspace(folder=repository)
    ask(engine, near=("model.py",))
    request = RelatedRequest(Span("model.py", 0, 1), kind=CHANGED_WITH)
    [hit] = engine.related(request, CancelToken()).hits
    assert (hit.path, hit.focus_line) == ("tables.py", 4)


@pytest.mark.parametrize("title", [True, False])
def test_past_commits_vote_for_files_where_a_title_is_pasted(
    repository: Path, open_workspace: Callable[..., Engine], title: bool
) -> None:
    body = "    return gauge_of(vessel)\n"
    for number in range(3):
        files = (
            f"//- boiler.py\ndef read_one(vessel):\n{body}# {number}\n//- kettle.py\ndef read_other(vessel):\n{body}"
        )
        commit(repository, f"fix: wrong pressure of the vessel {number}", files)
    engine = open_workspace(folder=repository)
    ask(engine, near=("boiler.py",))
    query = "wrong gauge of the vessel"
    request = SearchRequest(f"fix: {query} (#7)" if title else query, limit=1, explain=True)
    [hit] = engine.search(request, CancelToken()).hits
    assert (hit.why or {}).get("votes", 0.0) == (1.0 if title else 0.0)
    if title:
        assert hit.path == "boiler.py"


# -- HEAD moves


def test_a_new_commit_and_a_rewritten_one_are_noticed(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    commit(repository, "Fetch", RETRY)
    engine = open_workspace(folder=repository)
    assert ask(engine, "fetch").covered == 1
    commit(repository, "Paint the sidebar", "//- sidebar.py\ndef paint_sidebar(colour):\n    pass\n")
    assert subjects(ask(engine, "paint the sidebar")) == ["Paint the sidebar"]
    git(repository, "commit", "--quiet", "--amend", "--message", "Colour the sidebar")
    found = ask(engine, "sidebar")
    assert (subjects(found), found.covered) == (["Colour the sidebar"], 2)


def test_squashed_and_reverted_commits_are_as_git_has_them(
    repository: Path, open_workspace: Callable[..., Engine]
) -> None:
    commit(repository, "Start", "//- README.md\n# Demo\n")
    engine = open_workspace(folder=repository)
    git(repository, "switch", "--quiet", "--create", "side")
    commit(repository, "Half of the retries", RETRY)
    commit(repository, "Other half of the retries", RETRY.replace("False", "None"))
    assert ask(engine, "retries").covered == 3
    git(repository, "switch", "--quiet", "main")
    git(repository, "merge", "--quiet", "--squash", "side")
    commit(repository, "Retries")
    found = ask(engine, span=Span("src/client.py", 0, 1))
    assert (subjects(found), found.covered) == (["Retries"], 2)
    git(repository, "revert", "--no-edit", "HEAD")
    assert subjects(ask(engine, "retries", limit=5)) == ["Retries", 'Revert "Retries"']


def test_what_was_read_is_not_read_again(
    repository: Path, open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, "Fetch", RETRY)
    engine = open_workspace(folder=repository)
    assert ask(engine, "fetch").covered == 1
    engine.close()
    commit(repository, "Licence", "//- LICENSE\nMIT\n")
    read: list[str] = []
    ours = history_job.read_batch

    def counting(repository: Repository, ids: list[str], *more: Any) -> Any:
        read.extend(ids)
        return ours(repository, ids, *more)

    monkeypatch.setattr(history_job, "read_batch", counting)
    assert ask(open_workspace(folder=repository), "fetch").covered == 2
    assert read == [head(repository)]


def test_a_head_that_moves_while_commits_are_read_is_read_in_the_end(
    repository: Path, open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        commit(repository, f"Change {number}", f"//- a.py\nvalue_of_change = {number}\n")
    monkeypatch.setattr(history_job, "BATCH", 2)
    ours, moves = history_job.read_batch, iter(range(1))

    def moving(*arguments: Any) -> Any:
        for _ in moves:  # Once, between the listing and the reading, the two newest are rewritten and swept away.
            git(repository, "reset", "--quiet", "--hard", "HEAD~2")
            commit(repository, "Rewritten", "//- b.py\nvalue_of_rewrite = 1\n")
            git(repository, "reflog", "expire", "--expire=now", "--all")
            git(repository, "gc", "--quiet", "--prune=now")
        return ours(*arguments)

    monkeypatch.setattr(history_job, "read_batch", moving)
    found = ask(open_workspace(folder=repository), "change", limit=10)
    assert found.covered == 4
    assert sorted(subjects(found)) == ["Change 0", "Change 1", "Change 2"]


# -- states of a folder that are ordinary


def test_a_folder_below_the_root_and_a_work_tree_have_their_part(
    repository: Path, tmp_path: Path, open_workspace: Callable[..., Engine]
) -> None:
    commit(repository, "Outside of it", "//- other.py\nvalue_of_other = 1\n")
    commit(repository, "Inside of it", "//- app/a.py\nvalue_of_inside = 1\n")
    found = ask(open_workspace(folder=repository / "app"), "inside")
    assert (found.covered, [hit.files for hit in found.commits]) == (1, [("a.py",)])
    git(repository, "worktree", "add", "--quiet", "-b", "second", str(tmp_path / "second"))
    commit(tmp_path / "second", "Only in the work tree", "//- b.py\nvalue_of_second = 1\n")
    assert ask(open_workspace(folder=tmp_path / "second"), "work tree").covered == 3


def test_a_submodule_has_its_own_history_and_none_in_the_one_around_it(
    repository: Path, tmp_path: Path, open_workspace: Callable[..., Engine]
) -> None:
    commit(new_repository(tmp_path / "library"), "Inside the library", "//- a.py\nvalue_of_library = 1\n")
    git(repository, "submodule", "--quiet", "add", str(tmp_path / "library"), "library")
    commit(repository, "Add the library")
    assert subjects(ask(open_workspace(folder=repository), "library")) == ["Add the library"]
    assert subjects(ask(open_workspace(folder=repository / "library"), "library")) == ["Inside the library"]


def test_without_a_repository_a_commit_or_git_a_sentence_says_why(
    tmp_path: Path, open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain").mkdir()
    new_repository(tmp_path / "plain" / "inner")
    plain = ask(open_workspace(folder=tmp_path / "plain"), "anything")
    assert plain.message == f"{NO_REPOSITORY} {INNER.format('inner')}"
    empty = new_repository(tmp_path / "empty")
    assert ask(open_workspace(folder=empty), "anything").message == NO_COMMIT
    commit(empty, "Something")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert NO_GIT in ask(open_workspace(folder=empty), "anything").message


def test_the_setting_turns_it_off_and_limits_it(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    for number in range(4):
        commit(repository, f"Change {number}", f"//- a.py\nvalue_of_change = {number}\n")
    engine = open_workspace(folder=repository, history_commits=2)
    assert sorted(subjects(ask(engine, "change"))) == ["Change 2", "Change 3"]
    engine.apply_settings(replace(engine.settings, history_commits=3))
    assert ask(engine, "change").covered == 3
    store = Path(engine.status().store)
    engine.apply_settings(replace(engine.settings, history_commits=0))
    off = ask(engine, "change")
    assert (off.covered, off.message) == (0, OFF)
    assert not list(store.glob("history-*"))


def test_a_damaged_history_is_read_again_and_costs_the_index_nothing(
    repository: Path, open_workspace: Callable[..., Engine]
) -> None:
    commit(repository, "Fetch", RETRY)
    engine = open_workspace(folder=repository)
    assert ask(engine, "fetch").covered == 1
    store = Path(engine.status().store)
    engine.close()
    (store / HISTORY_FILE).write_bytes(b"this is no database" * 1000)
    again = open_workspace(folder=repository)
    assert ask(again, "fetch").covered == 1
    assert again.status().index.state is State.READY


# -- front ends


def test_an_agent_reads_the_last_commits_of_a_place(repository: Path, open_workspace: Callable[..., Engine]) -> None:
    for number in range(5):
        commit(repository, f"Limit {number}", RETRY.replace("503", f"{500 + number}"))
    engine = open_workspace(folder=repository)
    ask(engine, "limit")
    reply = Questions(engine).explain_place(CancelToken(), file="src/client.py", line=3)
    lines = reply.text.split("\n")
    shown = lines[lines.index("Changed by:") + 1 :]
    assert [line.split(" ", 2)[2] for line in shown] == ["Limit 4", "Limit 3", "Limit 2"]


def test_the_command_line_answers_for_people_and_programs(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = commit(repository, "Try again when the server is overloaded", RETRY)
    commit(repository, "Document the licence", "//- LICENSE\nMIT\n")
    folder = str(repository)
    assert main(["history", "retry failed requests", folder, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(c["id"], c["files"], c["places"][0]["symbol"]) for c in found["commits"]] == [
        (name, ["src/client.py"], "fetch_with_retries")
    ]
    assert (found["covered"], found["message"]) == (2, "")
    assert main(["history", f"{folder}/src/client.py:3", folder]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{name[:10]}  {found['commits'][0]['date'][:10]}  Try again")
    assert said[1] == f"    {folder}/src/client.py:1  fetch_with_retries"
    assert main(["history", "colour of the sidebar in dark themes", folder]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "cognate: 2 commits were read; none is close to this question."
    monkeypatch.setattr("sys.stdin", io.StringIO(git(repository, "show", name)))
    assert main(["history", "-", folder, "--json", "--since", "2001-01-01", "--path", "*.py"]) == 0
    assert json.loads(capsys.readouterr().out)["commits"][0]["id"] == name
    assert main(["history", "retry", folder, "--since", "soon"]) == 2
    assert "soon is not a date" in capsys.readouterr().err
    assert main(["history", " ", folder]) == 2
