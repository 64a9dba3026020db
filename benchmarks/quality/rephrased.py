#!/usr/bin/env python3
"""Shows what other wordings of the labelled queries are worth, and how well they are put together.

Usage: rephrased.py CORPORA_DIR LABELS_DIR WORDINGS_DIR

WORDINGS_DIR holds one NAME.jsonl a corpus, a line for each label in its order: ``{"query", "also": [...]}``, which
``cognate search --queries`` takes as well. Every query is ranked with weights that were learned on the other corpora,
from the queries alone. Prints NDCG@10 by category for the query alone and

* with its wordings; with them less the names that only who knows the project would write: those that the query does
  not have, that are made of several words or are no word of the model's vocabulary, and that stand in the project;
* with a wording of a question about another project, alone and beside the right ones;
* with its wordings, put together in other ways.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
import train
from baselines.chunks import Opened, opened
from bootstrap import paired_interval
from evaluate import table
from metrics import measure

from cognate.cancellation import CancelToken
from cognate.search import order as ordering
from cognate.search.copies import copies_among
from cognate.search.lookup import look_up
from cognate.search.query import COMPOUND, SEPARATOR, read_query
from cognate.search.request import SearchRequest
from cognate.search.signals import Features, signals
from cognate.types import ChunkRecord
from cognate.words import name_key, split_identifier, stem

SEED = 3
ALONE, ALSO, WITHOUT_NAMES = "alone", "with wordings", "without names"
WRONG, ONE_WRONG = "with a wrong one", "one of four wrong"
SOFTNESS = 4.0
RANK_CONSTANT = 10

Linear = NDArray[np.float64]
"""Linear scores, shape (wordings, candidates)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in some wordings: its candidates, and for each wording their signals and whether it is one name."""

    records: Sequence[ChunkRecord]
    features: Sequence[Features]
    is_symbol: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled query, asked in several ways; ``alone`` is what the weights are learned from."""

    alone: train.Case
    ways: Mapping[str, Asked]


def gather(corpora: Path, labels: Path, wordings: Path) -> list[Case]:
    """Ask every labelled query in every way."""
    files = sorted(wordings.glob("*.jsonl"))
    read = {file.stem: list(map(json.loads, file.read_text(encoding="utf-8").splitlines())) for file in files}
    draw = random.Random(SEED)
    cases: list[Case] = []
    for name, rows in read.items():
        others = [row["also"][0] for other, rows in read.items() if other != name for row in rows]
        with opened((corpora / name).resolve()) as index:
            asked = json.loads((labels / f"{name}.json").read_text(encoding="utf-8"))
            for label, row in zip(asked, rows, strict=True):
                if " ".join(label["query"].split()) != row["query"]:
                    raise SystemExit(f"{name}: the wordings of {row['query']!r} do not belong to {label['query']!r}")
                also, wrong = row["also"], draw.choice(others)
                fewer = [text for text in (without_names(index, row["query"], text) for text in also) if text]
                ways = {
                    ALONE: (), ALSO: also, WITHOUT_NAMES: fewer, WRONG: [wrong], ONE_WRONG: [*also, wrong],
                }  # fmt: skip
                found = {way: ask(index, row["query"], texts) for way, texts in ways.items()}
                look = found[ALONE][0]
                cases.append(Case(train.case_of(name, label, look), {way: asked for way, (_, asked) in found.items()}))
        print(f"candidates of {name}", flush=True)
    return cases


def ask(index: Opened, query: str, also: Sequence[str]) -> tuple[Any, Asked]:
    """Return the query's look, and the question as it is asked with other wordings."""
    request = SearchRequest(query, also=tuple(also))
    found = look_up(index.snapshot, index.encoder, read_query(query), request, CancelToken())
    if found is None:
        raise SystemExit(f"Nothing at all was found for {query!r}")
    looks = found.looks
    return looks[0], Asked(found.pool.records, list(map(signals, looks)), [look.query.is_symbol for look in looks])


def without_names(index: Opened, query: str, wording: str) -> str:
    """Return a wording without names that only who knows the project would write."""
    kept: list[str] = []
    for token in wording.split():
        bare = token.strip(",.:;()[]{}\"'`")
        if not bare or bare.lower() in query.lower() or not _is_known_here(index, bare):
            kept.append(token)
    return " ".join(kept)


def _is_known_here(index: Opened, name: str) -> bool:
    if not COMPOUND.search(name):
        return not index.encoder.knows(name.lower()) and bool(index.snapshot.defining(name, 1))
    return any(map(partial(_stands_here, index), filter(None, SEPARATOR.split(name))))


def _stands_here(index: Opened, name: str) -> bool:
    is_compound = len(split_identifier(name)) > 1
    used = is_compound and index.snapshot.lexical.document_frequency(stem(name_key(name)))
    return bool(used or index.snapshot.defining(name, 1))


def scores(asked: Asked, weights: tuple[Linear, ...], calibration: tuple[float, float]) -> Linear:
    """Return the linear scores under each wording, on the scale of the product's curve."""
    slope, bias = calibration
    linear = [table @ weights[is_symbol] for table, is_symbol in zip(asked.features, asked.is_symbol, strict=True)]
    return (slope * np.stack(linear) + bias - ordering.BIAS) / ordering.SLOPE


def figure(case: Case, asked: Asked, linear: Linear) -> float:
    """Return NDCG@10 of an order."""
    copies = copies_among(asked.records, [0.0] * len(asked.records))
    repeated = {row for rows in copies.values() for row in rows}
    ranked = ordering.order(asked.records, linear, is_symbol=case.alone.is_symbol, left_out=repeated)
    results = [train.result_of(asked.records[position.row]) for position in ranked[:10]]
    return measure(results, case.alone.targets)["ndcg"]


def _fused(linear: Linear) -> Linear:
    places = np.argsort(np.argsort(-linear, axis=1, kind="stable"), axis=1)
    return (1.0 / (RANK_CONSTANT + places + 1)).sum(axis=0)


TOGETHER: Mapping[str, Callable[[Linear], Linear]] = {
    "mean relevance (the product)": lambda linear: ordering.combined(list(linear))[0],
    "largest": lambda linear: linear.max(axis=0),
    f"soft maximum, {SOFTNESS:g}": lambda linear: SOFTNESS * np.log(np.exp(linear / SOFTNESS).mean(axis=0)),
    "mean log-odds": lambda linear: linear.mean(axis=0),
    f"reciprocal rank, k = {RANK_CONSTANT}": _fused,
}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("wordings", type=Path)
    options = parser.parse_args()
    cases = gather(options.corpora, options.labels, options.wordings)
    weights, calibration = train.cross_validated([case.alone for case in cases])
    product = TOGETHER["mean relevance (the product)"]
    found: dict[str, list[float]] = {}
    for way in (ALONE, ALSO, WITHOUT_NAMES, WRONG, ONE_WRONG):
        found[way] = [
            figure(case, case.ways[way], product(scores(case.ways[way], own, calibration)))
            for case, own in zip(cases, weights, strict=True)
        ]
    for name, together in TOGETHER.items():
        if together is not product:
            found[name] = [
                figure(case, case.ways[ALSO], together(scores(case.ways[ALSO], own, calibration)))
                for case, own in zip(cases, weights, strict=True)
            ]
    groups = {"all": range(len(cases))} | {
        category: [i for i, case in enumerate(cases) if case.alone.category == category]
        for category in sorted({case.alone.category for case in cases})
    }
    rows: list[list[str]] = []
    for name, values in found.items():
        cells = [f"{np.mean([values[i] for i in members]):.3f}" for members in groups.values()]
        sure = paired_interval(values, found[ALONE])
        rows.append([name, *cells, f"{sure.mean:+.3f} [{sure.low:+.3f}, {sure.high:+.3f}]"])
    print(table(["NDCG@10", *groups, "all, beside alone"], rows))


if __name__ == "__main__":
    main()
