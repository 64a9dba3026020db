"""A model of a few words whose vectors can be told by hand: an ONNX graph that looks up one vector a token.

The graph is written as protobuf wire format, so that the tests need no library beside those of the run time.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

WORDS = ("[PAD]", "[UNK]", "red", "green", "blue", "find", "code")
TABLE = np.random.default_rng(5).normal(size=(len(WORDS), 4)).astype(np.float32)

FLOAT, INT64 = 1, 7


def write_tiny_model(
    folder: Path,
    *,
    onnx: str = "model.onnx",
    inputs: Iterable[str] = ("input_ids", "attention_mask"),
    files: Mapping[str, Any] | None = None,
) -> Path:
    """Write a folder as sentence-transformers would, its graph giving token vectors; ``files`` are JSON by path."""
    graph = folder / onnx
    graph.parent.mkdir(parents=True, exist_ok=True)
    graph.write_bytes(lookup_graph(inputs))
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    for path, value in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(value))
    return folder


def vectors_of(text: str) -> np.ndarray:
    """Return the token vectors of a text, shape (tokens, 4)."""
    return TABLE[[WORDS.index(word) if word in WORDS else 1 for word in text.split()]]


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def lookup_graph(inputs: Iterable[str]) -> bytes:
    """Return a model: ``last_hidden_state = Gather(table, input_ids)``; every other input is accepted and unused."""
    table = _number(1, TABLE.shape[0]) + _number(1, TABLE.shape[1]) + _number(2, FLOAT) + _text(8, "table")
    node = _text(1, "table") + _text(1, "input_ids") + _text(2, "last_hidden_state") + _text(4, "Gather")
    graph = _bytes(1, node) + _text(2, "tiny") + _bytes(5, table + _bytes(9, TABLE.tobytes()))
    graph += b"".join(_bytes(11, _value(name, INT64, ("batch", "sequence"))) for name in inputs)
    graph += _bytes(12, _value("last_hidden_state", FLOAT, ("batch", "sequence", 4)))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, 17))


def _value(name: str, kind: int, shape: Iterable[str | int]) -> bytes:
    dims = b"".join(_bytes(1, _text(2, d) if isinstance(d, str) else _number(1, d)) for d in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
