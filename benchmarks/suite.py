#!/usr/bin/env python3
"""The whole suite of speed, memory and growth, as one table, and as results that the tables of the pages are made from.

    python benchmarks/suite.py [--sizes small,medium,large] [--only cold,search] [--rounds 3] [--json FILE]

Sizes: small about 1,000 chunks, medium 12,000, large 50,000, huge over 200,000; each holds the one before it. A goal
that names a size is judged at that size only. Indexes stay in WORK; ``cold`` builds them anew, the others use what is
there. The results of all runs, for the plot, are in WORK/results.json.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import cold
import edits
import memory
import peers
import rates
import recall
import search
import warm
from harness import ROOT, SIZES, Bench, Row, machine, records, table
from tables import Table, kind_of_machine, shown

THEMES: dict[str, Callable[[Bench], list[Row]]] = {
    "rates": rates.rows,
    "cold": cold.rows,
    "warm": warm.rows,
    "search": search.rows,
    "edits": edits.rows,
    "memory": memory.rows,
    "recall": recall.rows,
}
PEERS = "peers"


def main() -> None:
    """Run what was asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="small,medium,large", type=_names(list(SIZES)))
    parser.add_argument("--only", default=",".join([*THEMES, PEERS]), type=_names([*THEMES, PEERS]), metavar="THEMES")
    parser.add_argument("--rounds", type=int, default=3, help="how often what is quick is measured")
    parser.add_argument("--corpora", type=Path, default=ROOT / ".cache" / "corpora")
    parser.add_argument("--work", type=Path, default=ROOT / ".cache" / "bench")
    parser.add_argument("--torch-python", type=Path, default=ROOT / ".venv-models" / "bin" / "python",
                        help="an interpreter with sentence-transformers (make .venv-models/.ready)")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the growth from all runs kept in WORK")
    options = parser.parse_args()
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # As the command line does, for what runs in here.
        os.environ.setdefault(variable, "1")
    torch_python = options.torch_python if options.torch_python.exists() else None
    work, corpora = options.work.resolve(), options.corpora.resolve()
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(corpora, work, options.sizes, options.rounds, torch_python)
    print(f"Machine: {machine()}.", end="\n\n", flush=True)
    rows: list[Row] = []
    for name in [name for name in THEMES if name in options.only]:
        began = time.perf_counter()
        rows += THEMES[name](bench)
        _tell(name, began)
    if rows:
        print(table(rows), flush=True)
    found: dict[str, Table] = {"speed": records(rows)} if rows else {}
    if PEERS in options.only:
        began = time.perf_counter()
        found["peers"] = peers.compare(bench)
        _tell(PEERS, began)
        print(f"\n{shown(found['peers'])}", flush=True)
    points = _kept(work / "results.json", bench.points)
    if options.plot:
        from plot import draw

        draw(points, options.plot)
    if options.json:
        results = {"date": date.today().isoformat(), "machine": machine(), "tables": found, "points": bench.points}
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
        print(f"To keep them: copy {options.json} to benchmarks/results/{date.today()}-{kind_of_machine()}.json")


def _names(allowed: list[str]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        wanted = set(text.split(","))
        if not wanted <= set(allowed):
            raise argparse.ArgumentTypeError(f"choose from {', '.join(allowed)}")
        return tuple(name for name in allowed if name in wanted)

    return read


def _kept(file: Path, points: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Put the figures of this run over those of earlier ones, so that the largest size may be run by itself."""
    known = json.loads(file.read_text(encoding="utf-8"))["points"] if file.is_file() else {}
    merged = {size: known.get(size, {}) | points.get(size, {}) for size in SIZES if size in {*known, *points}}
    file.write_text(json.dumps({"points": merged}, indent=1), encoding="utf-8")
    return merged


def _tell(name: str, began: float) -> None:
    sys.stderr.write(f"{name}: {time.perf_counter() - began:.0f} s\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
