from pathlib import Path

import pytest

from cognate.workspace.files import verdict_on, walk
from cognate.workspace.git_folders import PATTERN_FILE_LIMIT_BYTES
from cognate.workspace.ignore import Rules
from cognate.workspace.patterns import MOST_BRACES, expand_braces
from fixtures import write_files


def check(folder: Path, text: str, expected: list[str], exclude: tuple[str, ...] = ()) -> None:
    write_files(folder, text)
    rules = Rules(folder, exclude, 1_000_000)
    assert [path for path, _ in walk(folder, rules)] == expected
    for path in expected:
        assert verdict_on(folder, rules, path).included


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


@pytest.mark.parametrize(
    ("globs", "left"),
    [
        (("**/*.{js,ts}",), ["a.py", "sub/{x}.py"]),
        (("**/.DS_Store", "sub"), ["a.js", "a.py", "a.ts"]),
        (("{a,sub/c}.js", "{x"), ["a.py", "a.ts", "sub/{x}.py"]),
        (("*.{p{y,l},ts}",), ["a.js", "sub/c.js"]),
        (("\\{x\\}.py",), ["a.js", "a.py", "a.ts", "sub/c.js"]),
        (("{a}.py", "", " "), ["a.js", "a.ts", "sub/c.js", "sub/{x}.py"]),
    ],
)
def test_the_editors_globs_are_understood(tmp_path: Path, globs: tuple[str, ...], left: list[str]):
    check(tmp_path, "//- a.js\n//- a.ts\n//- a.py\n//- sub/c.js\n//- sub/{x}.py\n", left, exclude=globs)


def test_braces_without_end_are_given_up():
    assert len(expand_braces("{a,b}" * 40)) <= 2 * MOST_BRACES
    assert expand_braces("}{a,,b}{") == ["}a{", "}{", "}b{"]


def test_the_sentence_says_where_the_pattern_stands(tmp_path: Path):
    write_files(
        tmp_path, "//- sub/.gitignore\n# mine\r\n\r\n*.gen.py\r\n//- sub/a/x.gen.py\n//- yarn.lock\n//- b.tmp\n"
    )
    rules = Rules(tmp_path, ("*.tmp",), 1000)
    assert verdict_on(tmp_path, rules, "sub/a/x.gen.py").rule == "It matches '*.gen.py' in sub/.gitignore, line 3."
    assert verdict_on(tmp_path, rules, "yarn.lock").rule == "It matches 'yarn.lock' in built-in rule (lock files)."
    assert verdict_on(tmp_path, rules, "b.tmp").rule == "It matches '*.tmp' in setting exclude."


def test_a_rule_file_that_is_far_too_long_counts_as_far_as_it_is_read(tmp_path: Path):
    (tmp_path / ".gitignore").write_bytes(b"a.py\n" + b"#" * PATTERN_FILE_LIMIT_BYTES + b"\nb.py\n")
    check(tmp_path, "//- a.py\n//- b.py\n", ["b.py"], exclude=(".gitignore",))


def test_rule_files_count_whether_a_folder_was_entered_or_asked_about(tmp_path: Path):
    write_files(
        tmp_path, "//- a/b/.gitignore\nx.py\n//- a/b/x.py\n//- a/b/y.py\n//- a/c/.gitignore\ny.py\n//- a/c/y.py\n"
    )
    asked = Rules(tmp_path, (), 1000)
    assert asked.passes("a")
    assert asked.passes("a/b")
    assert not asked.file("a/b/x.py", 1).included
    entered = Rules(tmp_path, (), 1000)
    assert entered.passes("a")
    entered.enter("a", ["b", "c"])
    for folder, names in (("a/b", [".gitignore", "x.py", "y.py"]), ("a/c", [".gitignore", "y.py"])):
        assert entered.passes(folder)
        entered.enter(folder, names)
    wanted = {"a/b/x.py": False, "a/b/y.py": True, "a/c/y.py": False}
    assert {path: entered.file(path, 1).included for path in wanted} == wanted
    assert {path: asked.file(path, 1).included for path in wanted} == wanted


@pytest.mark.parametrize(
    ("globs", "path", "expected"),
    [
        (["src/"], "src/in/a.py", True),
        (["src/", "!src/in/"], "src/in/a.py", False),
        (["src/", "!src/in/"], "src/a.py", True),
        (["**/*.{js,ts}"], "src/a.ts", True),
        (["/a.py"], "src/a.py", False),
        (["src/**"], "src/in/a.py", True),
        (["src"], "lib/src/a.py", True),
        ([], "a.py", False),
    ],
)
def test_globs_of_the_setting_mean_files_by_their_name_or_as_part_of_a_folder(
    tmp_path: Path, globs: list[str], path: str, expected: bool
):
    assert Rules(tmp_path, tuple(globs), 1_000_000).file(path, 1).included != expected
