"""A start on an index that is there: nothing changed, the first answer of a server, a search from the shell."""

import time

from client import Server
from harness import POLL_S, QUESTIONS, Bench, Goal, Row, best_of, cognate, run
from references import ALL_IMPORTS, IMPORTS, git_status_s, import_s


def rows(bench: Bench) -> list[Row]:
    """Measure every size; processes in turns with their references, the best of the rounds."""
    found: list[Row] = []
    for size in bench.sizes:
        folder, environment = bench.folder(size), bench.environment(bench.cache(size))
        bench.ensure_index(size)
        index = cognate("index", str(folder), "--json", "--threads", str(bench.threads))
        search = cognate("search", QUESTIONS[0], str(folder), "--json")
        best = best_of(
            bench.rounds,
            {
                "again": lambda index=index, environment=environment: run(index, environment).seconds,
                "git": lambda folder=folder: git_status_s(folder),
                "served": lambda size=size: _first_answer_s(bench, size),
                "imports": lambda: import_s(IMPORTS),
                "search": lambda search=search, environment=environment: run(search, environment).seconds,
                "all imports": lambda: import_s(ALL_IMPORTS),
            },
        )
        bench.note(size, "no change, s", best["again"])
        bench.note(size, "warm start to first answer, s", best["served"])
        bench.note(size, "search from the shell, s", best["search"])
        found += [
            Row("second `cognate index`, nothing changed", size, f"{best['again']:.2f} s",
                f"`git status`, {best['git'] * 1000:.0f} ms", best["again"] / best["git"], Goal(10, "large")),
            Row("process start to first answer over stdio, warm", size, f"{best['served']:.2f} s",
                f"`{IMPORTS}`, {best['imports']:.2f} s", best["served"] / best["imports"], Goal(8, "large")),
            Row("`cognate search` from the shell, warm store", size, f"{best['search']:.2f} s",
                f"`{ALL_IMPORTS}`, {best['all imports']:.2f} s", best["search"] / best["all imports"],
                Goal(3, "medium")),
        ]  # fmt: skip
    return found


def _first_answer_s(bench: Bench, size: str) -> float:
    with Server(bench.folder(size), bench.environment(bench.cache(size)), bench.work / "warm.log") as server:
        while not server.search(QUESTIONS[0])[1]:
            time.sleep(POLL_S)
        seconds = time.perf_counter() - server.began
        server.wait_until_ready()
    return seconds
