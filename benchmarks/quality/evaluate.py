#!/usr/bin/env python3
"""Prints how well the systems of a folder of run files answer a folder of labels, as tables in Markdown.

Usage: evaluate.py RUNS_DIR LABELS_DIR [--ours NAME] [--pooled]

Systems side by side, by category, language and corpus; then how sure it is that ours is ahead of each other system;
then ours in every figure; then times. ``--pooled`` counts what the second pass of judging found as well.
A query that a run leaves out counts as 0, unless the run leaves out its whole corpus: then the system is compared on
the others alone, and says on how many queries.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bootstrap import paired_interval
from metrics import measure, measure_lines, partial_targets_of, targets_of

LANGUAGES = Path(__file__).with_name("languages.json")
FIGURES = {
    "ndcg": "NDCG@10", "recall": "recall@10", "precision": "precision@5", "mrr": "MRR",
    "line_precision": "line precision@5", "line_recall": "line recall@10", "focus": "focus@1",
}  # fmt: skip
OURS = ("cognate-cross-validated", "cognate")

Row = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one system, by corpus and query; ``groups`` says which queries belong together."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict[tuple[str, str], Row])

    def mean(self, figure: str, keys: Sequence[tuple[str, str]]) -> float | None:
        """Return the mean of a figure over the queries that have it, None when none has."""
        values = [self.rows[key][figure] for key in keys if key in self.rows and figure in self.rows[key]]
        return sum(values) / len(values) if values else None


Groups = dict[str, dict[str, list[tuple[str, str]]]]
"""Queries by what is told apart (category, language, corpus), and by its value."""


def read_labels(folder: Path) -> tuple[dict[tuple[str, str], Any], Groups]:
    """Return labels by corpus and query, and their groups; ``all`` is a category."""
    languages: dict[str, str] = json.loads(LANGUAGES.read_text(encoding="utf-8"))
    labels: dict[tuple[str, str], Any] = {}
    groups: Groups = {"category": defaultdict(list), "language": defaultdict(list), "corpus": defaultdict(list)}
    for file in sorted(folder.glob("*.json")):
        for label in json.loads(file.read_text(encoding="utf-8")):
            key = (file.stem, label["query"])
            labels[key] = label
            groups["category"]["all"].append(key)
            groups["category"][label["category"]].append(key)
            groups["language"][languages.get(file.stem, "other")].append(key)
            groups["corpus"][file.stem].append(key)
    return labels, groups


def measured(run: Path, labels: Mapping[tuple[str, str], Any], *, pooled: bool = False) -> Measured:
    """Return the figures of one run file."""
    rows = [json.loads(line) for line in run.read_text(encoding="utf-8").splitlines()]
    found = {(row["corpus"], row["query"]): row["results"] for row in rows}
    corpora = {corpus for corpus, _ in found}
    figures = Measured()
    for key, label in labels.items():
        if key[0] in corpora:
            targets, results = targets_of(label, pooled=pooled), found.get(key, [])
            partial = partial_targets_of(label) if pooled else []
            figures.rows[key] = measure(results, targets, partial) | measure_lines(results, targets)
    return figures


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def figure(value: float | None) -> str:
    """Return a figure as the tables show it."""
    return "" if value is None else f"{value:.3f}"


def comparison(systems: Mapping[str, Measured], groups: Groups) -> str:
    """Return every figure of every system over all queries."""
    every = groups["category"]["all"]
    rows = [
        [name, str(len(system.rows)), *(figure(system.mean(key, every)) for key in FIGURES)]
        for name, system in systems.items()
    ]
    return table(["", "queries", *FIGURES.values()], rows)


def side_by_side(systems: Mapping[str, Measured], groups: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Return NDCG@10 of every system, a row a group."""
    rows = [
        [name, str(len(keys)), *(figure(system.mean("ndcg", keys)) for system in systems.values())]
        for name, keys in sorted(groups.items())
    ]
    return table(["NDCG@10", "queries", *systems], rows)


def in_full(system: Measured, groups: Groups) -> str:
    """Return every figure of one system by category, language and corpus."""
    rows = [
        [name, str(len(keys)), *(figure(system.mean(key, keys)) for key in FIGURES)]
        for kind in groups.values()
        for name, keys in sorted(kind.items())
    ]
    return table(["", "queries", *FIGURES.values()], rows)


def certainty(ours: Measured, others: Mapping[str, Measured], groups: Mapping[str, Sequence[tuple[str, str]]]) -> str:
    """Return how far ours is ahead of each other system, with 95 % intervals of the paired bootstrap."""
    rows: list[list[str]] = []
    for name, other in others.items():
        cells: list[str] = []
        for keys in groups.values():
            shared = [key for key in keys if key in ours.rows and key in other.rows]
            if not shared:
                cells.append("")
                continue
            sure = paired_interval(
                [ours.rows[key]["ndcg"] for key in shared], [other.rows[key]["ndcg"] for key in shared]
            )
            mark = "**" if sure.low > 0 else ""
            cells.append(f"{mark}{sure.mean:+.3f}{mark} [{sure.low:+.3f}, {sure.high:+.3f}]")
        rows.append([name, *cells])
    return table(["ahead of", *groups], rows)


def times(clock: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return the time of each system for all corpora."""
    rows: list[list[str]] = []
    for name, by_corpus in clock.items():
        prepared = sum(entry["prepare_s"] for entry in by_corpus.values())
        searched = sum(entry["search_s"] for entry in by_corpus.values())
        asked = sum(entry["queries"] for entry in by_corpus.values())
        rows.append([name, str(len(by_corpus)), f"{prepared:.0f} s", f"{searched / max(1, asked) * 1000:.0f} ms"])
    return table(["", "corpora", "preparing", "a query"], rows)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--ours")
    parser.add_argument("--pooled", action="store_true")
    options = parser.parse_args()
    labels, groups = read_labels(options.labels)
    runs = sorted(options.runs.glob("*.jsonl"), key=lambda run: (not run.stem.startswith("cognate"), run.stem))
    systems = {run.stem: measured(run, labels, pooled=options.pooled) for run in runs}
    if not systems:
        raise SystemExit(f"There is no run file in {options.runs}: run run.py first.")
    ours = options.ours or next((name for name in OURS if name in systems), next(iter(systems)))
    others = {name: system for name, system in systems.items() if name not in OURS}
    print(comparison(systems, groups))
    for kind in groups.values():
        print(side_by_side(systems, kind))
    print(f"NDCG@10 of {ours} less that of the others, with 95 % intervals; bold where the interval is above 0:\n")
    print(certainty(systems[ours], others, groups["category"]))
    print(f"{ours} in full:\n")
    print(in_full(systems[ours], groups))
    clock = options.runs / "times.json"
    if clock.exists():
        print(times(json.loads(clock.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
