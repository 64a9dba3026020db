"""What the chunking tests share: reading a snippet's definitions."""

from collections.abc import Callable
from textwrap import dedent

import pytest

from cognate.chunking import chunk_file


@pytest.fixture
def check_symbols() -> Callable[[str, str, str], None]:
    """Return a check that a snippet has exactly these definitions, one ``kind container.name`` a line, in order."""

    def check(path: str, text: str, expected: str) -> None:
        chunked = chunk_file(path, dedent(text))
        found = [
            f"{symbol.kind} {symbol.container}.{symbol.name}" if symbol.container else f"{symbol.kind} {symbol.name}"
            for chunk in chunked.chunks
            for symbol in chunk.symbols
        ]
        assert found == [line.strip() for line in expected.strip().splitlines()]

    return check
