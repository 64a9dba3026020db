"""What git ignores, these rules ignore, for the same reason; and nothing else."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognate.workspace import patterns as patterns_module
from cognate.workspace.folder_rules import shown
from cognate.workspace.ignore import Rules
from cognate.workspace.patterns import patterns_of
from unit.workspace.repositories import git, ignored_by_git

PIECES = [
    "a", "b", "ab", "foo", "é", "x y", ".", "-", "!", "#", " ", "]", "{a,b}", "*", "**", "***", "?", "/", "/", "/",
    "**/", "/**", "[ab]", "[!a]", "[^a]", "[a-c]", "[]a]", "[[:alpha:]]", "[[:nope:]]", "[a-c", "\\", "\\*",
    "\\!", "\t", "\r", "$", "+", "(", "|",
]  # fmt: skip
NAMES = [
    "a",
    "b",
    "ab",
    "aa",
    "abc",
    "foo",
    "fooab",
    "é",
    "a b",
    "x y",
    "a.b",
    "]",
    "*",
    "-",
    "!a",
    "#a",
    "a ",
    "{a,b}",
    "$",
]

READ_OTHERWISE = re.compile(r"[^/*]\*\*+/|\[[^\]]*[/\\]|\\/")
"""What pathspec reads in another way than git; see ``test_some_odd_patterns_are_read_in_another_way_than_by_git``."""

line = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6)
    .map("".join)
    .filter(lambda text: not READ_OTHERWISE.search(text))
)
sources_of_patterns = st.dictionaries(
    st.sampled_from([".gitignore", "a/.gitignore", "a/b/.gitignore", "foo/.gitignore", ".git/info/exclude"]),
    st.lists(st.one_of(line, line.map("!{}".format), line.map("{}/".format)), max_size=8),
    min_size=1,
)
paths = st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5), min_size=1, max_size=40)


@pytest.fixture
def nothing_built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns_module, "built_in", lambda without: patterns_of(()))


def check(folder: Path, files: Mapping[str, bytes], asked: Sequence[str]) -> None:
    """Hold verdicts on files at paths, which need not exist, to git's, reason included."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    rules = Rules(folder, (), 1_000_000)
    asked = [path for path in asked if not (folder / path).is_dir()]
    theirs = ignored_by_git(folder, [path.encode() for path in asked])
    for path in asked:
        ignored, pattern, number = theirs[path.encode()]
        verdict = rules.file(path, 10)
        assert verdict.included == (not ignored), (path, pattern, verdict.rule)
        if ignored:
            assert f"'{shown(pattern)}' in " in verdict.rule, path
            assert verdict.rule.endswith(f"line {number}."), path


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(patterns=sources_of_patterns, asked=paths)
def test_any_patterns_decide_as_in_git(
    tmp_path: Path, nothing_built_in: None, patterns: Mapping[str, Sequence[str]], asked: Sequence[Sequence[str]]
):
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
    (tmp_path / "work").mkdir()
    git(tmp_path / "work", "init", "-q")
    files = {name: "\n".join(lines).encode() + b"\n" for name, lines in patterns.items()}
    check(tmp_path / "work", files, sorted({"/".join(parts) for parts in asked}))


NESTED = {
    ".gitignore": (
        b"\xef\xbb\xbf# comment\n\n*.log\r\n!keep.log\n/build\nout/\n!out/keep\ndoc/**/*.txt\n**/deep/x\n"
        b"trail   \nkept\\ \n\\#hash\n\\!bang\n/**/end/\nabc/**\n!abc/keep\n[Tt]humbs.db\n*.[oa]\n?.tmp\n/only/here\n"
        b"*\\\n!\n/\n//\na//b\n[\n\\\n"
    ),
    "sub/.gitignore": b"!*.log\n/here\nx/y\n*\n!*/\n!*.py\n",
    "sub/inner/.gitignore": b"secret.py\n!/secret/\n",
    "out/.gitignore": b"!*\n",
    ".git/info/exclude": b"private/\n*.log\n!other.log\n[w-z /\n",
}  # fmt: skip
NESTED_PATHS = [
    "a.log", "keep.log", "other.log", "d/keep.log", "build/x", "d/build/x", "out/keep", "d/out/x/y", "doc/a.txt",
    "doc/q/r/a.txt", "deep/x", "q/deep/x/y", "trail", "trail ", "kept ", "kept",
    "#hash", "!bang", "end/x", "q/end/x", "abc/keep", "abc/q/r", "abc", "Thumbs.db", "x/thumbs.db", "m.o", "m.c",
    "q.tmp", "é.tmp", "only/here", "q/only/here", "sub/a.log", "sub/here", "sub/q/here", "sub/x/y", "sub/a.py",
    "sub/q/a.py", "sub/a.c", "sub/inner/a.c", "sub/inner/secret.py", "sub/inner/secret/a.py", "sub/inner/secret/a.c",
    "private/a", "w/f", "q/private/a.log", "a/b", "[", "\\", "*\\",
]  # fmt: skip


def test_nested_files_with_every_kind_of_pattern_decide_as_in_git(tmp_path: Path, nothing_built_in: None):
    git(tmp_path, "init", "-q")
    check(tmp_path, NESTED, NESTED_PATHS)


def test_the_global_excludes_are_weaker_than_a_repositorys(tmp_path: Path, home: Path, nothing_built_in: None):
    git(tmp_path, "init", "-q")
    (home / "git").mkdir()
    (home / "git" / "ignore").write_text("*.swp\n*.bak\n*.tmp\n")
    files = {".git/info/exclude": b"!a.bak\n", ".gitignore": b"!a.tmp\n"}
    check(tmp_path, files, ["a.swp", "a.bak", "b.bak", "a.tmp", "x/a.tmp", "x/b.tmp"])


@pytest.mark.parametrize("place", ["~/mine", "relative/mine", ""])
def test_core_excludes_file_replaces_the_default_place(tmp_path: Path, home: Path, nothing_built_in: None, place: str):
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.excludesFile", place)
    (home / "git").mkdir()
    (home / "git" / "ignore").write_text("default.py\n")
    (home / "mine").write_text("mine.py\n")
    check(tmp_path, {"relative/mine": b"relative.py\n"}, ["default.py", "mine.py", "relative.py"])


@pytest.mark.parametrize(
    ("pattern", "path", "ignored_in_git"),
    [
        ("foo**/bar", "foobar", True),
        ("foo**/bar", "foo/x/bar", True),
        ("[a/b]", "a", True),
        ("[\\]]", "]", True),
        ("a\\/b", "a/b", True),
        ("*a*a*a*a", "aaaa", True),
        ("**/a/**/b/**/c", "a/b/c", True),
    ],
)
def test_some_odd_patterns_are_read_in_another_way_than_by_git(
    tmp_path: Path, nothing_built_in: None, pattern: str, path: str, ignored_in_git: bool
):
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text(pattern + "\n")
    ((ignored, _, _),) = ignored_by_git(tmp_path, [path.encode()]).values()
    assert ignored == ignored_in_git
    assert Rules(tmp_path, (), 1000).file(path, 1).included == ignored_in_git


def test_a_pattern_made_to_take_for_ever_does_not():
    patterns = patterns_of(["*a" * 30 + "b", "x/" + "**/a*a/" * 20 + "b"])
    assert patterns.last_match(b"a" * 250, b"a" * 250, is_folder=False) is None
    assert patterns.last_match(b"x" + b"/aa" * 500, b"aa", is_folder=False) is None
