"""The candidates of a question, each once, and what no wording of the question changes. Any thread, one snapshot."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix
from cognate.index.snapshot import Snapshot
from cognate.search.declarations import only_declares
from cognate.search.imports import is_imports_only
from cognate.types import ChunkId, ChunkRecord, Symbol
from cognate.words import common_start, name_key
from cognate.workspace.path_facts import PathFacts, path_facts

LINKED = 0.8  # The most that a file gets which the user's file refers to or is referred to by.
SAME_FOLDER = 0.6
RECENT = 0.7  # A file that was edited lately, wherever the user is now.

Column = NDArray[np.float64]
"""One number for each candidate."""


class Pool:
    """The candidates that are ranked, read.

    Attributes:
        records: the candidates.
        files: their files, each once.
        vectors: a row for each candidate, NaN where it has none; no rows without an encoder.
        means: the mean vector of each of the files, in the same way.
        near: how near each candidate's file is to where the user is, 0 to 1.
        file_rank: how central the file is in the reference graph, 0 to 1.
        symbol_rank: how central the chunk's most central definition is, 0 to 1.
        tolerated: kinds of files that need not be asked for, as the user is in one.
    """

    def __init__(
        self,
        records: Sequence[ChunkRecord],
        *,
        near: Mapping[str, float],
        file_ranks: Mapping[str, float],
        symbol_rank: Sequence[float],
        vectors: Matrix,
        means: Matrix,
        tolerated: frozenset[str] = frozenset(),
    ) -> None:
        self.records = records
        numbers = {path: i for i, path in enumerate(dict.fromkeys(record.path for record in records))}
        self.files = list(numbers)
        self.file_of = np.array([numbers[record.path] for record in records], np.int64)
        self.near = self._of_files([near.get(path, 0.0) for path in self.files])
        self.file_rank = self._of_files([file_ranks.get(path, 0.0) for path in self.files])
        self.symbol_rank = np.asarray(symbol_rank, np.float64)
        self.vectors = vectors
        self.means = means
        self.tolerated = tolerated
        self.lowered = [record.chunk.text.lower() for record in records]
        self._holding: dict[str, NDArray[np.bool_]] = {}
        self._declared: dict[int, bool] = {}  # By the symbol's identity, which is quick, and safe as the pool holds it.
        self._facts = [path_facts(path) for path in self.files]

    @cached_property
    def ids(self) -> list[ChunkId]:
        """The ids of the candidates."""
        return [record.id for record in self.records]

    def _of_files(self, values: Sequence[float]) -> Column:
        return np.asarray(values, np.float64)[self.file_of]

    def of_file(self, value: Callable[[PathFacts], float]) -> Column:
        """Return a column of what is found in each candidate's path."""
        return self._of_files([value(facts) for facts in self._facts])

    def best_in_file(self, column: Column) -> Column:
        """Return what the best chunk of each candidate's file has."""
        best = np.full(len(self.files), -np.inf)
        np.maximum.at(best, self.file_of, column)
        return best[self.file_of]

    @cached_property
    def definitions(self) -> list[tuple[Symbol, ...]]:
        """What each chunk defines."""
        return [record.chunk.definitions for record in self.records]

    @cached_property
    def defined_names(self) -> list[frozenset[str]]:
        """The keys of the names that each chunk defines."""
        return [frozenset(name_key(symbol.name) for symbol in symbols) for symbols in self.definitions]

    def holding(self, piece: str) -> NDArray[np.bool_]:
        """Return which chunks hold a piece of text, whatever their case."""
        known = self._holding.get(piece)
        if known is None:
            wanted = piece.lower()
            known = self._holding[piece] = np.array([wanted in text for text in self.lowered], np.bool_)
        return known

    def only_declares(self, row: int, symbol: Symbol) -> bool:
        """Return whether a candidate's definition only says that something exists, see ``declarations``."""
        known = self._declared.get(id(symbol))
        if known is None:
            known = self._declared[id(symbol)] = only_declares(self.records[row], symbol)
        return known

    @cached_property
    def imports_only(self) -> Column:
        """1 where nine tenths of a chunk's code lines are imports."""
        return np.array([is_imports_only(record.chunk.text) for record in self.records], np.float64)


def read_pool(
    snapshot: Snapshot, ids: Sequence[ChunkId], *, near: str | None, recent: Sequence[str], with_vectors: bool
) -> Pool:
    """Read candidates; those that are no longer here are left out.

    Args:
        snapshot: what is searched.
        ids: the candidates, in order.
        near: the file that the user is in, if known.
        recent: files that were edited lately.
        with_vectors: whether vectors are of use.
    """
    records = snapshot.read(ids)
    files = list(dict.fromkeys(record.path for record in records))
    vectors = means = np.empty((0, 0), np.float32)
    if with_vectors:
        vectors = snapshot.vectors.gathered([record.id for record in records])
        means = snapshot.means_of(files)
    return Pool(
        records,
        near=nearness(snapshot, files, near, recent),
        file_ranks={path: snapshot.graph.document_rank(path) for path in files},
        symbol_rank=[snapshot.symbol_rank(record) for record in records],
        vectors=vectors,
        means=means,
        tolerated=path_facts(near).kinds if near is not None else frozenset(),
    )


def nearness(
    snapshot: Snapshot, paths: Iterable[str], near: str | None, recent: Sequence[str] = ()
) -> dict[str, float]:
    """Return how near each file is to the user, 0 to 1, in the reference graph, the tree of folders, and in time.

    The user's own file is 1.
    """
    edited = frozenset(recent)
    linked = _linked_files(snapshot, near) if near is not None else {}
    strongest = max(linked.values(), default=1.0)
    found: dict[str, float] = {}
    for path in paths:
        if path == near:
            found[path] = 1.0
            continue
        by_graph = LINKED * linked.get(path, 0.0) / strongest
        by_tree = SAME_FOLDER * _shared_folders(path, near) if near is not None else 0.0
        found[path] = max(by_graph, by_tree, RECENT if path in edited else 0.0)
    return found


def _linked_files(snapshot: Snapshot, path: str) -> Mapping[str, float]:
    """Return the files linked to one by references; what everything refers to says little about any one of them."""
    graph = snapshot.graph
    return {other: weight / math.log2(2 + graph.n_referrers(other)) for other, weight in graph.neighbours(path).items()}


def _shared_folders(one: str, other: str) -> float:
    """Return the share of the longer path's folders that both are in; files side by side at the root share all."""
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    longer = max(len(first), len(second))
    return common_start(first, second) / longer if longer else 1.0
