"""How fast texts become vectors: ours, raw onnxruntime on the same batches, and sentence-transformers.

    python benchmarks/embedding.py CORPORA_DIR [--chunks 512] [--threads 2] [--source SENTENCE_TRANSFORMERS_MODEL]

Every row gets the same chunk texts of real code; rates are chunks a second, the best of the rounds, rounds interleaved
so that a busy neighbour slows all rows alike. Without torch the last row is left out and the reason printed.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from cognate.chunking import chunk_file
from cognate.embedding.cache import VectorCache
from cognate.embedding.model_files import SHIPPED_MODEL
from cognate.embedding.onnx import BATCH_SIZE, MAX_TOKENS, OnnxEncoder, load_encoder
from cognate.embedding.queue import EmbeddingQueue
from cognate.embedding.text import digest, embedding_text
from tools.models.libraries import load_source
from tools.models.samples import samples
from tools.models.ship import source_folder

SUFFIXES = {".py", ".js", ".ts", ".tsx", ".jsx", ".go", ".rs", ".java", ".c", ".cc", ".cpp", ".h", ".rb", ".md"}
ROUNDS = 3
QUERY_ROUNDS = 8


def chunks_of(corpora: Path) -> list[tuple[str, object]]:
    """Return (path, chunk) of every source file."""
    found = []
    for path in sorted(corpora.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            name = path.relative_to(corpora).as_posix()
            found += [(name, chunk) for chunk in chunk_file(name, path.read_text(errors="replace")).chunks]
    return found


def through_the_queue(encoder: OnnxEncoder, texts: Sequence[str], threads: int) -> None:
    """Embed texts as indexing does: queued, encoded on the queue's threads, stored in a cache, taken."""
    with tempfile.TemporaryDirectory() as folder:
        cache = VectorCache(Path(folder), encoder.fingerprint, encoder.dimensions)
        queue = EmbeddingQueue(encoder, cache, threads=threads, give_way=lambda: None)
        queue.put([(digest(text), lambda text=text: text) for text in texts], priority=0)
        while queue.take(1.0):
            pass
        queue.close()
        cache.close()


def raw_onnxruntime(encoder: OnnxEncoder, texts: Sequence[str], threads: int) -> Callable[[], object]:
    """Return the least that can be done: the same padded batches, ready made, through a session of its own."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(encoder.files.onnx), options, providers=["CPUExecutionProvider"])
    tokens = sorted((encoder.tokens(text).ids for text in texts), key=len, reverse=True)
    batches = []
    for start in range(0, len(tokens), BATCH_SIZE):
        rows = tokens[start : start + BATCH_SIZE]
        ids = np.zeros((len(rows), len(rows[0])), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, values in enumerate(rows):
            ids[row, : len(values)], mask[row, : len(values)] = values, 1
        batches.append({"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})
    return lambda: [session.run(None, batch) for batch in batches]


def parallel_onnxruntime(encoder: OnnxEncoder, texts: Sequence[str], threads: int) -> Callable[[], object]:
    """Return the same batches, as many side by side as there are threads, each on one."""
    single = raw_onnxruntime(encoder, texts, 1)
    if threads == 1:
        return single
    parts = [raw_onnxruntime(encoder, texts[i::threads], 1) for i in range(threads)]

    def run() -> object:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda part: part(), parts))

    return run


def sentence_transformers(source: str, texts: Sequence[str], threads: int, tokens: int) -> Callable[[], object]:
    """Return the library's own way, float32, with its defaults but for the number of tokens (0: its own limit)."""
    model = load_source(source)
    import torch

    if tokens:
        model.max_seq_length = tokens

    torch.set_num_threads(threads)
    return lambda: model.encode(list(texts), show_progress_bar=False)


def best_rates(rows: dict[str, Callable[[], object]], count: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Return texts a second by row."""
    best = dict.fromkeys(rows, float("inf"))
    for _ in range(rounds):
        for name, run in rows.items():
            began = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - began)
    return {name: count / seconds for name, seconds in best.items()}


def query_times(encoder: OnnxEncoder) -> tuple[float, float]:
    """Return p50 and p95 of a query's encoding, milliseconds."""
    times = []
    for _ in range(QUERY_ROUNDS):
        for query in samples().queries:
            began = time.perf_counter()
            encoder.encode_query(query)
            times.append((time.perf_counter() - began) * 1e3)
    p50, p95 = np.percentile(times, [50, 95])
    return float(p50), float(p95)


def memory_mb() -> float:
    """Return this process's memory now, MB (Linux), or 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0.0
    return next(int(line.split()[1]) / 1e3 for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def main() -> None:
    """Print a line a figure, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--chunks", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--source", default=source_folder())
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chunks = chunks_of(options.corpora)
    began = time.perf_counter()
    texts = [embedding_text(path, chunk) for path, chunk in chunks]
    figures: dict[str, object] = {"embedding text, chunks/s": len(texts) / (time.perf_counter() - began)}
    texts = random.Random(1).sample(texts, min(options.chunks, len(texts)))
    before = memory_mb()
    encoder = load_encoder(SHIPPED_MODEL, threads=options.threads)
    encoder.encode(texts)
    figures["encoder's memory after a bulk run, MB"] = memory_mb() - before
    p50, p95 = query_times(encoder)
    figures |= {"query p50, ms": p50, "query p95, ms": p95}
    rows = {
        "ours": lambda: encoder.encode(texts),
        "ours, through the queue": lambda: through_the_queue(encoder, texts, options.threads),
        "raw onnxruntime, threads inside a batch": raw_onnxruntime(encoder, texts, options.threads),
        "raw onnxruntime, batches side by side": parallel_onnxruntime(encoder, texts, options.threads),
    }
    reason = ""
    try:
        rows["sentence-transformers"] = sentence_transformers(options.source, texts, options.threads, 0)
        short = sentence_transformers(options.source, texts, options.threads, MAX_TOKENS)
        rows[f"sentence-transformers, {MAX_TOKENS} tokens"] = short
    except Exception as error:
        reason = f"sentence-transformers is left out: {error}"
    rates = best_rates(rows, len(texts))
    figures |= {f"{name}, chunks/s": rate for name, rate in rates.items()}
    raw = max(rate for name, rate in rates.items() if name.startswith("raw"))
    figures["ours / fastest raw onnxruntime"] = rates["ours"] / raw
    for name in [name for name in rates if name.startswith("sentence-transformers")]:
        figures[f"ours / {name}"] = rates["ours"] / rates[name]
    if options.json:
        print(json.dumps({"chunks": len(texts), "threads": options.threads, "reason": reason, **figures}))
        return
    print(f"{len(texts)} chunks of {options.corpora}, {options.threads} threads, at most {MAX_TOKENS} tokens")
    for name, value in figures.items():
        print(f"  {name:48}{value:10.2f}")
    if reason:
        print(f"  {reason}")


if __name__ == "__main__":
    sys.exit(main())
