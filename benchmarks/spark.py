"""What Spark's jobs give beside what one machine does, and what they take. Needs pyspark and Java (`make spark`).

    python benchmarks/spark.py embed ARCHIVE ...     # vectors of archives of sources, against those of the indexer
    python benchmarks/spark.py rank FOLDER ...       # ranks of graphs that `cognate graph export` wrote
    python benchmarks/spark.py rank --references N   # ranks of N synthetic references among N / 10 documents

Prints a line of JSON. ``*_cpu_s`` are seconds of the processor of Java with its Python workers, ``*_s`` of the wall;
a session is started before, ``start_cpu_s``, and `local[2]` is what it runs on.
"""

import argparse
import csv
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from cognate.embedding.manifest import MANIFEST_FILE
from cognate.embedding.mount import open_mount
from cognate.engine import open_engine
from cognate.graph import exchange
from cognate.graph.exchange import Joined
from cognate.graph.pagerank import Direction
from cognate.indexing.services import Services
from cognate.indexing.vector_export import embedded
from cognate.settings import Settings
from cognate.spark import embed as embedding
from cognate.spark import rank as ranking
from cognate.spark.output import Output, uri_of
from cognate.spark.repositories import Source, checked_out
from cognate.spark.session import library, session

MASTER = "local[2]"
WAIT_S = 3600.0

T = TypeVar("T")


def processor_s(process: int) -> float:
    """Return the seconds of the processor that a process and all below it took."""
    ticks = os.sysconf("SC_CLK_TCK")
    children: dict[int, list[int]] = {}
    took: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:  # It has just ended.
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
            took[int(entry.name)] = sum(map(int, fields[11:15])) / ticks
    below, total = [process], 0.0
    while below:
        one = below.pop()
        total += took.get(one, 0.0)
        below += children.get(one, [])
    return total


class Meter:
    """What runs on a session take."""

    def __init__(self, spark: Any) -> None:
        self.process: int = spark.sparkContext._gateway.proc.pid
        self.figures: dict[str, Any] = {"start_cpu_s": round(processor_s(self.process), 1)}

    def took(self, name: str, run: Callable[[], T]) -> T:
        """Run something, and note what it took."""
        wall, processor = time.perf_counter(), processor_s(self.process)
        result = run()
        self.figures[f"{name}_s"] = round(time.perf_counter() - wall, 1)
        self.figures[f"{name}_cpu_s"] = round(processor_s(self.process) - processor, 1)
        return result

    def peak_mb(self) -> int:
        """Return the most memory that Java has had."""
        lines = (Path("/proc") / str(self.process) / "status").read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


# -- vectors


def dying(batches: Iterable[Any], *, once: str, **more: Any) -> Iterator[Any]:
    """Write a shard as the job does, in a process that is killed the first time, after it has written."""
    rows = list(embedding.shards_of(batches, **more))
    try:
        Path(once).touch(exist_ok=False)
    except FileExistsError:
        yield from rows
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def indexed(sources: Sequence[Source], cache: Path) -> tuple[dict[bytes, np.ndarray], Any]:
    """Return what the indexer makes of the archives, by digest, and the encoder."""
    found: dict[bytes, np.ndarray] = {}
    services = Services(cache)
    services.resident_mb = lambda: 0.0
    model = services.model("", 2)
    for source in sources:
        with checked_out(source) as folder:
            engine = open_engine(folder, Settings(update_delay_ms=0, threads=2), services)
            engine.start()
            assert engine.wait_until_current(WAIT_S)
            store = Path(engine.status().store)
            engine.close()
            made = embedded(store, model)
            of_chunks = len(made.digests) - made.n_words
            found.update(zip(made.digests[:of_chunks], made.vectors[:of_chunks], strict=True))
    services.close()
    return found, model.encoder


def embed(archives: Sequence[Path], scratch: Path) -> dict[str, Any]:
    """Compare what Spark and the indexer make of archives."""
    sources = [Source(file.name, str(file.absolute())) for file in archives]
    out, killed = scratch / "out", scratch / "killed"
    cloudpickle = library("pyspark.cloudpickle")
    with session("benchmark", MASTER, embedding.SQL_SETTINGS) as spark:
        meter = Meter(spark)
        done = meter.took("embed", lambda: embedding.embed(spark, sources, Output.of(str(out))))
        again = meter.took("again", lambda: embedding.embed(spark, sources, Output.of(str(out))))
        usual = embedding.shards_of
        embedding.shards_of = partial(dying, once=str(scratch / "once"))
        cloudpickle.register_pickle_by_value(sys.modules[__name__])
        try:
            meter.took("killed", lambda: embedding.embed(spark, sources, Output.of(str(killed))))
        finally:
            embedding.shards_of = usual
            cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    began = time.process_time()
    expected, encoder = indexed(sources, scratch / "cache")
    index_cpu_s = round(time.process_time() - began, 1)
    found = open_mount(out, None, encoder).get(sorted(expected))
    names = {shard.name for shard in done.manifest.shards}
    return {
        "repositories": len(sources), "vectors": done.manifest.count, "digests_of_the_indexer": len(expected),
        "same_digests": done.manifest.count == len(expected) == len(found), "problems": list(done.problems),
        "lowest_cosine": round(min(float(found[key] @ expected[key]) for key in found), 6),
        "equal_vectors": sum(bool((found[key] == expected[key]).all()) for key in found), "shards": len(names),
        "added_by_the_second_run": again.n_added, "was_killed": (scratch / "once").exists(),
        "killed_changes_nothing": (out / MANIFEST_FILE).read_bytes() == (killed / MANIFEST_FILE).read_bytes(),
        "index_cpu_s": index_cpu_s, **meter.figures,
    }  # fmt: skip


# -- ranks


def synthetic(folder: Path, n_references: int) -> Path:
    """Write a graph in which few documents are referred to by many, as in code."""
    n_documents = max(n_references // 10, 2)
    random = np.random.default_rng(1)
    sources = random.integers(n_documents, size=n_references)
    targets = (n_documents * random.random(n_references) ** 3).astype(np.int64)
    folder.mkdir()
    with (folder / exchange.DOCUMENTS).open("w", newline="") as file:
        csv.writer(file).writerows([("pathID", "repo", "path"), *((i, "r", f"{i}.go") for i in range(n_documents))])
    with (folder / exchange.REFERENCES).open("w", newline="") as file:
        csv.writer(file).writerows([("from", "to"), *zip(sources.tolist(), targets.tolist(), strict=True)])
    (folder / exchange.MONIKERS).write_text("pathID,monikerType,schema,identifier\n")
    return folder


def rank(folders: Sequence[Path], scratch: Path) -> dict[str, Any]:
    """Compare the ranks of GraphX with those of one machine."""
    with session("benchmark", MASTER, ranking.SQL_SETTINGS) as spark:
        meter = Meter(spark)
        places = [uri_of(str(folder.absolute())) for folder in folders]
        done = meter.took("spark", lambda: ranking.rank(spark, places, Output.of(str(scratch / "out"))))
        peak = meter.peak_mb()
    began = time.process_time()
    joined = Joined()
    for folder in folders:
        names = (exchange.DOCUMENTS, exchange.REFERENCES, exchange.MONIKERS)
        exchange.read_documents(*(folder / name for name in names), joined, weighted=False)
    n_inside = len(joined.source)
    joined.connect(weighted=False)
    expected = dict(zip(joined.nodes, joined.ranks(Direction.UNDIRECTED, weighted=False).tolist(), strict=True))
    here_cpu_s = round(time.process_time() - began, 1)
    found: dict[tuple[str, ...], float] = {}
    for name in done.files:
        with (scratch / "out" / name).open(encoding="utf-8", newline="") as file:
            found.update(((repo, path), float(value)) for repo, path, value in list(csv.reader(file))[1:])
    return {
        "graphs": len(folders), "documents": done.n_nodes, "references": n_inside,
        "across": len(joined.source) - n_inside, "edges": done.n_edges,
        "same_documents": found.keys() == expected.keys(),
        "greatest_difference": max(abs(found[node] - value) for node, value in expected.items()),
        "peak_mb": peak, "one_machine_cpu_s": here_cpu_s, **meter.figures,
    }  # fmt: skip


def main() -> None:
    """Measure a job."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=("embed", "rank"))
    parser.add_argument("paths", type=Path, nargs="*")
    parser.add_argument("--references", type=int)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        scratch = Path(made)
        if options.job == "embed":
            figures = embed(options.paths, scratch)
        else:
            folders = options.paths or [synthetic(scratch / "graph", options.references)]
            figures = rank(folders, scratch)
    print(json.dumps({"job": options.job, **figures}), flush=True)


if __name__ == "__main__":
    main()
