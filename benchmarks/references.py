"""What the product is held against: chunking, parsing, embedding and encoding alone, imports, ``git status``.

The first four call private functions of Cognate, as nothing public does only that.

    python benchmarks/references.py FOLDER [--files N]

prints, as JSON, the seconds that reading and chunking a folder takes, one core, in a process that did nothing before,
and a sample of its chunks' embedding texts. With ``--files N`` only N files, chosen at random.
"""

import argparse
import json
import random
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from harness import Bench, best_of, percentile, run

SAMPLE = 2_048
IMPORTS = "import onnxruntime, numpy"
ALL_IMPORTS = "import onnxruntime, numpy, tantivy, hnswlib"
SDK_IMPORT = "import mcp.server"


def chunked(folder: Path, files: int = 0) -> dict[str, Any]:
    """Return seconds of chunking alone in a new process, ``files``, ``bytes``, ``chunks`` and a sample of ``texts``."""
    command = [sys.executable, __file__, str(folder), *(["--files", str(files)] if files else [])]
    return json.loads(run(command).output)


def import_s(statement: str) -> float:
    """Return the seconds of a Python process that only imports."""
    return run([sys.executable, "-c", statement]).seconds


def git_status_s(folder: Path) -> float:
    """Return the seconds of ``git status``."""
    return run(["git", "status", "--porcelain"], folder=folder).seconds


def stored_vectors(cache: Path) -> int:
    """Return how many vectors a cache folder holds: what was embedded, as equal texts are embedded once."""
    count = 0
    for file in (cache / "embeddings").glob("*.sqlite"):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            count += database.execute("SELECT count(*) FROM vectors").fetchone()[0]
    return count


def embedding_rate(bench: Bench, texts: Sequence[str]) -> float:
    """Return the texts a second that the encoder alone embeds, with the threads that indexing has; a private call."""
    from cognate.embedding.onnx import load_encoder

    with load_encoder("", threads=bench.threads) as encoder:
        encoder.encode(texts[:64])

        def once() -> float:
            began = time.perf_counter()
            encoder.encode(texts)
            return time.perf_counter() - began

        return len(texts) / best_of(min(bench.rounds, 2), {"": once})[""]


def encode_one_s(texts: Sequence[str], *, documents: bool = False) -> float:
    """Return the median seconds to encode one query, or one chunk's text; a private call, after a warm-up."""
    from cognate.embedding.onnx import load_encoder

    with load_encoder("", threads=1) as encoder:
        times: list[float] = []
        for text in [*texts[:16], *texts]:
            began = time.perf_counter()
            if documents:
                encoder.encode([text])
            else:
                encoder.encode_query(text)
            times.append(time.perf_counter() - began)
    return percentile(times[16:], 0.5)


def _main() -> None:
    from cognate.chunking import chunk_file, decode
    from cognate.embedding.text import embedding_text
    from cognate.settings import Settings
    from cognate.workspace.content import content_rule
    from cognate.workspace.files import walk
    from cognate.workspace.ignore import Rules

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=0)
    options = parser.parse_args()
    paths = [path for path, _ in walk(options.folder, Rules(options.folder, (), Settings().max_file_bytes))]
    if options.files:
        paths = random.Random(1).sample(paths, min(len(paths), options.files))
    texts: list[str] = []
    n_files = n_bytes = n_chunks = 0
    spent = 0.0
    for path in paths:
        began = time.perf_counter()
        data = (options.folder / path).read_bytes()
        text = decode(data) if content_rule(path, data) is None else None
        chunks = () if text is None else chunk_file(path, text).chunks
        spent += time.perf_counter() - began
        if text is None:
            continue
        n_files, n_bytes, n_chunks = n_files + 1, n_bytes + len(data), n_chunks + len(chunks)
        texts += [embedding_text(path, chunk) for chunk in chunks]
    texts = list(dict.fromkeys(texts))
    texts = random.Random(1).sample(texts, min(SAMPLE, len(texts)))
    print(json.dumps({"seconds": spent, "files": n_files, "bytes": n_bytes, "chunks": n_chunks, "texts": texts}))


if __name__ == "__main__":
    _main()
