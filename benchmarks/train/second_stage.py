#!/usr/bin/env python3
"""What a cross-encoder makes of the product's answers to every labelled query: NDCG@10 with and without it.

Usage: second_stage.py CORPORA_DIR MODEL_DIR OUT_DIR NAME=LABELS_DIR [NAME=LABELS_DIR ...] [--weights 1 0.5 0.25]

MODEL_DIR is a folder that the setting `reranker` takes. The whole search is the product's own. A weight is what the
cross-encoder's log-odds are multiplied with before they are added; the product's is 1. OUT_DIR keeps a run file of each
weight and set of labels, as `quality/run.py` writes them. Prints by category and language, with 95 % intervals of the
paired bootstrap, how far each weight is from the search without a second stage, and the time of searches with it.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
from baselines.chunks import opened
from bootstrap import paired_interval
from evaluate import Groups, Measured, measured, read_labels, table

from cognate.cancellation import CancelToken
from cognate.embedding.cross_encoder import PairScorer, load_cross_encoder
from cognate.indexing.view import View
from cognate.search import rerank
from cognate.search.request import SearchRequest
from cognate.search.search import search

LIMIT = 10
ALONE = "without"


class Remembering:
    """A ``PairScorer`` that reads the same pairs once, however often it is asked; not for several threads."""

    def __init__(self, scorer: PairScorer) -> None:
        self.seconds: list[float] = []
        self._scorer = scorer
        self._known: dict[tuple[str, tuple[str, ...]], NDArray[np.float32]] = {}

    def score(self, query: str, texts: Sequence[str], *, cancel: CancelToken | None = None) -> NDArray[np.float32]:
        """Return one number a text; see ``PairScorer.score``."""
        key = (query, tuple(texts))
        if key not in self._known:
            began = time.perf_counter()
            self._known[key] = self._scorer.score(query, texts, cancel=cancel)
            self.seconds.append(time.perf_counter() - began)
        return self._known[key]


def answers(view: View, query: str, weight: float) -> list[dict[str, Any]]:
    """Return the product's answers with the second stage counting so much, as a run file has them."""
    kept, rerank.WEIGHT = rerank.WEIGHT, weight
    try:
        hits = search(
            view.snapshot,
            view.encoder,
            SearchRequest(" ".join(query.split()), limit=LIMIT),
            CancelToken(),
            reranker=view.reranker,
        ).hits
    finally:
        rerank.WEIGHT = kept
    return [{"path": hit.path, "start_line": hit.start_line + 1, "end_line": hit.end_line} for hit in hits]


def ask(corpora: Path, labels: Path, scorer: Remembering, weights: Sequence[float], out: Path) -> None:
    """Write a run file for each weight, and one without the second stage."""
    runs: dict[str, list[str]] = {ALONE: [], **{f"{weight:g}": [] for weight in weights}}
    for file in sorted(labels.glob("*.json")):
        with opened((corpora / file.stem).resolve()) as index:
            view = index.engine._writer.view
            for label in json.loads(file.read_text(encoding="utf-8")):
                for name, rows in runs.items():
                    asked = replace(view, reranker=None if name == ALONE else scorer)
                    found = answers(asked, label["query"], 0.0 if name == ALONE else float(name))
                    rows.append(json.dumps({"corpus": file.stem, "query": label["query"], "results": found}) + "\n")
        print(f"{file.stem}: answered", file=sys.stderr, flush=True)
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in runs.items():
        (out / f"{name}.jsonl").write_text("".join(rows), encoding="utf-8")


def figures(runs: Mapping[str, Measured], groups: Groups) -> str:
    """Return a table: NDCG@10 without the second stage, and how far each weight is from it."""
    alone = runs[ALONE].rows
    rows: list[list[str]] = []
    for name, keys in [*groups["category"].items(), *sorted(groups["language"].items())]:
        base = [alone[key]["ndcg"] for key in keys]
        cells: list[str] = []
        for run, system in runs.items():
            if run != ALONE:
                sure = paired_interval([system.rows[key]["ndcg"] for key in keys], base)
                mark = "**" if sure.low > 0 or sure.high < 0 else ""
                cells.append(f"{mark}{sure.mean:+.3f}{mark} [{sure.low:+.3f}, {sure.high:+.3f}]")
        rows.append([name, str(len(keys)), f"{np.mean(base):.3f}", *cells])
    return table(["NDCG@10", "queries", ALONE, *(f"weight {run}" for run in runs if run != ALONE)], rows)


def main() -> None:
    """Write the run files and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("labels", nargs="+", metavar="NAME=LABELS_DIR")
    parser.add_argument("--weights", type=float, nargs="+", default=[1.0, 0.5, 0.25])
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    scorer = Remembering(load_cross_encoder(str(options.model), threads=options.threads))
    for name, _, folder in (pair.partition("=") for pair in options.labels):
        ask(options.corpora, Path(folder), scorer, options.weights, options.out / name)
        known, groups = read_labels(Path(folder))
        order = [ALONE, *(f"{weight:g}" for weight in options.weights)]
        runs = {run: measured(options.out / name / f"{run}.jsonl", known) for run in order}
        print(f"{name}\n\n{figures(runs, groups)}")
    p50, p95 = np.percentile(scorer.seconds, [50, 95]) * 1000
    print(f"Reading the best {rerank.CANDIDATES}: {len(scorer.seconds)} queries, p50 {p50:.0f} ms, p95 {p95:.0f} ms")


if __name__ == "__main__":
    main()
