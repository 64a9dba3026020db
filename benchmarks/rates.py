"""How fast files become chunks, and chunks vectors, each against the library that does the heavy part.

Private: calls the chunker and the encoder themselves, as nothing public does only that.
"""

import random
from collections.abc import Callable, Sequence

from chunking import read_files, speed
from embedding import best_rates, parallel_onnxruntime, raw_onnxruntime
from harness import Bench, Goal, Row
from peer_process import Peer
from references import chunked

CHUNKS = 512
PRIVATE = "Calls private functions."


def rows(bench: Bench) -> list[Row]:
    """Measure at the middle size."""
    size = bench.middle
    files = read_files(bench.folder(size))
    sample = random.Random(1).sample(files, min(len(files), 600))
    measured = speed(sample, bench.rounds)
    chunking = Row(
        "read → chunks with symbols, one core",
        size,
        f"{measured.files / measured.chunking_s:,.0f} files/s",
        f"tree-sitter parse alone, {measured.files / measured.parsing_s:,.0f} files/s",
        measured.chunking_s / measured.parsing_s,
        Goal(4),
        PRIVATE,
    )
    texts = chunked(bench.folder(size), files=400)["texts"][:CHUNKS]
    return [chunking, *_embedding(bench, size, texts)]


def _embedding(bench: Bench, size: str, texts: Sequence[str]) -> list[Row]:
    from cognate.embedding.onnx import load_encoder

    with load_encoder("", threads=bench.threads) as encoder:
        measures: dict[str, Callable[[], object]] = {
            "ours": lambda: encoder.encode(texts),
            "inside": raw_onnxruntime(encoder, texts, bench.threads),
            "side": parallel_onnxruntime(encoder, texts, bench.threads),
        }
        if bench.torch_python is None:
            rates = best_rates(measures, len(texts), bench.rounds)
        else:
            with Peer("sentence-transformers", bench.torch_python) as peer:
                peer.ask({"load": "", "threads": bench.threads})
                rates = best_rates({**measures, "torch": lambda: peer.ask({"encode": texts})}, len(texts), bench.rounds)
    raw = max(rates["inside"], rates["side"])
    ours = f"{rates['ours']:.0f} chunks/s"
    found = [
        Row(
            "embedding", size, ours, f"raw onnxruntime, same batches and threads, {raw:.0f} chunks/s",
            rates["ours"] / raw, Goal(0.9, at_least=True), PRIVATE,
        )
    ]  # fmt: skip
    if "torch" in rates:
        reference = f"sentence-transformers, torch fp32, {rates['torch']:.0f} chunks/s"
        ratio = rates["ours"] / rates["torch"]
    else:
        reference, ratio = "sentence-transformers: not installed", None
    return [*found, Row("embedding", size, ours, reference, ratio, Goal(6, at_least=True), PRIVATE)]
