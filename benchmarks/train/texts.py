#!/usr/bin/env python3
"""Writes what the index embeds of each evaluation corpus, so that models are compared without indexing again.

Usage: texts.py CORPORA_DIR OUT_DIR LABELS_DIR [LABELS_DIR ...]

OUT_DIR/NAME.jsonl has a line a chunk: path, first line, last line (1-based, inclusive), text. What is there stays.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
from baselines.chunks import opened

from cognate.embedding.text import embedding_text


def write(corpus: Path, out: Path) -> int:
    """Index a corpus, write its chunks, and return how many there are."""
    with opened(corpus) as index, out.open("w", encoding="utf-8") as file:
        numbers = sorted(int(number) for number in index.snapshot.vectors.ids())
        for record in index.snapshot.read(numbers):
            chunk = record.chunk
            row = [record.path, chunk.start_line + 1, chunk.end_line, embedding_text(record.path, chunk)]
            file.write(json.dumps(row) + "\n")
    return len(numbers)


def main() -> None:
    """Write every labelled corpus that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    options = parser.parse_args()
    corpora, out = options.corpora, options.out
    out.mkdir(parents=True, exist_ok=True)
    for name in sorted(file.stem for folder in options.labels for file in folder.glob("*.json")):
        if not (out / f"{name}.jsonl").exists():
            print(f"{name}: {write((corpora / name).resolve(), out / f'{name}.jsonl')} chunks", flush=True)


if __name__ == "__main__":
    main()
