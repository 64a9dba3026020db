"""NDCG@10, recall@10, precision@5 and MRR of ranked results against labels. Pure.

A label's targets are ``relevant`` plus ``secondary``, all with gain 1: a path, or an object with ``path`` and maybe
``start_line`` and ``end_line`` (1-based, inclusive). A result hits a target when the paths agree, or one ends with the
other at a ``/``, and the spans, if any, overlap. A target counts at the first result that hits it.
NDCG: Järvelin and Kekäläinen, 2002.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Target: TypeAlias = "str | Mapping[str, Any]"
Result: TypeAlias = Mapping[str, Any]


def targets_of(label: Mapping[str, Any]) -> list[Target]:
    """Return all targets of a labelled query."""
    return [*label["relevant"], *label.get("secondary", [])]


def paths_agree(found: str, wanted: str) -> bool:
    """Return whether two paths name the same file, one maybe from a deeper root."""
    return found == wanted or found.endswith("/" + wanted) or wanted.endswith("/" + found)


def hits(result: Result, target: Target) -> bool:
    """Return whether a result hits a target."""
    if isinstance(target, str):
        return paths_agree(result["path"], target)
    if not paths_agree(result["path"], target["path"]):
        return False
    if "start_line" not in target or "end_line" not in target:
        return True
    return result["start_line"] <= target["end_line"] and result["end_line"] >= target["start_line"]


def measure(results: Sequence[Result], targets: Sequence[Target]) -> dict[str, float]:
    """Return ``ndcg``, ``recall``, ``precision`` (of the first five) and ``mrr`` of one ranking."""
    top = results[:10]
    ranks = [next((i for i, r in enumerate(top) if hits(r, t)), None) for t in targets]
    gains = {i for i in ranks if i is not None}
    ideal = sum(1 / math.log2(i + 2) for i in range(min(10, len(targets))))
    first = top[:5]
    return {
        "ndcg": sum(1 / math.log2(i + 2) for i in gains) / ideal,
        "recall": sum(r is not None for r in ranks) / len(targets),
        "precision": sum(any(hits(r, t) for t in targets) for r in first) / max(1, len(first)),
        "mrr": max((1 / (i + 1) for i in gains), default=0.0),
    }
