"""``cognate spark``: vectors and ranks of many repositories, on this machine or a cluster."""

import argparse

from cognate.cli import output
from cognate.cli.exit_codes import ERROR, FOUND, NOTHING_FOUND
from cognate.embedding import signing
from cognate.embedding.shards import Precision
from cognate.graph.pagerank import Direction
from cognate.spark import embed as embedding
from cognate.spark import rank as ranking
from cognate.spark.output import Output, uri_of
from cognate.spark.repositories import read_list
from cognate.spark.session import session


def embed(options: argparse.Namespace) -> int:
    """Embed what repositories hold into a folder of vectors."""
    sources = read_list(options.repositories)
    private_key = signing.read_private_key(options.sign) if options.sign is not None else None
    place = Output.of(options.out)
    with session("cognate spark embed", options.master, embedding.SQL_SETTINGS) as spark:
        done = embedding.embed(
            spark,
            sources,
            place,
            model=options.model,
            precision=Precision[options.precision.upper()],
            private_key=private_key,
        )
    for problem in done.problems:
        output.write_note(problem)
    count = done.manifest.count
    if options.json:
        said = {"repositories": len(sources), "added": done.n_added, "vectors": count}
        output.write_json({**said, "shards": len(done.manifest.shards), "problems": list(done.problems)})
    else:
        output.write_line(f"{done.n_added:,} vectors added, {count:,} in {options.out}")
    if done.problems:
        return ERROR
    return FOUND if count else NOTHING_FOUND


def rank(options: argparse.Namespace) -> int:
    """Rank the documents, or the symbols, of graphs that were exported."""
    folders = [uri_of(folder) for folder in options.graphs]
    place = Output.of(options.out)
    with session("cognate spark rank", options.master, ranking.SQL_SETTINGS) as spark:
        done = ranking.rank(spark, folders, place, Direction(options.direction), symbols=options.symbols)
    if options.json:
        output.write_json({"nodes": done.n_nodes, "references": done.n_edges, "files": list(done.files)})
    else:
        output.write_line(f"{done.n_nodes:,} ranks written to {', '.join(done.files)} in {options.out}")
    return FOUND if done.n_nodes else NOTHING_FOUND
