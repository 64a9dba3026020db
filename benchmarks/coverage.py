#!/usr/bin/env python3
"""How many labelled answers have a vector when a share of the chunks is embedded, in the order of embedding; no clock.

Usage: coverage.py CORPORA_DIR LABELS_DIR [--large FOLDER]

CORPORA_DIR holds a folder for each NAME.json in LABELS_DIR, FOLDER the same as subfolders of one workspace. An answer
is the chunk that shares most lines with a labelled span; a query counts by the share of its answers that have a vector.
Identical texts are embedded once. Private: reads the order of the job.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "quality"))
from baselines.chunks import opened

from cognate.index.snapshot import Snapshot
from cognate.indexing.jobs.embed import embedding_order
from cognate.types import ChunkId

SHARES = (0.015, 0.03, 0.09, 0.18)  # Of 50,000 chunks at 75 a second: after 10, 20, 60 and 120 seconds.


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--large", type=Path)
    options = parser.parse_args()
    print(f"| chunks embedded | {' | '.join(f'{share:.1%}' for share in SHARES)} |")
    files = sorted(options.labels.glob("*.json"))
    rows: list[tuple[list[float], list[float]]] = []
    for file in files:
        with opened(options.corpora / file.stem) as index:
            rows.append(both(index.snapshot, answers(index.snapshot, file, "")))
        write(file.stem, *rows[-1])
    write("mean", *(np.mean([row[i] for row in rows], axis=0).tolist() for i in range(2)))
    if options.large is not None:
        with opened(options.large) as index:
            inside = [file for file in files if (options.large / file.stem).is_dir()]
            found = [one for file in inside for one in answers(index.snapshot, file, f"{file.stem}/")]
            write(options.large.name, *both(index.snapshot, found))
    return 0


def write(name: str, as_read: Sequence[float], in_order: Sequence[float]) -> None:
    """Print a line for each of the two orders."""
    for order, shares in (("as read", as_read), ("in order", in_order)):
        print(f"| {name}, {order} | {' | '.join(f'{share:.3f}' for share in shares)} |", flush=True)


def answers(snapshot: Snapshot, file: Path, prefix: str) -> list[list[ChunkId]]:
    """Return the chunks that answer each labelled query."""
    found: list[list[ChunkId]] = []
    for row in json.loads(file.read_text("utf-8")):
        best: list[ChunkId] = []
        for span in row["relevant"]:
            begin, end = span["start_line"] - 1, span["end_line"]
            entry = snapshot.files.get(prefix + span["path"])
            shared = {
                number: min(end, outline.end_line) - max(begin, outline.start_line)
                for number, outline in (entry.outlined() if entry else ())
            }
            if shared and max(shared.values()) > 0:
                best.append(max(shared, key=shared.__getitem__))
        if best:
            found.append(best)
    return found


def both(snapshot: Snapshot, found: Sequence[Sequence[ChunkId]]) -> tuple[list[float], list[float]]:
    """Return the share of answers with a vector at each of SHARES, in the order of reading and in that of the job."""
    numbers = sorted(number for path in snapshot.paths() for number in snapshot.ids_in(path))
    return covered(snapshot, found, numbers), covered(snapshot, found, embedding_order(snapshot, (), numbers))


def covered(snapshot: Snapshot, found: Sequence[Sequence[ChunkId]], order: Iterable[ChunkId]) -> list[float]:
    """Return the share of answers with a vector at each of SHARES."""
    digests = {number: digest for e in snapshot.files.values() for number, digest in zip(e.ids, e.digests, strict=True)}
    turn: dict[bytes, int] = {}
    for number in order:
        turn.setdefault(digests[number], len(turn))
    return [
        float(np.mean([np.mean([turn[digests[i]] < share * len(turn) for i in one]) for one in found]))
        for share in SHARES
    ]


if __name__ == "__main__":
    sys.exit(main())
