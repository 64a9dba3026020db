"""The reference graph ranked in the directions that the product does not use, for comparison."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cognate.engine import Engine
from cognate.graph.pagerank import Direction, Edges, Ranks, page_rank, percentiles
from cognate.index.snapshot import Snapshot
from cognate.indexing.export import exported

OTHER_DIRECTIONS = (Direction.DIRECTED, Direction.REVERSED)


def ranked_otherwise(engine: Engine, snapshot: Snapshot) -> Iterator[tuple[str, Snapshot]]:
    """Yield the name of each other direction and the snapshot with the ranks that it gives to files and definitions."""
    graph = exported(Path(engine.status().store), "")
    for direction in OTHER_DIRECTIONS:
        view = replace(
            snapshot.graph,
            shares=_shares(graph.references, len(graph.documents), direction),
            symbol_shares=_shares(graph.symbol_references, len(graph.symbols), direction),
        )
        yield direction.value, replace(snapshot, graph=view)


def _shares(references: Sequence[tuple[int, int, float]], n_nodes: int, direction: Direction) -> Ranks:
    rows = np.array(references, np.float64).reshape(-1, 3)
    source, target = rows[:, 0].astype(np.int64) - 1, rows[:, 1].astype(np.int64) - 1
    return percentiles(page_rank(Edges(source, target, rows[:, 2], n_nodes), direction))
