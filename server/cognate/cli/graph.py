"""``cognate graph``: the reference graph as CSV, ranks of such files, and ranks brought into an index."""

import argparse
from pathlib import Path

from cognate.cli import output
from cognate.cli.commands import open_current
from cognate.cli.exit_codes import FOUND, NOTHING_FOUND
from cognate.errors import InvalidRequestError, StoreError
from cognate.face import EngineFace
from cognate.graph import exchange
from cognate.graph.exchange import Joined
from cognate.graph.pagerank import Direction
from cognate.indexing import export as graph_export
from cognate.types import IN_MEMORY


def export(options: argparse.Namespace) -> int:
    """Write a folder's reference graph as CSV files."""
    with open_current(options, options.path, current=False) as engine:
        exported = graph_export.exported(_index_folder(engine), options.repo or engine.folder.name)
        files = exchange.write(options.out, exported)
    counts = {
        "documents": len(exported.documents),
        "references": len(exported.references),
        "monikers": len(exported.monikers),
        "symbols": len(exported.symbols),
        "symbol_references": len(exported.symbol_references),
    }
    if options.json:
        output.write_json({**counts, "files": [str(file) for file in files]})
    else:
        told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
        output.write_line(f"{told} written to {options.out}")
    return FOUND if exported.documents else NOTHING_FOUND


def _index_folder(engine: EngineFace) -> Path:
    store = engine.status().store
    if store == IN_MEMORY:
        raise StoreError("There is no index on disk to take the reference graph from.")
    return Path(store)


def rank(options: argparse.Namespace) -> int:
    """Rank the documents, or the symbols, of graphs that were exported."""
    joined = _read(options)
    ranks = joined.ranks(Direction(options.direction), weighted=not options.unweighted)
    file = None if options.out is None else exchange.write_ranks(options.out, joined, ranks)
    shown = exchange.in_order(joined, ranks)
    if options.limit is not None:
        shown = shown[: options.limit]
    elif file is not None:
        shown = []
    for number in shown:
        repo, path, *symbol = joined.nodes[number]
        value = round(float(ranks[number]), 9)
        if options.json:
            named = {"symbol": symbol[0]} if symbol else {}
            output.write_json({"repo": repo, "path": path, **named, "rank": value})
        else:
            output.write_line(f"{value:12.6f}  {path}{' ' + symbol[0] if symbol else ''}")
    if file is not None and not options.json:
        output.write_note(f"{len(joined.nodes):,} ranks written to {file}")
    return FOUND if joined.nodes else NOTHING_FOUND


def _read(options: argparse.Namespace) -> Joined:
    """Read the graphs that are named as folders or by their files."""
    joined, weighted = Joined(), not options.unweighted
    folders: list[Path] = options.folders
    if options.documents is not None or options.references is not None:
        if folders or options.documents is None or options.references is None or options.symbols:
            raise InvalidRequestError(
                "Say either DIR, or both --documents and --references; --symbols needs DIR, as export writes it."
            )
        exchange.read_documents(options.documents, options.references, options.monikers, joined, weighted=weighted)
        return joined
    if not folders:
        raise InvalidRequestError("Say which folder to read: cognate graph rank DIR, as cognate graph export wrote it.")
    for folder in folders:
        if options.symbols:
            exchange.read_symbols(folder, joined, weighted=weighted)
        else:
            monikers = folder / exchange.MONIKERS
            documents, references = folder / exchange.DOCUMENTS, folder / exchange.REFERENCES
            present = monikers if monikers.is_file() else None
            exchange.read_documents(documents, references, present, joined, weighted=weighted)
    joined.connect(weighted=weighted)
    return joined


def import_(options: argparse.Namespace) -> int:
    """Bring ranks computed elsewhere into a folder's index, or clear them."""
    if options.clear:
        return _clear(options)
    if options.source is None:
        raise InvalidRequestError("Say what to import: cognate graph import DIR, with files of repo,path,rank in it.")
    files = exchange.rank_files(options.source) if options.source.is_dir() else [options.source]
    if not files:
        raise InvalidRequestError(
            f"There are no ranks in {options.source}: cognate graph rank DIR --out DIR makes some."
        )
    with open_current(options, options.path or ".", current=False) as engine:
        ranks = exchange.read_ranks(files, options.repo or engine.folder.name)
        indexed = engine.paths()
        known = {path: rank for path, rank in ranks.items() if path in indexed}
        if known:
            engine.import_ranks(known)
    unknown = len(ranks) - len(known)
    if options.json:
        output.write_json({"imported": len(known), "unknown": unknown})
    elif known:
        output.write_line(f"{len(known):,} ranks imported; they count until others are imported or --clear")
    else:
        output.write_note(
            "no rank is of a file in the index: the repo must be this folder's name, or the one after --repo"
        )
    if unknown and known and not options.json:
        output.write_note(f"{unknown:,} ranks are of files that are not in the index")
    return FOUND if known else NOTHING_FOUND


def _clear(options: argparse.Namespace) -> int:
    path = options.path or str(options.source or ".")
    with open_current(options, path, current=False) as engine:
        engine.import_ranks({})
    if options.json:
        output.write_json({"imported": 0})
    else:
        output.write_line("Imported ranks no longer count")
    return FOUND
