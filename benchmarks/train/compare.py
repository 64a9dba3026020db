#!/usr/bin/env python3
"""Compares models as they are shipped on every labelled query, by meaning alone and fused with words.

Usage: compare.py TEXTS_DIR VECTORS_DIR NAME=LABELS_DIR [NAME=LABELS_DIR ...] --models FOLDER FOLDER [...]

The models are folders that the tool chain (`tools/models`) wrote; the first is the base, the others are compared with
it by paired bootstrap, by category and language. VECTORS_DIR keeps each model's vectors of each corpus. Fused is plain
reciprocal rank fusion with BM25 over the same texts, which shows the direction; what the product's ranking makes of a
model, `quality/rerank.py` measures.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
from baselines.chunks import FUSION_DEPTH, fuse
from batches import telling_words
from bootstrap import paired_interval
from evaluate import LANGUAGES, table
from lexical import indexed, search
from metrics import measure, targets_of

from cognate.arrays import Matrix
from cognate.embedding.onnx import load_encoder
from tools.models.samples import samples

ROUNDS = 5

Groups = Mapping[str, list[float]]


def figures(folder: Path, texts: Path, vectors: Path, labels: Mapping[str, Path]) -> dict[str, Groups]:
    """Return a model's NDCG@10 of every labelled query, in an order of its own, by way and group."""
    found: dict[str, dict[str, list[float]]] = {"meaning": defaultdict(list), "fused": defaultdict(list)}
    languages: dict[str, str] = json.loads(LANGUAGES.read_text(encoding="utf-8"))
    with load_encoder(str(folder), threads=2) as encoder:
        for name, file in ((name, file) for name, place in labels.items() for file in sorted(place.glob("*.json"))):
            places, chunks = read_texts(texts / f"{file.stem}.jsonl")
            known = _vectors(encoder, chunks, vectors / f"{folder.name}-{file.stem}.npy")
            searcher = indexed(chunks)
            for label in json.loads(file.read_text(encoding="utf-8")):
                similarities = known @ encoder.encode_query(label["query"])
                near = np.argsort(-similarities, kind="stable")[:FUSION_DEPTH].tolist()
                worded = search(searcher, " ".join(telling_words(label["query"])), FUSION_DEPTH)
                for way, order in (("meaning", near), ("fused", fuse(near, worded))):
                    figure = measure([places[i] for i in order[:10]], targets_of(label))["ndcg"]
                    for group in ("all", label["category"], languages.get(file.stem, "other")):
                        found[way][f"{name} {group}"].append(figure)
    return dict(found)


def read_texts(file: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return places and texts of a corpus as ``texts.py`` wrote them."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [{"path": path, "start_line": start, "end_line": end} for path, start, end, _ in rows], [r[3] for r in rows]


def _vectors(encoder: Any, texts: Sequence[str], cache: Path) -> Matrix:
    if not cache.exists():
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.save(cache, encoder.encode(texts).astype(np.float16))
    return np.load(cache, allow_pickle=False).astype(np.float32)


def rows_of(base: Groups, others: Sequence[Groups]) -> Iterator[list[str]]:
    """Yield a row a group: its size, the base's figure, and how far each other model is from it."""
    for group, values in base.items():
        cells: list[str] = []
        for other in others:
            sure = paired_interval(other[group], values)
            mean = float(np.mean(other[group]))
            cells.append(f"{mean:.3f} {sure.mean:+.3f} [{sure.low:+.3f}, {sure.high:+.3f}]")
        yield [group, str(len(values)), f"{np.mean(values):.3f}", *cells]


def rates(folders: Sequence[Path]) -> list[float]:
    """Return each model's chunks a second, the best of some rounds in turns, so that a busy neighbour slows all."""
    chunks = samples().chunks
    best = [0.0 for _ in folders]
    with ExitStack() as stack:
        encoders = [stack.enter_context(load_encoder(str(folder), threads=2)) for folder in folders]
        for _ in range(ROUNDS):
            for number, encoder in enumerate(encoders):
                began = time.perf_counter()
                encoder.encode(chunks)
                best[number] = max(best[number], len(chunks) / (time.perf_counter() - began))
    return best


def main() -> None:
    """Print a table for meaning alone, one for the fusion, and how fast the models are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("vectors", type=Path)
    parser.add_argument("labels", nargs="+", metavar="NAME=LABELS_DIR")
    parser.add_argument("--models", type=Path, nargs="+", required=True)
    options = parser.parse_args()
    labels = {name: Path(folder) for name, _, folder in (pair.partition("=") for pair in options.labels)}
    found = [figures(folder, options.texts, options.vectors, labels) for folder in options.models]
    for way in found[0]:
        head = [f"NDCG@10, {way}", "queries", *(folder.name for folder in options.models)]
        print(table(head, list(rows_of(found[0][way], [one[way] for one in found[1:]]))))
    for folder, rate in zip(options.models, rates(options.models), strict=True):
        print(f"{folder.name}: {rate:.0f} chunks a second")


if __name__ == "__main__":
    main()
