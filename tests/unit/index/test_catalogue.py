"""The catalogue gives back what it was made from, or nothing."""

from pathlib import Path

import pytest

from cognate.index import catalogue
from cognate.index.snapshot import definitions_of
from cognate.types import Chunk, ChunkRecord, Symbol


def record(number: int, path: str, start: int, *names: str) -> ChunkRecord:
    symbols = tuple(Symbol(name, "function", "", start, start + 1) for name in names)
    return ChunkRecord(number, path, "python", Chunk(start, start + 1, "text", symbols))


RECORDS = {
    r.id: r
    for r in (
        record(7, "b.py", 0, "Open", "close"),
        record(3, "b.py", 9, "open"),
        record(12, "ä/\udce9.py", 0, "Straße", "变量"),
        record(2, "a.py", 0),
    )
}
BY_PATH = {"b.py": (7, 3), "ä/\udce9.py": (12,), "a.py": (2,)}
DIGESTS = {number: bytes([number]) * catalogue.KEY_BYTES + b"more" for number in RECORDS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a catalogue."""
    (tmp_path / catalogue.CATALOGUE_FILE).write_bytes(catalogue.pack((2**55, 41, -5), RECORDS, BY_PATH, DIGESTS))
    return tmp_path


def test_what_was_packed_is_read(folder: Path):
    found = catalogue.read(folder)
    assert found is not None
    assert (found.identity, found.generation, found.content_key) == (2**55, 41, -5)
    assert found.by_path == BY_PATH
    assert found.digests == {number: bytes([number]) * catalogue.KEY_BYTES for number in RECORDS}
    assert dict(found.definitions) == definitions_of(RECORDS[number] for number in sorted(RECORDS))
    assert found.definitions.get("open") == (3, 7)
    assert [found.definitions.get(name) for name in ("", "opem", "zzz")] == [None] * 3


def test_an_index_without_chunks_has_a_catalogue(tmp_path: Path):
    (tmp_path / catalogue.CATALOGUE_FILE).write_bytes(catalogue.pack((1, 2, 3), {}, {}, {}))
    found = catalogue.read(tmp_path)
    assert found is not None
    assert (len(found.digests), len(found.by_path), len(found.definitions)) == (0, 0, 0)


def test_every_damage_is_noticed(folder: Path):
    file = folder / catalogue.CATALOGUE_FILE
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        assert not catalogue.is_whole(folder)
        assert catalogue.read(folder) is None
    for length in (0, 3, 4, len(whole) // 2):
        file.write_bytes(whole[:length])
        assert catalogue.read(folder) is None
    file.unlink()
    assert catalogue.read(folder) is None
