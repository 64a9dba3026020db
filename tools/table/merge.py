"""Puts the pairs of all packages together under one vocabulary: what the table is trained on, as arrays on disk."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cognate.embedding.table import letter_runs
from cognate.words import stem
from tools.table.fetch import wanted
from tools.table.pairs import read_pairs

HELD_OUT = frozenset(
    {"debian+unbound", "npm+yjs", "pypi+trio", "pypi+rq", "npm+immer", "git+apple+swift-nio", "debian+php-twig",
     "git+square+okio", "debian+puma", "git+puma+puma", "debian+commons-io", "debian+restic", "npm+hls.js",
     "git+MassTransit+MassTransit", "pypi+dramatiq", "git+livebook-dev+livebook", "debian+rust-ripgrep"}
)  # fmt: skip
"""Packages that nothing is learned from: they choose between variants."""

LEAST_OCCURRENCES = 12
MAX_RUNS = 24
"""Runs of letters of one unknown word."""


class Data(NamedTuple):
    """All pairs; rows of words are flat, ``offsets`` say where each pair's begin. Words are numbers of ``words``."""

    words: list[str]
    counts: NDArray[np.int64]
    query: NDArray[np.int32]
    query_offsets: NDArray[np.int64]
    code: NDArray[np.int32]
    code_offsets: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    languages: NDArray[np.uint8]
    packages: NDArray[np.int32]
    files: NDArray[np.int32]
    names: list[str]


class Rows(NamedTuple):
    """Which rows of the table tell each word: flat, with offsets; several share a word's weight.

    Attributes:
        flat: rows.
        offsets: shape (words + 1,).
        known: the words that have a row of their own, in the order of rows.
        buckets: rows of letters after those.
        stems: a number for each word, the same for all its forms.
    """

    flat: NDArray[np.int32]
    offsets: NDArray[np.int64]
    known: list[str]
    buckets: int
    stems: NDArray[np.int64]


def merge(data: Path) -> Data:
    """Return the pairs of all packages, of equal queries the first."""
    ids: dict[str, int] = {}
    parts: list[tuple[NDArray[Any], ...]] = []
    names: list[str] = []
    asked: set[int] = set()
    for package in wanted():
        file = data / "pairs" / f"{package.key}.pairs"
        if not file.exists():
            continue
        pairs = read_pairs(file)
        mapped = np.array([ids.setdefault(word, len(ids)) for word in pairs.words], np.int32)
        hashes = pairs.hashes.tolist()
        fresh = np.array([value not in asked for value in hashes], bool)
        asked.update(hashes)
        query, query_sizes = _kept(mapped[pairs.query], pairs.query_sizes, fresh)
        code, code_sizes = _kept(mapped[pairs.code], pairs.code_sizes, fresh)
        number = np.full(int(fresh.sum()), len(names), np.int32)
        parts.append((query, query_sizes, code, code_sizes, pairs.kinds[fresh], pairs.languages[fresh], number,
                      pairs.files[fresh].astype(np.int32)))  # fmt: skip
        names.append(package.key)
    query, query_sizes, code, code_sizes, kinds, languages, packages, files = (
        np.concatenate([part[i] for part in parts]) for i in range(8)
    )
    counts = np.bincount(query, minlength=len(ids)) + np.bincount(code, minlength=len(ids))
    return Data(list(ids), counts, query, _offsets(query_sizes), code, _offsets(code_sizes), kinds.astype(np.uint8),
                languages.astype(np.uint8), packages, files, names)  # fmt: skip


def rows_of(data: Data, size: int, buckets: int) -> Rows:
    """Give the commonest words rows of their own, and all others the rows of another form or of their letters."""
    order = np.argsort(-data.counts, kind="stable").tolist()
    own: dict[str, int] = {}
    by_stem: dict[str, int] = {}
    for number in order:
        word = data.words[number]
        if len(own) < size and data.counts[number] >= LEAST_OCCURRENCES and word.isascii() and word.isalpha():
            by_stem.setdefault(stem(word), len(own))
            own[word] = len(own)
    flat: list[int] = []
    sizes = np.zeros(len(data.words), np.int64)
    numbers: dict[str, int] = {}
    stems = np.zeros(len(data.words), np.int64)
    for number, word in enumerate(data.words):
        stemmed = stem(word)
        stems[number] = numbers.setdefault(stemmed, len(numbers))
        row = own.get(word, by_stem.get(stemmed))
        if row is not None:
            rows = [row]
        else:
            rows = [len(own) + run for run in letter_runs(word, buckets)[:MAX_RUNS]] if buckets else []
        flat += rows
        sizes[number] = len(rows)
    return Rows(np.array(flat, np.int32), _offsets(sizes), list(own), buckets, stems)


def provenance(data: Path) -> list[dict[str, object]]:
    """Return what is known of each package that pairs come from: name, version, licence, pairs by language."""
    rows: list[dict[str, object]] = []
    for package in wanted():
        about = data / "pairs" / f"{package.key}.json"
        if about.exists() and (row := json.loads(about.read_text("utf-8"))).get("pairs"):
            rows.append({key: value for key, value in row.items() if key != "left_out"})
    return rows


def by_language(rows: Sequence[dict[str, object]]) -> Counter[str]:
    """Return how many pairs there are in each language."""
    total: Counter[str] = Counter()
    for row in rows:
        languages = row["languages"]
        assert isinstance(languages, dict)
        total.update(languages)
    return total


def _kept(
    flat: NDArray[np.int32], sizes: NDArray[np.uint16], kept: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return flat[np.repeat(kept, sizes)], sizes[kept].astype(np.int32)


def _offsets(sizes: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
