#!/usr/bin/env python3
"""Indexes labelled corpora with the command line and writes a run file: one line a labelled query, results best first.

Usage: run.py CORPORA_DIR LABELS_DIR OUT.jsonl [--limit N] [--cognate COMMAND]

LABELS_DIR holds one NAME.json a corpus, a list of objects with at least ``query``. The run file's lines are
``{"corpus", "query", "results": [{"path", "start_line", "end_line", "focus_line", "score"}]}``, 1-based and inclusive.
Only the public command line is used: ``cognate search --queries FILE FOLDER --json``.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KEPT = ("path", "start_line", "end_line", "focus_line", "score")


def answers(command: list[str], folder: Path, queries: list[str], limit: int) -> list[list[dict[str, object]]]:
    """Return the results of each query on a folder.

    Raises:
        SystemExit: when the command fails.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(queries))
        file.flush()
        call = [*command, "search", "--queries", file.name, str(folder), "--json", "-n", str(limit)]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(call)} failed:\n{done.stderr}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    if [row["query"] for row in rows] != queries:
        raise SystemExit(f"{' '.join(call)} did not answer each query once, in order")
    return [row["results"] for row in rows]


def main() -> None:
    """Write the run file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--limit", type=int, default=10)
    parser.add_argument("--cognate", default=f"{sys.executable} -P -m cognate" if sys.version_info >= (3, 11)
                        else f"{sys.executable} -m cognate")  # fmt: skip
    options = parser.parse_args()
    command = shlex.split(options.cognate)
    with options.out.open("w", encoding="utf-8") as out:
        for labels in sorted(options.labels.glob("*.json")):
            queries = [" ".join(item["query"].split()) for item in json.loads(labels.read_text(encoding="utf-8"))]
            originals = [item["query"] for item in json.loads(labels.read_text(encoding="utf-8"))]
            began = time.perf_counter()
            found = answers(command, (options.corpora / labels.stem).resolve(), queries, options.limit)
            for query, results in zip(originals, found, strict=True):
                kept = [{key: result[key] for key in KEPT} for result in results]
                out.write(json.dumps({"corpus": labels.stem, "query": query, "results": kept}) + "\n")
            print(f"{labels.stem}: {len(queries)} queries in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
