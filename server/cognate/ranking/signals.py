"""The signals of each candidate, as a matrix of numbers between about -1 and 1. Pure arithmetic over given evidence."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cognate.ranking.paths import path_facts
from cognate.ranking.query import Query, is_qualified
from cognate.types import ChunkRecord
from cognate.words import split_identifier, stem

SIGNALS = (
    "body", "names", "path", "file",
    "meaning", "file_meaning", "feedback", "meaning_alone", "file_meaning_alone",
    "best_body_in_file", "best_meaning_in_file",
    "defines", "defines_mentioned", "uses_mentioned", "literal", "qualified",
    "file_name_covered", "words_in_file_name", "words_in_folder", "words_in_path",
    "definition_covered", "words_in_definition",
    "words_in_chunk", "words_in_file",
    "asked_kind", "test", "example", "docs", "compat", "index", "types", "configuration",
    "imports_only", "short", "opening",
)  # fmt: skip
"""Names of the columns, in order. docs/ranking.md says what each means."""

STANDARD_DEVIATIONS = 5.0  # Similarities seldom lie further from the workspace's mean; puts ``meaning`` in -1..1.
PREFIX_LETTERS = 4  # From so many letters on, a word also matches one that begins with it: "auth", "authentication".
SHORT_CHARS = 200
COVERAGE_CHUNKS = 3

Column = NDArray[np.float64]
Features = NDArray[np.float64]
"""Shape (candidates, len(SIGNALS))."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What retrieval found out about the candidates; arrays have one entry each, NaN where nothing is known.

    Attributes:
        records: the candidates.
        body: BM25 of the chunk's words, names and path together.
        names: BM25 of the names it defines.
        path: BM25 of its path.
        file: BM25 of the whole file.
        similarity: cosine of query and chunk.
        file_similarity: cosine of query and the file's mean.
        feedback: cosine of chunk and the query moved towards its best answers.
        usual: mean and standard deviation of ``similarity`` over the workspace.
        idf: inverse document frequency of each of the query's words.
        words_in_file: idf-weighted share of the query's words that the file has.
    """

    records: Sequence[ChunkRecord]
    body: Column
    names: Column
    path: Column
    file: Column
    similarity: Column
    file_similarity: Column
    feedback: Column
    usual: tuple[float, float]
    idf: Mapping[str, float]
    words_in_file: Column


def signals(query: Query, evidence: Evidence) -> Features:
    """Return the features of every candidate."""
    records = evidence.records
    body = _scaled(evidence.body)
    meaning = _standardised(evidence.similarity, evidence.usual)
    columns: dict[str, Column] = {
        "body": body,
        "names": _scaled(evidence.names),
        "path": _scaled(evidence.path),
        "file": _scaled(evidence.file),
        "meaning": meaning,
        "file_meaning": _standardised(evidence.file_similarity, evidence.usual),
        "feedback": _standardised(evidence.feedback, evidence.usual),
        "best_body_in_file": _best_in_file(records, body),
        "best_meaning_in_file": _best_in_file(records, meaning),
        "words_in_file": evidence.words_in_file,
    }
    matcher = _Matcher(query, evidence.idf)
    path_rows = {path: _path_row(query, matcher, path) for path in {record.path for record in records}}
    rows = [{**path_rows[record.path], **_chunk_row(query, matcher, record)} for record in records]
    for name in _ROW_NAMES:
        columns[name] = np.array([row[name] for row in rows], np.float64)
    alone = 1.0 - _coverage(columns["words_in_chunk"])
    columns["meaning_alone"] = columns["meaning"] * alone
    columns["file_meaning_alone"] = columns["file_meaning"] * alone
    return np.stack([columns[name] for name in SIGNALS], axis=1) if records else np.empty((0, len(SIGNALS)))


_COLUMN_NAMES = frozenset(
    {
        "body", "names", "path", "file", "meaning", "file_meaning", "feedback", "best_body_in_file",
        "best_meaning_in_file", "words_in_file", "meaning_alone", "file_meaning_alone",
    }
)  # fmt: skip
_ROW_NAMES = tuple(name for name in SIGNALS if name not in _COLUMN_NAMES)


def _coverage(words_in_chunk: Column) -> float:
    """Return how well the workspace's own words cover the query: what its best few chunks have of it, by idf.

    Where they do not, words find by chance and meaning has to lead.
    """
    best = np.sort(words_in_chunk)[-COVERAGE_CHUNKS:]
    return float(best.mean()) if best.size else 0.0


class _Matcher:
    """Which of a query's words other words match, as bits, so that each distinct word is compared once a query."""

    def __init__(self, query: Query, idf: Mapping[str, float]) -> None:
        self._words = query.words
        self._idf = [idf.get(word, 1.0) for word in query.words]
        self._total = sum(self._idf) or 1.0
        self._bits: dict[str, int] = {}
        self._weights: dict[int, float] = {0: 0.0}

    def bits(self, word: str) -> int:
        """Return the set of the query's words that a word matches."""
        known = self._bits.get(word)
        if known is None:
            known = sum(1 << i for i, wanted in enumerate(self._words) if _same(word, wanted))
            self._bits[word] = known
        return known

    def union(self, words: Sequence[str]) -> tuple[int, float]:
        """Return the set of the query's words that any of the words matches, and the share of the words that do."""
        if not words:
            return 0, 0.0
        matched = [self.bits(word) for word in words]
        together = 0
        for bits in matched:
            together |= bits
        return together, sum(1 for bits in matched if bits) / len(matched)

    def weight(self, bits: int) -> float:
        """Return the idf-weighted share of a set of the query's words."""
        known = self._weights.get(bits)
        if known is None:
            known = sum(weight for i, weight in enumerate(self._idf) if bits >> i & 1) / self._total
            self._weights[bits] = known
        return known

    def contained(self, lowered: str) -> int:
        """Return the set of the query's words that stand somewhere in a text in lower case."""
        return sum(1 << i for i, word in enumerate(self._words) if word in lowered)


def _path_row(query: Query, matcher: _Matcher, path: str) -> dict[str, float]:
    facts = path_facts(path)
    name, covered = matcher.union(facts.name_words)
    folder, _ = matcher.union(facts.folder_words)
    row = {
        "file_name_covered": covered,
        "words_in_file_name": matcher.weight(name),
        "words_in_folder": matcher.weight(folder),
        "words_in_path": matcher.weight(name | folder),
    }
    row["asked_kind"] = float(bool(facts.kinds & query.wants))
    for kind in ("test", "example", "docs", "compat", "index", "types", "configuration"):
        row[kind] = float(kind in facts.kinds and kind not in query.wants)
    return row


def _chunk_row(query: Query, matcher: _Matcher, record: ChunkRecord) -> dict[str, float]:
    chunk = record.chunk
    lowered = chunk.text.lower()
    definition_covered, words_in_definition = _definition_overlap(matcher, record)
    defined = {symbol.name.lower() for symbol in chunk.symbols} if query.names else set[str]()
    usage = "usage" in query.wants or "test" in query.wants
    return {
        "defines": float(query.is_symbol and _defines(query, record, defined)),
        "defines_mentioned": float(not (query.is_symbol or usage) and any(name in defined for name in query.names)),
        "uses_mentioned": float(usage and any(name in lowered and name not in defined for name in query.names)),
        "literal": _share([literal.lower() in lowered for literal in query.literals]),
        "qualified": _share([name.lower() in lowered for name in query.literals if is_qualified(name)]),
        "definition_covered": definition_covered,
        "words_in_definition": words_in_definition,
        "words_in_chunk": matcher.weight(matcher.contained(lowered)),
        "imports_only": float(is_imports_only(chunk.text)),
        "short": float(len(chunk.text) < SHORT_CHARS),
        "opening": float(chunk.start_line == 0),
    }


def _defines(query: Query, record: ChunkRecord, defined: set[str]) -> bool:
    if query.names[0] not in defined:
        return False
    qualifier = query.qualifiers[0]
    if not qualifier:
        return True
    containers = {s.container.lower() for s in record.chunk.symbols if s.name.lower() == query.names[0]}
    return any(qualifier in c.split(".") for c in containers) or qualifier in path_facts(record.path).name_words


def _definition_overlap(matcher: _Matcher, record: ChunkRecord) -> tuple[float, float]:
    """Return the best share of a definition's words that the query has, and of the query's words that it has."""
    best_covered = best_words = 0.0
    for symbol in record.chunk.symbols:
        named, covered = matcher.union(_name_stems(symbol.name))
        if not named:
            continue
        around, _ = matcher.union(_name_stems(symbol.container))
        best_covered, best_words = max(best_covered, covered), max(best_words, matcher.weight(named | around))
    return best_covered, best_words


@lru_cache(maxsize=1 << 16)
def _name_stems(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(part) for piece in name.split(".") for part in split_identifier(piece)))


def _same(a: str, b: str) -> bool:
    if a == b:
        return True
    short, long = (a, b) if len(a) < len(b) else (b, a)
    return len(short) >= PREFIX_LETTERS and long.startswith(short)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _scaled(column: Column) -> Column:
    column = np.nan_to_num(column, nan=0.0)
    top = float(column.max(initial=0.0))
    return column / top if top > 0 else column


def _standardised(column: Column, usual: tuple[float, float]) -> Column:
    mean, deviation = usual
    z = np.clip((column - mean) / deviation / STANDARD_DEVIATIONS, -1.0, 1.5)
    known = z[~np.isnan(z)]
    return np.nan_to_num(z, nan=float(known.mean()) if known.size else 0.0)


def _best_in_file(records: Sequence[ChunkRecord], column: Column) -> Column:
    best: dict[str, float] = {}
    for record, value in zip(records, column, strict=True):
        best[record.path] = max(best.get(record.path, -math.inf), float(value))
    return np.array([best[record.path] for record in records], np.float64)


_IMPORT_STARTS = (
    "import ", "from ", "use ", "#include", "require", "using ", "package ", "export * from", "pub use ", "mod ",
    "extern crate", "const {", "local ", "alias ",
)  # fmt: skip
_SKIPPED_STARTS = ("#", "//", "*", "/*", '"""', "'''", ")", "}", "]", "--")


@lru_cache(maxsize=1 << 14)
def is_imports_only(text: str) -> bool:
    """Return whether nine tenths of the chunk's code lines are imports or the names they list."""
    code = imported = 0
    inside = False
    for line in text.split("\n"):
        stripped = line.strip()
        if not stripped or (stripped.startswith(_SKIPPED_STARTS) and not stripped.startswith("#include")):
            inside = inside and not stripped.startswith((")", "}"))
            continue
        code += 1
        starts = stripped.startswith(_IMPORT_STARTS)
        imported += starts or inside
        if starts:
            inside = stripped.endswith(("(", "{", ",", "\\"))
    return code > 0 and imported >= 0.9 * code
