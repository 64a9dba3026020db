"""What ``.cognateignore``, the setting and ``.gitattributes`` take back, and that the walk goes nowhere else."""

from pathlib import Path

import pytest

from cognate.workspace.files import walk
from cognate.workspace.ignore import Rules
from unit.workspace.repositories import explained, indexed


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("!vendor/", ["a.py", "vendor/ours/x.py", "vendor/theirs/x.py"]),
        ("!vendor/ours/", ["a.py", "vendor/ours/x.py"]),
        ("!vendor/ours/**", ["a.py", "vendor/ours/x.min.js", "vendor/ours/x.py"]),
        ("!vendor/*/x.py", ["a.py", "vendor/ours/x.py", "vendor/theirs/x.py"]),
        ("!vendor/ours/**\nvendor/ours/x.py", ["a.py", "vendor/ours/x.min.js"]),
        ("!**/node_modules/ours/", ["a.py", "node_modules/ours/i.js", "web/node_modules/ours/i.js"]),
        ("!node_modules/ours/", ["a.py", "node_modules/ours/i.js"]),
        ("!x.py", ["a.py"]),
        ("!**/ours/**", ["a.py"]),
        ("!.git/\n!.git/**", ["a.py"]),
    ],
)
def test_a_pattern_that_names_a_folder_reaches_into_it(tmp_path: Path, lines: str, expected: list[str]):
    text = (
        "//- a.py\n//- vendor/ours/x.py\n//- vendor/ours/x.min.js\n//- vendor/theirs/x.py\n"
        "//- node_modules/ours/i.js\n//- node_modules/ours/node_modules/z/i.js\n//- node_modules/theirs/i.js\n"
        "//- web/node_modules/ours/i.js\n//- .git/config.py\n"
    )
    assert indexed(tmp_path, f"//- .cognateignore\n{lines}\n{text}") == expected


def test_only_folders_that_may_hold_something_taken_back_are_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    indexed(
        tmp_path, "//- .cognateignore\n!vendor/ours/**\n//- vendor/ours/in/x.py\n//- vendor/no/in/x.py\n//- a/x.py\n"
    )
    asked: list[str] = []
    before = Rules.passes

    def passes(self: Rules, path: str) -> bool:
        asked.append(path)
        return before(self, path)

    monkeypatch.setattr(Rules, "passes", passes)
    assert [path for path, _ in walk(tmp_path, Rules(tmp_path, (), 1000))][-1] == "vendor/ours/in/x.py"
    assert "vendor/ours/in" in asked
    assert "vendor/no" in asked
    assert "vendor/no/in" not in asked


def test_of_two_lines_about_a_folder_the_later_one_counts(tmp_path: Path):
    files = "//- old/keep/x.py\n//- old/x.py\n"
    assert indexed(tmp_path, f"//- .cognateignore\nold/\n!old/keep/**\n{files}") == ["old/keep/x.py"]
    assert indexed(tmp_path, f"//- .cognateignore\n!old/keep/**\nold/\n{files}") == []


def test_what_git_ignores_can_be_taken_back_beneath_an_ignored_folder(tmp_path: Path):
    text = (
        "//- .gitignore\nbuild/\n//- .cognateignore\n!build/api/*.py\n"
        "//- build/api/a.py\n//- build/api/a.c\n//- build/b.py\n"
    )
    assert indexed(tmp_path, text) == ["build/api/a.py"]
    assert explained(tmp_path, "build/api/a.py").rule == (
        "It is taken back by '!build/api/*.py' in .cognateignore, line 1."
    )
    assert explained(tmp_path, "build/b.py").rule == "Folder build matches 'build/' in .gitignore, line 1."


def test_ignore_files_inside_what_was_taken_back_count(tmp_path: Path):
    text = (
        "//- .cognateignore\n!vendor/ours/\n//- vendor/ours/.gitignore\n*.c\n"
        "//- vendor/ours/a.c\n//- vendor/ours/a.py\n"
        "//- vendor/ours/in/.cognateignore\nb.py\n//- vendor/ours/in/b.py\n//- vendor/ours/in/c.py\n"
    )
    assert indexed(tmp_path, text) == ["vendor/ours/a.py", "vendor/ours/in/c.py"]


def test_the_setting_takes_back_too_but_is_weaker_than_a_cognateignore(tmp_path: Path):
    text = "//- .cognateignore\nb.lock\n//- yarn.lock\n//- b.lock\n//- a.py\n"
    assert indexed(tmp_path, text, exclude=("!yarn.lock", "!b.lock")) == ["a.py", "yarn.lock"]


def test_what_gits_files_take_back_stays_a_lock_file(tmp_path: Path):
    text = "//- .gitignore\n*.lock\n!yarn.lock\n*.py\n!a.py\n//- yarn.lock\n//- a.py\n//- b.py\n"
    assert indexed(tmp_path, text) == ["a.py"]
    assert explained(tmp_path, "a.py").rule == "It is taken back by '!a.py' in .gitignore, line 4."
    assert "lock files" in explained(tmp_path, "yarn.lock").rule


def test_a_file_taken_back_by_its_name_is_vouched_for(tmp_path: Path):
    indexed(tmp_path, "//- .cognateignore\n!gen/**\n!api.json\n!vendor/\n//- gen/a.py\n//- vendor/a.py\n//- b.py\n")
    (tmp_path / "api.json").write_bytes(b" " * 300_000)
    assert explained(tmp_path, "gen/a.py").re_included
    assert not explained(tmp_path, "vendor/a.py").re_included
    assert not explained(tmp_path, "b.py").re_included
    assert explained(tmp_path, "api.json").included
    (tmp_path / "api.json").write_bytes(b" " * 1_000_001)
    assert "maxFileBytes" in explained(tmp_path, "api.json").rule


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", ["a.py", "api/b.py"]),
        ("api/** linguist-generated", ["a.py"]),
        ("api/* linguist-vendored=true\n*.py -linguist-vendored", ["a.py", "api/b.py"]),
        ("*.py linguist-generated=false\na.py linguist-generated", ["api/b.py"]),
        ("*.py linguist-generated text=auto\na.py !linguist-generated", ["a.py"]),
        ('"a.py" linguist-generated\n# *.py linguist-generated\n!*.py linguist-generated', ["api/b.py"]),
        ("yarn.lock -linguist-generated", ["a.py", "yarn.lock", "api/b.py"]),
        ("vendor/ours/** -linguist-vendored", ["a.py", "api/b.py", "vendor/ours/c.py"]),
        ("vendor/** -linguist-vendored\nvendor/ours/* !linguist-vendored", ["a.py", "api/b.py"]),
        ("vendor/** -linguist-generated", ["a.py", "api/b.py"]),
        ("vendor/ours/ -linguist-vendored", ["a.py", "api/b.py"]),
        ("api/ linguist-generated", ["a.py", "api/b.py"]),
        ("*.min.js -linguist-generated\nvendor/ours/** -linguist-vendored",
         ["a.py", "api/b.py", "vendor/ours/c.min.js", "vendor/ours/c.py"]),
    ],
)  # fmt: skip
def test_gitattributes_set_and_unset_what_is_generated_and_vendored(tmp_path: Path, lines: str, expected: list[str]):
    files = "//- a.py\n//- api/b.py\n//- yarn.lock\n//- vendor/ours/c.py\n//- vendor/ours/c.min.js\n"
    assert indexed(tmp_path, f"//- .gitattributes\n{lines}\n{files}") == expected


def test_nested_gitattributes_are_stronger_and_name_the_line(tmp_path: Path):
    text = (
        "//- .gitattributes\n* text\n*.py linguist-generated\n//- sub/.gitattributes\nb.py -linguist-generated\n"
        "//- sub/a.py\n//- sub/b.py\n"
    )
    assert indexed(tmp_path, text) == ["sub/b.py"]
    assert (
        explained(tmp_path, "sub/a.py").rule == "It is marked linguist-generated by '*.py' in .gitattributes, line 2."
    )
    assert explained(tmp_path, "sub/b.py").rule == (
        "It is marked -linguist-generated by 'b.py' in sub/.gitattributes, line 1."
    )
    assert explained(tmp_path, "sub/b.py").re_included


def test_attributes_take_back_nothing_that_git_ignores(tmp_path: Path):
    text = (
        "//- .gitignore\n/vendor/theirs/\n*.c\n//- .gitattributes\nvendor/** -linguist-vendored\n"
        "//- vendor/ours/a.py\n//- vendor/ours/a.c\n//- vendor/theirs/a.py\n"
    )
    assert indexed(tmp_path, text) == ["vendor/ours/a.py"]
    assert explained(tmp_path, "vendor/theirs/a.py").rule == (
        "Folder vendor/theirs matches '/vendor/theirs/' in .gitignore, line 1."
    )
