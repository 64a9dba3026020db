#!/usr/bin/env python3
"""Ranks the labelled queries with weights learned on other corpora, and shows what each signal is worth.

Usage: rerank.py CORPORA_DIR RUNS_DIR NAME=LABELS_DIR [NAME=LABELS_DIR ...]

Writes RUNS_DIR/NAME/cognate-cross-validated.jsonl: what Cognate would answer if the labels of the query's corpus
had not been there when the weights were learned. Then prints NDCG@10 with the weight of one signal after the other,
and of groups of them, set to zero, and with parts of the ranking done in another way; the weights stay as they are.
Labels do not say where a person was, so ``near`` is 0 throughout.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
import train
from baselines.chunks import opened
from bootstrap import paired_interval
from directions import ranked_otherwise
from evaluate import table
from metrics import measure

from cognate.cancellation import CancelToken
from cognate.index.snapshot import Snapshot
from cognate.search import focus
from cognate.search import order as ordering
from cognate.search import signals as all_signals
from cognate.search.evidence import Evidence
from cognate.search.lookup import look_up
from cognate.search.query import read_query
from cognate.search.request import SearchRequest
from cognate.search.signals import NAMES, Features, Look, signals

GROUPS: Mapping[str, frozenset[str]] = {
    "all BM25": frozenset({"body", "file"}),
    "all meaning": frozenset({"meaning", "file_meaning", "feedback", "best_meaning_in_file"}),
    "definitions": frozenset({"defines", "defines_mentioned", "words_in_definition"}),
    "words of the path": frozenset({"file_name_covered", "words_in_file_name"}),
    "share of the query's words": frozenset({"words_in_chunk", "words_in_file"}),
    "kind of file": frozenset({"asked_kind", "test", "example", "docs"}),
    "whole files": frozenset({"file", "file_meaning", "best_meaning_in_file", "words_in_file"}),
    "reference graph": frozenset({"file_rank", "symbol_rank"}),
}  # fmt: skip
ONE_FILE = "one file not filling the list"
NOTHING_CLOSE = "saying that nothing is close"
LEADING = "words fading where they do not cover the query"
Weights = tuple[NDArray[np.float64], ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """One labelled query with everything that ranking it again needs."""

    label_set: str
    label: Mapping[str, Any]
    case: train.Case
    focus_lines: Mapping[tuple[str, int, int], int]
    """1-based, by path and 1-based lines of the chunk."""
    nothing_close: bool
    """Whether the product answers with nothing."""
    otherwise: Mapping[str, Features]
    """The signals with a part of the ranking left out or done in another way."""


def gather(corpora: Path, label_sets: Mapping[str, Path]) -> list[Gathered]:
    """Return the candidates of every labelled query, with their signals and focus lines."""
    found: list[Gathered] = []
    for name, folder in label_sets.items():
        for file in sorted(folder.glob("*.json")):
            with opened((corpora / file.stem).resolve()) as index:
                others = dict(ranked_otherwise(index.engine, index.snapshot))
                for label in json.loads(file.read_text(encoding="utf-8")):
                    request = SearchRequest(" ".join(label["query"].split()))
                    retrieved = look_up(
                        index.snapshot, index.encoder, read_query(request.query), request, CancelToken()
                    )
                    if retrieved is None:
                        continue
                    look = retrieved.looks[0]
                    case = train.case_of(file.stem, label, look)
                    lines = {
                        (r.path, r.chunk.start_line + 1, r.chunk.end_line):
                            focus.focus_line(look.query, r.chunk, look.evidence.idf) + 1
                        for r in look.records
                    }  # fmt: skip
                    nothing_close = ordering.nothing_is_close(look)
                    found.append(Gathered(name, label, case, lines, nothing_close, otherwise(look, others)))
            print(f"{name}: candidates of {file.stem}", flush=True)
    return found


def otherwise(look: Look, others: Mapping[str, Snapshot]) -> dict[str, Features]:
    """Return the signals of a query's candidates with a part of the ranking left out or done in another way.

    Args:
        look: the query and its candidates.
        others: snapshots whose reference graph is ranked in another direction, by its name.
    """
    with _patched(all_signals, UNCOVERED_DISCOUNT=0.0):
        found = {f"without {LEADING}": signals(Look(look.query, look.evidence))}
    for name, snapshot in others.items():
        found[f"with ranks {name}"] = signals(Look(look.query, _with_ranks(look.evidence, snapshot)))
    return found


def _with_ranks(evidence: Evidence, snapshot: Snapshot) -> Evidence:
    pool = copy(evidence.pool)
    pool.file_rank = np.array([snapshot.graph.document_rank(record.path) for record in pool.records])
    pool.symbol_rank = np.array([snapshot.symbol_rank(record) for record in pool.records])
    return replace(evidence, pool=pool)


def ranked(item: Gathered, weights: NDArray[np.float64], calibration: tuple[float, float]) -> list[dict[str, Any]]:
    """Return the results of one query in the order that the weights give, each with its focus line."""
    if item.nothing_close:
        return []
    results = train.ranked(item.case, weights, calibration)
    return [{**r, "focus_line": item.focus_lines[r["path"], r["start_line"], r["end_line"]]} for r in results]


def without(weights: NDArray[np.float64], removed: frozenset[str]) -> NDArray[np.float64]:
    """Return the weights with those of some signals set to zero."""
    return weights * _kept(removed)


def _kept(removed: frozenset[str]) -> NDArray[np.float64]:
    return np.array([name not in removed for name in NAMES], np.float64)


@contextmanager
def _patched(module: ModuleType, **constants: float) -> Iterator[None]:
    kept = {name: vars(module)[name] for name in constants}
    vars(module).update(constants)
    try:
        yield
    finally:
        vars(module).update(kept)


def ablations(items: Sequence[Gathered], weights: Sequence[Weights], calibration: tuple[float, float]) -> str:
    """Return a table: what NDCG@10 loses without each signal, with 95 % intervals."""

    def figures(removed: frozenset[str] = frozenset(), items: Sequence[Gathered] = items) -> list[float]:
        return [
            measure(ranked(item, without(names if item.case.is_symbol else prose, removed), calibration),
                    item.case.targets)["ndcg"]
            for item, (prose, names) in zip(items, weights, strict=True)
        ]  # fmt: skip

    categories = ["all", *dict.fromkeys(item.case.category for item in items)]
    whole = figures()
    columns = {c: [i for i, item in enumerate(items) if c in ("all", item.case.category)] for c in categories}
    rows = [["everything", *(f"{np.mean([whole[i] for i in rows]):.3f}" for rows in columns.values())]]

    def add(name: str, found: Sequence[float]) -> None:
        cells: list[str] = []
        for kept in columns.values():
            sure = paired_interval([found[i] for i in kept], [whole[i] for i in kept])
            cells.append(f"{sure.mean:+.3f} [{sure.low:+.3f}, {sure.high:+.3f}]")
        rows.append([name, *cells])

    for name, removed in GROUPS.items():
        add(f"without {name}", figures(removed))
    with _patched(ordering, **{name: 1.0 for name in vars(ordering) if name.endswith("_FACTOR")}):
        add(f"without {ONE_FILE}", figures())
    add(f"without {NOTHING_CLOSE}", figures(items=[replace(item, nothing_close=False) for item in items]))
    for name in items[0].otherwise:
        add(name, figures(items=[_in_the_way(item, name) for item in items]))
    for name in NAMES:
        add(f"without `{name}`", figures(frozenset({name})))
    return table(["NDCG@10", *categories], rows)


def _in_the_way(item: Gathered, name: str) -> Gathered:
    return replace(item, case=replace(item.case, features=item.otherwise[name]))


def main() -> None:
    """Write the run files and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("runs", type=Path)
    parser.add_argument("labels", nargs="+", metavar="NAME=LABELS_DIR")
    options = parser.parse_args()
    label_sets = {name: Path(folder) for name, _, folder in (pair.partition("=") for pair in options.labels)}
    items = gather(options.corpora, label_sets)
    weights, calibration = train.cross_validated([item.case for item in items])
    for name in dict.fromkeys(item.label_set for item in items):
        chosen = [i for i, item in enumerate(items) if item.label_set == name]
        rows = [
            {"corpus": items[i].case.corpus, "query": items[i].label["query"],
             "results": ranked(items[i], weights[i][int(items[i].case.is_symbol)], calibration)}
            for i in chosen
        ]  # fmt: skip
        folder = options.runs / name
        folder.mkdir(parents=True, exist_ok=True)
        run = folder / "cognate-cross-validated.jsonl"
        run.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        print(f"{name}: {len(chosen)} queries, what each signal is worth\n")
        print(ablations([items[i] for i in chosen], [weights[i] for i in chosen], calibration))


if __name__ == "__main__":
    main()
