#!/usr/bin/env python3
"""Times what a person feels while the index follows the work: edits, searches during a cold index, restarts.

Usage: live.py CORPORA_DIR [N_FILES]

Drives a real `cognate serve` over stdio, with an empty cache, on a folder of N_FILES (5,000) source files: the corpora,
the packages of the running interpreter and its standard library. Prints a Markdown table. Nothing is subtracted: a time
is what passed between sending a message and reading the answer, and an edit's includes the quiet time that the server
waits for more edits (setting updateDelayMs). A loop turn is seen from outside, as the round trip of a request that the
event loop answers by itself.
"""

import json
import os
import shutil
import site
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from client import Server
from harness import QUESTIONS, percentile

N_FILES = 5_000
SUFFIXES = frozenset({".py", ".pyi", ".js", ".mjs", ".ts", ".tsx", ".c", ".h", ".cpp", ".md", ".pyx", ".sh"})
LARGEST_BYTES = 500_000

EDITED_LINES = 1_000
N_EDITS = 60
POLL_S = 0.01  # Pause between two questions; queries go before indexing, so a pause is what lets it go on.
PACE_S = 0.01  # A person's editor does not send requests without a pause either.
SEARCH_EVERY = 5  # Of so many rounds during the cold index, one searches.
MAX_WAIT_S = 1_800.0

LOG = Path(os.devnull)

QUIET = {"query": "word"}
"""A symbol query without a space: answered with null on the event loop, without a thread."""


def sources(corpora: Path) -> Iterator[tuple[Path, Path]]:
    """Yield source files and the roots they lie under: corpora first, then what this interpreter has."""
    roots = [corpora, *(Path(p) for p in site.getsitepackages()), Path(sysconfig.get_paths()["stdlib"])]
    for root in roots:
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root).parts
            nested = root != corpora and "site-packages" in inside
            if not nested and path.suffix in SUFFIXES and path.is_file() and path.stat().st_size <= LARGEST_BYTES:
                yield root, path


def gather(corpora: Path, into: Path, n_files: int) -> int:
    """Copy source files into a workspace and return how many; their folders keep their names, but for the roots'."""
    count = 0
    for root, path in sources(corpora):
        if count == n_files:
            break
        target = (
            into / f"part_{len(root.parts)}_{root.name.replace('site-packages', 'packages')}" / path.relative_to(root)
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        count += 1
    return count


def during_cold_index(server: Server) -> dict[str, list[float]]:
    """Return loop turns, statuses and searches measured while a cold index runs, in seconds."""
    times: dict[str, list[float]] = {"turn": [], "status": [], "search": []}
    until = time.monotonic() + MAX_WAIT_S
    rounds = 0
    while time.monotonic() < until:
        times["turn"].append(server.timed("workspace/symbol", QUIET)[0])
        seconds, status = server.timed("cognate/status", {})
        if status["state"] == "ready":
            break
        times["status"].append(seconds)
        if rounds % SEARCH_EVERY == 0 and status["chunks"]:
            question = QUESTIONS[rounds // SEARCH_EVERY % len(QUESTIONS)]
            times["search"].append(server.timed("cognate/search", {"query": question, "limit": 10})[0])
        rounds += 1
        time.sleep(PACE_S)
    return times


def idle_searches(server: Server, rounds: int = 10) -> list[float]:
    """Return the seconds that searches take when nothing else happens."""
    times: list[float] = []
    for question in QUESTIONS * rounds:
        times.append(server.timed("cognate/search", {"query": question, "limit": 10})[0])
        time.sleep(PACE_S)
    return times


def long_file(folder: Path) -> tuple[Path, str]:
    """Return a new file of about a thousand real lines with a function in its middle."""
    candidates = sorted(folder.rglob("*.py"), key=lambda p: (abs(_n_lines(p) - EDITED_LINES), str(p)))
    lines = candidates[0].read_text(encoding="utf-8", errors="replace").split("\n")
    middle = next(
        (n for n in range(len(lines) // 2, len(lines)) if lines[n].startswith(("def ", "class "))), len(lines)
    )
    return folder / "edited.py", "\n".join([*lines[:middle], "EDITED_HERE", *lines[middle:]])


def _n_lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def edits(server: Server, folder: Path) -> list[float]:
    """Return the seconds from each edit until a search finds it."""
    path, template = long_file(folder)
    place = template[: template.index("EDITED_HERE")].count("\n")
    function = "def {name}(first, second):\n    total = first + second\n    return [total, {number}]\n"
    uri = path.as_uri()
    text = template.replace("EDITED_HERE", function.format(name="not_edited_yet", number=0))
    path.write_text(text, encoding="utf-8")
    server.open(path, text)
    server.until_found("not_edited_yet")
    times: list[float] = []
    for number in range(N_EDITS):
        name = f"edited_{''.join(chr(ord('a') + int(digit)) for digit in f'{number:03}')}_needle"
        whole = {"start": {"line": place, "character": 0}, "end": {"line": place + 3, "character": 0}}
        change = {"range": whole, "text": function.format(name=name, number=number)}
        params = {"textDocument": {"uri": uri, "version": number + 2}, "contentChanges": [change]}
        began = time.perf_counter()
        server.notify("textDocument/didChange", params)
        server.until_found(name)
        times.append(time.perf_counter() - began)
    server.close(uri)
    path.unlink()
    return times


def restart(folder: Path, environment: dict[str, str]) -> tuple[float, float, Server]:
    """Return the seconds from starting a process to its first answer with hits and to being current, and the server."""
    began = time.perf_counter()
    server = Server(folder, environment, LOG)
    while not server.request("cognate/search", {"query": QUESTIONS[0], "limit": 10})["hits"]:
        time.sleep(POLL_S)
    answered = time.perf_counter() - began
    server.wait_until_ready()
    return answered, time.perf_counter() - began, server


def main() -> None:
    """Print the table."""
    corpora = Path(sys.argv[1]).resolve()
    n_files = int(sys.argv[2]) if len(sys.argv) > 2 else N_FILES
    with tempfile.TemporaryDirectory() as scratch:
        folder, cache = Path(scratch, "workspace").resolve(), Path(scratch, "cache")
        copied = gather(corpora, folder, n_files)
        environment = {**os.environ, "COGNATE_CACHE_DIR": str(cache)}
        began = time.perf_counter()
        server = Server(folder, environment, LOG)
        cold = during_cold_index(server)
        cold_s = time.perf_counter() - began
        status: Any = server.request("cognate/status", {})
        idle = idle_searches(server)
        server.__exit__(None, None, None)
        answered, current, server = restart(folder, environment)
        edited = edits(server, folder)
        memory = server.resident_mb()
        server.__exit__(None, None, None)
    idle_p95, busy_p95 = percentile(idle, 0.95), percentile(cold["search"], 0.95)
    rows = [
        ("files copied; indexed; chunks", f"{copied:,}; {status['files']:,}; {status['chunks']:,}"),
        ("cold index, to ready", f"{cold_s:.0f} s"),
        ("loop turn while it runs, p50 / p99", _pair(cold["turn"], 0.99)),
        ("loop turn while it runs, worst", f"{max(cold['turn']) * 1000:.1f} ms of {len(cold['turn']):,}"),
        ("cognate/status while it runs, p50 / p99", _pair(cold["status"], 0.99)),
        ("search while it runs, p50 / p95", f"{_pair(cold['search'], 0.95)} of {len(cold['search']):,}"),
        ("search when idle, p50 / p95", _pair(idle, 0.95)),
        ("search p95 while it runs against idle", f"{busy_p95 / idle_p95:.1f} times"),
        ("restart to first answer; to current", f"{answered:.2f} s; {current:.2f} s"),
        ("edit to searchable, p50 / p95", f"{_pair(edited, 0.95)} of {len(edited)}, quiet time included"),
        ("resident memory of the server", f"{memory:.0f} MB"),
    ]
    print("| what | measured |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    if os.environ.get("LIVE_JSON"):
        Path(os.environ["LIVE_JSON"]).write_text(json.dumps({**cold, "idle": idle, "edited": edited}), encoding="utf-8")


def _pair(times: list[float], share: float) -> str:
    return f"{percentile(times, 0.5) * 1000:.1f} / {percentile(times, share) * 1000:.1f} ms"


if __name__ == "__main__":
    main()
