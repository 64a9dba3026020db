"""What a job reads: the list of repositories, and each of them as a folder for a while. Needs no Spark."""

import importlib
import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from cognate.cli.main import main
from cognate.errors import InvalidRequestError, WorkspaceError
from cognate.spark.embed import reason_of
from cognate.spark.output import Output
from cognate.spark.repositories import Source, checked_out, read_list
from cognate.spark.session import repeating


def listed(folder: Path, text: str) -> list[Source]:
    (folder / "list.csv").write_text(text, encoding="utf-8")
    return read_list(folder / "list.csv")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("header", ["", "name,path,revision\n"])
def test_a_list_may_have_a_header_and_its_paths_begin_where_it_lies(tmp_path: Path, header: str):
    assert listed(tmp_path, header + "one,code/one,v1\n\ntwo,https://example.org/two.git,\nthree,a@b:c.git\n") == [
        Source("one", str(tmp_path / "code/one"), "v1"),
        Source("two", "https://example.org/two.git"),
        Source("three", "a@b:c.git"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lists no repository"),
        ("one\n", "line 1: there are 1 values"),
        ("one,a,b,c\n", "line 1: there are 4 values"),
        (",a\n", "line 1: the name and the path must not be empty"),
        ("one,a,--upload-pack=touch x\n", "neither path nor revision may begin with '-'"),
        ("one,--upload-pack=touch x\n", "neither path nor revision may begin with '-'"),
        ("one,a\none,b\n", "line 2: 'one' was named before"),
        ('one,"a\n', "is not a CSV file"),
    ],
)
def test_a_line_that_is_not_as_it_should_be_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(InvalidRequestError, match=message):
        listed(tmp_path, text)


def test_a_repository_is_read_at_its_revision_and_its_hooks_are_not_run(tmp_path: Path):
    folder = tmp_path / "one"
    folder.mkdir()
    git(folder, "init", "--quiet")
    for text in ("first", "second"):
        (folder / "a.txt").write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", text)
    git(folder, "tag", "old", "HEAD~")
    for revision, text in (("", "second"), ("old", "first"), (git(folder, "rev-parse", "--short", "HEAD~"), "first")):
        with checked_out(Source("one", str(folder), revision)) as there:
            assert (there / "a.txt").read_text() == text
            assert (there / ".git").is_dir(), "the indexer asks which files git tracks"
        assert not there.exists()
    with (
        pytest.raises(WorkspaceError, match=r"one: nowhere of .* cannot be fetched"),
        checked_out(Source("one", str(folder), "nowhere")),
    ):
        pass


def test_an_archive_is_read_without_its_outer_folder_its_links_and_what_would_lie_outside(tmp_path: Path):
    archive = tmp_path / "two.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        for name in ("two-1.0/a.txt", "two-1.0/pkg/b.txt"):
            member = tarfile.TarInfo(name)
            member.size = 1
            packed.addfile(member, io.BytesIO(b"x"))
        link = tarfile.TarInfo("two-1.0/passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    with checked_out(Source("two", str(archive))) as there:
        assert sorted(path.name for path in there.rglob("*")) == ["a.txt", "b.txt", "pkg"]
    with zipfile.ZipFile(tmp_path / "three.zip", "w") as packed:
        packed.writestr("a.txt", "x")
        packed.writestr("b.txt", "x")
    with checked_out(Source("three", str(tmp_path / "three.zip"))) as there:
        assert sorted(path.name for path in there.iterdir()) == ["a.txt", "b.txt"]
    with tarfile.open(tmp_path / "bad.tar", "w") as packed:
        packed.addfile(tarfile.TarInfo("../outside.txt"))
    with (
        pytest.raises(WorkspaceError, match=r"bad: .* cannot be unpacked"),
        checked_out(Source("bad", str(tmp_path / "bad.tar"))),
    ):
        pass
    assert not (tmp_path / "outside.txt").exists()


@pytest.mark.parametrize(
    ("master", "repeats"),
    [
        ("local", "local[1,4]"),
        ("local[2]", "local[2,4]"),
        ("local[*]", "local[*,4]"),
        ("local[2,1]", "local[2,1]"),
        ("spark://host:7077", "spark://host:7077"),
    ],
)
def test_a_task_that_dies_is_tried_again_on_one_machine_too(master: str, repeats: str):
    assert repeating(master) == repeats


def test_a_fault_of_a_worker_is_told_without_its_trace():
    trace = "An exception was thrown\nTraceback (most recent call last):\ncognate.errors.ModelError: Another model.\n"
    assert reason_of(RuntimeError(trace)) == "Another model."
    assert reason_of(RuntimeError("Job aborted.\n  at java")) == "Job aborted."


def test_a_path_becomes_one_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert Output.of("out").uri == f"file://{tmp_path}/out"
    assert Output.of("hdfs:///a/b").uri == "hdfs:///a/b"


def test_without_the_extra_a_job_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    real = importlib.import_module

    def import_module(name: str) -> object:
        if name.startswith("pyspark"):
            raise ImportError(f"No module named {name!r}")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", import_module)
    assert main(["spark", "rank", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "pip install '.[spark]'" in capsys.readouterr().err
