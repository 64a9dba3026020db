"""What the server holds in memory after a long day: a thousand questions and a thousand edits in fifty buffers.

After each round of the buffers a file is saved: what is typed changes neither the store nor the reference graph.
"""

from pathlib import Path

from client import Server
from edits import function, name_of
from harness import Bench, Goal, Row

FILES = 50
A_DAY = 1_000
CALM_S = 8.0  # The reference graph follows once nothing has changed for five.
SETTINGS = {"updateDelayMs": 0}
"""Every edit is worked in by itself; with the usual quiet time they would be few."""

NOTE = "Resident memory of `cognate serve`, model and files mapped into memory included."


def rows(bench: Bench) -> list[Row]:
    """Measure at the largest size, with fewer questions and edits where few rounds were asked for."""
    size, count = bench.largest, A_DAY if bench.rounds > 1 else A_DAY // 10
    bench.ensure_index(size)
    folder, queries = bench.folder(size), bench.queries(size)
    saved = folder / "edited_by_the_benchmark.py"
    with Server(folder, bench.environment(bench.cache(size)), bench.work / "memory.log", SETTINGS) as server:
        server.wait_until_ready(tidied=True)
        for query in queries[:16]:
            server.search(query)
        before = server.resident_mb()
        documents = [server.open(path) for path in _chosen(folder)]
        try:
            for number in range(count):
                server.search(queries[number % len(queries)])
                uri = documents[number % len(documents)]
                # Each file gets a function at its top once, whose name and body then change.
                lines = (0, 3 if number >= len(documents) else 0)
                server.change(uri, number + 2, lines, function(number))
                if number % len(documents) == len(documents) - 1:
                    saved.write_text(function(count + number), encoding="utf-8")
            server.until_found(name_of(count - 1))
            server.until_found(name_of(count + number))
            server.wait_until_still(CALM_S)
            after = server.resident_mb()
        finally:
            saved.unlink(missing_ok=True)
        for uri in documents:
            server.close(uri)
        server.wait_until_still(CALM_S)
    bench.note(size, "memory after 1,000 edits, MB", after)
    what = f"memory after {count:,} queries and {count:,} edits"
    return [
        Row(what, size, f"{after:.0f} MB", f"after start, {before:.0f} MB", after / before, Goal(1.1, "large"), NOTE),
        Row(what, size, f"{after:.0f} MB", "", after, Goal(600, "large", unit="MB"), NOTE),
    ]


def _chosen(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if 2_000 < path.stat().st_size < 60_000)[:FILES]
