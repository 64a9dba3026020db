#!/usr/bin/env python3
"""Shows in minutes what an encoder learned: held-out pairs, and the labelled queries against a part of each corpus.

Usage: look.py MODEL_DIR [MODEL_DIR ...] --chosen CHOSEN_DIR [--texts TEXTS_DIR --labels LABELS_DIR ...]

Held-out pairs: mean reciprocal rank of a sentence's own code among all code of its package, with all words, and with
the words deleted that both sides share. Labels: NDCG@10 of meaning alone among the labelled places and a sample of the
other chunks, so the figures are too high and good only to compare models by. BASE stands for the base model.
"""

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
from batches import without_shared
from encoders import CODE_TOKENS, QUERY_TOKENS, TorchEncoder
from metrics import hits, measure, targets_of

from tools.models.ship import source_folder

KINDS = ("doc", "comment")
A_PACKAGE = 160
"""Held-out pairs looked at of each package."""

A_CORPUS = 1200
"""Chunks of each corpus that are not labelled."""


def held_out(encoder: TorchEncoder, rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return mean reciprocal ranks by kind, with all words and without the shared ones."""
    found: dict[str, list[float]] = defaultdict(list)
    by_package: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["kind"] in KINDS and len(by_package[row["package"]]) < A_PACKAGE:
            by_package[row["package"]].append(row)
    for some in by_package.values():
        queries = encoder.encode([row["query"] for row in some], QUERY_TOKENS)
        whole = encoder.encode([row["chunk"] for row in some], CODE_TOKENS)
        rest = encoder.encode([without_shared(row["chunk"], row["query"]) for row in some], CODE_TOKENS)
        for number, row in enumerate(some):
            others = np.array([other["chunk"] != row["chunk"] for other in some])
            scores = whole @ queries[number]
            for name, code in (("", whole), (" without shared words", rest)):
                rank = 1 + int((scores[others] > code[number] @ queries[number]).sum())
                found[f"{row['kind']}{name}"].append(1 / rank)
    return {name: float(np.mean(ranks)) for name, ranks in sorted(found.items())}


def labelled(encoder: TorchEncoder, texts: Path, labels: Sequence[Path]) -> dict[str, list[float]]:
    """Return NDCG@10 of every labelled query, by set and category."""
    found: dict[str, list[float]] = defaultdict(list)
    for file in sorted(file for folder in labels for file in folder.glob("*.json")):
        asked = json.loads(file.read_text(encoding="utf-8"))
        lines = (texts / f"{file.stem}.jsonl").read_text(encoding="utf-8").splitlines()
        chunks = [
            ({"path": path, "start_line": start, "end_line": end}, text)
            for path, start, end, text in map(json.loads, lines)
        ]
        wanted = [target for label in asked for target in targets_of(label)]
        right = [any(hits(place, target) for target in wanted) for place, _ in chunks]
        others = [number for number, is_right in enumerate(right) if not is_right]
        drawn = random.Random(0).sample(others, min(A_CORPUS, len(others)))
        kept = [chunks[number] for number in sorted([*drawn, *np.flatnonzero(right).tolist()])]
        vectors = encoder.encode([text for _, text in kept], CODE_TOKENS)
        queries = encoder.encode([label["query"] for label in asked], QUERY_TOKENS)
        for label, query in zip(asked, queries, strict=True):
            order = np.argsort(-(vectors @ query), kind="stable")[:10]
            figure = measure([kept[i][0] for i in order], targets_of(label))["ndcg"]
            found[f"{file.parent.parent.name} {label['category']}"].append(figure)
    return found


def main() -> None:
    """Print a table with a column a model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--chosen", type=Path, required=True)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--labels", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    rows = [json.loads(line) for line in (options.chosen / "held-out.jsonl").read_text(encoding="utf-8").splitlines()]
    for model in options.models:
        encoder = TorchEncoder(Path(source_folder() if model == "BASE" else model))
        figures = held_out(encoder, rows)
        if options.texts:
            groups = labelled(encoder, options.texts, options.labels)
            figures |= {name: float(np.mean(values)) for name, values in sorted(groups.items())}
        print(model, json.dumps({name: round(value, 3) for name, value in figures.items()}), flush=True)


if __name__ == "__main__":
    main()
