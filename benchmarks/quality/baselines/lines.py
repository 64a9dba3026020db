"""Line by line, as the first article on this kind of search did it: every line embedded, the nearest lines returned.

The shipped model takes the place of the article's. Blank lines and lines without a word of two letters are left out,
and equal lines are embedded once.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from baselines.chunks import Opened, opened
from baselines.common import Answers, Result, timed

MOST_LINES = 60_000
"""Folders with more lines are left out: embedding them takes too long for what it shows."""

_WORD = re.compile(r"[^\W\d_]{2}")


def answers(folder: Path, queries: Sequence[str], limit: int) -> Answers | None:
    """Return the nearest lines, or None when the folder has too many."""
    with opened(folder) as index:
        lines = lines_of(index)
        return None if len(lines) > MOST_LINES else timed(lambda: _embed(index, lines, limit), queries)


def lines_of(index: Opened) -> list[tuple[str, int, str]]:
    """Return path, 1-based number and text of every line with a word in it."""
    found: list[tuple[str, int, str]] = []
    for record in (r for path in index.snapshot.paths() for r in index.snapshot.read_file(path)):
        for number, line in enumerate(record.chunk.text.split("\n"), record.chunk.start_line + 1):
            if _WORD.search(line):
                found.append((record.path, number, line.strip()))
    return sorted(found)


def _embed(index: Opened, lines: Sequence[tuple[str, int, str]], limit: int) -> Callable[[str], list[Result]]:
    texts = list(dict.fromkeys(text for _, _, text in lines))
    row = {text: number for number, text in enumerate(texts)}
    vectors = index.encoder.encode(texts)
    rows = np.array([row[text] for _, _, text in lines])

    def search(query: str) -> list[Result]:
        similarities = (vectors @ index.encoder.encode_query(query))[rows]
        best = np.argsort(-similarities, kind="stable")[:limit]
        return [_result(lines[int(number)]) for number in best]

    return search


def _result(place: tuple[str, int, str]) -> Result:
    path, line, _ = place
    return {"path": path, "start_line": line, "end_line": line, "focus_line": line}
