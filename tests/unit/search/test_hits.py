from pathlib import Path

from cognate.index.entries import FileEntry
from cognate.search.hits import MAX_FOLDERS, facets_of, is_stale
from cognate.types import BUFFER_STAMP, NO_FACETS, Chunk, ChunkRecord, Facets
from cognate.workspace.files import stamp_of


def records(*paths: str) -> list[ChunkRecord]:
    return [
        ChunkRecord(number, path, "go" if path.endswith(".go") else "python", Chunk(0, 1, "x = 1"))
        for number, path in enumerate(paths)
    ]


def test_every_folder_above_a_chunk_counts_it_and_the_fullest_come_first():
    found = records("b/c/x.py", "b/c/y.py", "b/z.py", "a/main.go", "top.go")
    assert facets_of(found) == Facets((("b", 3), ("b/c", 2), ("a", 1)), (("python", 3), ("go", 2)))
    assert facets_of([]) == NO_FACETS


def test_no_more_folders_are_counted_than_somebody_reads():
    folders = facets_of(records(*(f"f{number:02}/x.py" for number in range(MAX_FOLDERS + 9)))).folders
    assert [name for name, _ in folders] == [f"f{number:02}" for number in range(MAX_FOLDERS)]


def test_a_file_is_stale_when_its_stamp_is_another_than_when_it_was_read(tmp_path: Path):
    (tmp_path / "a.py").write_text("x = 1\n")
    stamp = stamp_of(tmp_path, "a.py")
    assert stamp is not None
    files = {"a.py": FileEntry("a.py", stamp, "python"), "typed.py": FileEntry("typed.py", BUFFER_STAMP, "python")}
    assert not is_stale(tmp_path, files, "a.py")
    assert not is_stale(tmp_path, files, "typed.py"), "an open buffer is what counts, not the disk"
    assert not is_stale(tmp_path, files, "unknown.py")
    (tmp_path / "a.py").write_text("x = 1000\n")
    assert is_stale(tmp_path, files, "a.py")
    (tmp_path / "a.py").unlink()
    assert is_stale(tmp_path, files, "a.py")
