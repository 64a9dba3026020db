"""A cross-encoder whose scores can be told by hand: one head of attention from the query to the text, by equal tokens.

Every token is embedded as its own direction, a query's token attends to the text where the same token stands, and the
classifier adds up, over the query's tokens, what was found: ``STEP`` a token found, ``FLOOR`` with none.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
STEP = 4.0
FLOOR = -6.0


def expected_score(query: str, text: str, words: Sequence[str]) -> float:
    """Return what the model gives a pair: how many of the query's known words stand in the text, on its scale."""
    return FLOOR + STEP * sum(word in words and word in text.split() for word in query.split())


def write_overlap_model(
    folder: Path, words: Iterable[str], *, onnx_path: str = "model.onnx", labels: int = 1, max_length: int = 512
) -> Path:
    """Write a cross-encoder in the layout of an export; words beyond ``words`` are all unknown, and count nothing.

    Args:
        folder: made if missing.
        words: the vocabulary.
        onnx_path: where in the folder the graph goes.
        labels: numbers a pair; one for a ranker.
        max_length: tokens the model accepts.
    """
    vocabulary = [*SPECIAL, *words]
    graph = folder / onnx_path
    graph.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(_model(len(vocabulary), labels), str(graph))
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "max_position_embeddings": max_length}))
    return folder


def _model(n_words: int, labels: int) -> onnx.ModelProto:
    table = np.eye(n_words, dtype=np.float32)
    table[: len(SPECIAL)] = 0  # Nothing attends to padding, separators and unknown words.
    weights = {
        "table": table,
        "axis": np.array([2], np.int64),
        "last": np.array([-1], np.int64),
        "classifier": np.full((1, labels), STEP, np.float32),
        "bias": np.full(labels, FLOOR, np.float32),
    }
    floating = int(TensorProto.FLOAT)
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["there"], to=floating),
        helper.make_node("Cast", ["token_type_ids"], ["second"], to=floating),
        helper.make_node("Mul", ["second", "there"], ["of_text"]),
        helper.make_node("Sub", ["there", "of_text"], ["of_query"]),
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("Unsqueeze", ["of_text", "axis"], ["text_mask"]),
        helper.make_node("Mul", ["embedded", "text_mask"], ["keys"]),
        helper.make_node("Transpose", ["keys"], ["keys_turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["embedded", "keys_turned"], ["attention"]),
        helper.make_node("ReduceMax", ["attention"], ["found"], axes=[2], keepdims=0),
        helper.make_node("Mul", ["found", "of_query"], ["found_by_query"]),
        helper.make_node("ReduceSum", ["found_by_query", "last"], ["total"], keepdims=1),
        helper.make_node("MatMul", ["total", "classifier"], ["scaled"]),
        helper.make_node("Add", ["scaled", "bias"], ["logits"]),
    ]
    tokens = ("batch", "sequence")
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, tokens)
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ("batch", labels))]
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "overlap", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
