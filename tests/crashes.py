"""Kills an engine's process at random moments and holds what the next start finds against an index made afresh.

Used by tests/engine/test_crashes.py with few runs and by benchmarks/crash.py with many. Run as a script, this is the
process that gets killed: it indexes a folder, then makes the same edits every time, one after the other.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_PATH = Path(__file__).parents[1] / "server"
N_FILES = 30
N_EDITS = 8
WAIT_S = 300.0

TOPICS = (
    "retry backoff network", "parse json settings", "hash password salt", "resize image pixels", "sort invoices date",
    "compress archive stream", "draw chart axis", "send mail attachment", "lock file process", "cache eviction least",
    "tokenize text words", "matrix multiply rows", "schedule job queue", "validate form field", "encrypt message key",
    "walk folder tree", "merge branch history", "render template html", "measure latency percentile", "undo edit stack",
)  # fmt: skip
"""Each is the subject of some functions, and one of the twenty queries."""


@dataclass(frozen=True)
class Run:
    """What one kill led to.

    Attributes:
        killed_at_s: after the start of the work.
        committed: files that the killed process had committed, so far as the store tells.
        first_files: files that the next start answers from before it has read anything.
        same_chunks: whether chunk digests by path are those of a fresh index.
        same_answers: of the queries, how many have the top 10 of a fresh index.
        notice: what the status said.
    """

    killed_at_s: float
    committed: int
    first_files: int
    same_chunks: bool
    same_answers: int
    notice: str

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost."""
        return self.first_files >= self.committed and self.same_chunks and self.same_answers == len(TOPICS)


def write_workspace(folder: Path) -> None:
    """Write the files as they are before the edits."""
    for number in range(N_FILES):
        (folder / f"pkg{number % 5}").mkdir(parents=True, exist_ok=True)
        (folder / f"pkg{number % 5}" / f"module_{number}.py").write_text(_source(number, 0), encoding="utf-8")


def edits(folder: Path) -> Iterator[list[str]]:
    """Make one edit at a time and yield the paths that it touched."""
    for number in range(N_EDITS):
        path = f"pkg{number % 5}/module_{number}.py"
        if number % 4 == 0:
            (folder / path).unlink()
            yield [path]
        elif number % 4 == 1:
            moved = f"pkg{number % 5}/renamed_{number}.py"
            (folder / path).rename(folder / moved)
            yield [path, moved]
        else:
            (folder / path).write_text(_source(number, 1), encoding="utf-8")
            yield [path]


def _source(number: int, version: int) -> str:
    functions: list[str] = []
    for part in range(3):
        first, second, third = TOPICS[(number * 3 + part * 7 + version) % len(TOPICS)].split()
        body = "\n".join(
            f"    {first}_{i} = {second}({third}_{i}, limit={number * 31 + part + i + version})" for i in range(9)
        )
        functions.append(
            f'def {first}_{second}_{number}_{part}(value):\n    """{first} the {second} {third}."""\n{body}'
        )
    return "\n\n\n".join(functions) + "\n"


def contents(engine: object) -> dict[str, list[str]]:
    """Return the digests of all chunks by path, in order."""
    files = engine._writer._jobs.state.index.saved.files  # pyright: ignore
    return {path: [digest.hex() for digest in entry.digests] for path, entry in sorted(files.items()) if entry.ids}


def answers(engine: object) -> list[list[tuple[str, int]]]:
    """Return the top 10 places of each query; equal scores in the order of places."""
    from cognate.cancellation import CancelToken
    from cognate.search.request import SearchRequest

    found: list[list[tuple[str, int]]] = []
    for topic in TOPICS:
        hits = engine.search(SearchRequest(topic, 10), CancelToken()).hits  # pyright: ignore
        found.append([place for _, place in sorted((-round(h.score, 6), (h.path, h.start_line)) for h in hits)])
    return found


@contextmanager
def opened(folder: Path, cache: Path) -> Iterator[object]:
    """Open an engine with the shipped model."""
    from cognate.engine import open_engine
    from cognate.indexing.services import Services
    from cognate.settings import Settings

    services = Services(cache)
    engine = open_engine(folder, Settings(threads=1, update_delay_ms=0), services)
    try:
        yield engine
    finally:
        engine.close()
        services.close()


class Victim:
    """A process that has imported everything and waits for the word to begin."""

    def __init__(self, folder: Path, cache: Path, *more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(folder), str(cache), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(SERVER_PATH), "COGNATE_CACHE_DIR": str(cache)},
        )

    def begin(self) -> None:
        """Let it start to work."""
        assert self.process.stdin is not None and self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def end(self, after_s: float | None) -> float:
        """Kill it after some seconds of work, or let it finish; return how long it worked."""
        assert self.process.stdin is not None and self.process.stdout is not None
        began = time.monotonic()
        try:
            self.process.wait(after_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        return time.monotonic() - began


def runs(scratch: Path, n_runs: int, seed: int = 7) -> Iterator[Run]:
    """Kill a process at random moments of its measured run time, each time with caches of its own."""
    fresh_folder = scratch / "fresh"
    write_workspace(fresh_folder)
    whole = Victim(fresh_folder, scratch / "cache-whole")
    whole.begin()
    duration = whole.end(None)
    assert whole.process.returncode == 0
    with opened(fresh_folder, scratch / "cache-fresh") as engine:
        engine.start()  # pyright: ignore
        assert engine.wait_until_current(WAIT_S)  # pyright: ignore
        wanted = contents(engine), answers(engine)
    rng = random.Random(seed)
    waiting = _prepared(scratch, 0)
    for number in range(n_runs):
        folder, cache, victim = waiting
        victim.begin()
        killed_at = victim.end(rng.uniform(0.02, duration))
        if number + 1 < n_runs:
            waiting = _prepared(scratch, number + 1)  # It imports while the other is examined.
        make_edits_left(folder)
        yield _examined(folder, cache, killed_at, wanted)
        shutil.rmtree(folder)
        shutil.rmtree(cache, ignore_errors=True)


def _prepared(scratch: Path, number: int) -> tuple[Path, Path, Victim]:
    folder, cache = scratch / f"w{number}", scratch / f"cache{number}"
    write_workspace(folder)
    return folder, cache, Victim(folder, cache)


def make_edits_left(folder: Path) -> None:
    """Make those edits that the killed process did not come to."""
    for number in range(N_EDITS):
        path, moved = folder / f"pkg{number % 5}/module_{number}.py", folder / f"pkg{number % 5}/renamed_{number}.py"
        if number % 4 == 0:
            path.unlink(missing_ok=True)
        elif number % 4 == 1:
            if path.exists():
                path.rename(moved)
        else:
            path.write_text(_source(number, 1), encoding="utf-8")


def _examined(folder: Path, cache: Path, killed_at: float, wanted: tuple[object, list[list[tuple[str, int]]]]) -> Run:
    committed = committed_files(cache)
    with opened(folder, cache) as engine:
        first: list[int] = []
        engine.subscribe(lambda status: first.append(status.files))  # pyright: ignore
        engine.start()  # pyright: ignore
        assert engine.wait_until_current(WAIT_S), "the next start did not become current"  # pyright: ignore
        same = sum(one == other for one, other in zip(answers(engine), wanted[1], strict=True))
        return Run(killed_at, committed, first[0], contents(engine) == wanted[0], same, engine.status().message)  # pyright: ignore


def committed_files(cache: Path) -> int:
    """Return how many files with chunks a copy of the store holds, as SQLite itself recovers it."""
    import sqlite3
    import tempfile

    stores = list(cache.glob("workspaces/*/store-v*.sqlite"))
    if not stores:
        return 0
    with tempfile.TemporaryDirectory() as name:
        for file in stores[0].parent.glob("store-v*.sqlite*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, name)
        db = sqlite3.connect(Path(name) / stores[0].name)
        try:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'chunks'").fetchone():
                return 0
            return db.execute("SELECT count(*) FROM files").fetchone()[0]
        finally:
            db.close()


def _stay(folder: Path) -> None:
    """Own the folder's engine, and let others ask it."""
    from cognate.engines import Engines
    from cognate.settings import Settings

    engine = Engines(has_settings=False).open(folder, Settings(threads=1, update_delay_ms=0))
    engine.start()
    engine.wait_until_current(WAIT_S)
    sys.stdout.write("current\n")
    sys.stdout.flush()
    sys.stdin.readline()
    engine.close()


def main(folder: Path, cache: Path, *, stay: bool) -> None:
    """Index the folder, then make the edits or stay as it is; killed somewhere on the way."""
    import onnxruntime  # noqa: F401
    import tantivy  # noqa: F401

    import cognate.engine  # noqa: F401
    from cognate.index import hnsw
    from cognate.indexing.jobs import embed, read

    hnsw.missing_because()  # Imports hnswlib where it is installed.
    read.BATCH_FILES, embed.BATCH = 8, 32  # Many commits, so that there is much to be killed between.

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    if stay:
        _stay(folder)
        return
    with opened(folder, cache) as engine:
        engine.start()  # pyright: ignore
        engine.wait_until_current(WAIT_S)  # pyright: ignore
        for paths in edits(folder):
            engine.note_changed(paths)  # pyright: ignore
            engine.wait_until_current(WAIT_S)  # pyright: ignore


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), stay="stay" in sys.argv)
