"""Owns the one real encoder: text in, unit vectors out.

``encode_query`` runs on its caller's thread. ``encode`` spreads its batches over a pool of at most ``threads`` threads
(its caller's alone when that is one). Both use the same session, so a query beside a bulk encode waits for nobody
(1.2 ms alone, 1.3 ms at the median beside two busy threads).
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix, Vector
from cognate.cancellation import CancelToken
from cognate.embedding.model_files import ModelFiles, resolve_model
from cognate.embedding.runtime import Batches, Graph, TextTokenizer, Tokens
from cognate.embedding.text import TEXT_VERSION
from cognate.errors import ModelError

MAX_TOKENS = 64
"""Longer input is cut. 64 tokens of header and distinct words rank within 0.002 NDCG@10 of 128, at twice the speed."""

BATCH_SIZE = 8
"""Texts a run. Larger ones leave the cache, and more of them is padding: of one core's time a text of 64 tokens takes
4.3 ms at 8, 4.5 ms at 16, 5.1 ms at 32; one of 30 tokens 2.1 ms at all three, and 2.4 ms at 4."""

PROBE = "dimensions"  # A short text that every model has read when it was loaded.

SLAB_SIZE = 1024
"""Texts tokenized at once, so that a large request neither holds all its tokens nor answers a cancel late."""


def load_encoder(setting: str = "", *, threads: int = 1, max_tokens: int = MAX_TOKENS) -> "OnnxEncoder":
    """Return an encoder for the model that a setting names (see ``resolve_model``).

    Raises:
        ModelError: when the model cannot be found, read or run.
    """
    return OnnxEncoder(resolve_model(setting), threads=threads, max_tokens=max_tokens)


class OnnxEncoder:
    """An ``Encoder`` over a folder with an ONNX export.

    Args:
        files: the model.
        threads: at most this many document batches run side by side.
        max_tokens: where input is cut, unless the model takes even less.

    Raises:
        ModelError: when the graph or the tokenizer cannot be read, or give vectors of another length than model.json
            promises.
    """

    def __init__(self, files: ModelFiles, *, threads: int = 1, max_tokens: int = MAX_TOKENS) -> None:
        self.files = files
        if files.is_cross_encoder:
            raise ModelError(f"The model in {files.onnx.parent} scores pairs. Set it as `reranker` instead.")
        self._max_tokens = min(max_tokens, files.max_length)
        self._tokenizer = TextTokenizer(files, self._max_tokens)
        self._graph = Graph(files, "sentence_embedding")
        self._batches = Batches(threads, "cognate-embed")
        self._dimensions = int(self.encode_query(PROBE).shape[0])
        if files.dimensions is not None and files.dimensions != self._dimensions:
            raise ModelError(
                f"{files.onnx} gives {self._dimensions} dimensions, but its model.json says {files.dimensions}. "
                "Export the model again."
            )
        self._fingerprint = _fingerprint(files, self._max_tokens)

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._dimensions

    @property
    def name(self) -> str:
        """The model's name, for people."""
        return self.files.name

    @property
    def fingerprint(self) -> str:
        """32 hex digits over graph, tokenizer, pooling, prompts, token limit and the version of the embedding text."""
        return self._fingerprint

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        """Return one vector a document text; see ``Encoder.encode``."""
        result = np.empty((len(texts), self._dimensions), dtype=np.float32)
        for start in range(0, len(texts), SLAB_SIZE):
            slab = texts[start : start + SLAB_SIZE]
            if cancel is not None:
                cancel.check()
            self._encode_slab(self._tokenize(slab, self.files.document_prompt), result[start:], cancel)
        return result

    def give_memory_back(self) -> None:
        """As ``Encoder.give_memory_back``."""
        self._graph.run(self._tokenize([PROBE], self.files.query_prompt), self._tokenizer.pad_id, shrink=True)

    def knows(self, word: str) -> bool:
        """As ``Encoder.knows``."""
        return self._tokenizer.knows(word)

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a query; see ``Encoder.encode_query``."""
        return self._run(self._tokenize([text], self.files.query_prompt))[0]

    def tokens(self, text: str) -> Tokens:
        """Return the tokens the model would see of a document text, cut at the limit."""
        return self._tokenize([text], self.files.document_prompt)[0]

    def __enter__(self) -> "OnnxEncoder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the pool's threads; batches under way still finish."""
        self._batches.close()

    def _encode_slab(self, tokens: Sequence[Tokens], result: Matrix, cancel: CancelToken | None) -> None:
        """Encode in batches and write each row where its text stood."""

        def encode(rows: Sequence[int]) -> None:
            result[rows] = self._run([tokens[row] for row in rows])

        self._batches.of_similar_length(tokens, BATCH_SIZE, encode, cancel)

    def _tokenize(self, texts: Sequence[str], prompt: str) -> list[Tokens]:
        return self._tokenizer.texts([prompt + text for text in texts] if prompt else texts)

    def _run(self, tokens: Sequence[Tokens]) -> Matrix:
        """Return unit vectors for one batch; shape (len(tokens), dimensions)."""
        vectors, attention_mask = self._graph.run(tokens, self._tokenizer.pad_id)
        if vectors.ndim == 3:  # noqa: PLR2004 - (batch, tokens, dimensions)
            vectors = pool(vectors, attention_mask, self.files.pooling)
        if vectors.ndim != 2 or len(vectors) != len(tokens):  # noqa: PLR2004 - (batch, dimensions)
            raise ModelError(f"{self.files.onnx} gives output of shape {vectors.shape}; it is not a text encoder.")
        return unit_rows(vectors)


def pool(token_vectors: NDArray[np.float32], attention_mask: NDArray[np.int64], mode: str) -> NDArray[np.float32]:
    """Return one vector a text from its tokens' vectors, padding left out.

    Args:
        token_vectors: shape (batch, tokens, dimensions).
        attention_mask: shape (batch, tokens), 1 for tokens and 0 for padding.
        mode: ``mean``, ``cls`` (the first token) or ``max``.
    """
    if mode == "cls":
        return token_vectors[:, 0]
    mask = attention_mask[:, :, None].astype(np.float32)
    if mode == "max":
        return np.where(mask > 0, token_vectors, np.float32(-np.inf)).max(axis=1)
    return (token_vectors * mask).sum(axis=1) / np.maximum(mask.sum(axis=1), 1.0)


def unit_rows(vectors: NDArray[np.float32]) -> Matrix:
    """Return the rows scaled to unit length; a row of zeros stays."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))


def _fingerprint(files: ModelFiles, max_tokens: int) -> str:
    hasher = hashlib.blake2b(digest_size=16)
    for part in (files.digest, files.pooling, files.query_prompt, files.document_prompt, max_tokens, TEXT_VERSION):
        hasher.update(f"{part}\0".encode())
    hasher.update(files.tokenizer.read_bytes())
    return hasher.hexdigest()
