"""Questions to a warm server over stdio: search, related code, hover; and search while a cold index runs."""

import shutil
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from client import Server
from harness import POLL_S, Bench, Goal, Row, milliseconds, percentile
from references import encode_one_s

PLACES = 100
HOVERED_FILES = 60
SEARCHES_WHILE_COLD = 300
PACE_S = 0.02  # Between two searches; without a pause, indexing would never go on.
QUIET = {"query": "word"}
"""A symbol query without a space: answered with null on the event loop, without a thread."""


def rows(bench: Bench) -> list[Row]:
    """Measure every size; the search beside a cold index at the middle size."""
    found: list[Row] = []
    medians: dict[str, float] = {}
    for size in bench.sizes:
        bench.ensure_index(size)
        queries = bench.queries(size)
        with Server(bench.folder(size), bench.environment(bench.cache(size)), bench.work / "search.log") as server:
            server.wait_until_ready(tidied=True)
            for query in queries[:16]:
                server.search(query)
            bench.note(size, "memory after start, MB", server.resident_mb())
            alone = encode_one_s(queries)
            times = [server.search(query)[0] for _ in range(bench.rounds) for query in queries]
            alone = min(alone, encode_one_s(queries))
            medians[size] = percentile(times, 0.5)
            found += _searches(size, times, alone)
            found += _in_other_words(bench, server, size)
            found += _related(bench, server, size, medians[size])
            found.append(_hovers(bench, server, size))
            if size == bench.middle:
                idle = percentile(times, 0.95)
        bench.note(size, "search p50, ms", medians[size] * 1000)
        bench.note(size, "search p95, ms", percentile(times, 0.95) * 1000)
    if {"large", "huge"} <= medians.keys():
        reference = f"at large, {milliseconds(medians['large'])}"
        ratio = medians["huge"] / medians["large"]
        found.append(Row("search p50", "huge", milliseconds(medians["huge"]), reference, ratio, Goal(1.5, "huge")))
    return [*found, *_while_cold(bench, idle)]


def _searches(size: str, times: list[float], alone: float) -> list[Row]:
    reference = f"encoding a query alone, p50 {milliseconds(alone)}"
    found: list[Row] = []
    for name, share, limit in (("p50", 0.5, 4), ("p95", 0.95, 10)):
        value = percentile(times, share)
        what = f"search over stdio, {name} of {len(times)}"
        found.append(Row(what, size, milliseconds(value), reference, value / alone, Goal(limit, "large")))
    return found


def _in_other_words(bench: Bench, server: Server, size: str) -> list[Row]:
    """Ask in one wording and in four by turns."""
    wordings = bench.wordings(size)
    if not wordings:
        return []
    once: list[float] = []
    together: list[float] = []
    for _ in range(bench.rounds):
        for query, also in wordings.items():
            once.append(server.search(query)[0])
            together.append(server.search(query, also=also)[0])
    one, four = percentile(once, 0.5), percentile(together, 0.5)
    return [Row(f"search in four wordings over stdio, p50 of {len(together)}", size, milliseconds(four),
                f"the same queries in one, {milliseconds(one)}", four / one, Goal(2, "large"))]  # fmt: skip


def _related(bench: Bench, server: Server, size: str, search: float) -> list[Row]:
    times: list[float] = []
    for hit in _hits(bench, server, size):
        params = {"textDocument": {"uri": hit["location"]["uri"]}, "range": hit["location"]["range"], "limit": 10}
        times.append(server.timed("cognate/related", params)[0])
    p50 = percentile(times, 0.5)
    return [Row("related code, p50", size, milliseconds(p50), f"search p50, {milliseconds(search)}", p50 / search,
                Goal(1, "large"))]  # fmt: skip


def _hovers(bench: Bench, server: Server, size: str) -> Row:
    """Hover over the names of definitions in open documents, as an editor does."""
    by_uri: dict[str, list[dict[str, Any]]] = {}
    for hit in _hits(bench, server, size):
        if hit.get("symbol"):
            by_uri.setdefault(hit["location"]["uri"], []).append(hit)
    times: list[float] = []
    n_shown = 0
    for uri, hits in list(by_uri.items())[:HOVERED_FILES]:
        path = Path(unquote(urlparse(uri).path))
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        server.open(path)
        server.wait_until_ready()
        for hit in hits:
            name = hit["symbol"]["name"].rpartition(".")[2]
            first = hit["location"]["range"]["start"]["line"]
            place = next(((n, lines[n].find(name)) for n in range(first, len(lines)) if name in lines[n]), None)
            if place is None:
                continue
            position = {"line": place[0], "character": place[1]}
            seconds, shown = server.timed("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
            times.append(seconds)
            n_shown += shown is not None
        server.close(uri)
    p95 = percentile(times, 0.95)
    return Row(f"hover, p95 of {len(times)}, {n_shown} with something to show", size, milliseconds(p95), "", p95 * 1000,
               Goal(50, "large", unit="ms"))  # fmt: skip


def _hits(bench: Bench, server: Server, size: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for query in bench.queries(size):
        for hit in server.search(query, 3)[1]:
            found.setdefault(str(hit["location"]), hit)
        if len(found) >= PLACES:
            break
    return list(found.values())[:PLACES]


def _while_cold(bench: Bench, idle: float) -> list[Row]:
    size, cache = bench.middle, bench.work / "cold-cache"
    queries = bench.queries(size)
    shutil.rmtree(cache, ignore_errors=True)
    times: list[float] = []
    turns: list[float] = []
    with Server(bench.folder(size), bench.environment(cache), bench.work / "search.log") as server:
        while not server.status()["chunks"]:
            time.sleep(POLL_S)
        while len(times) < SEARCHES_WHILE_COLD and (not times or server.status()["coverage"] < 1):
            times.append(server.search(queries[len(times) % len(queries)])[0])
            turns.append(server.timed("workspace/symbol", QUIET)[0])
            time.sleep(PACE_S)
    shutil.rmtree(cache, ignore_errors=True)
    p95 = percentile(times, 0.95)
    return [
        Row(f"search while a cold index runs, p95 of {len(times)}", size, milliseconds(p95),
            f"idle p95, {milliseconds(idle)}", p95 / idle, Goal(4)),
        Row("turn of the event loop while a cold index runs, p99 / worst", size,
            f"{milliseconds(percentile(turns, 0.99))} / {milliseconds(max(turns))}", "", None, None,
            "The round trip of a request that the event loop answers by itself."),
    ]  # fmt: skip
