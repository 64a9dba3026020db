"""Vectors do not depend on the kind of processor, so a cache may be filled on one and read on another.

Processors differ in how they multiply whole numbers: without VNNI in pairs, in saturating 16 bits. Here the products of
the shipped graph are made of floats instead, which is exact on each. A kind on which the graph as shipped is within a
cosine c of that is within 2c² - 1 of any other such kind.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from cognate.embedding.model_files import file_digest
from cognate.embedding.onnx import load_encoder
from tools.models.samples import samples

SHIPPED = Path(load_encoder().files.onnx).parent
BETWEEN_KINDS = 0.998
PRODUCT = "MatMulIntegerToFloat"


def with_exact_products(folder: Path) -> Path:
    """Write the shipped model with products of floats, whose sums of whole numbers are exact."""
    shutil.copytree(SHIPPED, folder)
    model = onnx.load(str(folder / "model.onnx"))
    constants = {tensor.name: tensor for tensor in model.graph.initializer}

    def as_float(name: str) -> str:
        values = numpy_helper.to_array(constants[name]).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(values, f"{name}_as_float_{len(nodes)}"))
        return model.graph.initializer[-1].name

    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if node.op_type != PRODUCT:
            nodes.append(node)
            continue
        rows, weights, _, scale, zero = node.input
        out = node.output[0]
        nodes += [
            helper.make_node("Cast", [rows], [f"{out}_cast"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Sub", [f"{out}_cast", as_float(zero)], [f"{out}_centred"]),
            helper.make_node("MatMul", [f"{out}_centred", as_float(weights)], [f"{out}_sums"]),
            helper.make_node("Mul", [f"{out}_sums", scale], [out]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, str(folder / "model.onnx"))
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    card["digest"] = file_digest([folder / "model.onnx"])
    (folder / "model.json").write_text(json.dumps(card), encoding="utf-8")
    return folder


def test_a_product_of_a_pair_fits_into_16_bits_so_that_no_processor_saturates():
    graph = onnx.load(str(SHIPPED / "model.onnx")).graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    weights = [numpy_helper.to_array(constants[n.input[1]]) for n in graph.node if n.op_type == PRODUCT]
    assert len(weights) == 36
    assert max(int(np.abs(values.astype(np.int32)).max()) for values in weights) * 255 * 2 <= np.iinfo(np.int16).max


def test_vectors_of_this_kind_of_processor_are_those_of_exact_products(tmp_path: Path):
    texts = samples().chunks[:48]
    with load_encoder() as shipped, load_encoder(str(with_exact_products(tmp_path / "exact"))) as exact:
        cosines = (shipped.encode(texts) * exact.encode(texts)).sum(axis=1)
    assert cosines.min() ** 2 * 2 - 1 >= BETWEEN_KINDS
