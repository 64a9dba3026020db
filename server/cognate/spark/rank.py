"""Owns the job that ranks documents, or symbols, across repositories with Spark's own GraphX. Runs on the driver.

GraphX has no Python interface, so its Scala one is called through the gateway that pyspark has to its JVM. Everything
before and after are data frames; nothing but counts and faults comes to the driver. GraphX does not weigh references:
one document refers to another or does not, by however many names, as in "Ranking in a week" (Sourcegraph, 2022) and as
``cognate graph rank --unweighted`` has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cognate.errors import InvalidRequestError
from cognate.graph import exchange
from cognate.graph.pagerank import DAMPING, Direction
from cognate.spark.embed import reason_of
from cognate.spark.output import Output
from cognate.spark.session import SparkError, library

TOLERANCE = 1e-9
"""A vertex whose rank, 1 on average, would change by less is left alone. What is left alone adds up to less than
1 / (1 - DAMPING) times this share of a rank."""

EDGES_AT_LEAST = 50_000
EDGES_A_PART = 500_000
"""GraphX goes through all parts some hundred times, and a task takes 10 ms however little it has to do."""

ROWS_A_FILE = 5_000_000
"""Ranks in one file of the output: 300 MB."""

SQL_SETTINGS = {"spark.sql.csv.parser.columnPruning.enabled": "false"}  # A line with too few values is a fault.

CHECKPOINTS = ".checkpoints"

_DOCUMENTS = "pathID string, repo string, path string"
_SYMBOLS = "symbolID string, repo string, path string, symbol string, kind string, line string"
_REFERENCES = "`from` string, `to` string"
_SYMBOL_REFERENCES = "`from` string, `to` string, weight string"
_MONIKERS = "pathID string, monikerType string, schema string, identifier string"


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a job did.

    Attributes:
        n_nodes: documents or symbols.
        n_edges: references between them that counted.
        files: names of what was written, in order.
    """

    n_nodes: int
    n_edges: int
    files: Sequence[str]


def rank(
    spark: Any, folders: Sequence[str], output: Output, direction: Direction = Direction.UNDIRECTED, *,
    symbols: bool = False,
) -> Ranked:  # fmt: skip
    """Rank the documents, or the symbols, of graphs that ``cognate graph export`` wrote, as one graph.

    Args:
        spark: a session.
        folders: paths or URIs, one a repository.
        output: folder for ``ranks.csv`` or ``symbol_ranks.csv``, or several numbered files where there are many.
        direction: which way rank flows.
        symbols: whether definitions are ranked.

    Raises:
        InvalidRequestError: when a file is not as it should be.
        SparkError: when the job fails.
    """
    try:
        nodes, edges = _symbol_graph(spark, folders) if symbols else _document_graph(spark, folders)
        return _rank(spark, nodes, _flow(edges, direction), output, symbols=symbols)
    except (InvalidRequestError, SparkError):
        raise
    except Exception as error:  # As in ``embed``.
        raise SparkError(f"The job failed: {reason_of(error)}") from error


def _rank(spark: Any, nodes: Any, edges: Any, output: Output, *, symbols: bool) -> Ranked:
    functions = library("pyspark.sql.functions")
    nodes, edges = nodes.persist(), edges.persist()
    try:
        n_nodes, n_edges = nodes.count(), edges.count()
        if nodes.select("id").distinct().count() != n_nodes:
            named = nodes.groupBy("graph", "number").count().filter("count > 1").head()
            what = f"the number {named.number} in {named.graph} was given twice" if named else "two numbers are one"
            raise InvalidRequestError(f"The nodes cannot be told apart: {what}. Give each its own.")
        cores = spark.sparkContext.defaultParallelism
        n_parts = max(1, min(cores, n_edges // EDGES_AT_LEAST), -(-max(n_edges, n_nodes) // EDGES_A_PART))
        ranks = _page_rank(spark, nodes.coalesce(n_parts), edges.coalesce(n_parts), output)
        columns = ("repo", "path", "symbol") if symbols else ("repo", "path")
        shown = functions.format_string("%.9f", "rank").alias("rank")
        ranked = nodes.join(ranks, "id").select(*columns, "rank")
        name = (exchange.SYMBOL_RANKS if symbols else exchange.RANKS).removesuffix(".csv")
        n_files = max(1, -(-n_nodes // ROWS_A_FILE))
        keys = [functions.round("rank", 9).desc(), *columns]
        written = ranked.repartitionByRange(n_files, *keys).sortWithinPartitions(*keys).select(*columns, shown)
        return Ranked(n_nodes, n_edges, _written(spark, written, output, name))
    finally:
        nodes.unpersist()
        edges.unpersist()


# -- the graph


def _document_graph(spark: Any, folders: Sequence[str]) -> tuple[Any, Any]:
    functions = library("pyspark.sql.functions")
    nodes = _nodes(_read(spark, folders, exchange.DOCUMENTS, _DOCUMENTS, "pathID"))
    references = _edges(_read(spark, folders, exchange.REFERENCES, _REFERENCES, "from", "to"), nodes)
    monikers = _with_id(_read(spark, folders, exchange.MONIKERS, _MONIKERS, "pathID"), "pathID", "id")
    _check_known(monikers, "id", "pathID", nodes, exchange.MONIKERS)
    unknown = monikers.filter(~functions.col("monikerType").isin("import", "export")).head()
    if unknown is not None:
        kind = unknown.monikerType
        raise InvalidRequestError(f"{exchange.MONIKERS} in {unknown.graph}: the monikerType is {kind!r}.")
    named = monikers.join(nodes.select("id", "repo"), "id")

    def side(kind: str, end: str) -> Any:
        chosen = named.filter(functions.col("monikerType") == kind)
        return chosen.select("schema", "identifier", functions.col("id").alias(end), functions.col("repo").alias(kind))

    joined = side("import", "source").join(side("export", "target"), ["schema", "identifier"])
    across = joined.filter(functions.col("import") != functions.col("export")).select("source", "target")
    return nodes, references.unionByName(across)


def _symbol_graph(spark: Any, folders: Sequence[str]) -> tuple[Any, Any]:
    nodes = _nodes(_read(spark, folders, exchange.SYMBOLS, _SYMBOLS, "symbolID"))
    edges = _read(spark, folders, exchange.SYMBOL_REFERENCES, _SYMBOL_REFERENCES, "from", "to")
    return nodes, _edges(edges, nodes)


def _read(spark: Any, folders: Sequence[str], name: str, schema: str, *numbers: str) -> Any:
    """Return a file of each graph as one frame; ``graph`` says which one a row is of."""
    functions = library("pyspark.sql.functions")
    files = [f"{folder.rstrip('/')}/{name}" for folder in folders]
    # Values may hold line ends, but numbers do not: their files can be read in parts.
    of_numbers = name in {exchange.REFERENCES, exchange.SYMBOL_REFERENCES}
    options = {
        "header": True, "enforceSchema": False, "escape": '"', "mode": "FAILFAST", "multiLine": not of_numbers,
        "emptyValue": "", "nullValue": "\0",
    }  # fmt: skip
    reader = spark.read.schema(schema).options(**options)
    graph = functions.regexp_extract(functions.input_file_name(), "^(.*)/[^/]*$", 1)
    return reader.csv(files).withColumn("graph", graph)


def _with_id(rows: Any, number: str, name: str) -> Any:
    """Add the number that GraphX knows a node by: it follows from the graph and the node's number there."""
    functions = library("pyspark.sql.functions")
    return rows.withColumn(name, functions.xxhash64("graph", number))


def _nodes(rows: Any) -> Any:
    number = rows.columns[0]
    return _with_id(rows, number, "id").withColumnRenamed(number, "number")


def _edges(rows: Any, nodes: Any) -> Any:
    edges = _with_id(_with_id(rows, "from", "source"), "to", "target")
    for number, end in (("from", "source"), ("to", "target")):
        _check_known(edges, end, number, nodes, "the references")
    return edges.select("source", "target")


def _check_known(rows: Any, end: str, number: str, nodes: Any, what: str) -> None:
    unknown = rows.join(nodes.select(nodes["id"].alias(end)), end, "left_anti").head()
    if unknown is not None:
        raise InvalidRequestError(
            f"{what} in {unknown.graph}: {unknown[number]!r} is not a node of this graph. "
            "Export both files at the same time."
        )


def _flow(edges: Any, direction: Direction) -> Any:
    """Return the references along which rank flows, each once; undirected joins two nodes both ways."""
    functions = library("pyspark.sql.functions")
    source, target = functions.col("source"), functions.col("target")
    if direction is Direction.DIRECTED:
        return edges.distinct()
    if direction is Direction.REVERSED:
        return edges.select(target.alias("source"), source.alias("target")).distinct()
    low, high = functions.least(source, target), functions.greatest(source, target)
    pairs = edges.filter(source != target).select(low.alias("source"), high.alias("target")).distinct()
    return pairs.unionByName(pairs.select(target.alias("source"), source.alias("target")))


# -- GraphX


def _page_rank(spark: Any, nodes: Any, edges: Any, output: Output) -> Any:
    """Return ranks by id, 1 on average."""
    frames, functions = library("pyspark.sql"), library("pyspark.sql.functions")
    spark.sparkContext.setCheckpointDir(f"{output.uri.rstrip('/')}/{CHECKPOINTS}")
    jvm = spark.sparkContext._jvm
    encoders, graphx = jvm.org.apache.spark.sql.Encoders, jvm.org.apache.spark.graphx
    long, level = encoders.scalaLong(), jvm.org.apache.spark.storage.StorageLevel.MEMORY_AND_DISK()
    tag, none = jvm.scala.reflect.ClassTag.Int(), jvm.scala.Option.empty()
    pairs = edges.select("source", "target").toDF("_1", "_2")
    tuples = getattr(pairs._jdf, "as")(encoders.tuple(long, long)).rdd()
    joined = graphx.Graph.fromEdgeTuples(tuples, 1, none, level, level, tag)
    alone = nodes.select("id", functions.lit(1)).toDF("_1", "_2")
    vertices = getattr(alone._jdf, "as")(encoders.tuple(long, encoders.scalaInt())).rdd()
    graph = graphx.Graph.apply(vertices, joined.edges(), 1, level, level, tag, tag)
    ranked = graphx.lib.PageRank.runUntilConvergence(graph, TOLERANCE, 1 - DAMPING, tag, tag)
    dataset = spark._jsparkSession.createDataset(ranked.vertices(), encoders.tuple(long, encoders.scalaDouble()))
    ranks = frames.DataFrame(dataset.toDF(), spark).toDF("id", "rank").persist()
    mean = ranks.agg(functions.avg("rank")).head()[0] or 1.0
    return ranks.select("id", (functions.col("rank") / functions.lit(mean)).alias("rank"))


def _written(spark: Any, rows: Any, output: Output, name: str) -> list[str]:
    """Write rows as CSV files, each as a whole, and return their names."""
    scratch = f"{output.uri.rstrip('/')}/.{name}-new"
    rows.write.mode("overwrite").option("header", True).option("escape", '"').option("emptyValue", "").csv(scratch)
    jvm = spark.sparkContext._jvm
    path = jvm.org.apache.hadoop.fs.Path
    system = path(scratch).getFileSystem(spark._jsparkSession.sessionState().newHadoopConf())
    parts = sorted(str(found.getPath().getName()) for found in system.listStatus(path(scratch)))
    parts = [part for part in parts if part.startswith("part-")]
    names = [f"{name}.csv"] if len(parts) == 1 else [f"{name}-{i:05}.csv" for i in range(len(parts))]
    for old in system.listStatus(path(output.uri)):
        found = str(old.getPath().getName())
        if found == f"{name}.csv" or (found.startswith(f"{name}-") and found.endswith(".csv")):
            system.delete(old.getPath(), False)
    for part, new in zip(parts, names, strict=True):
        system.rename(path(f"{scratch}/{part}"), path(f"{output.uri}/{new}"))
    system.delete(path(scratch), True)
    system.delete(path(f"{output.uri}/{CHECKPOINTS}"), True)
    return names
