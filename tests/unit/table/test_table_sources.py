"""What the tool chain of the translation table reads of repositories and licences."""

import subprocess
from pathlib import Path

import pytest

from tools.table.changes import Repository, subject_of, write_changes
from tools.table.licence import licence_of

MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software"
APACHE = " *   Apache License\n *   Version 2.0, January 2004\n"


def git(folder: Path, *command: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(folder), *identity, *command], check=True, capture_output=True)


def commit(folder: Path, subject: str, **files: str) -> None:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_py", ".py")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", subject)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fix(http): close idle connections after a minute (#123)", "close idle connections after a minute"),
        ("[core] GH-12: keep the order of late messages", "keep the order of late messages"),
        ("Bump serde from 1.0 to 1.1 in the lock file", ""),
        ("fix typo in the name of a variable", ""),
        ("close idle connections", ""),
    ],
)
def test_a_subject_is_taken_without_prefix_and_number_if_it_says_what_changed(line: str, said: str):
    assert subject_of(line) == said


def test_changes_are_told_by_their_subject_without_tests_and_without_noise(tmp_path: Path):
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, "the very first of all files", http_py="a = 1\n", tests__http_py="b = 1\n")
    commit(tmp_path, "close idle connections after a minute", http_py="a = 2\n", tests__http_py="b = 2\n")
    commit(tmp_path, "bump the version of all of it", http_py="a = 3\n")
    write_changes(Repository(tmp_path / ".git"), tmp_path / "out")
    told = (tmp_path / "out").read_text("utf-8")
    assert told.count("\x01close idle connections after a minute\n") == 1
    assert "+a = 2" in told
    assert "+b = 2" not in told
    assert "+a = 3" not in told


def test_a_repository_tells_the_changes_that_come_after_one_whose_file_is_lost(tmp_path: Path):
    git(tmp_path, "init", "--quiet")
    commit(tmp_path, "the very first of all files", a_py="a = 1\n", b_py="b = 1\n")
    commit(tmp_path, "count the second of all things", a_py="a = 2\n")
    commit(tmp_path, "read what was lost in between", b_py="lost = 1\n")
    commit(tmp_path, "find what was lost in between", b_py="b = 3\n")
    lost = subprocess.run(
        ["git", "-C", str(tmp_path), "rev-parse", "HEAD~1:b.py"], check=True, capture_output=True, text=True
    ).stdout.strip()
    (tmp_path / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    write_changes(Repository(tmp_path / ".git"), tmp_path / "out")
    assert "+a = 2" in (tmp_path / "out").read_text("utf-8")
    assert Repository(tmp_path / ".git").missing_files() == []


@pytest.mark.parametrize(
    ("files", "licence", "is_used"),
    [
        ({"LICENSE": APACHE}, "Apache-2.0", True),
        ({"COPYING": "This project is under the terms of either licence.", "LICENSE-MIT": MIT}, "MIT", True),
        ({"one/LICENSE": MIT, "other/LICENSE": APACHE}, "MIT and Apache-2.0", True),
        ({"one/LICENSE": MIT, "other/LICENSE": "GNU General Public License"}, "", False),
        ({"LICENSE": MIT + " or the GNU General Public License"}, "", False),
        ({"README": "MIT"}, "", False),
    ],
)
def test_a_licence_is_read_out_of_texts_and_all_of_them_must_permit(
    files: dict[str, str], licence: str, is_used: bool, tmp_path: Path
):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    found, why = licence_of(tmp_path)
    assert (found, not why) == (licence, is_used)
