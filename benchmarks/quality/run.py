#!/usr/bin/env python3
"""Asks systems the labelled queries and writes a run file for each: one line a query, results best first.

Usage: run.py CORPORA_DIR LABELS_DIR OUT_DIR [--systems NAME ...] [--corpora NAME ...] [--cognate COMMAND]

LABELS_DIR holds one NAME.json a corpus, a list of objects with at least ``query``. The lines of OUT_DIR/SYSTEM.jsonl
are ``{"corpus", "query", "results": [{"path", "start_line", "end_line", "focus_line"?}]}``, 1-based and inclusive.
OUT_DIR/times.json holds the seconds of each system and corpus. What is there of other systems and corpora stays.

Cognate is asked by its public command line: ``cognate index FOLDER``, ``cognate search --queries FILE FOLDER --json``.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from baselines import bm25_windows, chunks, lines, ripgrep, semble_peer
from baselines.common import Answers

KEPT = ("path", "start_line", "end_line", "focus_line", "score")
COGNATE = f"{sys.executable} {'-P ' if sys.version_info >= (3, 11) else ''}-m cognate"
LIMIT = 10

Answerer = Callable[[Path, Sequence[str], int], "Answers | None"]
BASELINES: dict[str, Answerer] = {
    "ripgrep": ripgrep.answers,
    "bm25-windows": bm25_windows.answers,
    "bm25-chunks": chunks.bm25,
    "dense": chunks.dense,
    "fusion": chunks.fused,
    "lines": lines.answers,
    "semble": semble_peer.answers,
}


def cognate(command: Sequence[str], folder: Path, queries: Sequence[str], limit: int) -> Answers:
    """Return Cognate's answers.

    Raises:
        SystemExit: when a command fails.
    """
    began = time.perf_counter()
    _call([*command, "index", str(folder), "--json"])
    indexed = time.perf_counter()
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(queries))
        file.flush()
        printed = _call([*command, "search", "--queries", file.name, str(folder), "--json", "-n", str(limit)])
    ended = time.perf_counter()
    rows = [json.loads(line) for line in printed.split("\n") if line]
    if [row["query"] for row in rows] != list(queries):
        raise SystemExit(f"Not each query of {folder} was answered once, in order")
    results = [[{key: result[key] for key in KEPT} for result in row["results"]] for row in rows]
    return Answers(results, indexed - began, ended - indexed)


def _call(call: Sequence[str]) -> str:
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(call)} failed:\n{done.stderr}")
    return done.stdout


def run_system(name: str, answer: Answerer, corpora: Path, labels: Sequence[Path], out: Path) -> None:
    """Ask one system about each labelled corpus and put its answers in place of earlier ones."""
    rows: list[dict[str, object]] = []
    times: dict[str, dict[str, float]] = {}
    for file in labels:
        asked = [label["query"] for label in json.loads(file.read_text(encoding="utf-8"))]
        found = answer((corpora / file.stem).resolve(), [" ".join(query.split()) for query in asked], LIMIT)
        if found is None:
            print(f"{name} on {file.stem}: left out", flush=True)
            continue
        for query, results in zip(asked, found.results, strict=True):
            rows.append({"corpus": file.stem, "query": query, "results": results})
        times[file.stem] = {"prepare_s": found.prepare_s, "search_s": found.search_s, "queries": len(asked)}
        print(f"{name} on {file.stem}: {found.prepare_s:.1f} s, then {len(asked)} queries in {found.search_s:.1f} s",
              flush=True)  # fmt: skip
    _write(name, rows, times, {file.stem for file in labels}, out)


def _write(name: str, rows: list[dict[str, object]], times: dict[str, dict[str, float]], done: set[str],
           out: Path) -> None:  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    run = out / f"{name}.jsonl"
    earlier = [json.loads(line) for line in run.read_text(encoding="utf-8").splitlines()] if run.exists() else []
    kept = [row for row in earlier if row["corpus"] not in done]
    run.write_text("".join(json.dumps(row) + "\n" for row in [*kept, *rows]), encoding="utf-8")
    clock = out / "times.json"
    known = json.loads(clock.read_text(encoding="utf-8")) if clock.exists() else {}
    known[name] = {c: t for c, t in known.get(name, {}).items() if c not in done} | times
    clock.write_text(json.dumps(known, indent=1), encoding="utf-8")


def main() -> None:
    """Write the run files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--systems", nargs="+", choices=["cognate", *BASELINES], default=["cognate", *BASELINES])
    parser.add_argument("--corpora", nargs="+", dest="names", default=[])
    parser.add_argument("--cognate", default=COGNATE)
    options = parser.parse_args()
    command = shlex.split(options.cognate)
    systems: dict[str, Answerer] = {
        "cognate": lambda folder, queries, limit: cognate(command, folder, queries, limit), **BASELINES
    }  # fmt: skip
    labels = [f for f in sorted(options.labels.glob("*.json")) if not options.names or f.stem in options.names]
    for name in options.systems:
        run_system(name, systems[name], options.corpora, labels, options.out)


if __name__ == "__main__":
    main()
