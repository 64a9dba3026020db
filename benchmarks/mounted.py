"""What mounted vectors save on a cold start, and whether answers stay the same.

    python benchmarks/mounted.py CORPORA LABELS CACHE NAME ...

CORPORA holds the folders NAME, LABELS their questions (NAME.json), CACHE a cache folder whose vectors spare the first
indexing the model; it is copied. Prints a line of JSON for each folder. Times are of the processor, of all threads:
``words_s`` of a cold start without a model, which reads, cuts and indexes words; ``mounted_s`` of one with all vectors
mounted; ``most_s`` with 95 % of them.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from cognate.cancellation import CancelToken
from cognate.embedding.shards import Precision
from cognate.embedding.sharing import add_vectors, manifest_for
from cognate.engine import Engine, open_engine
from cognate.indexing.services import Services
from cognate.indexing.vector_export import embedded
from cognate.search.request import SearchRequest
from cognate.settings import Settings

SHARE = 0.95
WAIT_S = 3600.0
LIMIT = 10


@contextmanager
def cold(folder: Path, cache: Path, **settings: Any) -> Iterator[tuple[Engine, float, float]]:
    """Open a folder, wait until it is complete, and yield its engine with seconds of the processor and of the wall."""
    services = Services(cache)
    services.resident_mb = lambda: 0.0
    if "model" not in settings:
        services.model("", 2).encoder.encode_query("warm up")
    processor, wall = time.process_time(), time.perf_counter()
    engine = open_engine(folder, Settings(update_delay_ms=0, threads=2, **settings), services)
    try:
        engine.start()
        assert engine.wait_until_current(WAIT_S)
        yield engine, time.process_time() - processor, time.perf_counter() - wall
    finally:
        engine.close()
        services.close()


def answers(engine: Engine, questions: list[str]) -> list[list[tuple[str, int, float]]]:
    """Return what each question finds."""
    found = [engine.search(SearchRequest(question, limit=LIMIT), CancelToken()) for question in questions]
    return [[(hit.path, hit.start_line, hit.score) for hit in answer.hits] for answer in found]


def compared(found: list[list[tuple[str, int, float]]], expected: list[list[tuple[str, int, float]]]) -> dict[str, Any]:
    """Return how many answers name the same places in the same order, and the greatest difference of their scores."""
    same = [
        (one, other)
        for one, other in zip(found, expected, strict=True)
        if [hit[:2] for hit in one] == [hit[:2] for hit in other]
    ]
    differences = [abs(a[2] - b[2]) for one, other in same for a, b in zip(one, other, strict=True)]
    return {"same_answers": len(same), "scores_differ_by": round(max(differences, default=0.0), 6)}


def measured(folder: Path, questions: list[str], cache: Path, scratch: Path) -> dict[str, Any]:
    """Return the figures of one folder."""
    known = scratch / "known"
    shutil.copytree(cache / "embeddings", known / "embeddings")
    with cold(folder, known) as (engine, _, _):
        expected, store = answers(engine, questions), Path(engine.status().store)
    services = Services(known)
    model = services.model("", 2)
    vectors = embedded(store, model)
    for name, share in (("all", 1.0), ("most", SHARE)):
        chosen = np.flatnonzero(np.random.default_rng(1).random(len(vectors.digests)) < share)
        empty = manifest_for(scratch / name, model.encoder, Precision.FLOAT16)
        add_vectors(scratch / name, empty, [vectors.digests[i] for i in chosen], vectors.vectors[chosen])
    services.close()
    with cold(folder, scratch / "words", model=str(scratch / "no-model")) as (engine, words_s, words_wall_s):
        chunks = engine.status().index.chunks
    with cold(folder, scratch / "one", vectors=(str(scratch / "all"),)) as (engine, mounted_s, mounted_wall_s):
        status, found = engine.status(), answers(engine, questions)
    copy = shutil.copytree(folder, scratch / "copy", ignore=shutil.ignore_patterns(".git"))
    with cold(copy, scratch / "two", vectors=(str(scratch / "most"),)) as (engine, most_s, _):
        most = engine.status()
        (copy / "added_by_benchmark.py").write_text("def added_by_benchmark():\n    return 'nothing'\n")
        engine.note_changed(["added_by_benchmark.py"])
        assert engine.wait_until_current(WAIT_S)
        after = engine.status()
    return {
        "chunks": chunks, "texts": len(vectors.digests), "words_s": round(words_s, 1), "mounted_s": round(mounted_s, 1),
        "times": round(mounted_s / words_s, 2), "words_wall_s": round(words_wall_s, 1),
        "mounted_wall_s": round(mounted_wall_s, 1), "coverage": status.index.coverage,
        "sources": status.details["sources"].replace(str(scratch), ""), "questions": len(questions),
        **compared(found, expected),
        "most_s": round(most_s, 1), "most": most.details["sources"].replace(str(scratch), ""),
        "after_edit": after.details["sources"].replace(str(scratch), ""),
    }  # fmt: skip


def main() -> None:
    """Measure the folders that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpora", "labels", "cache"):
        parser.add_argument(name, type=Path)
    parser.add_argument("names", nargs="+")
    options = parser.parse_args()
    for name in options.names:
        questions = [label["query"] for label in json.loads((options.labels / f"{name}.json").read_text())]
        with tempfile.TemporaryDirectory() as scratch:
            figures = measured(options.corpora / name, questions, options.cache, Path(scratch))
        print(json.dumps({"folder": name, **figures}), flush=True)


if __name__ == "__main__":
    main()
