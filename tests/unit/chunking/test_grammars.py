"""Packed grammars are put into their place, one by one and as a whole."""

import zipfile
from pathlib import Path

import pytest

from cognate.chunking import grammars


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of grammars as the extension's set-up leaves it."""
    (tmp_path / "pack" / "bindings").mkdir(parents=True)
    (tmp_path / "pack" / "__init__.py").touch()
    with zipfile.ZipFile(tmp_path / "pack" / grammars.PACKED, "w") as archive:
        for name in ("c.abi3.so", "cpp.abi3.so", "d.pyd"):
            archive.writestr(f"bindings/{name}", name)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(grammars, "PACK", "pack")
    grammars._pack.cache_clear()
    yield tmp_path / "pack"
    grammars._pack.cache_clear()


def test_only_the_grammar_that_is_asked_for_is_unpacked(pack: Path):
    grammars.unpack("c")
    assert [path.name for path in (pack / "bindings").iterdir()] == ["c.abi3.so"]
    assert (pack / "bindings" / "c.abi3.so").read_text() == "c.abi3.so"


def test_a_grammar_that_is_there_stays_as_it_is(pack: Path):
    (pack / "bindings" / "d.pyd").write_text("before")
    grammars.unpack("d")
    grammars.unpack("unheard")
    assert (pack / "bindings" / "d.pyd").read_text() == "before"


def test_a_damaged_archive_is_a_grammar_that_cannot_be_imported(pack: Path):
    (pack / grammars.PACKED).write_bytes(b"nothing")
    with pytest.raises(ImportError, match="damaged"):
        grammars.unpack("c")
