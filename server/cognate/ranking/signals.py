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
    "meaning", "file_meaning", "feedback",
    "best_body_in_file", "best_meaning_in_file",
    "defines", "defines_mentioned", "literal", "qualified",
    "file_name_covered", "words_in_file_name", "words_in_folder", "words_in_path",
    "definition_covered", "words_in_definition",
    "words_in_chunk", "words_in_file",
    "test", "example", "docs", "compat", "index", "types", "configuration",
    "imports_only", "short", "opening",
)  # fmt: skip
"""Names of the columns, in order. docs/ranking.md says what each means."""

STANDARD_DEVIATIONS = 5.0  # Similarities seldom lie further from the workspace's mean; puts ``meaning`` in -1..1.
PREFIX_LETTERS = 4  # From so many letters on, a word also matches one that begins with it: "auth", "authentication".
SHORT_CHARS = 200

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
    rows = [_row(query, record, evidence.idf) for record in records]
    for name in _ROW_NAMES:
        columns[name] = np.array([row[name] for row in rows], np.float64)
    return np.stack([columns[name] for name in SIGNALS], axis=1) if records else np.empty((0, len(SIGNALS)))


_ROW_NAMES = (
    "defines", "defines_mentioned", "literal", "qualified", "file_name_covered", "words_in_file_name", "words_in_folder",
    "words_in_path", "definition_covered", "words_in_definition", "words_in_chunk", "test", "example", "docs",
    "compat", "index", "types", "configuration", "imports_only", "short", "opening",
)  # fmt: skip


def _row(query: Query, record: ChunkRecord, idf: Mapping[str, float]) -> dict[str, float]:
    chunk, facts = record.chunk, path_facts(record.path)
    lowered = chunk.text.lower()
    name_match = [_matches(word, facts.name_words) for word in query.words]
    folder_match = [_matches(word, facts.folder_words) for word in query.words]
    covered = sum(any(_same(w, q) for q in query.words) for w in facts.name_words)
    definition_covered, words_in_definition = _definition_overlap(query, record, idf)
    defined = {symbol.name.lower() for symbol in chunk.symbols}
    row = {
        "defines": float(query.is_symbol and _defines(query, record, defined)),
        "defines_mentioned": float(not query.is_symbol and any(name in defined for name in query.names)),
        "literal": _share([literal.lower() in lowered for literal in query.literals]),
        "qualified": _share([name.lower() in lowered for name in query.literals if is_qualified(name)]),
        "file_name_covered": covered / len(facts.name_words) if facts.name_words else 0.0,
        "words_in_file_name": _weighted(query.words, name_match, idf),
        "words_in_folder": _weighted(query.words, folder_match, idf),
        "words_in_path": _weighted(query.words, [a or b for a, b in zip(name_match, folder_match, strict=True)], idf),
        "definition_covered": definition_covered,
        "words_in_definition": words_in_definition,
        "words_in_chunk": _weighted(query.words, [word in lowered for word in query.words], idf),
        "imports_only": float(is_imports_only(chunk.text)),
        "short": float(len(chunk.text) < SHORT_CHARS),
        "opening": float(chunk.start_line == 0),
    }
    for kind in ("test", "example", "docs", "compat", "index", "types", "configuration"):
        row[kind] = float(kind in facts.kinds and kind not in query.wants)
    return row


def _defines(query: Query, record: ChunkRecord, defined: set[str]) -> bool:
    if query.names[0] not in defined:
        return False
    qualifier = query.qualifiers[0]
    if not qualifier:
        return True
    containers = {s.container.lower() for s in record.chunk.symbols if s.name.lower() == query.names[0]}
    return any(qualifier in c.split(".") for c in containers) or qualifier in path_facts(record.path).name_words


def _definition_overlap(query: Query, record: ChunkRecord, idf: Mapping[str, float]) -> tuple[float, float]:
    """Return the best share of a definition's words that the query has, and of the query's words that it has."""
    best_covered = best_words = 0.0
    for symbol in record.chunk.symbols:
        name_words = _name_stems(symbol.name)
        if not name_words:
            continue
        covered = sum(any(_same(w, q) for q in query.words) for w in name_words) / len(name_words)
        if not covered:
            continue
        all_words = (*name_words, *_name_stems(symbol.container))
        matched = _weighted(query.words, [_matches(word, all_words) for word in query.words], idf)
        best_covered, best_words = max(best_covered, covered), max(best_words, matched)
    return best_covered, best_words


@lru_cache(maxsize=1 << 16)
def _name_stems(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(part) for piece in name.split(".") for part in split_identifier(piece)))


def _same(a: str, b: str) -> bool:
    if a == b:
        return True
    short, long = (a, b) if len(a) < len(b) else (b, a)
    return len(short) >= PREFIX_LETTERS and long.startswith(short)


def _matches(word: str, words: Sequence[str]) -> bool:
    return any(_same(word, other) for other in words)


def _weighted(words: Sequence[str], present: Sequence[bool], idf: Mapping[str, float]) -> float:
    total = sum(idf.get(word, 1.0) for word in words)
    return sum(idf.get(w, 1.0) for w, p in zip(words, present, strict=True) if p) / total if total else 0.0


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
