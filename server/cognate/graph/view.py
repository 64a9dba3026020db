"""The reference graph as questions see it: ranks and neighbours, frozen. Any thread.

Ranks are percentiles, so that they mean the same in every workspace, whatever its size and wherever they were computed.
A workspace whose graph is not known yet has the empty view, in which every answer is 0 or nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from cognate.graph.pagerank import Edges, Ranks, merged, page_rank, percentiles
from cognate.graph.references import ReferenceGraph
from cognate.graph.symbol_table import SymbolTable
from cognate.packing import from_texts, packed, to_texts, unpacked

_LINK_KINDS = ("<i4", "<i4", "<f4")
_KINDS = ("<i8", "u1", "<f4", "u1", "<i4", "<f4", *_LINK_KINDS, *_LINK_KINDS)
_NONE = np.zeros(0)
_NO_NUMBERS = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Who is linked to whom, by number: those of node i stand from ``first[i]`` to ``first[i + 1]``."""

    first: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    other: NDArray[np.int64] = field(default_factory=lambda: _NO_NUMBERS)
    weight: Ranks = field(default_factory=lambda: _NONE)

    def of(self, number: int) -> tuple[NDArray[np.int64], Ranks]:
        """Return the others of a node, and the weight of each link."""
        part = slice(int(self.first[number]), int(self.first[number + 1]))
        return self.other[part], self.weight[part]


@dataclass(frozen=True, slots=True, eq=False)
class GraphView:
    """Ranks and neighbours as of one moment.

    Attributes:
        paths: the files of the graph, in order.
        ranks: PageRank of each file, summing to 1.
        symbols: the definitions of the files.
        symbol_ranks: PageRank of each.
        outgoing: references of each file to others.
        incoming: the reverse.
        imported: ranks computed elsewhere, as percentiles, which count instead of ours.
        position: number of each file in ``paths``.
        shares: percentile of each file.
        symbol_shares: percentile of each definition.
    """

    paths: Sequence[str] = ()
    ranks: Ranks = field(default_factory=lambda: _NONE)
    symbols: SymbolTable = field(default_factory=SymbolTable)
    symbol_ranks: Ranks = field(default_factory=lambda: _NONE)
    outgoing: Links = field(default_factory=Links)
    incoming: Links = field(default_factory=Links)
    imported: Mapping[str, float] = field(default_factory=dict[str, float])
    position: Mapping[str, int] = field(default_factory=dict[str, int])
    shares: Ranks = field(default_factory=lambda: _NONE)
    symbol_shares: Ranks = field(default_factory=lambda: _NONE)

    def document_rank(self, path: str) -> float:
        """Return how central a file is: the share of files that are less so, 0 to 1; 0 for one outside the graph."""
        known = self.imported.get(path)
        if known is not None:
            return known
        number = self.position.get(path)
        return 0.0 if number is None else float(self.shares[number])

    def symbol_rank(self, path: str, *names: str) -> float:
        """Return how central a definition is, of several the most central one, 0 to 1.

        Args:
            path: its file.
            names: its name with its containers, joined by ``.``; empty for the code outside all definitions.
        """
        file = self.position.get(path)
        if file is None:
            return 0.0
        return max([float(self.symbol_shares[number]) for number in self.symbols.numbers(file, names)], default=0.0)

    def neighbours(self, path: str) -> dict[str, float]:
        """Return the files that a file refers to or that refer to it, with the weight of the stronger reference."""
        number = self.position.get(path)
        found: dict[str, float] = {}
        if number is not None:
            for links in (self.outgoing, self.incoming):
                for other, weight in zip(*links.of(number), strict=True):
                    name = self.paths[int(other)]
                    found[name] = max(found.get(name, 0.0), float(weight))
        return found

    def referrers(self, path: str) -> tuple[str, ...]:
        """Return the files that refer to a file, the strongest reference first, then by path."""
        number = self.position.get(path)
        if number is None:
            return ()
        links = zip(*self.incoming.of(number), strict=True)
        weights = {self.paths[int(other)]: float(weight) for other, weight in links}
        return tuple(sorted(weights, key=lambda name: (-weights[name], name)))

    def n_referrers(self, path: str) -> int:
        """Return how many files refer to a file."""
        number = self.position.get(path)
        return 0 if number is None else len(self.incoming.of(number)[0])


NO_GRAPH = GraphView()
"""Before the graph is known."""


def view_of(
    graph: ReferenceGraph, before: GraphView = NO_GRAPH, *, between: Callable[[], None] = lambda: None
) -> GraphView:
    """Rank a graph and freeze it.

    Args:
        graph: resolved.
        before: the view before the last changes, whose ranks the computation starts from.
        between: called between its steps, to let others go first.
    """
    paths, edges = graph.file_edges()
    ranks = page_rank(edges, start=_start(paths, before), between=between)
    symbols, symbol_edges = graph.symbol_edges()
    symbol_ranks = page_rank(symbol_edges, start=_start_of_symbols(paths, symbols, before), between=between)
    backwards = Edges(edges.target, edges.source, edges.weight, edges.n_nodes)
    return _complete(GraphView(paths, ranks, symbols, symbol_ranks, _links(edges), _links(backwards), before.imported))


def _complete(view: GraphView) -> GraphView:
    return replace(
        view,
        position={path: number for number, path in enumerate(view.paths)},
        shares=percentiles(view.ranks),
        symbol_shares=percentiles(view.symbol_ranks),
    )


def with_imported(view: GraphView, ranks: Mapping[str, float]) -> GraphView:
    """Return a view in which ranks computed elsewhere, on any scale, count instead of ours; none lets ours count."""
    shares = percentiles(np.array(list(ranks.values())))
    return replace(view, imported=dict(zip(ranks, shares.tolist(), strict=True)))


def _start(paths: Sequence[str], before: GraphView) -> Ranks | None:
    """Return ranks of files to begin from; what is new begins with the mean."""
    if not before.paths or not paths:
        return None
    numbers = np.array([before.position.get(path, -1) for path in paths], np.int64)
    return np.where(numbers < 0, before.ranks.mean(), before.ranks[numbers])


def _start_of_symbols(paths: Sequence[str], symbols: SymbolTable, before: GraphView) -> Ranks | None:
    """Return ranks of definitions to begin from; what is new begins with the mean."""
    if not before.paths or not paths:
        return None
    mean = float(before.symbol_ranks.mean())
    start = np.full(len(symbols), mean)
    for file, path in enumerate(paths):
        known = before.position.get(path)
        if known is not None:
            now, then = symbols.of(file), before.symbols.of(known)
            ranks = before.symbol_ranks[then.start : then.stop].tolist()
            of_name = dict(zip(before.symbols.names[then.start : then.stop], ranks, strict=True))
            names = symbols.names[now.start : now.stop]
            start[now.start : now.stop] = [of_name.get(name, mean) for name in names]
    return start


def _links(edges: Edges) -> Links:
    source, target, weight = merged(edges)
    counts = np.bincount(source, minlength=edges.n_nodes)
    return Links(np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]), target, weight)


def pack(view: GraphView, key: int) -> bytes:
    """Return a view as bytes, with a key to what it was made from; imported ranks are left out."""
    arrays = [
        np.array([key]),
        from_texts(view.paths),
        view.ranks,
        from_texts(view.symbols.names),
        view.symbols.first,
        view.symbol_ranks,
    ]
    for links in (view.outgoing, view.incoming):
        arrays += [links.first, links.other, links.weight]
    return packed(arrays, _KINDS)


def unpack(data: bytes, key: int) -> GraphView | None:
    """Return what was packed, or None when it is damaged or was made from something else."""
    try:
        arrays = unpacked(data, _KINDS)
    except ValueError:
        return None
    if int(arrays[0][0]) != key:
        return None
    paths, symbols = to_texts(arrays[1]), SymbolTable(arrays[4].astype(np.int64), to_texts(arrays[3]))
    outgoing, incoming = (Links(arrays[i], arrays[i + 1], _wide(arrays[i + 2])) for i in (6, 9))
    return _complete(GraphView(paths, _wide(arrays[2]), symbols, _wide(arrays[5]), outgoing, incoming))


def _wide(ranks: NDArray[np.float32]) -> Ranks:
    return ranks.astype(np.float64)
