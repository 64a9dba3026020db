"""Names that few people give their files: none of them stops a walk."""

import os
import sys
from pathlib import Path

import pytest

from cognate.workspace.files import stamp_of, verdict_on, walk
from cognate.workspace.ignore import Rules
from fixtures import write_files
from unit.workspace.repositories import explained, indexed

NOT_UTF_8 = os.fsdecode(b"bad\xff.py")


@pytest.mark.parametrize(
    "name",
    [
        "a b.py",
        "a%20b.py",
        "größe.py",
        "日本語.py",
        "-x.py",
        "a\nb.py",
        "a\\b.py",
        "~",
        "$HOME.py",
        " a.py ",
        "n" * 255,
    ],
)
def test_an_odd_name_is_a_name(tmp_path: Path, name: str):
    (tmp_path / name).write_text("x")
    (tmp_path / "in" / name).mkdir(parents=True)
    (tmp_path / "in" / name / name).write_text("x")
    assert indexed(tmp_path) == [name, f"in/{name}/{name}"]


@pytest.mark.parametrize("name", ["a\nb.py", "a\tb.py", "a\u2028b.py"])
def test_a_sentence_about_an_odd_name_stays_on_its_line(tmp_path: Path, name: str):
    (tmp_path / name).mkdir()
    (tmp_path / name / "c.py").write_text("x")
    (tmp_path / ".cognateignore").write_text(f"{name[0]}?*{name[-4:]}/\n")
    rule = explained(tmp_path, f"{name}/c.py").rule
    assert rule.startswith("Folder a\\")
    assert rule.isprintable()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf_8_are_left_out(tmp_path: Path):
    (tmp_path / NOT_UTF_8).write_text("x")
    (tmp_path / f"{NOT_UTF_8}.d").mkdir()
    (tmp_path / f"{NOT_UTF_8}.d" / "a.py").write_text("x")
    assert indexed(tmp_path, "//- b.py\n") == ["b.py"]
    for path in (NOT_UTF_8, f"{NOT_UTF_8}.d", f"{NOT_UTF_8}.d/a.py"):
        assert explained(tmp_path, path).rule == "Its name, or that of a folder it lies in, is not valid Unicode."


@pytest.mark.parametrize(
    "path",
    ["n" * 256, "n" * 256 + "/a.py", "a/" * 3000 + "a.py", "d/" * 100_000, "a\0b", "\ud800.py", "a.py/b", "missing/a"],
)
def test_a_path_that_no_file_can_have_is_no_file(tmp_path: Path, path: str):
    write_files(tmp_path, "//- a.py\n")
    verdict = explained(tmp_path, path)
    assert not verdict.included
    assert "no such file" in verdict.rule or "File name too long" in verdict.rule
    assert stamp_of(tmp_path, path) is None
    assert list(walk(tmp_path, Rules(tmp_path, (), 1000), path)) == []
    assert Rules(tmp_path, (), 1000).file(path, 1).included == (len(path) < 1000 and "\ud800" not in path)


def test_a_folder_deeper_than_a_path_can_say_ends_the_walk_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(50):
        os.mkdir("d" * 100)  # noqa: PTH102
        os.chdir("d" * 100)
    Path("deep.py").write_text("x")
    (tmp_path / "z.py").write_text("x")
    try:
        assert [path for path, _ in walk(tmp_path, Rules(tmp_path, (), 1000))] == ["z.py"]
    finally:
        for _ in range(50):
            for path in Path().iterdir():
                path.unlink() if path.is_file() else path.rmdir()
            os.chdir("..")


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.py", "a/../../x.py", ".."])
def test_a_path_outside_is_outside(tmp_path: Path, path: str):
    assert explained(tmp_path, path).rule == "It lies outside the folder."


def test_links_lead_neither_out_nor_round_nor_into_ignore_files(tmp_path: Path):
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    write_files(outside, "//- x.py\n//- rules\n*.py\n")
    write_files(folder, "//- in/a.py\n")
    (folder / "out").symlink_to(outside)
    (folder / "in" / "round").symlink_to(folder)
    (folder / "self").symlink_to("self")
    (folder / "nowhere").symlink_to("missing")
    (folder / "x.py").symlink_to(outside / "x.py")
    (folder / ".gitignore").symlink_to(outside / "rules")
    rules = Rules(folder, (), 1000)
    assert [path for path, _ in walk(folder, rules)] == ["in/a.py"]
    assert list(walk(folder, rules, "out")) == []
    assert list(walk(folder, rules, "in/round/in")) == []
    for path in ("out", "self", "nowhere", "x.py", "in/round"):
        assert verdict_on(folder, rules, path).rule.startswith("It is a symbolic link")
    for path, link in (("out/x.py", "out"), ("in/round/in/a.py", "in/round"), ("self/a", "self")):
        assert verdict_on(folder, rules, path).rule == f"Folder {link} is a symbolic link."


def test_a_folder_reached_through_a_link_is_a_folder(tmp_path: Path):
    write_files(tmp_path / "real", "//- a.py\n//- .gitignore\nb.py\n//- b.py\n")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert indexed(tmp_path / "link") == ["a.py"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_ordinary_file_is_not_opened(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / ".gitignore")
    assert indexed(tmp_path, "//- a.py\n") == ["a.py"]
    assert explained(tmp_path, "pipe.py").rule == "It is not an ordinary file."


def test_a_folder_that_vanishes_or_cannot_be_read_yields_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_files(tmp_path, "//- a.py\n//- gone/b.py\n//- z/c.py\n")
    before = os.scandir

    def scandir(path: str):
        if path.endswith("gone"):
            raise PermissionError(13, "Permission denied")
        return before(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert [path for path, _ in walk(tmp_path, Rules(tmp_path, (), 1000))] == ["a.py", "z/c.py"]


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("in", "It is a folder; its files are judged one by one. No rule leaves it out."),
        ("out", "Folder out matches 'out/' in .gitignore, line 1."),
        ("vendor", "It is a folder; its files are judged one by one. "
         "Folder vendor matches 'vendor/' in built-in rule (vendored code)."),
        ("in//a.py", "No rule leaves it out."),
        ("./in/./a.py", "No rule leaves it out."),
        (".git/x", "'.git' belongs to version control (built-in rule); nothing takes it back."),
    ],
)  # fmt: skip
def test_folders_and_oddly_written_paths_have_a_verdict(tmp_path: Path, path: str, rule: str):
    write_files(
        tmp_path,
        "//- .gitignore\nout/\n//- in/a.py\n//- out/a\n//- vendor/a\n//- .git/x\n//- .cognateignore\n!vendor/a\n",
    )
    assert explained(tmp_path, path).rule == rule
