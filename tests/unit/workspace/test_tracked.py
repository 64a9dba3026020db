"""What git tracks counts, and what it ignores does not: ``git ls-files --cached --others --exclude-standard``."""

import hashlib
import logging
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognate.workspace.files import walk
from cognate.workspace.ignore import Rules
from cognate.workspace.repository import tracked_files
from fixtures import write_files
from unit.workspace.repositories import explained, git, indexed

IGNORED = "//- .gitignore\n*.c\nbuild/\n//- a.py\n//- a.c\n//- b.c\n//- build/a.py\n//- build/b.py\n//- build/in/a.py\n"


def listed(folder: Path) -> list[str]:
    """The files that git lists."""
    out = git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return sorted({path.decode() for path in out.split(b"\0") if path})


def walked(folder: Path) -> list[str]:
    return sorted(path for path, _ in walk(folder, Rules(folder, (), 1_000_000)))


def check(folder: Path, text: str, tracked: Sequence[str]) -> None:
    """Write files, add some, and hold the walk to git's list."""
    write_files(folder, text)
    git(folder, "init", "-q")
    git(folder, "add", "-f", "--", *tracked)
    assert walked(folder) == listed(folder)


NAMES = ["a.py", "b.c", "build", "in", "é.h"]
paths = st.lists(st.sampled_from(NAMES[:3] + NAMES[4:]), min_size=1, max_size=1).flatmap(
    lambda name: st.lists(st.sampled_from(NAMES[2:4]), max_size=3).map(lambda folders: "/".join([*folders, *name]))
)
lines = st.sampled_from(["*.c", "build", "build/", "/in", "in/build/", "*", "!*.py", "!*/", "!a.py", "build/*", "?.h"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.dictionaries(paths, st.booleans(), min_size=1, max_size=10),
    ignores=st.dictionaries(st.sampled_from([".gitignore", "in/.gitignore"]), st.lists(lines, max_size=4), max_size=2),
)
def test_any_files_tracked_or_not_are_those_that_git_lists(
    tmp_path: Path, files: Mapping[str, bool], ignores: Mapping[str, Sequence[str]]
):
    folder = tmp_path / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    git(folder, "init", "-q")
    made: list[str] = []
    for path, is_tracked in files.items():
        whole = folder / path
        if whole.exists() or any(parent.is_file() for parent in whole.parents):
            continue
        whole.parent.mkdir(parents=True, exist_ok=True)
        whole.write_text("x\n")
        made += [path] if is_tracked else []
    for path, patterns in ignores.items():
        if not (folder / path).parent.is_file():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text("\n".join(patterns) + "\n")
    if made:
        git(folder, "add", "-f", "--", *made)
    assert walked(folder) == listed(folder)


@pytest.mark.parametrize("version", [2, 3, 4])
def test_a_tracked_file_that_matches_a_gitignore_counts(tmp_path: Path, version: int):
    check(tmp_path, IGNORED, ["a.py", "a.c", "build/a.py"])
    if version == 3:  # An entry that is only intended to be added needs it.
        git(tmp_path, "add", "-f", "-N", "build/in/a.py")
    else:
        git(tmp_path, "update-index", f"--index-version={version}")
    assert (tmp_path / ".git" / "index").read_bytes()[7] == version
    assert walked(tmp_path) == listed(tmp_path)
    assert explained(tmp_path, "a.c").rule == "Git tracks it. Otherwise: It matches '*.c' in .gitignore, line 1."
    assert explained(tmp_path, "build/a.py").rule == (
        "Git tracks it. Otherwise: Folder build matches 'build/' in .gitignore, line 2."
    )
    assert explained(tmp_path, "build/b.py").rule == "Folder build matches 'build/' in .gitignore, line 2."


def test_an_index_that_is_split_counts(tmp_path: Path):
    write_files(tmp_path, IGNORED)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "a.c", "build/a.py")
    git(tmp_path, "update-index", "--split-index")
    git(tmp_path, "add", "-f", "b.c")
    assert any((tmp_path / ".git").glob("sharedindex.*"))
    assert walked(tmp_path) == listed(tmp_path)


def test_an_index_with_longer_digests_counts(tmp_path: Path):
    git(tmp_path, "init", "-q", "--object-format=sha256")
    check(tmp_path, IGNORED, ["a.c"])
    assert tracked_files(str(tmp_path / ".git" / "index")).folders == {b"": {b"a.c"}}


def test_other_rules_leave_out_what_git_tracks(tmp_path: Path):
    files = "//- .gitignore\n*.c\n//- .cognateignore\nb.c\n//- a.c\n//- b.c\n//- c.c\n//- yarn.lock\n//- vendor/a.c\n"
    write_files(tmp_path, files)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A", "-f")
    assert indexed(tmp_path, exclude=("c.c",)) == ["a.c"]


def test_a_cognateignore_takes_back_beside_what_git_tracks(tmp_path: Path):
    write_files(tmp_path, IGNORED + "//- .cognateignore\n!build/in/*.py\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "build/a.py")
    assert indexed(tmp_path) == ["a.py", "build/a.py", "build/in/a.py"]


def test_a_worktree_and_a_nested_repository_have_an_index_of_their_own(tmp_path: Path):
    main, worktree = tmp_path / "main", tmp_path / "worktree"
    check(main, IGNORED, ["a.c", ".gitignore"])
    git(main, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x")
    git(main, "worktree", "add", "-q", str(worktree))
    git(main, "rm", "-q", "--cached", "a.c")
    write_files(worktree, "//- b.c\n")
    assert walked(worktree) == listed(worktree) == [".gitignore", "a.c"]
    assert walked(main) == [".gitignore", "a.py"]
    write_files(main, "//- nested/.gitignore\n*.h\n//- nested/a.h\n//- nested/b.h\n")
    git(main / "nested", "init", "-q")
    git(main / "nested", "add", "-f", "a.h")
    assert walked(main) == [".gitignore", "a.py", "nested/.gitignore", "nested/a.h"]


def test_the_index_of_the_repository_around_a_folder_counts(tmp_path: Path):
    check(tmp_path, "//- .gitignore\n*.c\n//- sub/in/a.c\n//- sub/in/b.c\n//- sub/in/b.py\n", ["sub/in/a.c"])
    assert walked(tmp_path / "sub") == ["in/a.c", "in/b.py"]


def test_tracked_files_count_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    check(tmp_path, IGNORED, ["a.c"])
    before = walked(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert walked(tmp_path) == before


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "counted", "folder"])
def test_an_index_that_is_damaged_is_told_of_and_patterns_decide(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
):
    check(tmp_path, IGNORED, ["a.c", "a.py"])
    index = tmp_path / ".git" / "index"
    data = index.read_bytes()
    counted = data[:8] + b"\0\0\xff\xff" + data[12:-20]
    damaged = {
        "cut": data[:100],
        "flipped": data[:70] + b"\xff" + data[71:],
        "empty": b"",
        "counted": counted + hashlib.sha1(counted).digest(),
    }
    index.unlink()
    if damage == "folder":
        index.mkdir()
    else:
        index.write_bytes(damaged[damage])
    with caplog.at_level(logging.WARNING):
        assert walked(tmp_path) == [".gitignore", "a.py"]
    assert "cannot be read, so .gitignore decides" in caplog.text


def test_an_index_that_changes_matters_where_a_tracked_file_is_ignored(tmp_path: Path):
    check(tmp_path, IGNORED, ["a.py"])
    rules = Rules(tmp_path, (), 1000)
    assert not rules.outdated_by(".git/index")
    git(tmp_path, "rm", "-q", "--cached", "a.py")
    assert not rules.outdated_by(".git/index")
    git(tmp_path, "add", "-f", "build/a.py")
    assert not rules.outdated_by(".git/config")
    assert rules.outdated_by(".git/index")
    assert not rules.outdated_by(".git/index")
    git(tmp_path, "rm", "-q", "--cached", "build/a.py")
    assert rules.index_changed()
    (tmp_path / ".git" / "index").unlink()
    assert not rules.index_changed()
    assert rules.outdated_by("in/.gitignore")
