"""A graph of nearest neighbours, where hnswlib is installed. The only file that imports it.

HNSW: Malkov and Yashunin, 2016, arXiv 1603.09320. A published graph is never added to, so any thread may query without
a lock (hnswlib's ``add_items`` and ``knn_query`` must not overlap). Without hnswlib, and for few vectors with it,
vectors are looked through (``scan``).
"""

import importlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix, Vector
from cognate.index.scan import Half, Rows, Scores, as_single, similarities_to
from cognate.index.vector_file import Links

GRAPH_FROM = 100_000
"""Vectors from which a graph is worth its time and memory: see docs/decisions/0020-no-graph-for-most-folders.md."""

LINKS = 16  # M; more links cost memory and gain little.
EF_CONSTRUCTION = 200
EF_SEARCH = 512  # Recall@50 of labelled questions at 50,000 vectors: 0.985; with 256 0.962, 0.8 ms sooner.
SEED = 7
FILTERED = 8  # Neighbours asked for, in relation to those wanted, where not all rows are; at least EF_SEARCH.
EXACT_LIMIT = 6000  # Up to this count of wanted rows an exact product over them beats a filtered graph walk.

_WORD = 4  # Bytes of what hnswlib keeps of a row: links and vectors are rows of such words.


@cache
def missing_because() -> str:
    """Return why hnswlib cannot be used, empty if it can."""
    try:
        importlib.import_module("hnswlib")
    except ImportError as error:  # Also one that was compiled for another Python.
        return str(error)
    return ""


def is_worth_it(count: int) -> bool:
    """Whether so many vectors are to have a graph."""
    return count >= GRAPH_FROM and not missing_because()


@dataclass(frozen=True, slots=True)
class Graph:
    """Vectors, and an index of hnswlib's whose labels are their rows.

    Attributes:
        vectors: shape (rows, dimensions), half precision: hnswlib gives single vectors back slowly.
        index: hnswlib's.
    """

    vectors: Half
    index: Any

    def nearest(self, query: Vector, limit: int, wanted: NDArray[np.bool_] | None) -> tuple[Rows, Scores]:
        """Return rows near to a query with their cosine similarities, in no order; arguments as in ``Scan.nearest``."""
        if wanted is None:
            return self._near(query, limit)
        n_wanted = int(np.count_nonzero(wanted))
        if n_wanted > EXACT_LIMIT:
            rows, similarities = self._near(query, max(FILTERED * limit, EF_SEARCH))
            good = wanted[rows]
            if np.count_nonzero(good) >= min(limit, n_wanted):
                return rows[good], similarities[good]
        rows = np.flatnonzero(wanted)
        return rows, similarities_to(query, self.vectors, rows)

    def _near(self, query: Vector, limit: int) -> tuple[Rows, Scores]:
        labels, distances = self.index.knn_query(query, k=min(limit, len(self.vectors)), num_threads=1)
        return labels[0].astype(np.int64), (1.0 - distances[0]).astype(np.float32)

    def with_more(self, vectors: Matrix, threads: int) -> "Graph":
        """Return a graph that has more rows, shape (rows, dimensions), in a private copy of the index."""
        index = _made_of(*self.index.__getstate__())
        n_before = len(self.vectors)
        index.resize_index(n_before + len(vectors))
        index.add_items(vectors, np.arange(n_before, n_before + len(vectors)), num_threads=threads)
        index.set_ef(EF_SEARCH)
        return Graph(np.concatenate([self.vectors, vectors.astype(np.float16)]), index)

    def links(self) -> tuple[Links, Rows]:
        """Return the links, and the row of each of hnswlib's own rows, which the links count."""
        (state,) = self.index.__getstate__()
        count: int = state["cur_element_count"]
        words = state["data_level0"].view(np.uint32).reshape(count, -1)
        counts = words[:, 0] & 0xFFFF
        neighbours = words[:, 1 : 1 + state["max_M0"]]
        links = Links(
            per_row=state["M"],
            effort=state["ef_construction"],
            top=state["max_level"],
            entry=state["enterpoint_node"],
            layers=state["element_levels"].astype(np.uint8),
            counts=counts.astype(np.uint8),
            ground=neighbours[_taken(counts, neighbours.shape[1])],
            upper=state["link_lists"],
        )
        return links, words[:, state["label_offset"] // _WORD :].copy().view(np.int64)[:, 0]


def graph_of(vectors: Half, threads: int) -> Graph:
    """Return a new graph. Takes half a minute of processor time at 50,000 vectors."""
    import hnswlib  # noqa: PLC0415

    index: Any = hnswlib.Index(space="ip", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=LINKS, ef_construction=EF_CONSTRUCTION, random_seed=SEED)
    index.add_items(as_single(vectors), np.arange(len(vectors)), num_threads=threads)
    index.set_ef(EF_SEARCH)
    return Graph(vectors, index)


def graph_with(links: Links, vectors: Half) -> Graph:
    """Return the graph with these links between these vectors, in the time that hnswlib takes to read its own file.

    hnswlib trusts what it is given: links that are wrong crash the process, so only what has its checksum comes here.

    Raises:
        ValueError: when this hnswlib lays out its rows in another way.
    """
    import hnswlib  # noqa: PLC0415

    count, dimensions = vectors.shape
    index: Any = hnswlib.Index(space="ip", dim=dimensions)
    index.init_index(max_elements=1, M=links.per_row, ef_construction=links.effort, random_seed=SEED)
    (state,) = index.__getstate__()
    vector, label = state["offset_data"] // _WORD, state["label_offset"] // _WORD
    if state["size_links_per_element"] * int(links.layers.sum()) != len(links.upper) or label - vector != dimensions:
        raise ValueError("another version of hnswlib wrote it")
    ground = np.zeros((count, state["size_data_per_element"] // _WORD), np.uint32)
    ground[:, 0] = links.counts
    ground[:, 1 : 1 + state["max_M0"]][_taken(links.counts, state["max_M0"])] = links.ground
    ground.view(np.float32)[:, vector:label] = vectors
    ground[:, label:] = np.arange(count).view(np.uint32).reshape(count, -1)
    state |= {
        "max_elements": count,
        "cur_element_count": count,
        "max_level": links.top,
        "enterpoint_node": links.entry,
        "ep_added": True,
        "element_levels": links.layers.astype(np.int32),
        "label_lookup_external": np.arange(count, dtype=np.uint64),
        "label_lookup_internal": np.arange(count, dtype=np.uint32),
        "link_lists": links.upper,
        "data_level0": ground.view(np.int8).reshape(-1),
    }
    index = _made_of(state)
    index.set_ef(EF_SEARCH)
    return Graph(vectors, index)


def _taken(counts: NDArray[Any], width: int) -> NDArray[np.bool_]:
    """Return which columns hold a link, shape (len(counts), width)."""
    return np.arange(width) < counts[:, None]


def _made_of(state: dict[str, Any]) -> Any:
    """Return an index from what ``__getstate__`` gives, which copies it; nothing is pickled."""
    import hnswlib  # noqa: PLC0415

    index: Any = hnswlib.Index.__new__(hnswlib.Index)
    index.__setstate__((state,))
    return index
