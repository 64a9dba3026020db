"""NDCG@10, recall@10, precision@5, MRR and line-level figures of ranked results against labels. Pure.

A label's targets are ``relevant`` plus ``secondary``, all with gain 1: a path, or an object with ``path`` and maybe
``start_line`` and ``end_line`` (1-based, inclusive). A result hits a target when the paths agree, or one ends with the
other at a ``/``, and the spans, if any, overlap. A target counts at the first result that hits it.
NDCG: Järvelin and Kekäläinen, 2002.

``pooled`` holds what a second pass found by judging the first answers of every system: places of grade 2 are targets
like the others, those of grade 1 answer in part and have gain 0.5 in NDCG alone.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Target: TypeAlias = "str | Mapping[str, Any]"
Result: TypeAlias = Mapping[str, Any]

FULL_GRADE = 2
PARTIAL_GAIN = 0.5


def targets_of(label: Mapping[str, Any], *, pooled: bool = False) -> list[Target]:
    """Return all targets of a labelled query, those of the second pass only when asked for."""
    found = [place for place in label.get("pooled", []) if place["grade"] == FULL_GRADE] if pooled else []
    return [*label["relevant"], *label.get("secondary", []), *found]


def partial_targets_of(label: Mapping[str, Any]) -> list[Target]:
    """Return the places that answer a labelled query in part, as the second pass found."""
    return [place for place in label.get("pooled", []) if place["grade"] < FULL_GRADE]


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


def measure(results: Sequence[Result], targets: Sequence[Target], partial: Sequence[Target] = ()) -> dict[str, float]:
    """Return ``ndcg``, ``recall``, ``precision`` (of the first five) and ``mrr`` of one ranking.

    Several targets that one result is the first to hit count once, with the largest gain.
    """
    top = results[:10]
    ranks = [_first_hit(top, target) for target in targets]
    gains = {rank: PARTIAL_GAIN for rank in (_first_hit(top, place) for place in partial) if rank is not None}
    gains |= {rank: 1.0 for rank in ranks if rank is not None}
    best = [*[1.0] * len(targets), *[PARTIAL_GAIN] * len(partial)][:10]
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(best))
    first = top[:5]
    return {
        "ndcg": sum(gain / math.log2(rank + 2) for rank, gain in gains.items()) / ideal,
        "recall": sum(rank is not None for rank in ranks) / len(targets),
        "precision": sum(any(hits(r, t) for t in targets) for r in first) / max(1, len(first)),
        "mrr": max((1 / (rank + 1) for rank in ranks if rank is not None), default=0.0),
    }


def _first_hit(results: Sequence[Result], target: Target) -> int | None:
    return next((place for place, result in enumerate(results) if hits(result, target)), None)


def measure_lines(results: Sequence[Result], targets: Sequence[Target]) -> dict[str, float]:
    """Return how well the lines that results point at lie in labelled spans; nothing where no target has a span.

    ``focus``: the first result's line lies in one. ``line_precision``: share of the first five results whose line
    does. ``line_recall``: share of the spans that a line of the first ten results falls into. A result without
    ``focus_line`` points at its first line, which is where it opens.
    """
    spans = [t for t in targets if not isinstance(t, str) and "start_line" in t and "end_line" in t]
    if not spans:
        return {}
    pointed = [[_points_into(result, span) for span in spans] for result in results[:10]]
    first = pointed[:5]
    return {
        "focus": float(bool(pointed) and any(pointed[0])),
        "line_precision": sum(any(row) for row in first) / max(1, len(first)),
        "line_recall": sum(any(column) for column in zip(*pointed, strict=True)) / len(spans),
    }


def _points_into(result: Result, span: Mapping[str, Any]) -> bool:
    line = result.get("focus_line", result["start_line"])
    return paths_agree(result["path"], span["path"]) and span["start_line"] <= line <= span["end_line"]
