"""A start on an index that is there: nothing changed, the first answer to an editor, an agent, the shell."""

import json
import subprocess
import time
from collections.abc import Mapping
from typing import Any

from client import Server
from harness import POLL_S, QUESTIONS, Bench, Goal, Row, best_of, cognate, run
from references import ALL_IMPORTS, IMPORTS, SDK_IMPORT, git_status_s, import_s


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
                "agent": lambda size=size: _answer_to_agent_s(bench, size),
                "beside": lambda size=size: _answer_beside_s(bench, size),
                "sdk": lambda: import_s(SDK_IMPORT),
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
            Row("`cognate mcp`, process start to first answer, alone", size, f"{best['agent']:.2f} s",
                f"`{SDK_IMPORT}`, {best['sdk']:.2f} s", best["agent"], Goal(2.5, "medium", unit="s")),
            Row("the same beside a server on the same folder", size, f"{best['beside']:.2f} s",
                f"`{SDK_IMPORT}`, {best['sdk']:.2f} s", best["beside"], Goal(1.5, unit="s")),
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


def _answer_beside_s(bench: Bench, size: str) -> float:
    with Server(bench.folder(size), bench.environment(bench.cache(size)), bench.work / "warm.log") as server:
        server.wait_until_ready()
        return _answer_to_agent_s(bench, size)


def _answer_to_agent_s(bench: Bench, size: str) -> float:
    """Return the seconds from starting `cognate mcp` to the first answer of `search_code` that has results."""
    began = time.perf_counter()
    with (bench.work / "warm.log").open("ab") as log:
        process = subprocess.Popen(
            cognate("mcp", str(bench.folder(size))), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            env=bench.environment(bench.cache(size)),
        )  # fmt: skip
    client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    _ask_as_agent(process, {"method": "initialize", "params": client})
    call = {"name": "search_code", "arguments": {"query": QUESTIONS[0], "also": list(QUESTIONS[1:3])}}
    _say_as_agent(process, {"method": "notifications/initialized"})
    while not _ask_as_agent(process, {"method": "tools/call", "params": call})["structuredContent"]["results"]:
        time.sleep(POLL_S)
    seconds = time.perf_counter() - began
    process.communicate()
    return seconds


def _say_as_agent(process: subprocess.Popen[bytes], message: Mapping[str, object]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    process.stdin.flush()


def _ask_as_agent(process: subprocess.Popen[bytes], request: Mapping[str, object]) -> Any:
    """Return the result of a request; one at a time."""
    assert process.stdout is not None
    _say_as_agent(process, {"id": 1, **request})
    for line in process.stdout:
        message = json.loads(line)
        if message.get("id") == 1:
            return message["result"]
    raise SystemExit("`cognate mcp` ended before it answered.")
