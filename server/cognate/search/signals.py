"""The signals by which candidates are told apart, one row of SIGNALS each. Pure arithmetic over given evidence.

A signal is a column of numbers between about -1 and 1, one a candidate. docs/adding-a-signal.md says how to add one.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cognate.search.evidence import Evidence, scaled, standardised
from cognate.search.matcher import Matcher
from cognate.search.pool import Column
from cognate.search.query import Query, is_qualified
from cognate.types import ChunkRecord, Symbol
from cognate.words import name_key, stands_whole
from cognate.workspace.path_facts import path_facts

COVERAGE_CHUNKS = 3
TELLING_LETTERS = 6

UNCOVERED_FROM, UNCOVERED_AT = 0.5, 0.25
"""Coverage below the first is partly, at the second wholly that of a query in other words than the workspace's. Without
it, words find by chance, and meaning leads. Wider limits take from people who know the code, whose words are right even
where they are few; narrower ones from those who do not (docs/ranking.md)."""

UNCOVERED_DISCOUNT = 0.95
"""How much less a signal that fades says about a query in other words: what holds such words holds them by chance, and
what is central answers no sooner. Words in names and paths are chosen with care, and stay."""

FOR_USES = frozenset({"usage", "test"})
STAND_INS = frozenset({"test", "example"})
"""Files whose definitions stand in for those of the code."""

Features = NDArray[np.float64]
"""Shape (candidates, len(SIGNALS))."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One column of the features.

    Attributes:
        name: what ``why`` calls it.
        sentence: what it is; the table of docs/ranking.md is made of these.
        prior: the weight that learning starts from and is pulled to: judgement, written by hand, not fitted to labels.
        column: its value for each candidate.
        name_prior: the prior for a query that is one name, if it is another.
        low: the least weight that may be learned. Evidence for an answer must not count against it, whatever a small
            set of labels says.
        high: the largest weight that may be learned.
        fades: whether it says less about a query that the workspace's words do not cover.
    """

    name: str
    sentence: str
    prior: float
    column: "Callable[[Look], Column]"
    name_prior: float | None = None
    low: float = 0.0
    high: float = math.inf
    fades: bool = False


class Look:
    """The pool under one wording, and what several signals need of it, each found out once."""

    def __init__(self, query: Query, evidence: Evidence) -> None:
        self.query = query
        self.evidence = evidence
        self.pool = evidence.pool
        self.records = self.pool.records
        self.matcher = Matcher(query.words, evidence.idf)
        self.asked_for = query.wants | self.pool.tolerated

    def share_in_text(self, pieces: Sequence[str]) -> Column:
        """Return the share of some pieces of text that stand in each chunk, whatever their case."""
        held = [self.pool.holding(piece) for piece in pieces]
        return np.sum(held, axis=0) / len(held) if held else np.zeros(len(self.records))

    @cached_property
    def meaning(self) -> Column:
        """Similarity of query and chunk, in standard deviations."""
        return standardised(self.evidence.similarity, self.evidence.usual)

    @cached_property
    def file_meaning(self) -> Column:
        """Similarity of query and the mean of the chunk's file, in standard deviations."""
        return standardised(self.evidence.file_similarity, self.evidence.usual)

    @cached_property
    def words_in_chunk(self) -> Column:
        """Share of the query's words that each chunk has, by idf."""
        found = np.zeros(len(self.records))
        for start, share in self.matcher.shares:
            found[self.pool.holding(start)] += share
        return found

    @cached_property
    def words_in_definitions(self) -> list[list[float]]:
        """Share of the query's words that each definition of each chunk has in its name and container, by idf."""
        weight, named = self.matcher.weight, self.matcher.named

        def share(symbol: Symbol) -> float:
            bits = named(symbol.name)
            return weight(bits | named(symbol.container)) if bits else 0.0

        return [list(map(share, symbols)) for symbols in self.pool.definitions]

    @cached_property
    def coverage(self) -> float:
        """How well the workspace's own words cover the query: what the best few chunks have of it, by idf.

        A name may stand in a single chunk; words that only one chunk has together may have met by chance.
        """
        return float(np.sort(self.words_in_chunk)[-1 if self.query.is_symbol else -COVERAGE_CHUNKS :].mean())

    @cached_property
    def uncovered(self) -> float:
        """How far meaning leads, 0 to 1, for want of coverage."""
        return min(1.0, max(0.0, (UNCOVERED_FROM - self.coverage) / (UNCOVERED_FROM - UNCOVERED_AT)))

    @cached_property
    def rows_pointed_at(self) -> list[int]:
        """The candidates that the query names by a line or a frame, best first."""
        row_of = {record.id: row for row, record in enumerate(self.records)}
        return [row_of[number] for number in self.evidence.pointed.locations if number in row_of]

    @cached_property
    def is_certain(self) -> bool:
        """Whether a candidate answers whatever it is like: it is what the query points at, names or quotes."""
        if self.rows_pointed_at or any(record.path in self.evidence.pointed.files for record in self.records):
            return True
        if self.query.scope.phrases or any(_defines_any(self).tolist()):
            return True
        pieces = tuple(piece.lower() for piece in (*self.query.literals, *self.query.quoted))
        return any(stands_whole(piece, text) for text in self.pool.lowered for piece in pieces if piece in text)

    @property
    def closest(self) -> float | None:
        """The cosine of the query and the candidate most like it, None where none is known."""
        known = self.evidence.similarity[~np.isnan(self.evidence.similarity)]
        return float(known.max()) if known.size else None

    @property
    def likeness(self) -> float | None:
        """``closest``, and less for a query of a few letters: that is like much, and says little."""
        letters = sum(map(len, self.query.words))
        return None if self.closest is None else self.closest * min(1.0, letters / TELLING_LETTERS)

    @property
    def best_share(self) -> float:
        """The share of the query's words, by idf, that the chunk with most of them has."""
        return float(self.words_in_chunk.max(initial=0.0))


def signals(look: Look) -> Features:
    """Return the features of every candidate."""
    if not look.records:
        return np.empty((0, len(SIGNALS)))
    faded = 1.0 - UNCOVERED_DISCOUNT * look.uncovered
    return np.stack([row.column(look) * (faded if row.fades else 1.0) for row in SIGNALS], axis=1)


def _defines(look: Look) -> Column:
    if not look.query.is_symbol:
        return np.zeros(len(look.records))
    return np.array([float(_defines_name(look.query, record)) for record in look.records])


def _defines_name(query: Query, record: ChunkRecord) -> bool:
    name, qualifier = query.keys[0], query.qualifiers[0]
    found = [symbol for symbol in record.chunk.definitions if name_key(symbol.name) == name]
    if not found or not qualifier:
        return bool(found)
    containers = {symbol.container.lower() for symbol in found}
    return any(qualifier in c.split(".") for c in containers) or qualifier in path_facts(record.path).name_words


def _defines_mentioned(look: Look) -> Column:
    if look.query.is_symbol or look.query.wants & FOR_USES:
        return np.zeros(len(look.records))
    return _defines_any(look)


def _defines_any(look: Look) -> Column:
    """Return whether each chunk defines one of the names that are written in the query."""
    keys = look.query.keys
    if not keys:
        return np.zeros(len(look.records))
    return np.array([float(not names.isdisjoint(keys)) for names in look.pool.defined_names])


def _uses_mentioned(look: Look) -> Column:
    if not look.query.names or not look.query.wants & FOR_USES:
        return np.zeros(len(look.records))
    return np.array(
        [
            float(any(n in text and key not in names for n, key in zip(look.query.names, look.query.keys, strict=True)))
            for text, names in zip(look.pool.lowered, look.pool.defined_names, strict=True)
        ]
    )


def _declared_elsewhere_defined(look: Look) -> Column:
    """Return how much of what a chunk has of the query is declared, and defined by another candidate.

    Of a chunk's symbols those count that have most of the query's words. Definitions in tests and examples, which
    replace the real ones, do not count unless they are asked for.
    """
    keys = frozenset(look.query.keys)
    pairs = zip(look.pool.definitions, look.words_in_definitions, strict=True)
    best = [[(name_key(s.name), s) for s in _best_symbols(keys, symbols, shares)] for symbols, shares in pairs]
    counts = Counter(key for symbols in best for key, _ in symbols)
    # What stands once among them is not declared in one place and defined in another.
    only = [
        [(key, look.pool.only_declares(row, symbol)) for key, symbol in symbols if counts[key] > 1]
        for row, symbols in enumerate(best)
    ]
    if not any(is_declared for flags in only for _, is_declared in flags):
        return np.zeros(len(look.records))
    stands_in = look.pool.of_file(lambda facts: float(bool(facts.kinds & STAND_INS - look.asked_for)))
    defined = {
        key
        for flags, is_other in zip(only, stands_in, strict=True)
        for key, is_declared in flags
        if not is_declared and not is_other
    }
    return np.array(
        [
            sum(is_declared and key in defined for key, is_declared in flags) / max(1, len(symbols))
            for flags, symbols in zip(only, best, strict=True)
        ]
    )


def _best_symbols(keys: frozenset[str], symbols: Sequence[Symbol], shares: Sequence[float]) -> Sequence[Symbol]:
    if keys and (named := [symbol for symbol in symbols if name_key(symbol.name) in keys]):
        return named
    most = max(shares, default=0.0)
    return [symbol for symbol, share in zip(symbols, shares, strict=True) if share == most] if most else ()


def _named_location(look: Look) -> Column:
    locations = look.evidence.pointed.locations
    return np.array([locations[r.id].certainty if r.id in locations else 0.0 for r in look.records])


def _agreement(look: Look, words: Sequence[str]) -> float:
    """Return how far some words and the query's are the same (F1); one word of a long question is little of it."""
    matched, share = look.matcher.union(words)
    if look.query.is_symbol or not matched:
        return share
    of_query = matched.bit_count() / len(look.query.words)
    return 2.0 * share * of_query / (share + of_query)


def _kind(kind: str) -> Callable[[Look], Column]:
    """Return the column that is 1 where a file is of a kind that the query does not ask for."""

    def column(look: Look) -> Column:
        return look.pool.of_file(lambda facts: float(kind in facts.kinds and kind not in look.asked_for))

    return column


SIGNALS: tuple[Signal, ...] = (
    Signal(
        "body", "BM25 of the chunk's words, the names it defines and its path, over the best candidate's",
        2.0, lambda look: scaled(look.evidence.body), fades=True,
    ),
    Signal("file", "BM25 of the whole file", 1.0, lambda look: scaled(look.evidence.file), fades=True),
    Signal(
        "meaning", "cosine of query and chunk, in standard deviations above the workspace's mean",
        2.5, lambda look: look.meaning,
    ),
    Signal(
        "file_meaning", "the same with the mean of the file's chunks",
        1.2, lambda look: look.file_meaning,
    ),
    Signal(
        "feedback", "the same with the query moved towards its own best five answers",
        1.0, lambda look: standardised(look.evidence.feedback, look.evidence.usual),
    ),
    Signal(
        "meaning_alone", "`meaning` where the workspace's words do not cover the query",
        2.0, lambda look: look.meaning * look.uncovered,
    ),
    Signal(
        "file_meaning_alone", "`file_meaning` where the workspace's words do not cover the query",
        1.0, lambda look: look.file_meaning * look.uncovered,
    ),
    Signal(
        "translated_alone",
        "cosine of query and chunk by the [translation table](training.md), in standard deviations, where the "
        "workspace's words do not cover the query",
        1.5, lambda look: look.evidence.translated * look.uncovered,
    ),
    Signal(
        "file_translated_alone", "the same with the mean of the file's chunks",
        0.5, lambda look: look.evidence.file_translated * look.uncovered,
    ),
    Signal(
        "best_meaning_in_file", "`meaning` of the file's best chunk",
        0.5, lambda look: look.pool.best_in_file(look.meaning),
    ),
    Signal("defines", "it defines the one name that was asked for", 0.0, _defines, name_prior=5.0),
    Signal("defines_mentioned", "it defines a name written inside a question", 2.0, _defines_mentioned),
    Signal(
        "uses_mentioned",
        "it has a name written inside a question that asks for uses or tests, and does not define it",
        2.0, _uses_mentioned,
    ),
    Signal(
        "literal", "share of the code pieces in the query that stand in it character by character",
        1.0, lambda look: look.share_in_text(look.query.literals), name_prior=3.0,
    ),
    Signal(
        "qualified", "the same for qualified names alone, such as `os.path.join`: little code holds one by chance",
        1.5, lambda look: look.share_in_text(list(filter(is_qualified, look.query.literals))), name_prior=6.0,
    ),
    Signal(
        "file_name_covered",
        "how far the file name's words and the query's are the same: the harmonic mean of the shares that match, of a "
        "name typed alone the file name's share",
        1.5, lambda look: look.pool.of_file(lambda facts: _agreement(look, facts.name_words)),
    ),
    Signal(
        "words_in_file_name", "share of the query's words that the file name has, by idf",
        1.0, lambda look: look.pool.of_file(lambda facts: look.matcher.weight(look.matcher.union(facts.name_words)[0])),
    ),
    Signal(
        "words_in_definition", "best share of the query's words that a defined name and its container have, by idf",
        1.0, lambda look: np.array([max(shares, default=0.0) for shares in look.words_in_definitions]),
    ),
    Signal(
        "words_in_chunk", "share of the query's words that the chunk has, by idf",
        1.0, lambda look: look.words_in_chunk, fades=True,
    ),
    Signal(
        "words_in_file", "share of the query's words that the file has, by idf",
        1.0, lambda look: np.array([look.matcher.weight(bits) for bits in look.evidence.words_in_file]), fades=True,
    ),
    Signal(
        "declared",
        "it only declares what it has of the query, as a prototype, a stub or a heading does; it is defined elsewhere",
        -2.0, _declared_elsewhere_defined, low=-math.inf, high=0.0, name_prior=-5.0,
    ),
    Signal(
        "asked_kind", "the file is of a kind that the query asks for: tests, examples, documentation",
        1.0, lambda look: look.pool.of_file(lambda facts: float(bool(facts.kinds & look.query.wants))),
    ),
    Signal(
        "test", "the file is a test, and the query does not ask for such",
        -1.5, _kind("test"), low=-math.inf, high=0.0,
    ),
    Signal(
        "example", "the file is an example, and the query does not ask for such",
        -1.5, _kind("example"), low=-math.inf, high=0.0,
    ),
    Signal(
        "docs", "the file is documentation, and the query does not ask for such",
        -1.0, _kind("docs"), low=-math.inf,
    ),
    Signal(
        "imports_only", "nine tenths of its code lines are imports",
        -1.0, lambda look: look.pool.imports_only, low=-math.inf, high=0.0,
    ),
    Signal(
        "file_rank", "how central the file is in the [reference graph](graph.md): undirected PageRank, as a percentile",
        0.3, lambda look: look.pool.file_rank, fades=True,
    ),
    Signal(
        "symbol_rank", "the same of the chunk's most central definition",
        0.3, lambda look: look.pool.symbol_rank, fades=True,
    ),
    Signal(
        "named_file", "its path stands in the query; its weight is set by hand, as no label holds one",
        3.0, lambda look: np.array([float(record.path in look.evidence.pointed.files) for record in look.records]),
    ),
    Signal(
        "named_location",
        "how certain it is that the query names this very location, by a line or a frame of a stack trace; such ones "
        "stand first, whatever else counts, and the weight is set by hand, as no label holds one",
        10.0, _named_location,
    ),
    Signal(
        "near",
        "how near the file is to the user's: linked to it in the reference graph (hub files less), in the same "
        "folders, or edited lately; its weight is set by hand, as no label says where a person was",
        0.4, lambda look: look.pool.near,
    ),
)  # fmt: skip
"""The recipe: the columns of the features, in order."""

NAMES = tuple(signal.name for signal in SIGNALS)
