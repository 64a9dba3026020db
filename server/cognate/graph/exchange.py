"""The reference graph as CSV: written for other tools, and their ranks read back. The room's only IO.

The columns are those of "Ranking in a week" (Sourcegraph, 2022), so that tools made for one serve the other:

* ``documents.csv``: pathID, repo, path; ``references.csv``: from, to;
* ``monikers.csv``: pathID, monikerType, schema, identifier, which join several workspaces: what one imports under the
  name that another exports is a reference from one to the other;
* ranks: repo, path, rank.

Beside them stand files of the same make: ``weights.csv`` (from, to, weight) for what the references weigh,
``symbols.csv`` and ``symbol_references.csv`` for definitions instead of documents.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cognate.errors import InvalidRequestError
from cognate.graph.pagerank import Direction, Edges, Ranks, merged, page_rank

DOCUMENTS, REFERENCES, MONIKERS = "documents.csv", "references.csv", "monikers.csv"
WEIGHTS, SYMBOLS, SYMBOL_REFERENCES = "weights.csv", "symbols.csv", "symbol_references.csv"
RANKS, SYMBOL_RANKS = "ranks.csv", "symbol_ranks.csv"

_DOCUMENT_COLUMNS = ("pathID", "repo", "path")
_REFERENCE_COLUMNS = ("from", "to")
_WEIGHT_COLUMNS = ("from", "to", "weight")
_MONIKER_COLUMNS = ("pathID", "monikerType", "schema", "identifier")
_SYMBOL_COLUMNS = ("symbolID", "repo", "path", "symbol", "kind", "line")
_RANK_COLUMNS = ("repo", "path", "rank")
_SYMBOL_RANK_COLUMNS = ("repo", "path", "symbol", "rank")
_MONIKER_TYPES = frozenset({"import", "export"})
_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Document:
    """A file of a workspace."""

    repo: str
    path: str


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """A definition.

    Attributes:
        repo: the workspace.
        path: its file.
        name: with its containers, joined by ``.``; empty for the code outside all definitions.
        kind: as in SYMBOL_KINDS; empty for that code.
        line: counted from 1.
    """

    repo: str
    path: str
    name: str
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Moniker:
    """A name by which a document can be referred to, or refers, across workspaces."""

    kind: str
    schema: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Exported:
    """A workspace's graph, numbered from 1 in the order of its lists.

    Attributes:
        documents: its files.
        references: pairs of documents with their weight.
        monikers: by number of document.
        symbols: its definitions.
        symbol_references: pairs of them with their weight.
    """

    documents: Sequence[Document]
    references: Sequence[tuple[int, int, float]]
    monikers: Sequence[tuple[int, Moniker]] = ()
    symbols: Sequence[SymbolRow] = ()
    symbol_references: Sequence[tuple[int, int, float]] = ()


@dataclass(slots=True)
class Joined:
    """Graphs of several workspaces as one; filled by ``read_documents`` and ``read_symbols``.

    Attributes:
        nodes: repo and path, and of a symbol its name.
        source: numbers of the nodes that refer.
        target: numbers of the nodes that they refer to.
        weight: of each reference.
        monikers: numbers of the nodes that have one.
    """

    nodes: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    source: list[int] = field(default_factory=list[int])
    target: list[int] = field(default_factory=list[int])
    weight: list[float] = field(default_factory=list[float])
    monikers: dict[Moniker, list[int]] = field(default_factory=dict[Moniker, list[int]])

    def connect(self, *, weighted: bool = True) -> None:
        """Make references across workspaces of what one imports and another exports.

        Args:
            weighted: whether those that export the same share a reference; otherwise each counts as 1.
        """
        for moniker, importers in self.monikers.items():
            exporters = self.monikers.get(replace(moniker, kind="export"), [])
            for importer in importers if moniker.kind == "import" else ():
                others = [node for node in exporters if self.nodes[node][0] != self.nodes[importer][0]]
                self.source += [importer] * len(others)
                self.target += others
                self.weight += [1.0 / max(1, len(others)) if weighted else 1.0] * len(others)

    def ranks(self, direction: Direction, *, weighted: bool = True) -> Ranks:
        """Return the PageRank of each node, scaled to a mean of 1.

        Args:
            direction: which way rank flows.
            weighted: whether the weights count; otherwise one node refers to another or not, by however many names.
        """
        source, target = np.array(self.source, np.int64), np.array(self.target, np.int64)
        edges = Edges(source, target, np.array(self.weight), len(self.nodes))
        if not weighted:
            source, target, weight = merged(edges)
            edges = Edges(source, target, np.ones_like(weight), len(self.nodes))
        return page_rank(edges, direction) * len(self.nodes)


def write(folder: Path, exported: Exported) -> list[Path]:
    """Write a graph as CSV files under a folder, which is made if need be, and return their paths.

    Raises:
        InvalidRequestError: when it cannot be written.
    """
    documents = [(number, d.repo, d.path) for number, d in enumerate(exported.documents, 1)]
    references = [(source, target) for source, target, _ in exported.references]
    weights = [(source, target, f"{weight:.{_DECIMALS}g}") for source, target, weight in exported.references]
    monikers = [(number, m.kind, m.schema, m.identifier) for number, m in exported.monikers]
    symbols = [(n, s.repo, s.path, s.name, s.kind, s.line) for n, s in enumerate(exported.symbols, 1)]
    symbol_references = [(a, b, f"{weight:.{_DECIMALS}g}") for a, b, weight in exported.symbol_references]
    return [
        _write(folder / DOCUMENTS, _DOCUMENT_COLUMNS, documents),
        _write(folder / REFERENCES, _REFERENCE_COLUMNS, references),
        _write(folder / MONIKERS, _MONIKER_COLUMNS, monikers),
        _write(folder / WEIGHTS, _WEIGHT_COLUMNS, weights),
        _write(folder / SYMBOLS, _SYMBOL_COLUMNS, symbols),
        _write(folder / SYMBOL_REFERENCES, _WEIGHT_COLUMNS, symbol_references),
    ]


def write_ranks(folder: Path, joined: Joined, ranks: Ranks) -> Path:
    """Write ranks under a folder, the highest first; of symbols if the nodes are symbols.

    Raises:
        InvalidRequestError: when it cannot be written.
    """
    of_symbols = bool(joined.nodes) and len(joined.nodes[0]) == len(_SYMBOL_RANK_COLUMNS) - 1
    name, columns = (SYMBOL_RANKS, _SYMBOL_RANK_COLUMNS) if of_symbols else (RANKS, _RANK_COLUMNS)
    return _write(
        folder / name, columns, ((*joined.nodes[i], f"{ranks[i]:.{_DECIMALS}f}") for i in in_order(joined, ranks))
    )


def ranks_text(ranks: Mapping[str, float]) -> str:
    """Return ranks of one workspace as ``read_ranks`` takes them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_RANK_COLUMNS)
    writer.writerows(("", path, repr(rank)) for path, rank in ranks.items())
    return out.getvalue()


def in_order(joined: Joined, ranks: Ranks) -> list[int]:
    """Return the numbers of the nodes, the highest rank first and equal ones by name."""
    return sorted(range(len(ranks)), key=lambda i: (-round(float(ranks[i]), _DECIMALS), joined.nodes[i]))


def read_documents(
    documents: Path, references: Path, monikers: Path | None, joined: Joined, *, weighted: bool = True
) -> None:
    """Add a workspace's documents and their references to a graph.

    Where ``weights.csv`` stands beside the references, it says what they weigh; otherwise each weighs 1.

    Args:
        documents: as ``write`` makes it.
        references: the same.
        monikers: the same, or None.
        joined: what others were added to, or new; ``connect`` makes references of the monikers.
        weighted: whether the weights count.

    Raises:
        InvalidRequestError: when a file cannot be read or a line is not as it should be; says which.
    """
    node_of: dict[str, int] = {}
    for line, (number, repo, path) in _read(documents, _DOCUMENT_COLUMNS):
        if number in node_of:
            raise _fault(documents, line, f"the pathID {number} was given before; give each document its own")
        if not path:
            raise _fault(documents, line, "the path is empty")
        node_of[number] = len(joined.nodes)
        joined.nodes.append((repo, path))
    weights = references.with_name(WEIGHTS)
    has_weights = weighted and weights.is_file() and references.name == REFERENCES
    _read_edges(weights if has_weights else references, node_of, documents, joined, weighted=has_weights)
    if monikers is not None:
        _connect(monikers, node_of, documents, joined)


def read_symbols(folder: Path, joined: Joined, *, weighted: bool = True) -> None:
    """Add a workspace's definitions and their references to a graph.

    Args:
        folder: as ``write`` makes it.
        joined: what others were added to, or new.
        weighted: whether the weights count.

    Raises:
        InvalidRequestError: when a file cannot be read or a line is not as it should be; says which.
    """
    node_of: dict[str, int] = {}
    for line, (number, repo, path, name, _, _) in _read(folder / SYMBOLS, _SYMBOL_COLUMNS):
        if number in node_of:
            raise _fault(folder / SYMBOLS, line, f"the symbolID {number} was given before; give each symbol its own")
        node_of[number] = len(joined.nodes)
        joined.nodes.append((repo, path, name))
    _read_edges(folder / SYMBOL_REFERENCES, node_of, folder / SYMBOLS, joined, weighted=weighted)


def rank_files(folder: Path) -> list[Path]:
    """Return the CSV files of a folder but for those that ``write`` makes."""
    others = {DOCUMENTS, REFERENCES, MONIKERS, WEIGHTS, SYMBOLS, SYMBOL_REFERENCES, SYMBOL_RANKS}
    return sorted(file for file in folder.glob("*.csv") if file.name not in others)


def read_ranks(files: Iterable[Path], repo: str | None = None) -> dict[str, float]:
    """Return the rank of each path in some files; of a path that stands in several, the last one.

    Args:
        files: shards of one result, in any number.
        repo: only this workspace's, unless the files name one workspace alone.

    Raises:
        InvalidRequestError: when a file cannot be read or a line is not as it should be; says which.
    """
    by_repo: dict[str, dict[str, float]] = {}
    for file in files:
        for line, (name, path, rank) in _read(file, _RANK_COLUMNS):
            by_repo.setdefault(name, {})[path] = _number(file, line, rank, "rank", at_least=0.0)
    if repo is None or len(by_repo) == 1:
        return {path: rank for ranks in by_repo.values() for path, rank in ranks.items()}
    return by_repo.get(repo, {})


def _connect(monikers: Path, node_of: Mapping[str, int], documents: Path, joined: Joined) -> None:
    for line, (number, kind, schema, identifier) in _read(monikers, _MONIKER_COLUMNS):
        if kind not in _MONIKER_TYPES:
            raise _fault(monikers, line, f"the monikerType is {kind!r}; it must be import or export")
        node = _known(node_of, number, monikers, line, documents)
        joined.monikers.setdefault(Moniker(kind, schema, identifier), []).append(node)


def _read_edges(file: Path, node_of: Mapping[str, int], nodes: Path, joined: Joined, *, weighted: bool) -> None:
    for line, row in _read(file, _WEIGHT_COLUMNS if weighted else _REFERENCE_COLUMNS):
        joined.source.append(_known(node_of, row[0], file, line, nodes))
        joined.target.append(_known(node_of, row[1], file, line, nodes))
        joined.weight.append(_number(file, line, row[2], "weight") if weighted else 1.0)


def _known(node_of: Mapping[str, int], number: str, file: Path, line: int, nodes: Path) -> int:
    if number not in node_of:
        raise _fault(file, line, f"{number!r} is not in {nodes.name}; export both files at the same time")
    return node_of[number]


def _number(file: Path, line: int, text: str, column: str, *, at_least: float | None = None) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not (np.isfinite(value) and (value > 0 if at_least is None else value >= at_least)):
        lowest = "above 0" if at_least is None else f"of at least {at_least:g}"
        raise _fault(file, line, f"the {column} is {text!r}; it must be a number {lowest}")
    return value


def _read(file: Path, columns: Sequence[str]) -> Iterable[tuple[int, tuple[str, ...]]]:
    """Yield line numbers and the values of the columns, whatever their order and whatever stands beside them."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = csv.reader(opened, strict=True)
            header = [name.strip() for name in next(rows, [])]
            missing = [name for name in columns if name not in header]
            if missing:
                found = ",".join(header) or "nothing"
                raise _fault(
                    file, 1, f"the header lacks {', '.join(missing)}; it must be {','.join(columns)}, not {found}"
                )
            columns_at = [header.index(name) for name in columns]
            for row in rows:
                if not row:
                    continue
                if len(row) != len(header):
                    raise _fault(
                        file,
                        rows.line_num,
                        f"there are {len(row)} values for {len(header)} columns; quote values with commas",
                    )
                yield rows.line_num, tuple(row[column] for column in columns_at)
    except csv.Error as error:
        raise _fault(file, 0, f"it is not a CSV file ({error})") from error
    except UnicodeDecodeError as error:
        raise _fault(file, 0, "it is not UTF-8; save it in that encoding") from error
    except OSError as error:
        raise InvalidRequestError(f"{file} cannot be read: {error.strerror}.") from error


def _fault(file: Path, line: int, what: str) -> InvalidRequestError:
    where = f"{file}, line {line}" if line else str(file)
    return InvalidRequestError(f"{where}: {what}.")


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
    except OSError as error:
        raise InvalidRequestError(f"{file} cannot be written: {error.strerror}.") from error
    return file
