"""Builds BERT as a classifier of pairs with random weights, for measuring time where no trained model is at hand.

The graph has the operators of an export by torch, so quantizing and running it cost what they would for a trained one.
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cognate.embedding.model_files import SHIPPED_FOLDER, SHIPPED_MODEL, file_digest

OPSET = 17
IR_VERSION = 8  # Read by every onnxruntime since 1.18.
MASKED = -1e4  # Added to the attention of padding.


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a BERT, under the names of its config.json."""

    num_hidden_layers: int
    hidden_size: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int = 30_522
    max_position_embeddings: int = 512
    type_vocab_size: int = 2


class _Builder:
    """Collects nodes and weights; every method returns the name of what it computes."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self.shape = shape
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._random = np.random.default_rng(seed)
        self._names: set[str] = set()

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"/{name}", **attributes))
        return name

    def constant(self, name: str, value: object) -> str:
        if name not in self._names:
            self._names.add(name)
            self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def random(self, name: str, *sizes: int, spread: float = 0.02) -> str:
        return self.constant(name, self._random.normal(0, spread, sizes).astype(np.float32))

    def head(self, name: str, inputs: str, n_out: int, spread: float) -> str:
        weight = self.random(f"{name}.weight", n_out, self.shape.hidden_size, spread=spread)
        return self.node("Gemm", inputs, weight, self.random(f"{name}.bias", n_out), transB=1)

    def dense(self, name: str, inputs: str, n_in: int, n_out: int) -> str:
        product = self.node("MatMul", inputs, self.random(f"{name}.weight", n_in, n_out))
        return self.node("Add", product, self.random(f"{name}.bias", n_out))

    def normalized(self, name: str, inputs: str) -> str:
        size = self.shape.hidden_size
        scale = self.constant(f"{name}.scale", np.ones(size, np.float32))
        return self.node(
            "LayerNormalization", inputs, scale, self.random(f"{name}.shift", size), axis=-1, epsilon=1e-12
        )

    def gelu(self, inputs: str) -> str:
        ratio = self.node("Div", inputs, self.constant("sqrt_2", np.float32(np.sqrt(2))))
        one = self.constant("one_float", np.float32(1))
        gate = self.node("Mul", inputs, self.node("Add", self.node("Erf", ratio), one))
        return self.node("Mul", gate, self.constant("half", np.float32(0.5)))

    def embeddings(self) -> str:
        shape, size = self.shape, self.shape.hidden_size
        words = self.node("Gather", self.random("words", shape.vocab_size, size), "input_ids")
        types = self.node("Gather", self.random("types", shape.type_vocab_size, size), "token_type_ids")
        length = self.node("Gather", self.node("Shape", "input_ids"), self.constant("second", np.int64(1)), axis=0)
        count = self.node("Range", self.constant("first", np.int64(0)), length, self.constant("second", np.int64(1)))
        places = self.node("Gather", self.random("positions", shape.max_position_embeddings, size), count)
        return self.normalized("embeddings", self.node("Add", self.node("Add", words, types), places))

    def heads(self, inputs: str, order: list[int]) -> str:
        n_heads = self.shape.num_attention_heads
        sizes = self.constant("split", np.array([0, 0, n_heads, self.shape.hidden_size // n_heads], np.int64))
        return self.node("Transpose", self.node("Reshape", inputs, sizes), perm=order)

    def attention(self, layer: str, inputs: str, mask: str) -> str:
        size = self.shape.hidden_size
        query, key, value = (
            self.heads(self.dense(f"{layer}.{part}", inputs, size, size), order)
            for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
        )
        scale = self.constant("scale", np.float32(np.sqrt(size // self.shape.num_attention_heads)))
        scores = self.node("Add", self.node("Div", self.node("MatMul", query, key), scale), mask)
        read = self.node(
            "Transpose", self.node("MatMul", self.node("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3]
        )
        joined = self.node("Reshape", read, self.constant("join", np.array([0, 0, size], np.int64)))
        return self.dense(f"{layer}.output", joined, size, size)

    def mask(self) -> str:
        axes = self.constant("head_axes", np.array([1, 2], np.int64))
        wide = self.node("Cast", self.node("Unsqueeze", "attention_mask", axes), to=TensorProto.FLOAT)
        absent = self.node("Sub", self.constant("one_float", np.float32(1)), wide)
        return self.node("Mul", absent, self.constant("masked", np.float32(MASKED)))


def pair_classifier(shape: Shape, *, seed: int = 0, spread: float = 0.02) -> onnx.ModelProto:
    """Return BERT with pooler and a head that gives one number a pair.

    Args:
        shape: its sizes.
        seed: of the weights.
        spread: of the head's weights; the larger, the further the numbers lie apart.
    """
    build, size = _Builder(shape, seed), shape.hidden_size
    hidden, mask = build.embeddings(), build.mask()
    for number in range(shape.num_hidden_layers):
        layer = f"layer{number}"
        hidden = build.normalized(f"{layer}.read", build.node("Add", build.attention(layer, hidden, mask), hidden))
        wide = build.gelu(build.dense(f"{layer}.wide", hidden, size, shape.intermediate_size))
        narrow = build.dense(f"{layer}.narrow", wide, shape.intermediate_size, size)
        hidden = build.normalized(f"{layer}.thought", build.node("Add", narrow, hidden))
    first = build.node("Gather", hidden, build.constant("first", np.int64(0)), axis=1)
    pooled = build.node("Tanh", build.head("pooler", first, size, spread=0.2))
    last = build.head("classifier", pooled, 1, spread)
    build.nodes.append(helper.make_node("Identity", [last], ["logits"], name="logits"))
    tokens = ("batch", "sequence")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, tokens)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ("batch", 1))]
    graph = helper.make_graph(build.nodes, "bert", inputs, outputs, build.weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def write_pair_classifier(folder: Path, shape: Shape, *, seed: int = 0, spread: float = 0.02) -> Path:
    """Write a folder as ``python -m tools.models export --cross-encoder`` does, with the shipped model's tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(pair_classifier(shape, seed=seed, spread=spread), str(folder / "model.onnx"))
    shutil.copyfile(SHIPPED_FOLDER / SHIPPED_MODEL / "tokenizer.json", folder / "tokenizer.json")
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", **asdict(shape)}), encoding="utf-8")
    card = {
        "name": folder.name,
        "kind": "cross-encoder",
        "max_length": shape.max_position_embeddings,
        "pad_token": "[PAD]",
        "source": "random weights",
        "source_digest": None,
        "license": "none",
        "quantization": None,
        "digest": file_digest([folder / "model.onnx"]),
    }
    (folder / "model.json").write_text(json.dumps(card), encoding="utf-8")
    return folder
