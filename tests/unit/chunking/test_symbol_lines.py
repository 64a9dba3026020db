"""Every symbol's name stands on a line of its definition, in real projects that are installed here."""

import re
import sysconfig
from pathlib import Path

import pytest

from cognate.chunking import chunk_file, decode
from cognate.languages.registry import WITH_FOLDER

PACKAGES = Path(sysconfig.get_paths()["purelib"])
REPOSITORY = Path(__file__).parents[3]
MAX_FILES = 60  # Of each language; a file takes some milliseconds.
MAX_BYTES = 100_000
SHARE = 0.995  # A name that a grammar's error recovery puts together from two places is no reason to fail.
SUFFIXES = ("c", "cc", "cpp", "css", "go", "h", "hpp", "html", "java", "js", "jsx", "lua", "php", "py", "pyi", "rb",
            "rs", "sh", "sql", "swift", "ts", "tsx")  # fmt: skip


def real_files(suffix: str) -> list[Path]:
    found = [*REPOSITORY.glob(f"[!.]*/**/*.{suffix}"), *PACKAGES.rglob(f"*.{suffix}")]
    smaller = sorted(path for path in found if path.is_file() and path.stat().st_size < MAX_BYTES)
    return smaller[:: max(1, len(smaller) // MAX_FILES)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_name_stands_on_a_line_of_its_definition(suffix: str):
    strays: list[str] = []
    total = 0
    for path in real_files(suffix):
        text = decode(path.read_bytes())
        if text is None:
            continue
        chunked = chunk_file(path.name, text)
        if chunked.language not in WITH_FOLDER:
            continue
        lines = re.split("\r\n|\r|\n", text)
        for symbol in (symbol for chunk in chunked.chunks for symbol in chunk.symbols):
            total += 1
            body = " ".join(" ".join(lines[symbol.start_line : symbol.end_line]).split())
            if symbol.name not in body:
                strays.append(f"{path}:{symbol.start_line + 1} {symbol.kind} {symbol.name}")
    assert len(strays) <= total * (1 - SHARE), strays[:10]
