#!/usr/bin/env python3
"""Many front ends on one folder: what they hold together, whether owners may be killed, what a shell search takes.

    python benchmarks/front_ends.py [--only memory,kills,shell] [--kills 50] [--seed 7]

``memory``: ten front ends at LARGE, five language servers and five servers for agents, against one language server
alone in the same run. ``kills``: all ask all the time while whoever owns the engine is killed, at random moments, and
started again. ``shell``: a search beside a server, against Python that does nothing. Prints Markdown; exits with 1 when
a question of a living front end got no answer, two, or an error, when unsaved text was not found in the end, or when
the index is not that of a fresh start.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from harness import QUESTIONS, ROOT, SIZES, Bench, machine, milliseconds, percentile
from kills import kills
from strict_clients import Agent, Editor, FrontEnd, start, wait_for_rest

EDITORS, AGENTS = 5, 5
"""Front ends of the memory benchmark; one of the editors owns the engine."""

ROUNDS = 15
PROGRAM = [sys.executable, "-c", "import sys; from cognate.program import program; sys.exit(program())"]
"""As the installed ``cognate`` starts; with ``-m``, Python takes longer."""

HEAVY = ("numpy", "onnxruntime", "tokenizers", "tantivy", "hnswlib", "tree_sitter", "pydantic_core")
"""What no attached front end may load; the last is of the agents' SDK."""


# -- memory


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds, in MB: resident, and with pages that it shares counted in parts."""

    resident: float
    proportional: float

    @classmethod
    def of(cls, front_end: FrontEnd) -> "Memory":
        """Return what a front end's process holds."""
        text = Path(f"/proc/{front_end.process.pid}/smaps_rollup").read_text(encoding="ascii")
        fields = {line.split(":")[0]: line.split(":")[1].split()[0] for line in text.splitlines()[1:]}
        return cls(int(fields["Rss"]) / 1024, int(fields["Pss"]) / 1024)

    def __add__(self, other: "Memory") -> "Memory":
        """Return what two processes hold."""
        return Memory(self.resident + other.resident, self.proportional + other.proportional)


def memory(bench: Bench, _options: argparse.Namespace) -> list[str]:
    """Measure at the largest size that was asked for; returns what went wrong."""
    size = bench.largest
    folder, environment = bench.folder(size), bench.environment(bench.cache(size))
    bench.ensure_index(size)
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        front_ends: list[FrontEnd] = []

        def add(kind: type[FrontEnd]) -> FrontEnd:
            front_end = start(kind, Path(scratch) / f"{len(front_ends)}.log", folder, environment)
            front_ends.append(front_end)
            stack.callback(front_end.kill)
            for query in QUESTIONS:
                front_end.found(query)
            return front_end

        owner = add(Editor)
        wait_for_rest(owner)
        for query in bench.queries(size)[:100]:
            owner.found(query)
        alone = Memory.of(owner)
        for kind in (*[Editor] * (EDITORS - 1), *[Agent] * AGENTS):
            add(kind)
        for front_end in front_ends:  # All of them again, now that all are there.
            for query in QUESTIONS:
                front_end.found(query)
        held = [Memory.of(front_end) for front_end in front_ends]
        for front_end in front_ends[1:]:
            maps = Path(f"/proc/{front_end.process.pid}/maps").read_text(encoding="utf-8")
            problems += [f"{type(front_end).__name__} has loaded {name}" for name in HEAVY if f"/{name}" in maps]
    together = sum(held[1:], held[0])
    print(
        f"\n| {size}, {EDITORS} `cognate serve` and {AGENTS} `cognate mcp` | resident | proportional |\n|---|---|---|"
    )
    for name, what in (
        ("one server alone", alone), ("the same, with nine guests", held[0]),
        ("each attached `serve`", _mean(held[1:EDITORS])), ("each attached `mcp`", _mean(held[EDITORS:])),
        ("all ten", together),
    ):  # fmt: skip
        print(f"| {name} | {what.resident:.0f} MB | {what.proportional:.0f} MB |")
    ratios = together.resident / alone.resident, together.proportional / alone.proportional
    print(f"| all ten to one alone | {ratios[0]:.2f} | {ratios[1]:.2f} |")
    return problems


def _mean(held: list[Memory]) -> Memory:
    total = sum(held[1:], held[0])
    return Memory(total.resident / len(held), total.proportional / len(held))


# -- the shell


def shell(bench: Bench, _options: argparse.Namespace) -> list[str]:
    """Measure a search from the shell beside a server, against Python that does nothing."""
    size = bench.middle
    folder, environment = bench.folder(size), bench.environment(bench.cache(size))
    bench.ensure_index(size)
    commands = {"pass": [sys.executable, "-c", "pass"], "search": [*PROGRAM, "search", QUESTIONS[0], str(folder)]}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as scratch:
        server = start(Editor, Path(scratch) / "server.log", folder, environment)
        try:
            wait_for_rest(server)
            for _ in range(ROUNDS):
                for name, command in commands.items():
                    taken[name].append(_times(command, environment))
        finally:
            server.kill()
    print(
        f"\n| {size}, {ROUNDS} rounds in turns | time, least | time, p50 | processor time, least |\n|---|---|---|---|"
    )
    figures: dict[str, tuple[float, ...]] = {}
    for name, times in taken.items():
        walls, processors = zip(*times, strict=True)
        figures[name] = min(walls), percentile(walls, 0.5), min(processors)
        print(f"| {name} | {' | '.join(milliseconds(value) for value in figures[name])} |")
    print(f"| ratio | {' | '.join(f'{a / b:.2f}' for a, b in zip(figures['search'], figures['pass'], strict=True))} |")
    return []


def _times(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the seconds and the processor seconds of a process."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime


THEMES: dict[str, Callable[[Bench, argparse.Namespace], list[str]]] = {"memory": memory, "kills": kills, "shell": shell}


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(THEMES))
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sizes", default="small,large", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--corpora", type=Path, default=ROOT / ".cache" / "corpora")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "bench")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    bench = Bench(options.corpora.resolve(), options.work.resolve(), tuple(options.sizes.split(",")))
    print(f"{machine()}.", flush=True)
    problems = [problem for name in options.only.split(",") for problem in THEMES[name](bench, options)]
    print(f"\n{len(problems)} problems.", *(f"* {problem}" for problem in problems[:30]), sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
