"""Commits are read from real repositories as they are, whatever is in them, and no program is run for it."""

import stat
import sys
from pathlib import Path

import pytest

from cognate.errors import CancelledError
from cognate.history.git import GitError, Repository, commits_from, head_commit
from cognate.history.lines import digest_of
from cognate.history.listing import list_commits, read_batch
from cognate.history.log import MOST_BODY, MOST_FILES, MOST_SUBJECT, Depth, ReadCommit, read_commits
from repositories import commit, git, head, import_commit, new_repository

LONG_LINE = "    return fetch_from_upstream(address, attempts=3)\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_repository(tmp_path / "repository")


def read(folder: Path, *, below: str = "", depth: Depth = Depth.LINES) -> list[ReadCommit]:
    """Read all commits, newest first."""
    repository = Repository(folder, below)
    tip = head_commit(repository)
    assert tip is not None
    return list(read_commits(repository, commits_from(repository, 100, tip), depth, lambda: None))


def test_a_commit_has_its_message_its_files_its_lines_and_its_words(folder: Path) -> None:
    name = commit(folder, "Retry on 503\n\nThe upstream is\noverloaded at night.\n\nMore.", f"//- a.py\n{LONG_LINE}")
    (found,) = read(folder)
    assert (found.id, found.subject, found.body) == (name, "Retry on 503", "The upstream is overloaded at night.")
    assert found.date == int(git(folder, "log", "-1", "--format=%ct"))
    assert [(change.path, change.old_path, change.lines.tolist()) for change in found.changes] == [
        ("a.py", None, [digest_of(LONG_LINE.encode())])
    ]
    assert {"fetch", "upstream", "attempt"} <= set(found.words.split())


def test_a_removed_line_is_known_by_its_words_alone(folder: Path) -> None:
    commit(folder, "Add", f"//- a.py\n{LONG_LINE}")
    commit(folder, "Remove", "//- a.py\npass\n")
    newest, _ = read(folder)
    assert "upstream" in newest.words.split()
    assert not len(newest.changes[0].lines)


def test_a_rename_is_followed(folder: Path) -> None:
    commit(folder, "Add", "//- old name.py\n" + "".join(f"line_number_{n} = {n}\n" for n in range(20)))
    git(folder, "mv", "old name.py", "new name.py")
    commit(folder, "Move")
    newest, _ = read(folder)
    assert [(change.path, change.old_path) for change in newest.changes] == [("new name.py", "old name.py")]


def test_changed_lines_that_look_like_headers_are_lines(folder: Path) -> None:
    commit(folder, "Add", "//- a.sql\n-- a/first_comment_of_sql\nselect something_interesting\n")
    commit(folder, "Change", "//- a.sql\n++ b/counter_of_something\n@@ -1 +1 @@ not_a_hunk\n")
    newest, _ = read(folder)
    assert [change.path for change in newest.changes] == ["a.sql"]
    assert set(newest.changes[0].lines.tolist()) == {
        digest_of(b"++ b/counter_of_something"), digest_of(b"@@ -1 +1 @@ not_a_hunk")
    }  # fmt: skip


def test_the_header_of_a_hunk_names_the_function(folder: Path) -> None:
    body = "int parse_header(int x)\n{\n" + "".join(f"    step_{n}(x);\n" for n in range(9)) + "    return x;\n}\n"
    commit(folder, "Add", f"//- a.c\n{body}")
    commit(folder, "Change", f"//- a.c\n{body.replace('return x', 'return x + 1')}")
    newest, _ = read(folder)
    assert "parse_header" in newest.changes[0].names


def test_a_commit_of_ten_thousand_files_has_the_first_names_only(folder: Path) -> None:
    import_commit(folder, b"Bring it in", {b"vendor/%d.c" % n: b"int some_variable_%d;\n" % n for n in range(10_000)})
    (found,) = read(folder)
    assert (found.n_files, len(found.changes), found.words) == (10_000, MOST_FILES, "")
    assert not any(len(change.lines) for change in found.changes)


def test_a_message_of_a_megabyte_and_a_line_of_one_are_cut(folder: Path) -> None:
    import_commit(
        folder, b"s" * 1_000_000 + b"\n\n" + b"b " * 500_000, {b"a.js": b"x" * 2_000_000 + b"\nshort_line_here\n"}
    )
    import_commit(folder, b"Next", {b"b.js": b"var another_line_of_code\n"})
    newest, oldest = read(folder)
    assert newest.subject == "Next"
    assert len(oldest.subject) == MOST_SUBJECT
    assert len(oldest.body) <= MOST_BODY
    assert digest_of(b"short_line_here") in oldest.changes[0].lines.tolist()


def test_bytes_that_are_no_text_are_read_as_far_as_they_are(folder: Path) -> None:
    import_commit(
        folder,
        b"Gr\xfc\xdfe \xff",
        {b"\xe4.py": b"name_of_something = '\xe4'\n", b'"q\\"uote\\n.py"': b"x_y_z_long_name\n"},
    )
    (found,) = read(folder)
    assert found.subject == "Gr\ufffd\ufffde \ufffd"
    assert sorted(change.path for change in found.changes) == ['q"uote\n.py', "\ufffd.py"]
    assert all(len(change.lines) == 1 for change in found.changes)


def test_a_subfolder_has_its_own_commits_and_paths(folder: Path) -> None:
    commit(folder, "Outside", "//- other/b.py\nvalue_of_other = 1\n")
    commit(folder, "Inside", "//- app/src/a.py\nvalue_of_inside = 1\n//- other/b.py\nvalue_of_other = 2\n")
    assert [(c.subject, [change.path for change in c.changes]) for c in read(folder, below="app/")] == [
        ("Inside", ["src/a.py"])
    ]


def test_settings_of_the_repository_do_not_change_what_is_read(folder: Path) -> None:
    commit(folder, "Add", f"//- a.py\n{LONG_LINE}//- b.py\n{LONG_LINE}")
    plain = read(folder)
    for name, value in (
        ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("diff.context", "9"), ("log.showRoot", "false"),
        ("diff.submodule", "diff"), ("format.pretty", "oneline"), ("log.decorate", "full"), ("color.ui", "always"),
        ("diff.relative", "true"), ("core.quotePath", "true"), ("i18n.logOutputEncoding", "latin1"),
        ("diff.renames", "false"), ("log.follow", "true"), ("core.abbrev", "4"), ("diff.interHunkContext", "50"),
    ):  # fmt: skip
        git(folder, "config", name, value)
    assert read(folder) == plain


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script as a program")
def test_no_program_that_a_repository_configures_is_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces, script = tmp_path / "traces", tmp_path / "program"
    traces.mkdir()
    script.write_text(f'#!/bin/sh\necho "$0 $@" > "{traces}/$$"\ncat "$1" 2>/dev/null\nexit 0\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    commit(folder, "Add", f"//- .gitattributes\n*.py diff=own filter=own\n//- a.py\n{LONG_LINE}")
    tree = git(folder, "rev-parse", "HEAD^{tree}").strip()
    by = "author t <t@t> 1 +0000\ncommitter t <t@t> 1 +0000"
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n xx\n -----END PGP SIGNATURE-----"
    signed = f"tree {tree}\nparent {head(folder)}\n{by}\n{signature}\n\nSigned\n"
    name = git(folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed.encode()).strip()
    git(folder, "reset", "--quiet", "--hard", name)
    for setting in (
        "diff.external", "diff.own.command", "diff.own.textconv", "core.fsmonitor", "core.pager", "pager.log",
        "gpg.program", "filter.own.smudge", "filter.own.clean", "core.sshCommand", "core.editor", "core.askPass",
        "credential.helper", "core.alternateRefsCommand", "interactive.diffFilter",
    ):  # fmt: skip
        git(folder, "config", setting, str(script))
    git(folder, "config", "log.showSignature", "true")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"):
        (hooks / hook).symlink_to(script)
    git(folder, "config", "core.hooksPath", str(hooks))
    for variable in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "PAGER", "GIT_SSH_COMMAND", "GIT_ASKPASS"):
        monkeypatch.setenv(variable, str(script))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    listing = list_commits(Repository(folder), str(folder / ".git"), "", 10)
    commits, unreadable = read_batch(Repository(folder), listing.commits, Depth.LINES, lambda: None)
    assert [c.subject for c in commits] == ["Signed", "Add"]
    assert not unreadable
    assert not list(traces.iterdir()), [path.read_text() for path in traces.iterdir()]
    monkeypatch.delenv("GIT_DIR")
    git(folder, "log", "-p", "--ext-diff")
    assert list(traces.iterdir()), "git runs none of them by itself, so this test shows nothing"


def test_a_program_git_inside_the_repository_is_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = folder / "git"
    own.write_text("#!/bin/sh\ntouch run\n")
    own.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(GitError, match="no program git"):
        head_commit(Repository(folder))


def test_an_empty_repository_has_no_commit_and_a_plain_folder_is_none(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert head_commit(Repository(folder)) is None
    (tmp_path / "plain").mkdir()
    with pytest.raises(GitError, match="not a git repository"):
        head_commit(Repository(tmp_path / "plain"))


def test_reading_ends_when_nobody_wants_it_any_more(folder: Path) -> None:
    commit(folder, "Add", f"//- a.py\n{LONG_LINE}")

    def stop() -> None:
        raise CancelledError("enough")

    with pytest.raises(CancelledError):
        read_batch(Repository(folder), [head(folder)], Depth.LINES, stop)


# -- which commits


def test_only_what_came_is_listed_and_what_a_rewrite_lost(folder: Path) -> None:
    first = commit(folder, "First")
    lost = commit(folder, "Second")
    before = list_commits(Repository(folder), str(folder / ".git"), "", 10)
    assert (before.head, list(before.commits), before.is_whole) == (lost, [lost, first], True)
    git(folder, "commit", "--quiet", "--amend", "--allow-empty", "--message", "Second, amended")
    after = list_commits(Repository(folder), str(folder / ".git"), before.head, 10)
    assert (list(after.commits), list(after.lost), after.is_whole) == ([head(folder)], [lost], False)


def test_everything_is_listed_again_when_the_head_before_is_gone(folder: Path) -> None:
    only = commit(folder, "First")
    listing = list_commits(Repository(folder), str(folder / ".git"), "0" * 39 + "1", 10)
    assert (list(listing.commits), listing.is_whole) == ([only], True)


def test_a_shallow_clone_says_so_and_has_what_it_has(folder: Path, tmp_path: Path) -> None:
    for number in range(3):
        commit(folder, f"Change {number}", f"//- a.py\n{LONG_LINE}# number {number}\n")
    git(tmp_path, "clone", "--quiet", "--depth", "2", f"file://{folder}", "shallow")
    listing = list_commits(Repository(tmp_path / "shallow"), str(tmp_path / "shallow" / ".git"), "", 10)
    assert listing.is_shallow
    assert [c.subject for c in read(tmp_path / "shallow")] == ["Change 2", "Change 1"]


def test_a_partial_clone_is_read_without_fetching(folder: Path, tmp_path: Path) -> None:
    git(folder, "config", "uploadpack.allowFilter", "true")
    commit(folder, "Add", f"//- a.py\n{LONG_LINE}")
    commit(folder, "Change", "//- a.py\nvalue_of_change = 1\n")
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{folder}", "partial")
    partial = tmp_path / "partial"
    objects = git(partial, "count-objects", "-v")
    listing = list_commits(Repository(partial), str(partial / ".git"), "", 10)
    assert listing.is_partial
    commits, unreadable = read_batch(Repository(partial), listing.commits, Depth.LINES, lambda: None)
    assert [(c.subject, [change.path for change in c.changes]) for c in commits] == [
        ("Change", ["a.py"]), ("Add", ["a.py"]),
    ]  # fmt: skip
    assert not unreadable
    assert git(partial, "count-objects", "-v") == objects


def test_a_commit_that_is_gone_costs_no_other(folder: Path) -> None:
    first, second = commit(folder, "First"), commit(folder, "Second")
    gone = "0" * 39 + "1"
    commits, unreadable = read_batch(Repository(folder), [second, gone, first], Depth.LINES, lambda: None)
    assert ([c.id for c in commits], unreadable) == ([second, first], [gone])
