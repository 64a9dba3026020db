#!/usr/bin/env python3
"""Shows how good answers are while only some of the chunks have a vector of the model.

Usage: partial.py CORPORA_DIR LABELS_DIR [--out FILE.json] [--plot FILE.svg]

Vectors of complete indexes are hidden, all but those of the first chunks in the order in which the product embeds, or
in a random one; nothing is embedded. Each state is searched with the translation table and without it, by weights that
were learned on complete indexes of the other corpora, with the table or without. Prints NDCG@10 by category, and how
far each state is from the complete one; writes them as a table of the results, and as curves. Private: reads the order
of the job.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import train
from baselines.chunks import Opened, opened
from bootstrap import paired_interval
from curve import svg
from evaluate import table
from metrics import measure

from cognate.cancellation import CancelToken
from cognate.index.snapshot import Snapshot, sample_of
from cognate.index.translated import NOTHING
from cognate.indexing.jobs.embed import embedding_order
from cognate.search.lookup import look_up
from cognate.search.query import read_query
from cognate.search.request import SearchRequest
from cognate.types import ChunkId

SHARES = (0.0, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
SEED = 5
IN_ORDER, AT_RANDOM = "in order", "at random"
WITH, WITHOUT = "with the table", "without the table"


class State(NamedTuple):
    """Which chunks have a vector, and whether there is a table."""

    table: str
    order: str
    share: float


def states() -> Iterator[State]:
    """Yield every state; where none or all have a vector, the order says nothing."""
    for with_table in (WITH, WITHOUT):
        for share in SHARES:
            for order in (IN_ORDER, AT_RANDOM) if 0.0 < share < 1.0 else (IN_ORDER,):
                yield State(with_table, order, share)


def masked(snapshot: Snapshot, state: State, order: Sequence[ChunkId]) -> Snapshot:
    """Return a snapshot in which only the first chunks of an order have a vector."""
    hidden = order[round(state.share * len(order)) :]
    vectors = snapshot.vectors.changed(hidden, {}) if hidden else snapshot.vectors
    translated = snapshot.translated if state.table == WITH else NOTHING
    return replace(snapshot, vectors=vectors, sample=sample_of(vectors), means={}, translated=translated)


def gather(corpora: Path, labels: Path) -> dict[State, list[train.Case | None]]:
    """Ask every labelled query in every state; None where nothing at all was found."""
    found: dict[State, list[train.Case | None]] = {state: [] for state in states()}
    for file in sorted(labels.glob("*.json")):
        asked = json.loads(file.read_text(encoding="utf-8"))
        with opened((corpora / file.stem).resolve()) as index:
            numbers = sorted(number for path in index.snapshot.paths() for number in index.snapshot.ids_in(path))
            at_random = random.Random(SEED).sample(numbers, len(numbers))
            orders = {IN_ORDER: embedding_order(index.snapshot, (), numbers), AT_RANDOM: at_random}
            for state, cases in found.items():
                snapshot = masked(index.snapshot, state, orders[state.order])
                cases.extend(ask(index, snapshot, file.stem, label) for label in asked)
        print(f"candidates of {file.stem}", file=sys.stderr, flush=True)
    return found


def ask(index: Opened, snapshot: Snapshot, corpus: str, label: dict[str, str]) -> train.Case | None:
    """Return the candidates of a labelled query."""
    query = label["query"]
    found = look_up(snapshot, index.encoder, read_query(query), SearchRequest(query), CancelToken())
    return train.case_of(corpus, label, found.looks[0]) if found is not None else None


def figures(found: dict[State, list[train.Case | None]]) -> dict[State, list[float]]:
    """Return NDCG@10 of every query in every state."""
    learned = {}
    for with_table in (WITH, WITHOUT):
        complete = [case for case in found[State(with_table, IN_ORDER, 1.0)] if case is not None]
        weights, calibration = train.cross_validated(complete)
        learned[with_table] = {case.corpus: own for case, own in zip(complete, weights, strict=True)}, calibration
    result: dict[State, list[float]] = {}
    for state, cases in found.items():
        by_corpus, calibration = learned[state.table]
        result[state] = [
            measure(train.ranked(case, by_corpus[case.corpus][case.is_symbol], calibration), case.targets)["ndcg"]
            if case is not None
            else 0.0
            for case in cases
        ]
    return result


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    found = gather(options.corpora, options.labels)
    categories = [case.category if case else "" for case in found[State(WITH, IN_ORDER, 1.0)]]
    groups = {"all": list(range(len(categories)))} | {
        name: [i for i, category in enumerate(categories) if category == name] for name in sorted(set(categories))
    }
    data = summary(figures(found), groups)
    print(table(["vectors", "order", "table", *groups, "all, beside complete"], list(map(cells, data))))
    if options.out is not None:
        columns = [
            {"key": "share", "title": "chunks with a vector"},
            *({"key": key, "title": key} for key in ("order", "table")),
            *({"key": key, "title": key, "decimals": 3} for key in groups),
            {"key": "away", "title": "all, beside complete", "decimals": 3, "signed": True},
        ]
        rows = [{**row, "share": f"{row['share']:.0%}"} for row in data]
        options.out.write_text(json.dumps({"columns": columns, "rows": rows}), encoding="utf-8")
    if options.plot is not None:
        options.plot.write_text(picture(data), encoding="utf-8")


def summary(values: Mapping[State, Sequence[float]], groups: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """Return the mean of each group in each state, and how far all are from those of the complete one."""
    rows: list[dict[str, Any]] = []
    for state, of_queries in values.items():
        means = {name: float(np.mean([of_queries[i] for i in some])) for name, some in groups.items()}
        lead = paired_interval(of_queries, values[State(state.table, IN_ORDER, 1.0)])
        rows.append({**state._asdict(), **means, "away": {"value": lead.mean, "low": lead.low, "high": lead.high}})
    return rows


def cells(row: Mapping[str, Any]) -> list[str]:
    """Return a row of the summary as text."""
    away = row["away"]
    means = [f"{value:.3f}" for key, value in row.items() if key not in {*State._fields, "away"}]
    lead = f"{away['value']:+.3f} [{away['low']:+.3f}, {away['high']:+.3f}]"
    return [f"{row['share']:.0%}", row["order"], row["table"], *means, lead]


def picture(data: Sequence[Mapping[str, Any]]) -> str:
    """Return the curves of all queries and of paraphrases as an SVG picture."""

    def line(with_table: str, order: str, category: str) -> list[float]:
        of_table = [row for row in data if row["table"] == with_table]
        ends = {row["share"]: row[category] for row in of_table if row["share"] in {0.0, 1.0}}
        between = {row["share"]: row[category] for row in of_table if row["order"] == order}
        return [(ends | between)[share] for share in SHARES]

    titles = {"all": "NDCG@10, all questions for places", "paraphrase": "NDCG@10, paraphrases"}
    panels = {
        title: {
            f"{with_table}, {order}": line(with_table, order, category)
            for with_table in (WITH, WITHOUT)
            for order in (IN_ORDER, AT_RANDOM)
        }
        for category, title in titles.items()
    }
    return svg(panels, [f"{share:.0%}" for share in SHARES], "chunks with a vector of the model")


if __name__ == "__main__":
    main()
