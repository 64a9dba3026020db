#!/usr/bin/env python3
"""Prints NDCG@10, recall@10, precision@5, MRR and focus of a run file, overall, by category, by language, by corpus.

Usage: evaluate.py RUN.jsonl LABELS_DIR

``focus`` is the share of queries whose first result points at a line inside a labelled span; queries whose labels
have no spans are left out of it. A query that the run leaves out counts as 0.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from metrics import Target, measure, paths_agree, targets_of

LANGUAGES = Path(__file__).with_name("languages.json")


def focus(results: Sequence[Mapping[str, Any]], targets: Sequence[Target]) -> float | None:
    """Return whether the first result's focus line lies in a labelled span, None where no label has a span."""
    spans = [t for t in targets if not isinstance(t, str) and "start_line" in t]
    if not spans:
        return None
    if not results or "focus_line" not in results[0]:
        return 0.0
    first = results[0]
    return float(
        any(
            paths_agree(first["path"], span["path"]) and span["start_line"] <= first["focus_line"] <= span["end_line"]
            for span in spans
        )
    )


def main() -> None:
    """Print the table."""
    run, labels = Path(sys.argv[1]), Path(sys.argv[2])
    rows = [json.loads(line) for line in run.read_text(encoding="utf-8").splitlines()]
    found = {(row["corpus"], row["query"]): row["results"] for row in rows}
    languages: dict[str, str] = json.loads(LANGUAGES.read_text(encoding="utf-8"))
    groups: defaultdict[tuple[int, str], list[dict[str, float]]] = defaultdict(list)
    missing = 0
    for file in sorted(labels.glob("*.json")):
        for label in json.loads(file.read_text(encoding="utf-8")):
            results = found.get((file.stem, label["query"]))
            missing += results is None
            measured = measure(results or [], targets_of(label))
            pointed = focus(results or [], targets_of(label))
            if pointed is not None:
                measured["focus"] = pointed
            for group in ((0, "all"), (1, label["category"]), (2, languages.get(file.stem, "other")), (3, file.stem)):
                groups[group].append(measured)
    names = ("ndcg", "recall", "precision", "mrr", "focus")
    print("| | queries | NDCG@10 | recall@10 | precision@5 | MRR | focus |\n|---|---|---|---|---|---|---|")
    for (_, name), measures in sorted(groups.items(), key=lambda item: item[0]):
        columns: list[str] = []
        for key in names:
            values = [m[key] for m in measures if key in m]
            columns.append(f"{sum(values) / len(values):.3f}" if values else "")
        print(f"| {name} | {len(measures)} | {' | '.join(columns)} |")
    if missing:
        print(f"\n{missing} labelled queries are missing from the run and count as 0.")


if __name__ == "__main__":
    main()
