"""The signals of each candidate, as a matrix of numbers between about -1 and 1. Pure arithmetic over given evidence."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cognate.languages.registry import COMMENT_STARTS, IMPORT_BINDINGS, IMPORT_STARTS
from cognate.search.evidence import Column, Evidence, scaled, standardised
from cognate.search.query import Query, is_qualified
from cognate.types import ChunkRecord
from cognate.words import root, split_identifier, stem
from cognate.workspace.path_facts import path_facts

SIGNALS = (
    "body", "names", "file",
    "meaning", "file_meaning", "feedback", "meaning_alone", "file_meaning_alone",
    "best_body_in_file", "best_meaning_in_file",
    "defines", "defines_mentioned", "uses_mentioned", "literal", "qualified",
    "file_name_covered", "words_in_file_name", "words_in_folder", "words_in_path",
    "definition_covered", "words_in_definition",
    "words_in_chunk", "words_in_file",
    "asked_kind", "test", "example", "docs", "compat", "index", "types", "configuration",
    "imports_only", "short", "opening",
    "file_rank", "symbol_rank", "near",
    "coverage",
)  # fmt: skip
"""Names of the columns, in order. docs/ranking.md says what each means."""

PREFIX_LETTERS = 4  # From so many letters on, a word also matches one that begins with it: "auth", "authentication".
SHORT_CHARS = 200
COVERAGE_CHUNKS = 3
IMPORTS_SHARE = 0.9

UNCOVERED_FROM, UNCOVERED_AT = 0.6, 0.2
"""Coverage below the first is partly, at the second wholly that of a query in other words than the workspace's. Without
it, words find by chance, and meaning leads."""

UNCOVERED_SIGNALS = (
    "body", "names", "file", "best_body_in_file", "words_in_chunk", "words_in_file", "file_rank", "symbol_rank",
)  # fmt: skip
UNCOVERED_DISCOUNT = 0.8
"""How much less these say about a query in other words: what holds such words holds them by chance, and what is central
answers no sooner. Words in names and paths are chosen with care, and stay."""

Features = NDArray[np.float64]
"""Shape (candidates, len(SIGNALS))."""


def signals(query: Query, evidence: Evidence) -> Features:
    """Return the features of every candidate."""
    records = evidence.records
    if not records:
        return np.empty((0, len(SIGNALS)))
    matcher = _Matcher(query.words, evidence.idf)
    paths = list(dict.fromkeys(record.path for record in records))
    number = {path: i for i, path in enumerate(paths)}
    asked = query.wants | evidence.tolerated
    of_path = np.array([_path_row(query.wants, asked, matcher, path) for path in paths], np.float64)
    place = np.array([number[record.path] for record in records])
    of_chunk = np.array([_chunk_row(query, matcher, record) for record in records], np.float64)
    body = scaled(evidence.body)
    meaning = standardised(evidence.similarity, evidence.usual)
    columns: dict[str, Column] = {
        "body": body,
        "names": scaled(evidence.names),
        "file": scaled(evidence.file),
        "meaning": meaning,
        "file_meaning": standardised(evidence.file_similarity, evidence.usual),
        "feedback": standardised(evidence.feedback, evidence.usual),
        "best_body_in_file": _best_in_file(place, body),
        "best_meaning_in_file": _best_in_file(place, meaning),
        "words_in_file": np.array([matcher.weight(bits) for bits in evidence.words_in_file]),
        "file_rank": evidence.file_rank,
        "symbol_rank": evidence.symbol_rank,
        "near": evidence.near,
    }
    columns.update(zip(PATH_SIGNALS, of_path[place].T, strict=True))
    columns.update(zip(CHUNK_SIGNALS, of_chunk.T, strict=True))
    covered = _coverage(columns["words_in_chunk"], query.is_symbol)
    uncovered = _uncovered(covered)
    columns["coverage"] = np.full(len(records), covered)  # The same for all: it moves none, and tells what to expect.
    columns["meaning_alone"] = meaning * uncovered
    columns["file_meaning_alone"] = columns["file_meaning"] * uncovered
    for name in UNCOVERED_SIGNALS:
        columns[name] = columns[name] * (1.0 - UNCOVERED_DISCOUNT * uncovered)
    return np.stack([columns[name] for name in SIGNALS], axis=1)


def _coverage(words_in_chunk: Column, is_symbol: bool) -> float:
    """Return how well the workspace's own words cover a query: what the best few chunks have of it, by idf.

    A name may stand in a single chunk; words that only one chunk has together may have met by chance.
    """
    return float(np.sort(words_in_chunk)[-1 if is_symbol else -COVERAGE_CHUNKS :].mean())


def _uncovered(coverage: float) -> float:
    return min(1.0, max(0.0, (UNCOVERED_FROM - coverage) / (UNCOVERED_FROM - UNCOVERED_AT)))


def coverage_of(features: Features) -> float:
    """Return how well the workspace's words cover the query; the same for all candidates."""
    return float(features[0, SIGNALS.index("coverage")])


def best_share(features: Features) -> float:
    """Return the share of the query's words, by idf, that the chunk with most of them has."""
    discount = 1.0 - UNCOVERED_DISCOUNT * _uncovered(coverage_of(features))
    return float(features[:, SIGNALS.index("words_in_chunk")].max()) / discount


class _Matcher:
    """Which of the query's words other words match, as bits, so that each distinct word is compared once a query.

    Words match when they are the same, or when one of PREFIX_LETTERS letters or more begins the other.
    """

    def __init__(self, words: Sequence[str], idf: Mapping[str, float]) -> None:
        self._idf = [idf.get(word, 1.0) for word in words]
        self._total = sum(self._idf) or 1.0
        self._exact = {word: 1 << i for i, word in enumerate(words)}
        self._lengths = sorted({len(word) for word in words if len(word) >= PREFIX_LETTERS})
        self._beginnings: dict[str, int] = {}
        for word, bit in self._exact.items():
            for length in range(PREFIX_LETTERS, len(word)):
                self._beginnings[word[:length]] = self._beginnings.get(word[:length], 0) | bit
        self._roots = [(root(word), bit) for word, bit in self._exact.items()]
        self._needed = {letters[: PREFIX_LETTERS - 1] for letters, _ in self._roots}
        self._bits: dict[str, int] = {}
        self._named: dict[str, tuple[int, float]] = {}
        self._weights: dict[int, float] = {0: 0.0}

    def bits(self, word: str) -> int:
        """Return the set of the query's words that a word matches."""
        known = self._bits.get(word)
        if known is None:
            known = self._exact.get(word, 0) | self._beginnings.get(word, 0)
            for length in self._lengths:
                if length >= len(word):
                    break
                known |= self._exact.get(word[:length], 0)
            self._bits[word] = known
        return known

    def union(self, words: Sequence[str]) -> tuple[int, float]:
        """Return the set of the query's words that any of the words matches, and the share of the words that do."""
        together = matching = 0
        for word in words:
            bits = self.bits(word)
            if bits:
                together |= bits
                matching += 1
        return together, matching / len(words) if matching else 0.0

    def named(self, name: str) -> tuple[int, float]:
        """Return what ``union`` does of the words of a name; the same names come again and again.

        Most match nothing, and lack even the first letters of the roots of all words: those are not split.
        """
        known = self._named.get(name)
        if known is None:
            lowered = name.lower()
            may_match = any(letters in lowered for letters in self._needed)
            known = self._named[name] = self.union(_name_stems(name)) if may_match else (0, 0.0)
        return known

    def weight(self, bits: int) -> float:
        """Return the idf-weighted share of a set of the query's words."""
        known = self._weights.get(bits)
        if known is None:
            known = sum(weight for i, weight in enumerate(self._idf) if bits >> i & 1) / self._total
            self._weights[bits] = known
        return known

    def contained(self, lowered: str) -> int:
        """Return the set of the query's words that stand somewhere in a text in lower case."""
        found = 0
        for letters, bit in self._roots:
            if letters in lowered:
                found |= bit
        return found


PATH_SIGNALS = (
    "file_name_covered", "words_in_file_name", "words_in_folder", "words_in_path",
    "asked_kind", "test", "example", "docs", "compat", "index", "types", "configuration",
)  # fmt: skip
_KINDS = PATH_SIGNALS[5:]


def _path_row(wanted: frozenset[str], asked: frozenset[str], matcher: _Matcher, path: str) -> tuple[float, ...]:
    """Return the PATH_SIGNALS of a file; kinds that are ``wanted`` gain, those that are not ``asked`` for lose."""
    facts = path_facts(path)
    name, covered = matcher.union(facts.name_words)
    folder, _ = matcher.union(facts.folder_words)
    return (
        covered,
        matcher.weight(name),
        matcher.weight(folder),
        matcher.weight(name | folder),
        float(bool(facts.kinds & wanted)),
        *(float(kind in facts.kinds and kind not in asked) for kind in _KINDS),
    )


CHUNK_SIGNALS = (
    "defines", "defines_mentioned", "uses_mentioned", "literal", "qualified",
    "definition_covered", "words_in_definition", "words_in_chunk", "imports_only", "short", "opening",
)  # fmt: skip


def _chunk_row(query: Query, matcher: _Matcher, record: ChunkRecord) -> tuple[float, ...]:
    """Return the CHUNK_SIGNALS of a candidate."""
    chunk = record.chunk
    lowered = chunk.text.lower()
    definition_covered, words_in_definition = _definition_overlap(matcher, record)
    defines = mentioned = uses = literal = qualified = 0.0
    if query.names:
        defined = {symbol.name.lower() for symbol in chunk.symbols}
        usage = "usage" in query.wants or "test" in query.wants
        if query.is_symbol:
            defines = float(_defines(query, record, defined))
        elif not usage:
            mentioned = float(any(name in defined for name in query.names))
        if usage:
            uses = float(any(name in lowered and name not in defined for name in query.names))
    if query.literals:
        literal = _share([piece.lower() in lowered for piece in query.literals])
        qualified = _share([name.lower() in lowered for name in query.literals if is_qualified(name)])
    return (
        defines, mentioned, uses, literal, qualified, definition_covered, words_in_definition,
        matcher.weight(matcher.contained(lowered)),
        float(is_imports_only(chunk.text)), float(len(chunk.text) < SHORT_CHARS), float(chunk.start_line == 0),
    )  # fmt: skip


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
        named, covered = matcher.named(symbol.name)
        if not named:
            continue
        best_covered = max(best_covered, covered)
        if symbol.container:
            named |= matcher.named(symbol.container)[0]
        best_words = max(best_words, matcher.weight(named))
    return best_covered, best_words


@lru_cache(maxsize=1 << 14)
def _name_stems(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(part) for piece in name.split(".") for part in split_identifier(piece)))


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _best_in_file(place: NDArray[np.int64], column: Column) -> Column:
    best = np.full(int(place.max()) + 1, -np.inf)
    np.maximum.at(best, place, column)
    return best[place]


_IMPORT_STARTS = (*IMPORT_STARTS, *IMPORT_BINDINGS)
_SKIPPED_STARTS = (*COMMENT_STARTS, ")", "}", "]")


@lru_cache(maxsize=1 << 14)
def is_imports_only(text: str) -> bool:
    """Return whether nine tenths of the chunk's code lines are imports or the names they list."""
    lines = text.split("\n")
    others_allowed = (1.0 - IMPORTS_SHARE) * len(lines)
    code = imported = 0
    inside = False
    for line in lines:
        stripped = line.strip()
        if not stripped or (stripped.startswith(_SKIPPED_STARTS) and not stripped.startswith("#include")):
            inside = inside and not stripped.startswith((")", "}"))
            continue
        code += 1
        starts = stripped.startswith(_IMPORT_STARTS)
        imported += starts or inside
        if starts:
            inside = stripped.endswith(("(", "{", ",", "\\"))
        if code - imported > others_allowed:
            return False
    return code > 0 and imported >= IMPORTS_SHARE * code
