#!/usr/bin/env python3
"""Asks for the callers and tests of definitions in real projects, and compares with those that a reader found.

Usage: related_kinds.py CORPORA_DIR [--places FILE] [--show]

``related_kinds.json`` holds the places: 40 definitions of cobra (Go) and 40 of celery (Python), each with the lines
outside of it that use it, in tests and elsewhere. They were found by listing every line that holds the name, and
reading which of them use this definition: what is left out is imports, text, locals and parameters, members and
functions of other modules that have the same name, and tests that only put something in its place. Where no line of a
test is left, tests are not asked for.

A hit is right when its focus is one of the lines. Precision@5 is the mean over places of the share of right hits among
the first five that are shown, 0 where none is. Found@5 is the share of places with a right hit among these five.
"""

import argparse
import json
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.indexing.services import Services
from cognate.search.request import CALLERS, TESTS, RelatedRequest
from cognate.settings import Settings
from cognate.types import Span

SHOWN = 5
WAIT_S = 3600.0


def main() -> None:
    """Print a table: a line for each project and kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--places", type=Path, default=Path(__file__).with_suffix(".json"))
    parser.add_argument("--show", action="store_true", help="print every place with a wrong hit or none")
    options = parser.parse_args()
    by_project: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place in json.loads(options.places.read_text(encoding="utf-8")):
        by_project[place["project"]].append(place)
    print(f"{'project':10} {'kind':8} places  precision@{SHOWN}  first  found@{SHOWN}  median ms  slowest ms")
    services = Services()
    for project, places in by_project.items():
        engine = open_engine(options.corpora / project, Settings(), services)
        engine.start()
        if not engine.wait_until_current(WAIT_S):
            raise SystemExit(f"{project} was not indexed within {WAIT_S:.0f} s")
        try:
            for kind in (CALLERS, TESTS):
                print(_row(engine, project, kind, places, show=options.show))
        finally:
            engine.close()


def _row(engine: Engine, project: str, kind: str, places: list[dict[str, Any]], *, show: bool) -> str:
    precision: list[float] = []
    first: list[bool] = []
    times: list[float] = []
    for place in places:
        wanted = set(place["tests"] if kind == TESTS else place["callers"] + place["tests"])
        if not wanted:
            continue
        line = place["line"] - 1
        request = RelatedRequest(Span(place["path"], line, line + 1), SHOWN, kind=kind)
        began = time.perf_counter()
        hits = engine.related(request, CancelToken()).hits
        times.append(1000.0 * (time.perf_counter() - began))
        right = [f"{hit.path}:{hit.focus_line + 1}" in wanted for hit in hits]
        precision.append(sum(right) / len(right) if right else 0.0)
        first.append(bool(right and right[0]))
        if show and not (right and all(right)):
            wrong = [
                f"{h.path}:{h.focus_line + 1} ({h.score:.2f})" for h, ok in zip(hits, right, strict=True) if not ok
            ]
            print(f"  {kind} of {place['name']}: {sum(right)} right, wrong: {', '.join(wrong) or 'nothing shown'}")
    found = statistics.fmean(share > 0.0 for share in precision)
    return (
        f"{project:10} {kind:8} {len(precision):6} {statistics.fmean(precision):12.3f} {statistics.fmean(first):6.2f}"
        f" {found:8.2f} {statistics.median(times):10.1f} {max(times):11.1f}"
    )


if __name__ == "__main__":
    main()
