"""Owns the rewriting of a float graph into an int8 one. Pure: a loaded ONNX model and statistics in, a model out.

Each product of an activation X (rows = tokens) with a constant weight W becomes

    X' = (X + shift) / s        s: one factor an input channel, moves range from activations to weights
    q  = round(X' * top / max of each row) as uint8
    Y  = (q - zero) · Wq * weight scale of each column * row scale + corrected bias

* One activation scale a **row** instead of one a tensor: a token with large values no longer costs all others their
  precision, and a text's vector no longer depends on what else is in its batch.
* Channel factors s = max|X|^a / max|W|^(1-a) (Xiao et al., SmoothQuant, 2023, section 4.1).
* Behind GELU, which is never below -0.17, a shift uses the whole uint8 range; it is folded into the bias.
* Bias correction: the mean activation times the rounding error of the weights goes into the bias
  (Nagel et al., Data-Free Quantization, 2019, section 4.2).
* Weights use -64..64, not -127..127: x86 processors without VNNI add pairs of products in saturating 16 bits, where
  2 * 255 * 64 still fits and 2 * 255 * 127 does not. So every processor gives the same vectors at full speed.

Never runs a graph and never reads a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.models.libraries import require

WEIGHT_LEVELS = 64
"""See the module's last point."""

EMBEDDING_LEVELS = 127
"""Table rows are never multiplied as integers, so they may use all of int8."""

EMBEDDING_ROWS = 512
"""Smaller tables (token types) stay float: they weigh nothing."""

GELU_SHIFT = 0.1705
"""Just above -min(GELU) = 0.16997, and that of its tanh form."""

GELU_SEARCH_DEPTH = 4
"""How many operators back from a product its GELU's Erf lies in an export."""

_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an activation looked like on the calibration texts, by channel, shape (channels,).

    Attributes:
        maximum: largest absolute value.
        mean: mean value.
    """

    maximum: _Array
    mean: _Array


def activations(model: Any) -> list[str]:
    """Return the names of the activations that are multiplied with constant weights, in the graph's order."""
    return list(_groups(model))


def rewrite(model: Any, statistics: Mapping[str, Statistics], smoothing: float) -> None:
    """Turn a float graph into an int8 one, in place.

    Args:
        model: an ``onnx.ModelProto``.
        statistics: of every name in ``activations(model)``.
        smoothing: the exponent a of the channel factors, 0 to 1.
    """
    graph = _Graph(model)
    for name, nodes in _groups(model).items():
        _rewrite_products(graph, name, nodes, statistics[name], smoothing)
    for node in [node for node in model.graph.node if node.op_type == "Gather"]:
        _rewrite_lookup(graph, node)
    if not any(entry.domain == "com.microsoft" for entry in model.opset_import):
        model.opset_import.append(require("onnx.helper").make_opsetid("com.microsoft", 1))


class _Graph:
    """A graph's constants by name, and where to put new ones."""

    def __init__(self, model: Any) -> None:
        self.graph = model.graph
        self.helper = require("onnx.helper")
        self._arrays = require("onnx.numpy_helper")
        self._constants = {tensor.name: tensor for tensor in model.graph.initializer}

    def __contains__(self, name: str) -> bool:
        return name in self._constants

    def array(self, name: str) -> Any:
        return self._arrays.to_array(self._constants[name])

    def constant(self, name: str, value: Any) -> str:
        """Set or add a constant and return its name."""
        tensor = self._arrays.from_array(np.asarray(value), name)
        if name in self._constants:
            self._constants[name].CopyFrom(tensor)
        else:
            self.graph.initializer.append(tensor)
            self._constants[name] = self.graph.initializer[-1]
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> Any:
        return self.helper.make_node(kind, list(inputs), [output], name=output, **attributes)

    def insert(self, index: int, nodes: Sequence[Any]) -> None:
        for offset, node in enumerate(nodes):
            self.graph.node.insert(index + offset, node)

    def index(self, node: Any) -> int:
        return next(i for i, other in enumerate(self.graph.node) if other.output[0] == node.output[0])

    def consumers(self, name: str) -> list[Any]:
        return [node for node in self.graph.node if name in node.input]

    def behind_gelu(self, name: str) -> bool:
        """Whether an activation is a GELU's output: an Erf lies a few operators back, before any product."""
        producers = {output: node for node in self.graph.node for output in node.output}
        frontier = {name}
        for _ in range(GELU_SEARCH_DEPTH):
            nodes = [producers[n] for n in frontier if n in producers]
            if any(node.op_type in ("Erf", "Gelu") for node in nodes):
                return True
            frontier = {n for node in nodes if node.op_type in ("Mul", "Add") for n in node.input}
        return False


def _groups(model: Any) -> dict[str, list[Any]]:
    """Return the products with a constant right side, by the name of their left side."""
    shapes = {tensor.name: len(tensor.dims) for tensor in model.graph.initializer}
    groups: dict[str, list[Any]] = {}
    for node in model.graph.node:
        if node.op_type == "MatMul" and shapes.get(node.input[1]) == 2:  # noqa: PLR2004 - a plain weight matrix
            groups.setdefault(node.input[0], []).append(node)
    return groups


def _rewrite_products(graph: _Graph, name: str, nodes: Sequence[Any], seen: Statistics, smoothing: float) -> None:
    weights: list[_Array] = [graph.array(node.input[1]).astype(np.float64) for node in nodes]
    shift = GELU_SHIFT if graph.behind_gelu(name) else 0.0
    factors = _channel_factors(seen.maximum + shift, weights, smoothing)
    quantized = f"{name}_uint8"
    first = min(graph.index(node) for node in nodes)
    graph.insert(first, _quantizing_nodes(graph, name, quantized, shift, factors))
    zero = graph.constant(f"zero_{'low' if shift else 'middle'}", np.uint8(0 if shift else 128))
    for node, weight in zip(nodes, weights, strict=True):
        scaled = weight * factors[:, None]
        scale = np.maximum(np.abs(scaled).max(axis=0), 1e-12) / WEIGHT_LEVELS
        rounded = np.clip(np.round(scaled / scale), -WEIGHT_LEVELS, WEIGHT_LEVELS)
        error = scaled - rounded * scale
        _add_to_bias(graph, node, ((seen.mean + shift) / factors) @ error - shift * weight.sum(axis=0))
        output, weight_name = node.output[0], node.input[1]
        one = graph.constant("one", np.float32(1))
        column_scale = graph.constant(f"{weight_name}_scale", scale.astype(np.float32))
        graph.constant(weight_name, rounded.astype(np.int8))
        index = graph.index(node)
        del graph.graph.node[index]
        inputs = [quantized, weight_name, one, column_scale, zero]
        product = graph.node("MatMulIntegerToFloat", inputs, f"{output}_product", domain="com.microsoft")
        graph.insert(index, [product, graph.node("Mul", [f"{output}_product", f"{quantized}_scale"], output)])


def _channel_factors(maximum: _Array, weights: Sequence[_Array], smoothing: float) -> _Array:
    largest = np.max([np.abs(weight).max(axis=1) for weight in weights], axis=0)
    factors = np.maximum(maximum, 1e-5) ** smoothing / np.maximum(largest, 1e-5) ** (1 - smoothing)
    return factors / np.exp(np.log(factors).mean())


def _quantizing_nodes(graph: _Graph, name: str, out: str, shift: float, factors: _Array) -> list[Any]:
    """Return the nodes from an activation to its uint8 form ``out`` and the scale of each row, ``out + _scale``."""
    uint8 = int(require("onnx").TensorProto.UINT8)
    top, offset = (255.0, 0.5) if shift else (127.0, 128.5)
    label = "low" if shift else "middle"
    nodes: list[Any] = []
    if shift:
        nodes.append(graph.node("Add", [name, graph.constant("gelu_shift", np.float32(shift))], f"{out}_shifted"))
        name = f"{out}_shifted"
    factor = graph.constant(f"{out}_factor", (1 / factors).astype(np.float32))
    nodes.append(graph.node("Mul", [name, factor], f"{out}_even"))
    magnitude = f"{out}_even"
    if not shift:
        nodes.append(graph.node("Abs", [f"{out}_even"], f"{out}_abs"))
        magnitude = f"{out}_abs"
    smallest = graph.constant("smallest_row", np.float32(1e-8))
    level = graph.constant(f"top_{label}", np.float32(top))
    return [
        *nodes,
        graph.node("ReduceMax", [magnitude], f"{out}_row", axes=[-1], keepdims=1),
        graph.node("Max", [f"{out}_row", smallest], f"{out}_max"),
        graph.node("Div", [level, f"{out}_max"], f"{out}_inverse"),
        graph.node("Div", [f"{out}_max", level], f"{out}_scale"),
        graph.node("Mul", [f"{out}_even", f"{out}_inverse"], f"{out}_scaled"),
        graph.node("Add", [f"{out}_scaled", graph.constant(f"half_{label}", np.float32(offset))], f"{out}_placed"),
        graph.node("Cast", [f"{out}_placed"], out, to=uint8),
    ]


def _add_to_bias(graph: _Graph, product: Any, change: _Array) -> None:
    """Add to the bias that follows a product, or give it one."""
    output = product.output[0]
    consumers = graph.consumers(output)
    if len(consumers) == 1 and consumers[0].op_type == "Add":
        bias = next((name for name in consumers[0].input if name != output), "")
        if bias in graph and graph.array(bias).shape == change.shape and len(graph.consumers(bias)) == 1:
            graph.constant(bias, (graph.array(bias) + change).astype(np.float32))
            return
    product.output[0] = f"{output}_unbiased"
    bias = graph.constant(f"{output}_bias", change.astype(np.float32))
    graph.insert(graph.index(product) + 1, [graph.node("Add", [f"{output}_unbiased", bias], output)])


def _rewrite_lookup(graph: _Graph, node: Any) -> None:
    """Keep an embedding table as int8 with one scale a row."""
    table = node.input[0]
    if table not in graph or len(graph.consumers(table)) > 1:
        return
    rows = graph.array(table)
    if rows.ndim != 2 or len(rows) < EMBEDDING_ROWS or rows.dtype != np.float32:  # noqa: PLR2004 - a table
        return
    scale = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12) / np.float32(EMBEDDING_LEVELS)
    graph.constant(table, np.round(rows / scale).astype(np.int8))
    scales = graph.constant(f"{table}_scale", scale.astype(np.float32))
    output, ids = node.output[0], node.input[1]
    index = graph.index(node)
    node.output[0] = f"{output}_int8"
    nodes = [
        graph.node("Cast", [f"{output}_int8"], f"{output}_float", to=int(require("onnx").TensorProto.FLOAT)),
        graph.node("Gather", [scales, ids], f"{output}_scale"),
        graph.node("Mul", [f"{output}_float", f"{output}_scale"], output),
    ]
    graph.insert(index + 1, nodes)
