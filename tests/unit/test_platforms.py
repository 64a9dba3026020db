"""What other systems do differently, as far as it can be seen on this one; docs/platforms.md has the rest."""

import io
import os
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cognate.chunking import grammars
from cognate.cli import output
from cognate.lsp.convert import relative_path
from cognate.programs import program_outside
from cognate.uris import path_from_uri, uri_from_path
from cognate.workspace.files import JUNCTION_TAG, is_junction
from cognate.workspace.git_folders import decoded, git_folder

WINDOWS_PATHS = [
    "c:\\Users\\Ada\\my shop\\a.py",
    "c:\\",
    "d:\\größe\\日本語#1%20.py",
    "\\\\server\\share\\my shop\\a.py",
    "c:\\" + "long\\" * 80 + "a.py",
]


@pytest.mark.parametrize("path", WINDOWS_PATHS)
def test_a_windows_path_has_the_uri_that_python_gives_it_and_comes_back(path: str):
    uri = uri_from_path(path, windows=True)
    assert path_from_uri(uri, windows=True) == path
    assert path_from_uri(PureWindowsPath(path).as_uri(), windows=True) == path


@pytest.mark.parametrize("folder", ["C:\\Code", "c:/code/", "\\\\Server\\Share", "\\\\server\\share\\Code\\"])
@pytest.mark.parametrize("below", ["a.py", "Src\\a.py", "x/y.py"])
def test_what_lies_in_a_windows_folder_is_what_python_says(folder: str, below: str):
    path = f"{folder.upper()}\\{below}"
    expected = PureWindowsPath(path).relative_to(PureWindowsPath(folder)).as_posix()
    assert relative_path(folder, path, windows=True) == expected
    assert relative_path(folder, f"{folder.rstrip('/').rstrip(chr(92))}x\\{below}", windows=True) is None


def test_a_drive_is_one_drive_however_its_letter_is_written():
    both = {path_from_uri(f"file:///{drive}/x/a.py", windows=True) for drive in ("C%3A", "c:", "C:", "c%3a")}
    assert both == {"c:\\x\\a.py"}


def test_a_junction_is_a_link():
    assert is_junction(cast("Any", SimpleNamespace(st_reparse_tag=JUNCTION_TAG)))
    assert not is_junction(cast("Any", SimpleNamespace(st_reparse_tag=0)))
    assert not is_junction(os.lstat(__file__))


def test_a_name_that_git_wrote_in_another_encoding_is_a_name_of_no_file(tmp_path: Path):
    assert decoded("größe.py".encode()) == "größe.py"
    assert decoded(b"gr\xf6\xdfe.py") == "gr\udcf6\udcdfe.py"
    (tmp_path / ".git").write_bytes(b"gitdir: gr\xf6\xdfe\n")
    assert git_folder(str(tmp_path)) is None


@pytest.mark.skipif(sys.platform == "win32", reason="makes a script that is a program by its mode")
def test_a_program_that_the_folder_brings_along_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    workspace, other = tmp_path / "workspace", tmp_path / "other"
    for folder in (workspace / "bin", other):
        folder.mkdir(parents=True)
        (folder / "git").write_text("#!/bin/sh\n")
        (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(other))
    assert program_outside(workspace, "git") == str(other / "git")
    monkeypatch.setenv("PATH", f"{workspace / 'bin'}{os.pathsep}{other}")
    assert program_outside(workspace, "git") is None
    assert program_outside(workspace, "no-such-program") is None


def test_a_library_that_another_process_put_there_and_uses_stays(tmp_path: Path):
    (tmp_path / "c.pyd").mkdir()  # As a library in use does on Windows, it cannot be replaced.
    grammars._put(b"library", tmp_path / "c.pyd")
    assert [path.name for path in tmp_path.iterdir()] == ["c.pyd"]
    with pytest.raises(OSError, match="No such file"):
        grammars._put(b"library", tmp_path / "nowhere" / "c.pyd")


@pytest.mark.parametrize(("encoding", "shown"), [("cp1252", "größe ? ?"), ("utf-8", "größe → 日")])
def test_a_pipe_that_knows_few_characters_gets_the_others_as_question_marks(encoding: str, shown: str):
    pipe = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    with output.written_to(output.Terminal(pipe, pipe, {}, is_terminal=False)):
        output.write_line("größe → 日")
        output.write_json({"found": "日"})
    pipe.flush()
    text = cast("io.BytesIO", pipe.buffer).getvalue().decode(encoding)
    assert text.splitlines()[0] == shown
    assert text.splitlines()[1] in {'{"found": "日"}', '{"found": "\\u65e5"}'}
