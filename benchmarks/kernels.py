"""How fast the shipped model is on this kind of processor, beside forms of it that were not shipped.

    python benchmarks/kernels.py CORPORA_DIR [--chunks 256]

The forms are float32, the shipped weights as floats and nothing quantized on the way, and int8 as onnxruntime makes
it of that (``quantize_dynamic``, weights of 7 bits by channel). One thread, chunks a second of the processor's own
time, the best of the rounds, rounds interleaved. The cosines are those with the source, sentence-transformers in
float32.
"""

import argparse
import json
import platform
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from embedding import chunks_of
from onnx import helper, numpy_helper

from cognate.embedding.model_files import file_digest, resolve_model
from cognate.embedding.onnx import OnnxEncoder, load_encoder
from cognate.embedding.text import embedding_text
from tools.models.check import load_reference
from tools.models.samples import samples

ROUNDS = 3
SOURCE = "sentence-transformers/all-MiniLM-L6-v2"
REFERENCE = Path(__file__).parents[1] / "tests" / "engine" / "embedding" / "reference.npz"
INTEGER = "MatMulIntegerToFloat"
KINDS = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm")
ROW_STEPS = ("_abs", "_row", "_max", "_inverse", "_scale", "_scaled", "_placed", "")
"""Ends of the names of what ``tools.models.rewrite`` puts before a product, but for the channels' own factor."""


def in_float32(shipped: Path, folder: Path) -> Path:
    """Write the shipped model without any quantization of activations, its weights as floats."""
    model = onnx.load(str(shipped / "model.onnx"))
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    skipped = {f"{node.input[0]}{end}" for node in model.graph.node if node.op_type == INTEGER for end in ROW_STEPS}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if node.op_type == INTEGER:
            rows, weights, _, scale, _ = node.input
            values = numpy_helper.to_array(constants[weights]) * numpy_helper.to_array(constants[scale])
            constants[weights].CopyFrom(numpy_helper.from_array(values.astype(np.float32), weights))
            nodes.append(helper.make_node("MatMul", [f"{rows}_even", weights], list(node.output)))
        elif node.output[0] in skipped:
            continue
        elif any(name in skipped for name in node.input):  # The scale of each row, after a product.
            kept = [name for name in node.input if name not in skipped]
            nodes.append(helper.make_node("Identity", kept, list(node.output)))
        else:
            nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return _written(shipped, folder, model)


def by_onnxruntime(plain: Path, folder: Path) -> Path:
    """Write a float32 model as onnxruntime quantizes it, in 7 bits so that no processor saturates."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = folder.with_suffix(".onnx")
    options = {"weight_type": QuantType.QInt8, "per_channel": True, "reduce_range": True}
    quantize_dynamic(str(plain / "model.onnx"), str(whole), op_types_to_quantize=["MatMul"], **options)
    return _written(plain, folder, onnx.load(str(whole)))


def _written(like: Path, folder: Path, model: onnx.ModelProto) -> Path:
    shutil.copytree(like, folder)
    onnx.save(model, str(folder / "model.onnx"))
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    card["digest"] = file_digest([folder / "model.onnx"])
    (folder / "model.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


def processor() -> str:
    """Return the kind of processor: its name, and those of its instructions that matter here (Linux)."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    told = dict((part.strip() for part in line.split(":", 1)) for line in lines if ":" in line)
    has = (told.get("flags") or told.get("Features") or "").split()
    return f"{told.get('model name', platform.processor())}, {' '.join(kind for kind in KINDS if kind in has)}"


def rates(encoders: dict[str, OnnxEncoder], texts: Sequence[str]) -> dict[str, float]:
    """Return texts a second of the processor's own time."""
    best = dict.fromkeys(encoders, float("inf"))
    for _ in range(ROUNDS):
        for name, encoder in encoders.items():
            began = time.process_time()
            encoder.encode(texts)
            best[name] = min(best[name], time.process_time() - began)
    return {name: len(texts) / seconds for name, seconds in best.items()}


def main() -> None:
    """Print a line a form."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--chunks", type=int, default=256)
    options = parser.parse_args()
    shipped = Path(resolve_model("").onnx).parent
    texts = [embedding_text(path, chunk) for path, chunk in chunks_of(options.corpora)]
    texts = random.Random(1).sample(texts, min(options.chunks, len(texts)))
    with tempfile.TemporaryDirectory() as scratch:
        plain = in_float32(shipped, Path(scratch) / "float32")
        dynamic = by_onnxruntime(plain, Path(scratch) / "dynamic")
        folders = {"int8 as shipped": shipped, "float32": plain, "int8 by onnxruntime": dynamic}
        encoders = {name: load_encoder(str(folder)) for name, folder in folders.items()}
    source = load_reference(REFERENCE, SOURCE).chunks
    found = rates(encoders, texts)
    n_tokens = np.mean([len(encoders["float32"].tokens(text).ids) for text in texts])
    print(f"{processor()}; {len(texts)} chunks of {n_tokens:.0f} tokens, one thread")
    for name, encoder in encoders.items():
        cosines = (encoder.encode(samples().chunks) * source).sum(axis=1)
        print(f"{name:24}{found[name]:8.1f} chunks/s   cosine {cosines.mean():.4f}, least {cosines.min():.4f}")


if __name__ == "__main__":
    sys.exit(main())
