import os
from pathlib import Path

import pytest

from cognate.disk import remove_database, write_whole


@pytest.mark.parametrize("shared", [False, True])
def test_a_file_is_replaced_as_a_whole(tmp_path: Path, shared: bool):
    file = tmp_path / "index.bin"
    write_whole(file, b"old", shared=shared)
    write_whole(file, b"new", memoryview(b" and more"), shared=shared)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"index.bin": b"new and more"}


def test_what_cannot_be_put_into_place_leaves_nothing(tmp_path: Path):
    (tmp_path / "index.bin" / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r"index\.bin"):
        write_whole(tmp_path / "index.bin", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["index.bin"]


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes")
def test_a_private_file_is_readable_by_the_user_alone(tmp_path: Path):
    (tmp_path / "note-new").touch(0o644)  # As a process may have left it that was killed.
    write_whole(tmp_path / "note", b"token", private=True)
    assert (tmp_path / "note").stat().st_mode & 0o777 == 0o600


def test_a_database_goes_with_its_logs(tmp_path: Path):
    for name in ("a.sqlite", "a.sqlite-wal", "a.sqlite-shm", "b.sqlite"):
        (tmp_path / name).touch()
    remove_database(tmp_path / "a.sqlite")
    assert [path.name for path in tmp_path.iterdir()] == ["b.sqlite"]
