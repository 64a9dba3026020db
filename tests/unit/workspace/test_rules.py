from pathlib import Path

import pytest

from cognate.workspace.rules import Rules
from cognate.workspace.walker import verdict_on, walk
from fixtures import write_files


def check(folder: Path, text: str, expected: list[str], exclude: tuple[str, ...] = ()) -> None:
    write_files(folder, text)
    rules = Rules(folder, exclude, 1_000_000)
    assert [path for path, _ in walk(folder, rules)] == expected
    for path in expected:
        assert verdict_on(folder, rules, path).included


@pytest.fixture(autouse=True)
def no_global_excludes(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


def test_nested_gitignores_count_below_their_folder(tmp_path: Path):
    check(
        tmp_path,
        "//- .gitignore\n*.log.py\n/build\n"
        "//- a.py\n//- x.log.py\n//- build/b.py\n"
        "//- sub/.gitignore\nsecret.py\n!keep.log.py\n//- sub/secret.py\n//- sub/keep.log.py\n//- sub/build/c.py\n",
        [".gitignore", "a.py", "sub/.gitignore", "sub/keep.log.py", "sub/build/c.py"],
    )


def test_dependencies_tool_caches_and_lock_files_are_left_out(tmp_path: Path):
    check(tmp_path, "//- a.js\n//- node_modules/b.js\n//- .venv/c.py\n//- yarn.lock\n//- x.min.js\n", ["a.js"])


def test_a_cognateignore_leaves_out_and_takes_back(tmp_path: Path):
    check(
        tmp_path,
        "//- .cognateignore\nold.py\n!vendor/\n//- old.py\n//- new.py\n//- vendor/lib.py\n",
        [".cognateignore", "new.py", "vendor/lib.py"],
    )


def test_the_exclude_setting_leaves_out(tmp_path: Path):
    check(tmp_path, "//- a.py\n//- gen/b.py\n", ["a.py"], exclude=("gen/",))


def test_links_are_not_followed(tmp_path: Path):
    write_files(tmp_path, "//- in/a.py\n")
    (tmp_path / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "link.py").symlink_to(tmp_path / "in" / "a.py")
    check(tmp_path, "", ["in/a.py"])
    rules = Rules(tmp_path, (), 1_000_000)
    assert "symbolic link" in verdict_on(tmp_path, rules, "link.py").rule
    assert "symbolic link" in verdict_on(tmp_path, rules, "loop/a.py").rule


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("build/x.py", "'build/' in .gitignore"),
        ("node_modules/x.js", "installed dependencies"),
        ("big.py", "maxFileBytes"),
        ("missing.py", "no such file"),
        ("fine.py", "No rule"),
    ],
)
def test_the_deciding_rule_is_named(tmp_path: Path, path: str, part: str):
    write_files(tmp_path, "//- .gitignore\nbuild/\n//- build/x.py\n//- node_modules/x.js\n//- fine.py\n")
    (tmp_path / "big.py").write_text("x = 1\n" * 1000)
    assert part in verdict_on(tmp_path, Rules(tmp_path, (), 2000), path).rule


def test_an_unreadable_pattern_spoils_nothing_else(tmp_path: Path):
    check(tmp_path, "//- .gitignore\n[\n!\nb.py\n//- a.py\n//- b.py\n", [".gitignore", "a.py"])
