"""What the baselines share: the shape of an answer, the text files of a folder, the words of a query."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from cognate.words import STOP_WORDS

Result: TypeAlias = dict[str, Any]
"""``path``, ``start_line``, ``end_line`` and, where the system names one, ``focus_line``: 1-based, inclusive."""

LARGEST_BYTES = 1_000_000  # Larger files are data, not code.

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Answers:
    """What a system found in one folder.

    Attributes:
        results: for each query the results, best first.
        prepare_s: seconds to index the folder.
        search_s: seconds for all queries together.
    """

    results: list[list[Result]]
    prepare_s: float
    search_s: float


def timed(prepare: Callable[[], Callable[[str], list[Result]]], queries: Sequence[str]) -> Answers:
    """Return the answers of what ``prepare`` gives, a function from query to results, with both times."""
    began = time.perf_counter()
    search = prepare()
    prepared = time.perf_counter()
    results = [search(query) for query in queries]
    return Answers(results, prepared - began, time.perf_counter() - prepared)


def text_files(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield path and lines of every file that holds UTF-8 text, hidden ones and very large ones left out."""
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts) or file.is_symlink() or not file.is_file():
            continue
        if file.stat().st_size > LARGEST_BYTES:
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            yield relative.as_posix(), text.split("\n")


def plain_words(text: str) -> list[str]:
    """Return the words of a text in lower case, as they stand: identifiers whole."""
    return _WORD.findall(text.lower())


def query_words(query: str) -> list[str]:
    """Return the words of a query without those that say nothing, each once; all of them when nothing is left."""
    found = list(dict.fromkeys(plain_words(query)))
    return [word for word in found if word not in STOP_WORDS] or found


def best_line(lines: Sequence[str], words: Sequence[str]) -> int:
    """Return the index of the line that holds most of the words; the first of equals."""
    lowered = [line.lower() for line in lines]
    return max(range(len(lines)), key=lambda i: (sum(word in lowered[i] for word in words), -i))
