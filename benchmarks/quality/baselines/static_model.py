"""Makes a static embedding model from the shipped one, in model2vec's folder layout, without torch.

The recipe is model2vec's: encode each word of the vocabulary alone, keep 256 principal components, weigh each word by
its rank, the vocabulary being ordered by frequency (SIF: Arora, Liang and Ma, 2017; Zipf's law for the frequencies).
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from cognate.embedding.model_files import resolve_model

DIMENSIONS = 256
SIF_COEFFICIENT = 1e-4
BATCH = 256


def make_static_model(folder: Path, words: int | None = None) -> None:
    """Write the model into a folder.

    Args:
        folder: made if it is not there.
        words: encode only this many words of the vocabulary, the others getting zeros; None encodes all.
    """
    from safetensors.numpy import save_file

    files = resolve_model("")
    tokenizer = Tokenizer.from_file(str(files.tokenizer))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    size = tokenizer.get_vocab_size()
    encoded = _encode_words(str(files.onnx), tokenizer, min(size, words or size))
    table = np.zeros((size, DIMENSIONS), np.float32)
    table[: len(encoded)] = _principal_components(encoded) * _rank_weights(size)[: len(encoded), None]
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    save_file({"embeddings": table}, folder / "model.safetensors")
    config = {"model_type": "model2vec", "architectures": ["StaticModel"], "normalize": True, "apply_pca": DIMENSIONS,
              "hidden_dim": DIMENSIONS, "sif_coefficient": SIF_COEFFICIENT, "seq_length": 1_000_000,
              "embedding_dtype": "float32"}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def _encode_words(onnx: str, tokenizer: Tokenizer, size: int) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    wanted = {node.name for node in session.get_inputs()}
    first, last = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    rows: list[NDArray[np.float32]] = []
    for start in range(0, size, BATCH):
        ids = np.array([[first, word, last] for word in range(start, min(start + BATCH, size))], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        rows.append(session.run(["sentence_embedding"], {k: v for k, v in feed.items() if k in wanted})[0])
    return np.concatenate(rows)


def _principal_components(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = rows - rows.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return centred @ vectors[:, ::-1][:, :DIMENSIONS]


def _rank_weights(size: int) -> NDArray[np.float32]:
    share = 1 / np.arange(2, size + 2)
    share /= share.sum()
    return (SIF_COEFFICIENT / (SIF_COEFFICIENT + share)).astype(np.float32)
