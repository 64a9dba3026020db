"""Finds the lines of a text that hold one of some pieces, without looking at the others one by one. Pure."""

import re
from collections.abc import Iterator
from functools import lru_cache


def lines_with(pieces: tuple[str, ...], text: str) -> Iterator[int]:
    """Yield the lines in which one of the pieces stands, in order, counted from 0."""
    search = _any_of(pieces).search
    row = start = 0
    while match := search(text, start):
        row += text.count("\n", start, match.start())
        yield row
        start = text.find("\n", match.end()) + 1
        if not start:
            return
        row += 1 + text.count("\n", match.start(), match.end())


@lru_cache(maxsize=64)
def _any_of(pieces: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern that matches where any of the pieces stands; without pieces, nowhere."""
    return re.compile("|".join(map(re.escape, pieces)) if pieces else r"(?!)")
