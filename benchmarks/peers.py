"""Others on the same corpora and queries: semble, ripgrep, sentence-transformers with exact search. A table of its own.

Each labelled corpus is a folder of its own here, with its labels' queries; every system starts anew for each, with
nothing cached. Times are summed over the corpora, from starting the process; memory is the most of any; NDCG@10 is over
all queries.
"""

import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from client import Server
from corpora import fetch
from harness import POLL_S, Bench, percentile
from peer_process import QUALITY, Peer
from tables import OURS, Table

sys.path.append(str(QUALITY))

LIMIT = 10
CORPORA = ("cobra", "leveldb", "rxjs")
COLUMNS = (
    {"key": "system", "title": ""},
    {"key": "first", "title": "cold to first answer", "unit": "s", "best": "least"},
    {"key": "full", "title": "full index", "unit": "s", "best": "least"},
    {"key": "query", "title": "a query, p50", "unit": "ms", "best": "least"},
    {"key": "memory", "title": "memory", "unit": "MB", "best": "least"},
    {"key": "ndcg", "title": "NDCG@10", "decimals": 3, "best": "most"},
)


@dataclass(slots=True)
class Measured:
    """One system on all corpora so far."""

    first_s: float = 0.0
    full_s: float = 0.0
    memory_mb: float = 0.0
    query_s: list[float] = field(default_factory=list[float])
    ndcg: list[float] = field(default_factory=list[float])


def compare(bench: Bench) -> Table:
    """Return the table, as results hold it."""
    systems: dict[str, Callable[[Path, list[str], Measured], list[list[dict[str, Any]]]]] = {
        OURS: lambda folder, queries, into: _cognate(bench, folder, queries, into),
        "semble": lambda folder, queries, into: _peer(bench, "semble", folder, queries, into),
        "ripgrep": lambda folder, queries, into: _peer(bench, "ripgrep", folder, queries, into),
    }
    if bench.torch_python is not None:
        systems["sentence-transformers, exact"] = lambda folder, queries, into: _peer(
            bench, "sentence-transformers", folder, queries, into
        )
    measured = {name: Measured() for name in systems}
    names = CORPORA[:1] if bench.sizes == ("small",) else CORPORA
    for corpus in names:
        folder, labels = fetch(corpus, bench.corpora), bench.labels("huge")[corpus]
        queries = [" ".join(label["query"].split()) for label in labels]
        for name, ask in systems.items():
            results = ask(folder, queries, measured[name])
            measured[name].ndcg += _ndcg(results, labels)
    return _table(measured)


def _ndcg(results: list[list[dict[str, Any]]], labels: list[dict[str, Any]]) -> list[float]:
    from metrics import measure, partial_targets_of, targets_of

    return [
        measure(found, targets_of(label, pooled=True), partial_targets_of(label))["ndcg"]
        for found, label in zip(results, labels, strict=True)
    ]


def _table(measured: dict[str, Measured]) -> Table:
    rows = [
        {
            "system": name,
            "first": round(figures.first_s, 1),
            "full": round(figures.full_s, 1) or "none",
            "query": round(percentile(figures.query_s, 0.5) * 1000, 1),
            "memory": round(figures.memory_mb),
            "ndcg": sum(figures.ndcg) / len(figures.ndcg),
        }
        for name, figures in measured.items()
    ]
    return {"columns": COLUMNS, "rows": rows}


def _cognate(bench: Bench, folder: Path, queries: list[str], into: Measured) -> list[list[dict[str, Any]]]:
    cache = bench.work / "peers-cache"
    shutil.rmtree(cache, ignore_errors=True)
    settings = {"threads": bench.threads}  # As the others have; a server in an editor takes half of the cores.
    with Server(folder, bench.environment(cache), bench.work / "peers.log", settings) as server:
        while not server.search(queries[0], LIMIT)[1]:
            time.sleep(POLL_S)
        into.first_s += time.perf_counter() - server.began
        status = server.wait_until_ready()
        while status["coverage"] < 1:
            status = server.wait_until_ready()
        into.full_s += time.perf_counter() - server.began
        found: list[list[dict[str, Any]]] = []
        for query in queries:
            seconds, hits = server.search(query, LIMIT)
            into.query_s.append(seconds)
            found.append([_result(folder, hit) for hit in hits])
        into.memory_mb = max(into.memory_mb, server.resident_mb())
    shutil.rmtree(cache, ignore_errors=True)
    return found


def _result(folder: Path, hit: dict[str, Any]) -> dict[str, Any]:
    path = Path(unquote(urlparse(hit["location"]["uri"]).path)).relative_to(folder).as_posix()
    lines = hit["location"]["range"]
    return {"path": path, "start_line": lines["start"]["line"] + 1, "end_line": lines["end"]["line"]}


def _peer(bench: Bench, kind: str, folder: Path, queries: list[str], into: Measured) -> list[list[dict[str, Any]]]:
    model = str(_static_model(bench)) if kind == "semble" else ""
    python = bench.torch_python if kind == "sentence-transformers" else None
    with Peer(kind, python) as peer:
        peer.ask({"load": model, "threads": bench.threads})
        peer.ask({"index": str(folder)})
        # ripgrep has nothing to wait for; what the process itself takes to start counts for the first answer.
        into.full_s += 0.0 if kind == "ripgrep" else time.perf_counter() - peer.began
        peer.ask({"search": queries[0], "limit": LIMIT})
        into.first_s += time.perf_counter() - peer.began
        found: list[list[dict[str, Any]]] = []
        for query in queries:
            began = time.perf_counter()
            found.append(peer.ask({"search": query, "limit": LIMIT}))
            into.query_s.append(time.perf_counter() - began)
        into.memory_mb = max(into.memory_mb, peer.ask({"memory": True}))
    return found


def _static_model(bench: Bench) -> Path:
    """Return the static model made from the shipped one, as semble's own is not on a package registry."""
    from baselines.static_model import make_static_model

    folder = bench.work / "static-model"
    if not (folder / "config.json").is_file():
        make_static_model(folder)
    return folder
