#!/usr/bin/env python3
"""Shows how often what ``cognate duplicates`` calls the same is the same, on pairs that were judged by reading them.

Usage: duplicates.py CORPORA_DIR [PAIRS_FILE]

PAIRS_FILE (duplicates/pairs.jsonl) holds one pair a line: corpus, the lines of both definitions, their names, and the
verdict, given without a look at any score. ``same``: the two take the same steps for the same purpose, so that one
function with a few parameters (values, names, types, one called function) could stand for both, and who mends one would
have to mend the other. ``sample`` says how a pair was chosen: ``bands``, evenly over all likenesses; ``renamed``, of
the same shape with other words; ``shown``, two members of a cluster that was drawn from the command's output;
``fresh``, the same of projects on which no weight or threshold was chosen.

Each pair's likeness is of weights that were learned on the other corpora. Prints the precision by band and at the
shipped threshold, with 95 % intervals (Wilson, 1927), what each measure is worth, and weights learned from all.
"""

import argparse
import json
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent))
from baselines.chunks import opened
from evaluate import table

from cognate.cancellation import CancelToken
from cognate.search import duplicates
from cognate.search.definitions import definitions_in
from cognate.search.likeness import THRESHOLD, Measures, likeness

PAIRS = Path(__file__).with_name("duplicates") / "pairs.jsonl"
BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.85, 1.01)
PENALTY = 1.0
ROUNDS = 50
Z = 1.96
NAMES = [field.name for field in fields(Measures)]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with what is measured of it; ``measures`` is None where the command would never compare the two."""

    corpus: str
    sample: str
    same: bool
    measures: Measures | None


def measured(corpora: Path, rows: Sequence[Mapping[str, Any]]) -> list[Judged]:
    """Return the pairs with their measures, of the index of each corpus."""
    by_corpus: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_corpus[row["corpus"]].append(row)
    found: list[Judged] = []
    for corpus, some in sorted(by_corpus.items()):
        with opened((corpora / corpus).resolve()) as index:
            for row in some:
                both = [_definition(index.snapshot, place) for place in (row["first"], row["second"])]
                compared = duplicates._compared(index.snapshot, filter(None, both), CancelToken(), copies=False)
                measures = compared.measures(0, 1) if len(compared.definitions) == len(both) else None
                found.append(Judged(corpus, row["sample"], row["verdict"] == "same", measures))
        print(f"measured {corpus}", file=sys.stderr, flush=True)
    return found


def _definition(snapshot: Any, place: str) -> Any:
    path, _, lines = place.rpartition(":")
    start, end = map(int, lines.split("-"))
    found = definitions_in(snapshot, [path])
    return next((one for one in found if (one[0].symbol.start_line + 1, one[0].symbol.end_line) == (start, end)), None)


def learned(values: Values, same: Values) -> tuple[Values, float]:
    """Return weights and intercept of a logistic regression with a quadratic penalty, by Newton's method."""
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    scaled = np.c_[(values - mean) / spread, np.ones(len(values))]
    penalty = np.diag([PENALTY] * values.shape[1] + [0.0])
    weights = np.zeros(scaled.shape[1])
    for _ in range(ROUNDS):
        expected = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (expected - same) + penalty @ weights
        weights -= np.linalg.solve((scaled.T * (expected * (1 - expected))) @ scaled + penalty, slope)
    plain = weights[:-1] / spread
    return plain, float(weights[-1] - plain @ mean)


def held_out(values: Values, same: Values, corpora: Sequence[str]) -> Values:
    """Return each pair's likeness by weights that were learned on the other corpora."""
    result = np.zeros(len(values))
    for corpus in set(corpora):
        own = np.array([one == corpus for one in corpora])
        weights, intercept = learned(values[~own], same[~own])
        result[own] = 1 / (1 + np.exp(-(values[own] @ weights + intercept)))
    return result


def precision(same: Sequence[bool] | Values) -> str:
    """Return the share of pairs that are the same, with its interval, as text."""
    n = len(same)
    if not n:
        return "-"
    share = float(np.mean(same))
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return f"{share:.2f} ({middle - half:.2f} to {middle + half:.2f})"


def _loss(likenesses: Values, same: Values) -> float:
    return float(-np.mean(same * np.log(likenesses) + (1 - same) * np.log(1 - likenesses)))


def _rows(likenesses: Values, same: Values) -> list[list[str]]:
    rows: list[list[str]] = []
    for low, high in pairwise(BANDS):
        inside = (likenesses >= low) & (likenesses < high)
        rows.append([f"{low:.2f} to {min(high, 1):.2f}", str(int(inside.sum())), precision(same[inside])])
    return rows


def main(corpora: Path, file: Path) -> None:
    """Print the tables."""
    rows = list(map(json.loads, file.read_text(encoding="utf-8").splitlines()))
    everything = measured(corpora, rows)
    judged = [pair for pair in everything if pair.measures is not None]
    print(f"{len(rows)} pairs of {len({row['corpus'] for row in rows})} corpora, of which {len(judged)} are compared\n")
    values = np.array([astuple(pair.measures) for pair in judged if pair.measures is not None])
    same = np.array([float(pair.same) for pair in judged])
    names = [pair.corpus for pair in judged]
    fair = held_out(values, same, names)
    print(table(["likeness, held out", "pairs", "the same"], _rows(fair, same)) + "\n")
    shipped = np.array([likeness(pair.measures) for pair in judged if pair.measures is not None])
    choices: dict[str, Callable[[Judged], bool]] = {
        "all": lambda pair: True,
        "shown": lambda pair: pair.sample == "shown",
        "fresh": lambda pair: pair.sample == "fresh",
        "renamed": lambda pair: pair.sample == "renamed",
    }
    above: list[list[str]] = []
    for name, fits in choices.items():
        chosen = np.array([fits(pair) for pair in judged])
        for title, scores in (("held out", fair), ("shipped", shipped)):
            some = same[chosen & (scores >= THRESHOLD)]
            above.append(
                [name, title, str(len(some)), precision(some), precision(scores[chosen & (same > 0)] >= THRESHOLD)]
            )
    head = ["sample", "weights", f"pairs from {THRESHOLD}", "the same", "of the same, found"]
    print(table(head, above) + "\n")
    worth: list[list[str]] = [["all", f"{_loss(fair, same):.3f}"]]
    for column, name in enumerate(NAMES):
        rest = np.delete(values, column, axis=1)
        worth.append([f"without {name}", f"{_loss(held_out(rest, same, names), same):.3f}"])
    print(table(["measures", "loss, held out"], worth) + "\n")
    weights, intercept = learned(values, same)
    found = ", ".join(f"{name} {weight:.1f}" for name, weight in zip(NAMES, weights, strict=True))
    print(f"learned from all: {found}, intercept {intercept:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("pairs", type=Path, nargs="?", default=PAIRS)
    options = parser.parse_args()
    main(options.corpora, options.pairs)
