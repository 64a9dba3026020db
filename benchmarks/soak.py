#!/usr/bin/env python3
"""A long day in minutes: two clients on one folder, with edits, searches and branch switches at random.

    python benchmarks/soak.py --minutes 60 [--size medium] [--seed 7]

Each client is a server process of its own: one owns the engine, the other asks it, and when the first is restarted, as
happens four times, they change roles. At the end both must come to rest, and what they leave must answer as a fresh
index of the same folder does. Prints a summary in Markdown; exits with 1 when anything went wrong.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from client import Refused, Server
from edits import function
from harness import ROOT, SIZES, Bench, machine, milliseconds, percentile, run

BRANCHES = 4
CHANGED_SHARE = 0.1
SAMPLES = 60
RESTARTS = 4
SLOWEST_PAUSE_S = 0.4
ASKED = 30
CALM_S = 8.0
LEAST_SHARED = 0.95
"""Two graphs of the same vectors, built in another order, may each miss another of the nearest ones."""

WEIGHTS = {"search": 50, "related": 15, "type": 20, "save": 8, "delete": 2, "close": 4, "switch": 1}
"""How often each happens, relative to the others."""


@dataclass(slots=True)
class Client:
    """A server and what is open in it.

    Attributes:
        server: the process.
        documents: versions of open documents by URI.
        samples: seconds since the start and resident MB.
    """

    server: Server
    documents: dict[str, int] = field(default_factory=dict[str, int])
    samples: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])


@dataclass(frozen=True, slots=True)
class Answers:
    """How many chunks an index has, and the first ten places of each query."""

    chunks: int
    places: list[frozenset[tuple[str, int]]]

    def shared(self, other: "Answers") -> float:
        """Return the share of the other's places that are here too."""
        both = sum(len(one & two) for one, two in zip(self.places, other.places, strict=True))
        return both / max(1, sum(map(len, other.places)))


@dataclass(slots=True)
class Day:
    """What happened."""

    done: Counter[str] = field(default_factory=Counter[str])
    times: dict[str, list[float]] = field(default_factory=lambda: {"search": [], "related": []})
    problems: list[str] = field(default_factory=list[str])
    end: str = ""


class Soak:
    """The folder, two clients, and a random generator that says what they do next."""

    def __init__(self, bench: Bench, size: str, scratch: Path, seed: int) -> None:
        self.bench, self.scratch = bench, scratch
        self.folder = scratch / "folder"
        shutil.copytree(bench.folder(size), self.folder, symlinks=True)
        self.queries = bench.queries(size)
        self.chooser = random.Random(seed)
        self.day = Day()
        self.files = sorted(p for p in self.folder.rglob("*.py") if 1_000 < p.stat().st_size < 60_000)
        self._make_branches()
        self._number = 0

    def _make_branches(self) -> None:
        """Make branches that differ in a tenth of the files: some changed, some gone, some new."""
        for number in range(BRANCHES):
            self._git("checkout", "--quiet", "-b", f"branch{number}", "HEAD" if not number else "branch0~1")
            for path in self.chooser.sample(self.files, int(len(self.files) * CHANGED_SHARE)):
                choice = self.chooser.random()
                if choice < 0.2:
                    path.unlink()
                elif choice < 0.4:
                    path.rename(path.with_name(f"moved_{number}_{path.name}"))
                else:
                    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
                    cut = self.chooser.randrange(len(lines))
                    path.write_text("\n".join([*lines[:cut], *lines[cut + 20 :]]), encoding="utf-8")
            self._commit(f"branch {number}")

    def _git(self, *arguments: str) -> None:
        run(["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", *arguments], folder=self.folder)

    def _commit(self, message: str) -> None:
        self._git("add", "--all")
        self._git("commit", "--quiet", "-m", message)

    def start(self, stack: ExitStack, name: str) -> Client:
        """Start a client."""
        environment = self.bench.environment(self.scratch / "cache")
        return Client(stack.enter_context(Server(self.folder, environment, self.scratch / f"{name}.log")))

    def step(self, client: Client) -> None:
        """Let a client do one thing."""
        name = self.chooser.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        try:
            getattr(self, f"_{name}")(client)
        except Refused as error:
            self.day.problems.append(str(error))
        self.day.done[name] += 1

    def _search(self, client: Client) -> list[dict[str, Any]]:
        seconds, hits = client.server.search(self.chooser.choice(self.queries))
        self.day.times["search"].append(seconds)
        return hits

    def _related(self, client: Client) -> None:
        for hit in self._search(client)[:1]:
            place = {"textDocument": {"uri": hit["location"]["uri"]}, "range": hit["location"]["range"]}
            self.day.times["related"].append(client.server.timed("cognate/related", place)[0])

    def _type(self, client: Client) -> None:
        """Type a function into an open document, or change the one typed before."""
        if len(client.documents) < 5:
            path = self._existing()
            if path is None or path.as_uri() in client.documents:
                return
            client.documents[client.server.open(path)] = 1
        uri = self.chooser.choice(list(client.documents))
        version = client.documents[uri] = client.documents[uri] + 1
        self._number += 1
        client.server.change(uri, version, (0, 3 if version > 2 else 0), self._function())

    def _save(self, client: Client) -> None:
        """Change a file on disk."""
        path = self._existing()
        if path is not None:
            self._number += 1
            text = path.read_text(encoding="utf-8", errors="replace")
            path.write_text(f"{text}\n\n{self._function()}", encoding="utf-8")

    def _delete(self, client: Client) -> None:
        path = self._existing()
        if path is not None:
            path.unlink()

    def _close(self, client: Client) -> None:
        if client.documents:
            uri = self.chooser.choice(list(client.documents))
            del client.documents[uri]
            client.server.close(uri)

    def _switch(self, client: Client) -> None:
        """Commit what there is, so that nothing stands in the way, and go to another branch."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--allow-empty", "-m", "work")
        self._git("checkout", "--quiet", f"branch{self.chooser.randrange(BRANCHES)}")

    def _existing(self) -> Path | None:
        path = self.chooser.choice(self.files)
        return path if path.is_file() else None

    def _function(self) -> str:
        return function(self._number)

    def settle(self, client: Client) -> None:
        """Close what is open and wait for rest."""
        for uri in list(client.documents):
            client.server.close(uri)
        client.documents.clear()
        client.server.wait_until_ready()

    def answers(self, cache: str) -> Answers:
        """Return what a server that starts on a cache answers: nothing is open, and nothing was edited a moment ago."""
        environment = self.bench.environment(self.scratch / cache)
        with Server(self.folder, environment, self.scratch / f"{cache}.log") as server:
            chunks = server.wait_until_ready(tidied=True)["chunks"]
            server.wait_until_still(CALM_S)  # The reference graph follows when all else rests.
            return Answers(chunks, [self._places(server, query) for query in self.queries[:ASKED]])

    def _places(self, server: Server, query: str) -> frozenset[tuple[str, int]]:
        return frozenset(
            (hit["location"]["uri"], hit["location"]["range"]["start"]["line"]) for hit in server.search(query)[1]
        )


def main() -> int:
    """Run, and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--size", choices=list(SIZES), default="medium")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--corpora", type=Path, default=ROOT / ".cache" / "corpora")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "bench")
    options = parser.parse_args()
    bench = Bench(options.corpora.resolve(), options.work.resolve(), (options.size,))
    with tempfile.TemporaryDirectory() as place:
        soak = Soak(bench, options.size, Path(place).resolve(), options.seed)
        kept = _run(soak, options.minutes)
        for log in sorted(Path(place).glob("*.log")):
            text = log.read_text(encoding="utf-8", errors="replace").splitlines()
            soak.day.problems += [f"{log.stem}: {line}" for line in text if " ERROR " in line or "Traceback" in line]
    print(_summary(soak, kept, options.minutes))
    return 1 if soak.day.problems else 0


def _run(soak: Soak, minutes: float) -> list[list[tuple[float, float]]]:
    """Return the memory samples of each server that lived."""
    length = minutes * 60
    kept: list[list[tuple[float, float]]] = []
    with ExitStack() as stack:
        lives = [ExitStack(), ExitStack()]
        clients = [soak.start(stack.enter_context(life), f"client{n}") for n, life in enumerate(lives)]
        for client in clients:
            client.server.wait_until_ready()
        began = time.monotonic()
        restarts = sampled = 0
        while (passed := time.monotonic() - began) < length:
            if passed >= length * (restarts + 1) / (RESTARTS + 1):
                number = restarts % 2
                kept.append(clients[number].samples)
                lives[number].close()
                clients[number] = soak.start(lives[number], f"client{number}")
                clients[number].server.wait_until_ready()
                restarts += 1
            if passed >= length * sampled / SAMPLES:
                sampled += 1
                for client in clients:
                    client.samples.append((passed, client.server.resident_mb()))
            soak.step(soak.chooser.choice(clients))
            time.sleep(soak.chooser.random() ** 3 * SLOWEST_PAUSE_S)
        for client in clients:
            soak.settle(client)
        kept += [client.samples for client in clients]
    shutil.copytree(soak.scratch / "cache" / "embeddings", soak.scratch / "fresh" / "embeddings")
    found, fresh = soak.answers("cache"), soak.answers("fresh")
    shared = found.shared(fresh)
    soak.day.end = (
        f"{found.chunks:,} and {fresh.chunks:,} chunks, {shared:.1%} of the first ten places of {ASKED} queries"
    )
    if found.chunks != fresh.chunks or shared < LEAST_SHARED:
        soak.day.problems.append(f"The index is not that of a fresh start: {soak.day.end}")
    return kept


def _summary(soak: Soak, kept: list[list[tuple[float, float]]], minutes: float) -> str:
    lines = [f"{minutes:g} minutes, {machine()}.", "", "| | |", "|---|---|"]
    lines += [f"| {name} | {count:,} |" for name, count in soak.day.done.most_common()]
    for name, times in soak.day.times.items():
        if times:
            lines.append(
                f"| {name} p50 / p95 / worst | {milliseconds(percentile(times, 0.5))} / "
                f"{milliseconds(percentile(times, 0.95))} / {milliseconds(max(times))} |"
            )
    for samples in kept:
        if len(samples) > 2:
            span = f"minute {samples[0][0] / 60:.0f} to {samples[-1][0] / 60:.0f}"
            middle, last = samples[len(samples) // 2][1], samples[-1][1]
            lines.append(
                f"| memory of a server, {span}: first / middle / last / most | {samples[0][1]:.0f} / {middle:.0f} / "
                f"{last:.0f} / {max(mb for _, mb in samples):.0f} MB |"
            )
    lines.append(f"| the index and a fresh one | {soak.day.end} shared |")
    lines.append(f"| problems | {len(soak.day.problems)} |")
    return "\n".join([*lines, *(f"\n* {problem}" for problem in soak.day.problems[:20])])


if __name__ == "__main__":
    sys.exit(main())
