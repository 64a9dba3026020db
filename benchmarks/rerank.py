"""What the cross-encoder stage costs: the time to score the twenty best chunks of a query, beside encoding the query.

    python benchmarks/rerank.py CORPORA_DIR [--queries 40] [--threads 1] [--model FOLDER ...]

The architectures are those of the models people use, with random weights: time does not depend on what was learned.
int8 forms are made by `tools/models`. With --model, exported models are measured instead. The time is that of
the whole stage but for the ordering: making the passages, tokenizing, running the graph. Rows are interleaved, so that
a busy neighbour slows all alike.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from bert import Shape, write_pair_classifier

from cognate.chunking import chunk_file
from cognate.embedding.cross_encoder import CrossEncoder, load_cross_encoder
from cognate.embedding.onnx import load_encoder
from cognate.embedding.text import passage_text, question_text
from cognate.search.rerank import CANDIDATES
from cognate.types import Chunk
from tools.models.quantize import quantize
from tools.models.samples import samples

SUFFIXES = {".py", ".js", ".ts", ".go", ".rs", ".java", ".c", ".cc", ".cpp", ".h", ".rb", ".php", ".md"}
SHAPES = {
    "TinyBERT-L2 (2 layers of 128)": Shape(2, 128, 2, 512),
    "MiniLM-L4 (4 layers of 384)": Shape(4, 384, 12, 1536),
    "MiniLM-L6 (6 layers of 384)": Shape(6, 384, 12, 1536),
}
POOL_CHUNKS = 2_000


def chunks_of(corpora: Path) -> list[tuple[str, Chunk]]:
    """Return (path, chunk) of source files, until there are enough to draw from."""
    found: list[tuple[str, Chunk]] = []
    paths = [path for path in sorted(corpora.rglob("*")) if path.suffix in SUFFIXES and path.is_file()]
    random.Random(1).shuffle(paths)
    for path in paths:
        name = path.relative_to(corpora).as_posix()
        found += [(name, chunk) for chunk in chunk_file(name, path.read_text(errors="replace")).chunks]
        if len(found) >= POOL_CHUNKS:
            break
    return found


def models(scratch: Path, threads: int) -> dict[str, CrossEncoder]:
    """Return the architectures, as floats and as int8."""
    found: dict[str, CrossEncoder] = {}
    for number, (name, shape) in enumerate(SHAPES.items()):
        plain = write_pair_classifier(scratch / f"float{number}", shape, spread=1.0)
        int8 = quantize(plain, scratch / f"int8{number}")
        found[f"{name}, float"] = load_cross_encoder(str(plain), threads=threads)
        found[f"{name}, int8"] = load_cross_encoder(str(int8), threads=threads)
    return found


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def stage(model: CrossEncoder, query: str, candidates: Sequence[tuple[str, Chunk]]) -> object:
    """Score candidates as the stage does."""
    return model.score(question_text(query), [passage_text(path, chunk) for path, chunk in candidates])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--queries", type=int, default=40)
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--model", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    chunks, draw = chunks_of(options.corpora), random.Random(2)
    asked = [(query, draw.sample(chunks, CANDIDATES)) for query in samples().queries[: options.queries]]
    with tempfile.TemporaryDirectory() as scratch, load_encoder() as encoder:
        rows = {str(path): load_cross_encoder(str(path), threads=options.threads) for path in options.model}
        rows = rows or models(Path(scratch), options.threads)
        taken: dict[str, list[float]] = {name: [] for name in rows}
        encoding: list[float] = []
        for query, candidates in asked:
            encoding.append(milliseconds(partial(encoder.encode_query, query)))
            for name, model in rows.items():
                taken[name].append(milliseconds(partial(stage, model, query, candidates)))
    once = float(np.median(encoding))
    print(
        f"{CANDIDATES} candidates, {len(asked)} queries, threads: {options.threads}, encoding a query: {once:.2f} ms\n"
    )
    print("| model | p50 ms | p95 ms | of encoding the query |\n|---|---|---|---|")
    for name, times in taken.items():
        p50, p95 = np.percentile(times, [50, 95])
        print(f"| {name} | {p50:.1f} | {p95:.1f} | {p50 / once:.0f} times |")


if __name__ == "__main__":
    main()
