"""The reference graph of a workspace as other tools take it, and their ranks kept for it. Any thread."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cognate.disk import write_whole
from cognate.errors import StoreError
from cognate.graph import exchange
from cognate.graph.exchange import Document, Exported, Moniker, SymbolRow
from cognate.graph.monikers import module_name, schema_of
from cognate.graph.pagerank import Edges, merged
from cognate.graph.references import FileFacts, ReferenceGraph
from cognate.index.entries import Outline
from cognate.index.locations import IMPORTED_FILE
from cognate.index.opening import open_index
from cognate.index.snapshot import Snapshot
from cognate.indexing.jobs.graph import symbols_of
from cognate.types import References, Symbol


def keep_imported(index_folder: Path | None, ranks: Mapping[str, float]) -> None:
    """Keep ranks computed elsewhere beside the index, or remove those that are kept if there are none.

    Raises:
        StoreError: when the disk refuses, or the index is in memory.
    """
    if index_folder is None:
        raise StoreError("The index is in memory, where imported ranks cannot be kept.")
    file = index_folder / IMPORTED_FILE
    try:
        if ranks:
            write_whole(file, exchange.ranks_text(ranks).encode("utf-8", "surrogatepass"))
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"The ranks cannot be kept in {file}: {error.strerror}. Free some disk space.") from error


def exported(index_folder: Path, repo: str) -> Exported:
    """Return a workspace's graph, as its index on disk has it; any process may write that meanwhile.

    Args:
        index_folder: where the index lies.
        repo: what to call the workspace.

    Raises:
        StoreError: when there is no index on disk to read.
    """
    index = open_index(index_folder, writable=False)
    try:
        return _exported(index.saved, index.store.uses_since(-1).references, repo)
    finally:
        index.close()


def _exported(snapshot: Snapshot, uses: Mapping[str, References | None], repo: str) -> Exported:
    used = {path: found for path, found in uses.items() if path in snapshot.files}
    outlines = {path: snapshot.outline(path) for path in used}
    graph = ReferenceGraph()
    graph.update({p: FileFacts(symbols_of(outlines[p]), found) for p, found in used.items() if found is not None})
    graph.resolve()
    paths, edges = graph.file_edges()
    table, symbol_edges = graph.symbol_edges()
    defined = {path: {s.qualified: s for s in reversed(_symbols(outlines[path]))} for path in paths}
    symbols = [_row(repo, path, name, defined[path].get(name)) for path, name in table.keys(paths)]
    go_modules = _go_modules(snapshot)
    return Exported(
        documents=[Document(repo, path) for path in paths],
        references=_pairs(edges),
        monikers=[
            (number, moniker)
            for number, path in enumerate(paths, 1)
            for moniker in _monikers(graph, path, defined[path], go_modules)
        ],
        symbols=symbols,
        symbol_references=_pairs(symbol_edges),
    )


def _symbols(outlines: Iterable[Outline]) -> list[Symbol]:
    return [symbol for outline in outlines for symbol in outline.symbols]


def _row(repo: str, path: str, name: str, symbol: Symbol | None) -> SymbolRow:
    return SymbolRow(repo, path, name, symbol.kind if symbol else "", symbol.start_line + 1 if symbol else 1)


def _pairs(edges: Edges) -> list[tuple[int, int, float]]:
    source, target, weight = merged(edges)
    return [(a + 1, b + 1, w) for a, b, w in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True)]


def _go_modules(snapshot: Snapshot) -> dict[str, str]:
    """Return the module that each folder with a go.mod begins."""
    found: dict[str, str] = {}
    for path in snapshot.paths():
        folder, _, name = path.rpartition("/")
        if name == "go.mod":
            lines = (line.split() for record in snapshot.read_file(path) for line in record.chunk.text.split("\n"))
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
