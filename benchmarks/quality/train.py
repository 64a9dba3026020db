#!/usr/bin/env python3
"""Learns the weights of the ranking from labels and writes server/cognate/search/weights.py.

Usage: train.py CORPORA_DIR LABELS_DIR [LABELS_DIR ...] [--calibrate] [--write]

The score is linear; its weights minimise a listwise softmax loss over files (Cao et al., "Learning to rank: from
pairwise approach to listwise approach", 2007), prose and single-name queries having weights that are pulled together.
The figure printed is cross-validated: each corpus is ranked with weights learned on all the others.

The curves of the scores are learned on the labelled queries and on those of strangers.txt, which are about something
else in every corpus: no answer to these is right, unless a corpus holds the very word. Labels of whole files are met
sooner than those of lines; the curves are learned with that known, and stand for the mean of both. With ``--calibrate``
the weights stay, and the curves alone are new.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.engine import open_engine
from cognate.indexing.services import Services
from cognate.search import order as ordering
from cognate.search.lookup import look_up
from cognate.search.query import read_query
from cognate.search.request import SearchRequest
from cognate.search.signals import NAMES, SIGNALS, Look, signals
from cognate.settings import Settings
from cognate.types import ChunkRecord

sys.path.insert(0, str(Path(__file__).parent))
from listwise import Stacked
from metrics import Target, hits, measure, targets_of

STRANGER = "stranger"
STRANGERS = Path(__file__).with_name("strangers.txt")
STRANGERS_SHARE = 0.5  # What the queries about something else weigh together, of what the others do.
STRANGE_SCORE = 0.3  # A query about something else must not get a higher one.
CURVE_PULL = 0.01
WEIGHTS = Path(ordering.__file__).with_name("weights.py")
STEPS = 400
RATE = 0.03
SCORE_BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
PULL = 0.02  # Pulls weights towards their priors: a few hundred labels must not overrule judgement.


@dataclass
class Case:
    """One labelled query with the features of its candidates."""

    corpus: str
    category: str
    query: str
    is_symbol: bool
    features: NDArray[np.float64]
    coverage: float
    likeness: float | None
    records: Sequence[ChunkRecord]
    groups: NDArray[np.int64]
    wanted: NDArray[np.bool_]
    targets: list[Target]


def collect(corpora: Path, labels: Sequence[Path]) -> tuple[list[Case], list[Case]]:
    """Index each labelled corpus and return the labelled cases, and those about something else."""
    services = Services()
    cases: list[Case] = []
    strangers: list[Case] = []
    others: list[dict[str, Any]] = [
        {"query": line, "category": STRANGER, "relevant": []}
        for line in STRANGERS.read_text(encoding="utf-8").splitlines()
    ]
    for file in sorted(f for folder in labels for f in folder.glob("*.json")):
        engine = open_engine(corpora / file.stem, Settings(threads=2), services)
        engine.start()
        engine.wait_until_current()
        view = engine._writer.view
        assert view.snapshot is not None
        for label in [*json.loads(file.read_text(encoding="utf-8")), *others]:
            query = read_query(label["query"])
            found = look_up(view.snapshot, view.encoder, query, SearchRequest(label["query"]), CancelToken())
            if found is None:
                continue
            look = found.looks[0]
            if label["category"] != STRANGER:
                cases.append(case_of(file.stem, label, look))
            elif not look.is_certain and not ordering.nothing_is_close(look):
                strangers.append(case_of(file.stem, label, look))
        engine.close()
    services.close()
    return cases, strangers


def result_of(record: ChunkRecord) -> dict[str, Any]:
    """Return a chunk as a result that labels are held against."""
    return {"path": record.path, "start_line": record.chunk.start_line + 1, "end_line": record.chunk.end_line}


def case_of(corpus: str, label: Mapping[str, Any], look: Look) -> Case:
    """Return a labelled query with the features of its candidates."""
    records = look.records
    targets = targets_of(label)
    good = [any(hits(result_of(record), target) for target in targets) for record in records]
    keys = [(record.path, is_good) for record, is_good in zip(records, good, strict=True)]
    number = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    wanted = np.array([key[1] for key in number], bool)
    groups = np.array([number[key] for key in keys])
    return Case(
        corpus, label["category"], label["query"], look.query.is_symbol, signals(look), look.coverage, look.likeness,
        records, groups, wanted, targets,
    )  # fmt: skip


def learn(cases: Sequence[Case], pull: float = PULL) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the weights for prose and for names, by Adam (Kingma and Ba, 2015)."""
    size = len(SIGNALS)
    prior = np.concatenate([ordering.priors(is_symbol) for is_symbol in (False, True)])
    weights = prior.copy()
    low, high = np.array([s.low for s in SIGNALS]), np.array([s.high for s in SIGNALS])
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    usable = [case for case in cases if case.wanted.any() and not case.wanted.all()]
    by_kind = ((slice(size), False), (slice(size, None), True))
    halves = [(half, [c for c in usable if c.is_symbol == is_symbol]) for half, is_symbol in by_kind]
    stacked = [(half, Stacked(some)) for half, some in halves if some]
    for step in range(1, STEPS + 1):
        gradient = pull * (weights - prior)
        for half, some in stacked:
            gradient[half] += some.gradient(weights[half]) / len(usable)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        weights = weights - RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        weights = np.clip(weights, np.tile(low, 2), np.tile(high, 2))
    return weights[:size], weights[size:]


def ranked(case: Case, weights: NDArray[np.float64], calibration: tuple[float, float]) -> list[dict[str, Any]]:
    """Return the results as the product would order them."""
    slope, bias = calibration
    linear = (slope * (case.features @ weights) + bias - ordering.BIAS) / ordering.SLOPE
    return [result_of(case.records[r.row]) for r in ordering.order(case.records, linear, is_symbol=case.is_symbol)[:10]]


def calibrate(cases: Sequence[Case], weights: Sequence[tuple[NDArray[np.float64], ...]]) -> tuple[float, float]:
    """Return slope and bias of the relevance: the probability of a right file, by logistic regression (Platt, 1999)."""
    points: list[float] = []
    good: list[float] = []
    for case, (prose, names) in zip(cases, weights, strict=True):
        linear = case.features @ (names if case.is_symbol else prose)
        best = np.full(len(case.wanted), -np.inf)
        np.maximum.at(best, case.groups, linear)
        for group in np.argsort(-best)[:10]:
            points.append(float(best[group]))
            good.append(float(case.wanted[group]))
    x, y = np.array(points), np.array(good)
    middle, spread = float(x.mean()), float(x.std())
    z = (x - middle) / spread
    slope, bias = 1.0, 0.0
    for _ in range(2000):
        p = 1 / (1 + np.exp(-(slope * z + bias)))
        slope -= 0.5 * float(((p - y) * z).mean())
        bias -= 0.5 * float((p - y).mean())
    return slope / spread, bias - slope * middle / spread


def learn_probability(
    cases: Sequence[Case],
    weights: Sequence[tuple[NDArray[np.float64], ...]],
    calibration: tuple[float, float],
    strangers: Sequence[Case],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``CALIBRATION`` and ``NAME_CALIBRATION`` of the weights' file, over the ten answers to each query.

    Queries about something else are ranked with the weights of their corpus' own.
    """
    of_corpus = {case.corpus: own for case, own in zip(cases, weights, strict=True)}
    everything = [*zip(cases, weights, strict=True), *((case, of_corpus[case.corpus]) for case in strangers)]
    curves: list[NDArray[np.float64]] = []
    shown: list[NDArray[np.float64]] = []
    answers: list[Answers] = []
    for is_symbol in (False, True):
        pairs = [pair for pair in everything if pair[0].is_symbol == is_symbol]
        some = _answers([case for case, _ in pairs], [weights[is_symbol] for _, weights in pairs], calibration)
        share = STRANGERS_SHARE * (~some.strange).sum() / max(1, some.strange.sum())
        kind = np.where(some.strange, 0.0, some.whole - some.whole[~some.strange].mean())
        weight = np.where(some.strange, min(1.0, share), 1.0)
        curves.append(_curve(np.column_stack([some.known, kind]), some.right, weight)[:-1])
        shown.append(1 / (1 + np.exp(-some.known @ curves[-1])))
        answers.append(some)
    scores, right = np.concatenate(shown), np.concatenate([some.right for some in answers])
    strange = np.concatenate([some.strange for some in answers])
    first = np.concatenate([some.first for some in answers])
    _print_scores(scores[~strange], right[~strange])
    best = scores[strange & first]
    print(
        f"\n{len(best)} queries about something else are answered, {(best > STRANGE_SCORE).sum()} above {STRANGE_SCORE}"
    )
    return curves[0], curves[1]


@dataclass
class Answers:
    """What is known about each answer, shape (answers, 5), and whether it is right, the first, and for what label.

    Attributes:
        known: linear score, coverage, less the logarithm of the position, similarity, 1.
        right: whether it is right.
        strange: whether its query is about something else.
        whole: whether its query's labels are whole files.
        first: whether it is the first one.
    """

    known: NDArray[np.float64]
    right: NDArray[np.float64]
    strange: NDArray[np.bool_]
    whole: NDArray[np.float64]
    first: NDArray[np.bool_]


def _answers(
    cases: Sequence[Case], weights: Sequence[NDArray[np.float64]], calibration: tuple[float, float]
) -> Answers:
    rows: list[tuple[float, ...]] = []
    facts: list[tuple[bool, bool, bool, bool]] = []
    slope, bias = calibration
    for case, own in zip(cases, weights, strict=True):
        linear = (slope * (case.features @ own) + bias - ordering.BIAS) / ordering.SLOPE
        likeness = ordering.USUAL_SIMILARITY if case.likeness is None else case.likeness
        is_whole = all(isinstance(target, str) or "start_line" not in target for target in case.targets)
        similarity = min(likeness, ordering.HIGHEST_SIMILARITY)
        for position, hit in enumerate(ordering.order(case.records, linear, is_symbol=case.is_symbol)[:10]):
            log_odds = float(np.log(hit.relevance / (1 - hit.relevance)))
            rows.append(((log_odds - bias) / slope, case.coverage, -float(np.log1p(position)), similarity, 1.0))
            is_right = any(hits(result_of(case.records[hit.row]), target) for target in case.targets)
            facts.append((is_right, case.category == STRANGER, is_whole, not position))
    right, strange, whole, first = np.array(facts).T
    return Answers(np.array(rows), right.astype(np.float64), strange, whole.astype(np.float64), first)


def _curve(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted logistic regression of y on x, by Newton's method; it is pulled a little to 0."""
    found = np.zeros(x.shape[1])
    pull = CURVE_PULL * np.eye(len(found))
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ found))
        found += np.linalg.solve(
            (x * (weight * p * (1 - p))[:, None]).T @ x + pull, x.T @ (weight * (y - p)) - pull @ found
        )
    return found


def _print_scores(shown: NDArray[np.float64], right: NDArray[np.float64]) -> None:
    print("\n| score | hits | mean score | right |\n|---|---|---|---|")
    for low, high in itertools.pairwise(SCORE_BINS):
        inside = (shown >= low) & (shown < high)
        if inside.any():
            means = f"{shown[inside].mean():.3f} | {right[inside].mean():.3f}"
            print(f"| {low:.2f} to {high:.2f} | {inside.sum():,} | {means} |")


def cross_validated(cases: Sequence[Case]) -> tuple[list[tuple[NDArray[np.float64], ...]], tuple[float, float]]:
    """Return for each case the weights learned without its corpus, and the calibration of all of them."""
    held_out = {corpus: learn([c for c in cases if c.corpus != corpus]) for corpus in {c.corpus for c in cases}}
    weights = [held_out[case.corpus] for case in cases]
    return weights, calibrate(cases, weights)


def report(cases: Sequence[Case], found: Sequence[list[dict[str, Any]]], title: str) -> None:
    """Print NDCG@10, recall@10, precision@5 and MRR overall, by category and by corpus."""
    rows = [measure(results, case.targets) for case, results in zip(cases, found, strict=True)]
    print(f"\n{title}\n{'group':22} {'n':>4}   ndcg recall   p@5    mrr")
    for key in ("", *sorted({c.category for c in cases}), *sorted({c.corpus for c in cases})):
        some = [row for case, row in zip(cases, rows, strict=True) if key in ("", case.category, case.corpus)]
        means = [sum(row[name] for row in some) / len(some) for name in ("ndcg", "recall", "precision", "mrr")]
        print(f"{key or 'all':22} {len(some):4} " + " ".join(f"{mean:6.3f}" for mean in means))


def write(
    prose: NDArray[np.float64],
    names: NDArray[np.float64],
    calibration: tuple[float, float],
    probability: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Write the weights' file."""

    def table(weights: NDArray[np.float64]) -> str:
        return "".join(f'    "{name}": {w:.3f},\n' for name, w in zip(NAMES, weights, strict=True))

    def curve(values: NDArray[np.float64]) -> str:
        return ", ".join(f"{value:.4f}" for value in values)

    WEIGHTS.write_text(
        '"""The learned weights of the ranking; written by benchmarks/quality/train.py, not by hand."""\n\n'
        f"PROSE_WEIGHTS = {{\n{table(prose)}}}\n"
        '"""For questions and descriptions."""\n\n'
        f"NAME_WEIGHTS = {{\n{table(names)}}}\n"
        '"""For a query that is one name."""\n\n'
        f"SLOPE = {calibration[0]:.4f}\nBIAS = {calibration[1]:.4f}\n"
        '"""The logistic curve that turns a linear score into a relevance."""\n\n'
        f"CALIBRATION = ({curve(probability[0])})\nNAME_CALIBRATION = ({curve(probability[1])})\n"
        '"""The curves of the calibrated probability: linear score, coverage, less the logarithm of the position, the\n'
        "cosine of the closest chunk, bias."
        '"""\n',
        encoding="utf-8",
    )


def main() -> None:
    """Learn, report, and write when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    cases, strangers = collect(options.corpora, options.labels)
    missing = [case for case in cases if not case.wanted.any()]
    print(f"{len(cases)} queries; no target among the candidates of {len(missing)}")
    prose, names = ordering.weights_for(False), ordering.weights_for(True)
    calibration = ordering.SLOPE, ordering.BIAS
    report(cases, [ranked(c, names if c.is_symbol else prose, calibration) for c in cases], "as shipped")
    if not options.calibrate:
        weights, held_out = cross_validated(cases)
        found = [
            ranked(case, other if case.is_symbol else own, held_out)
            for case, (own, other) in zip(cases, weights, strict=True)
        ]
        report(cases, found, "learned, cross-validated by corpus")
        learn_probability(cases, weights, held_out, strangers)
        prose, names = learn(cases)
        calibration = calibrate(cases, [(prose, names)] * len(cases))
    probability = learn_probability(cases, [(prose, names)] * len(cases), calibration, strangers)
    if options.write:
        write(prose, names, calibration, probability)
        print(f"\nwrote {WEIGHTS.name}")


if __name__ == "__main__":
    main()
