"""The reference graph of a workspace as other tools take it, and their ranks kept for it. Any thread."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cognate.errors import StoreError
from cognate.graph import exchange
from cognate.graph.exchange import Document, Exported, Moniker, SymbolRow
from cognate.graph.monikers import module_name, schema_of
from cognate.graph.pagerank import Edges, merged
from cognate.graph.references import FileFacts, ReferenceGraph
from cognate.index.locations import write_whole
from cognate.index.snapshot import IndexSnapshot
from cognate.index.store import Store
from cognate.indexing.references import IMPORTED_FILE, symbols_of
from cognate.types import ChunkRecord, Symbol


def keep_imported(place: Path | None, ranks: Mapping[str, float]) -> None:
    """Keep ranks computed elsewhere beside the index, or remove those that are kept if there are none.

    Raises:
        StoreError: when the disk refuses, or the index is in memory.
    """
    if place is None:
        raise StoreError("The index is in memory, where imported ranks cannot be kept.")
    file = place / IMPORTED_FILE
    try:
        if ranks:
            write_whole(file, exchange.ranks_text(ranks).encode("utf-8", "surrogatepass"))
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"The ranks cannot be kept in {file}: {error.strerror}. Free some disk space.") from error


def exported(snapshot: IndexSnapshot | None, place: Path | None, repo: str) -> Exported:
    """Return a workspace's graph.

    Args:
        snapshot: the index.
        place: where it lies.
        repo: what to call the workspace.

    Raises:
        StoreError: when there is no index on disk to read.
    """
    if snapshot is None or place is None:
        raise StoreError("There is no index on disk to take the reference graph from.")
    store = Store(place, writable=False)
    try:
        used = store.uses_since(-1).references
    finally:
        store.close()
    records = {path: [snapshot.records[number] for number in snapshot.by_path.get(path, ())] for path in used}
    graph = ReferenceGraph()
    graph.update({p: FileFacts(symbols_of(records[p]), found) for p, found in used.items() if found is not None})
    graph.settle()
    paths, edges = graph.file_edges()
    table, symbol_edges = graph.symbol_edges()
    places = {path: {s.qualified: s for s in reversed(_symbols(records[path]))} for path in paths}
    symbols = [_row(repo, path, name, places[path].get(name)) for path, name in table.keys(paths)]
    go_modules = _go_modules(snapshot)
    return Exported(
        documents=[Document(repo, path) for path in paths],
        references=_pairs(edges),
        monikers=[
            (number, moniker)
            for number, path in enumerate(paths, 1)
            for moniker in _monikers(graph, path, places[path], go_modules)
        ],
        symbols=symbols,
        symbol_references=_pairs(symbol_edges),
    )


def _symbols(records: Iterable[ChunkRecord]) -> list[Symbol]:
    return [symbol for record in records for symbol in record.chunk.symbols]


def _row(repo: str, path: str, name: str, symbol: Symbol | None) -> SymbolRow:
    return SymbolRow(repo, path, name, symbol.kind if symbol else "", symbol.start_line + 1 if symbol else 1)


def _pairs(edges: Edges) -> list[tuple[int, int, float]]:
    source, target, weight = merged(edges)
    return [(a + 1, b + 1, w) for a, b, w in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True)]


def _go_modules(snapshot: IndexSnapshot) -> dict[str, str]:
    """Return the module that each folder with a go.mod begins."""
    found: dict[str, str] = {}
    for path, ids in snapshot.by_path.items():
        folder, _, name = path.rpartition("/")
        if name == "go.mod":
            lines = (line.split() for i in ids for line in snapshot.records[i].chunk.text.split("\n"))
            found[folder] = next((words[1] for words in lines if len(words) > 1 and words[0] == "module"), "")
    return found


def _monikers(
    graph: ReferenceGraph, path: str, symbols: Mapping[str, Symbol], go_modules: Mapping[str, str]
) -> Iterable[Moniker]:
    family = graph.family(path)
    schema = schema_of(family)
    module = module_name(path, family, go_modules)
    if module:
        yield Moniker("export", schema, module)
        for name in symbols:
            if name:
                yield Moniker("export", schema, f"{module}/{name}")
    for name in graph.imports_outside(path):
        if not name.startswith("."):
            yield Moniker("import", schema, name)
