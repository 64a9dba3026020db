"""Which subjects are questions, and which lines and files of an older state answer them, in a real repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "benchmarks"))

from commits import Hunk, Repository, UnreadableError
from replay import OFTEN, Replay, by_changes
from replay_questions import choose_state, question_in, questions, standing

from cognate.chunking import chunk_file

FIRST = "def add(a, b):\n    return a + b\n\n\ndef remove(a, b):\n    return a - b\n"


class Project:
    """A repository whose commits are made one after the other, a minute apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.minute = 0
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        date = f"2020-01-01T00:{self.minute:02}:00Z"
        who = {f"GIT_{role}_{fact}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for fact in ("NAME", "EMAIL")}
        settings = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env={**os.environ, **who, **settings}, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def lose(self, path: str) -> None:
        """Remove the text of a file, as it is in the newest commit, from the repository."""
        blob = self.git("rev-parse", f"HEAD:{path}")
        (self.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()

    def commit(self, subject: str, files: dict[str, str]) -> str:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.minute += 1
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", subject)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("subject", "query"),
    [
        ("fix(cli): close the file after reading it (#12)", "close the file after reading it"),
        ("input.c: close the file after reading it", "close the file after reading it"),
        ("Close the file after reading `it()`, fixes #12", "Close the file after reading it"),
        ("Close `lib/input.c` after it was read", "Close after it was read"),
        ("Close the file after reading it, from Ann Onymous.", "Close the file after reading it"),
        ("ctx.obj is set by the parent", "ctx.obj is set by the parent"),
        ("Fails, see https://example.org/a-long-story", None),
        ("Fix a typo in the parser", None),
        ("Update the parser", None),
    ],
)
def test_a_subject_asks_what_is_left_without_its_marks(subject: str, query: str | None) -> None:
    assert question_in(subject) == query


def test_lines_are_found_where_they_stood_before_others_moved_them() -> None:
    # Three lines came in behind line 2, line 9 replaced an older one, and what stood behind line 12 is gone.
    since = [Hunk(2, 0, 3, 3), Hunk(6, 1, 9, 1), Hunk(10, 2, 12, 0)]
    assert list(standing([Hunk(2, 1, 2, 1)], since)) == [2]
    assert list(standing([Hunk(3, 3, 3, 0)], since)) == []
    assert list(standing([Hunk(6, 4, 6, 4)], since)) == [3, 4, 5, 6]
    assert list(standing([Hunk(12, 2, 12, 2)], since)) == [9, 12]
    assert list(standing([Hunk(0, 0, 1, 5)], since)) == [1]


def test_a_question_is_answered_by_the_chunks_whose_lines_were_replaced(project: Project) -> None:
    state = project.commit("Begin", {"sum.py": FIRST, "tests/test_sum.py": "def test_add():\n    assert True\n"})
    project.commit("Say at the top of the file what it is for", {"sum.py": '"""Sums."""\n\n' + FIRST})
    changed = '"""Sums."""\n\n' + FIRST.replace("a - b", "max(a - b, 0)")
    files = {"sum.py": changed, "tests/test_sum.py": "def test_add():\n    assert 1\n"}
    newest = project.commit("fix: never return less than nothing (#3)", files)
    project.commit("Test that sums are what they are called", {"tests/test_sum.py": "def test_add():\n    assert 2\n"})
    repository = Repository(project.folder)
    chunks = {name: chunk_file(name, text).chunks for name, text in {"sum.py": FIRST, "tests/test_sum.py": ""}.items()}
    *_, asked = questions(repository, state, "HEAD", chunks)
    assert (asked.commit, asked.query) == (newest, "never return less than nothing")
    assert (asked.files, asked.asides, asked.shares_a_word) == (("sum.py",), ("tests/test_sum.py",), True)
    assert [path for path, first, last in asked.spans if first <= 6 <= last] == ["sum.py"]


def test_the_state_that_is_asked_is_older_than_all_questions(project: Project) -> None:
    for number in range(40):
        project.commit(f"Add what is worth {number} to sums", {"sum.py": FIRST.replace("a + b", f"a + b + {number}")})
    repository = Repository(project.folder)
    state = choose_state(repository, "HEAD", 5)
    assert project.git("log", "-1", "--format=%s", state) == "Add what is worth 4 to sums"


def test_a_state_is_written_as_it_was_committed(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    state = project.commit(
        "Begin", {"a/sum.py": FIRST, "b/large.txt": "x" * 2000, ".gitattributes": "* text eol=crlf\n"}
    )
    project.commit("Remove all of it again", {"a/sum.py": ""})
    into = tmp_path_factory.mktemp("state")
    Repository(project.folder).check_out(state, into, max_bytes=1000)
    assert (into / "a/sum.py").read_bytes() == FIRST.encode()
    assert sorted(path.name for path in into.rglob("*") if path.is_file()) == [".gitattributes", "sum.py"]


def test_files_that_a_copy_lacks_are_left_out(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    state = project.commit("Begin", {"sum.py": FIRST, "large.txt": "x" * 2000})
    repository, into = Repository(project.folder), tmp_path_factory.mktemp("state")
    project.lose("large.txt")
    repository.check_out(state, into)
    assert [path.name for path in into.iterdir()] == ["sum.py"]
    project.lose("sum.py")
    with pytest.raises(UnreadableError, match="partial clone"):
        repository.check_out(state, into)


def test_the_past_counts_as_far_back_as_it_can_be_read(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.commit("Begin", {"sum.py": FIRST, "large.txt": "x" * 2000})
    project.commit("Explain what is summed up", {"a.py": FIRST, "b.py": FIRST})
    state = project.commit("Explain it once more", {"b.py": FIRST + "# The sum.\n"})
    project.lose("large.txt")
    often = by_changes(Replay("sums", Repository(project.folder), state, state), ["a.py", "b.py", "sum.py"])[OFTEN]
    assert [path for path, _, _ in often] == ["b.py", "a.py", "sum.py"]
    assert "sums: older commits do not count" in capsys.readouterr().out


def test_renames_and_odd_names_are_read_from_the_log(project: Project) -> None:
    project.commit("Begin", {"old.py": FIRST, "größe.py": "--- a/x\n+++ b/y\n"})
    (project.folder / "old.py").rename(project.folder / "new.py")
    project.commit("Rename what was old", {"größe.py": "--- a/z\n+++ b/y"})
    changes = {change.old: change for change in next(Repository(project.folder).log("HEAD")).changes}
    assert changes["old.py"].new == "new.py"
    assert changes["größe.py"].hunks == [Hunk(1, 2, 1, 2)]
