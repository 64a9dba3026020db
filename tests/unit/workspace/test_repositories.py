"""Repositories around, in and beside a workspace folder."""

from pathlib import Path

import pytest

from cognate.workspace.ignore import Rules, is_rule_file
from cognate.workspace.repository import submodule_paths
from fixtures import write_files
from unit.workspace.repositories import explained, git, ignored_by_git, indexed


def commit(folder: Path) -> None:
    git(folder, "add", "-A", "-f")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x", "--allow-empty")


def test_ignore_files_of_the_folders_around_count_up_to_the_repositorys_root(tmp_path: Path):
    repository = tmp_path / "repository"
    write_files(
        tmp_path,
        "//- .gitignore\n*\n//- repository/.gitignore\n*.c\n/a/b/d.py\nd.js\n"
        "//- repository/a/.gitignore\n!x.c\nb/e.py\n//- repository/.cognateignore\nf.py\n"
        "//- repository/a/.gitattributes\nb/g.py linguist-generated\n",
    )
    git(repository, "init", "-q")
    (repository / ".git" / "info" / "exclude").write_text("/a/b/h.py\n")
    folder = repository / "a" / "b"
    names = ["d.py", "d.js", "x.c", "y.c", "e.py", "f.py", "g.py", "h.py"]
    assert indexed(folder, "".join(f"//- {name}\n" for name in names)) == ["f.py", "x.c"]
    theirs = ignored_by_git(folder, [name.encode() for name in names])
    assert [name for name in names if not theirs[name.encode()][0]] == ["x.c", "f.py", "g.py"]
    assert explained(folder, "e.py").rule == "It matches 'b/e.py' in ../.gitignore, line 2."
    assert explained(folder, "d.py").rule == "It matches '/a/b/d.py' in ../../.gitignore, line 2."
    assert explained(folder, "h.py").rule == "It matches '/a/b/h.py' in ../../.git/info/exclude, line 1."
    assert (repository / ".gitignore").resolve() in Rules(folder, (), 1).outside_files


def test_a_repository_has_no_say_in_a_folder_that_it_ignores(tmp_path: Path):
    git(tmp_path, "init", "-q")
    write_files(tmp_path, "//- .gitignore\n*\n")
    assert indexed(tmp_path / "dotfiles" / "project", "//- a.py\n") == ["a.py"]


def test_a_nested_repository_is_indexed_by_its_own_ignore_files(tmp_path: Path):
    git(tmp_path, "init", "-q")
    (tmp_path / "in").mkdir()
    git(tmp_path / "in", "init", "-q")
    write_files(
        tmp_path,
        "//- .gitignore\n*.c\n/in/b.py\n//- .gitattributes\n*.py linguist-generated\n//- .cognateignore\nd.py\n"
        "//- in/.gitignore\n*.h\n//- in/a.c\n//- in/a.h\n//- in/b.py\n//- in/sub/c.py\n//- in/d.py\n//- in/e.py\n",
    )
    (tmp_path / "in" / ".git" / "info" / "exclude").write_text("/e.py\n")
    assert indexed(tmp_path) == ["in/a.c", "in/b.py", "in/sub/c.py"]
    assert explained(tmp_path, "in/e.py").rule == "It matches '/e.py' in in/.git/info/exclude, line 1."
    assert explained(tmp_path, "in/d.py").rule == "It matches 'd.py' in .cognateignore, line 1."


def test_a_nested_repository_that_the_outer_one_ignores_is_left_out(tmp_path: Path):
    git(tmp_path, "init", "-q")
    (tmp_path / "in").mkdir()
    git(tmp_path / "in", "init", "-q")
    assert indexed(tmp_path, "//- .gitignore\n/in\n//- in/a.py\n") == []


def test_an_empty_git_folder_begins_no_repository(tmp_path: Path):
    (tmp_path / "in" / ".git").mkdir(parents=True)
    assert indexed(tmp_path, "//- .gitignore\n*.c\n//- in/a.c\n//- in/a.py\n") == ["in/a.py"]


def test_a_submodule_is_indexed_with_its_own_ignore_files(tmp_path: Path):
    library, project = tmp_path / "library", tmp_path / "project"
    write_files(library, "//- .gitignore\n*.h\n//- a.c\n")
    git(library, "init", "-q")
    commit(library)
    write_files(project, "//- .gitignore\n*.c\n//- main.py\n")
    git(project, "init", "-q")
    git(project, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "libs/library")
    write_files(project / "libs" / "library", "//- x.h\n//- private.py\n//- b.py\n")
    assert (project / "libs" / "library" / ".git").is_file()
    (project / ".git" / "modules" / "libs" / "library" / "info" / "exclude").write_text("private.py\n")
    assert indexed(project) == ["main.py", "libs/library/a.c", "libs/library/b.py"]
    assert "line 1" in explained(project, "libs/library/private.py").rule


def test_a_submodule_known_from_gitmodules_alone_is_one_too(tmp_path: Path):
    git(tmp_path, "init", "-q")
    modules = '[submodule "x"]\n\tpath = "libs/x"\n\turl = ../x\n'
    write_files(tmp_path, f"//- .gitignore\n*.c\n//- .gitmodules\n{modules}//- libs/x/a.c\n//- libs/y/a.c\n")
    assert indexed(tmp_path) == ["libs/x/a.c"]
    assert submodule_paths(b"path = a b\r\n\tPath=c/\n# path = d\nfoopath = e\n") == {b"a b", b"c"}


def test_a_worktree_shares_the_private_excludes_of_its_repository(tmp_path: Path):
    main, worktree = tmp_path / "main", tmp_path / "worktree"
    write_files(main, "//- .gitignore\n*.c\n//- a.py\n")
    git(main, "init", "-q")
    commit(main)
    git(main, "worktree", "add", "-q", str(worktree))
    (main / ".git" / "info" / "exclude").write_text("private.py\n")
    assert indexed(worktree, "//- private.py\n//- b.c\n") == ["a.py"]
    assert explained(worktree, "private.py").rule == "It matches 'private.py' in .git/info/exclude, line 1."
    outside = [str(path) for path in Rules(worktree, (), 1).outside_files]
    assert any(path.endswith("info/exclude") for path in outside)


def with_worktrees(folder: Path, *paths: str) -> Path:
    """Make a repository with two files and a worktree at each path."""
    write_files(folder, "//- .gitignore\n*.c\n//- a.c\n//- src/a.py\n")
    git(folder, "init", "-q")
    commit(folder)
    for path in paths:
        git(folder, "worktree", "add", "-q", "--detach", str(folder / path))
    return folder


def test_worktrees_inside_their_repository_are_left_out(tmp_path: Path):
    with_worktrees(tmp_path, "trees/one", ".worktrees/two", "src/three")
    assert indexed(tmp_path) == ["a.c", "src/a.py"]
    rule = "Folder trees/one is another worktree of the repository around it (built-in rule)."
    assert explained(tmp_path, "trees/one/src/a.py").rule == rule
    assert explained(tmp_path, "trees/one").rule == rule
    assert indexed(tmp_path / "src") == ["a.py"]
    link = tmp_path.parent / f"{tmp_path.name}-link"
    link.symlink_to(tmp_path)
    assert indexed(link) == ["a.c", "src/a.py"]


@pytest.mark.parametrize(
    ("own", "exclude", "expected"),
    [
        ("!trees/one/", (), ["trees/one/a.c", "trees/one/src/a.py"]),
        ("!trees/", (), ["trees/one/a.c", "trees/one/src/a.py", "trees/two/a.c", "trees/two/src/a.py"]),
        ("!trees/one/src/**", (), ["trees/one/src/a.py"]),
        ("!trees/\ntrees/two/", (), ["trees/one/a.c", "trees/one/src/a.py"]),
        ("", ("!trees/two",), ["trees/two/a.c", "trees/two/src/a.py"]),
        ("*.md\n!keep.md\n!src/", (), []),
    ],
)
@pytest.mark.parametrize("ignored", ["", "trees/\n"])
def test_worktrees_are_taken_back_by_rules(
    tmp_path: Path, own: str, exclude: tuple[str, ...], expected: list[str], ignored: str
):
    with_worktrees(tmp_path, "trees/one", "trees/two")
    (tmp_path / ".gitignore").write_text(f"*.c\n{ignored}")
    (tmp_path / ".cognateignore").write_text(own + "\n")
    assert indexed(tmp_path, exclude=exclude) == ["a.c", "src/a.py", *expected]


def test_a_worktree_that_is_taken_back_is_a_repository_of_its_own(tmp_path: Path):
    with_worktrees(tmp_path, "trees/one")
    write_files(tmp_path, "//- b.c\n//- trees/one/b.c\n//- .cognateignore\n!trees/one/\n")
    assert indexed(tmp_path) == ["a.c", "src/a.py", "trees/one/a.c", "trees/one/src/a.py"]


def test_worktrees_of_other_repositories_and_clones_count(tmp_path: Path):
    other = with_worktrees(tmp_path / "other")
    folder = with_worktrees(tmp_path / "folder")
    git(other, "worktree", "add", "-q", "--detach", str(folder / "foreign"))
    git(folder, "clone", "-q", str(folder), str(folder / "clone"))
    expected = ["a.c", "clone/a.c", "clone/src/a.py", "foreign/a.c", "foreign/src/a.py", "src/a.py"]
    assert sorted(indexed(folder)) == expected


def test_worktrees_are_indexed_where_the_folder_holds_nothing_of_their_repository(tmp_path: Path):
    with_worktrees(tmp_path / "main", "trees/one", "trees/two")
    trees = tmp_path / "main" / "trees"
    assert indexed(trees) == ["one/a.c", "one/src/a.py", "two/a.c", "two/src/a.py"]
    assert indexed(trees / "one") == ["a.c", "src/a.py"]
    git(tmp_path / "main", "worktree", "add", "-q", "--detach", str(trees / "one" / "inner"))
    assert indexed(trees / "one") == ["a.c", "src/a.py"]


def test_what_the_environment_says_of_another_repository_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other, folder = tmp_path / "other", tmp_path / "folder"
    for place in (other, folder):
        place.mkdir()
        git(place, "init", "-q")
    write_files(tmp_path, "//- excludes\na.py\n")
    git(other, "config", "core.excludesFile", str(tmp_path / "excludes"))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert indexed(folder, "//- a.py\n") == ["a.py"]


def test_without_git_the_default_global_excludes_count(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    write_files(home, "//- git/ignore\nb.py\n")
    assert indexed(tmp_path / "folder", "//- a.py\n//- b.py\n") == ["a.py"]
    assert explained(tmp_path / "folder", "b.py").rule == (
        f"It matches 'b.py' in the global git excludes ({home}/git/ignore), line 1."
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".gitignore", True), ("a/b/.gitignore", True), (".cognateignore", True), ("a/.gitattributes", True),
        (".gitmodules", True), (".git/info/exclude", True), ("in/.git/info/exclude", True),
        (".git/modules/a/b/info/exclude", True), ("info/exclude", False), ("x.git/info/exclude", False),
        ("a/gitignore", False), (".gitignore/a", False), (".git/config", False), ("", False),
    ],
)  # fmt: skip
def test_files_that_rules_stand_in_are_known_by_their_path(path: str, expected: bool):
    assert is_rule_file(path) == expected
