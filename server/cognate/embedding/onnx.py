"""Owns the one real encoder: tokenizer and ONNX graph in, unit vectors out. The only file that knows onnxruntime.

``encode_query`` runs on its caller's thread. ``encode`` spreads its batches over a pool of at most ``threads`` threads
(its caller's alone when that is one). Both use the same session with one thread per run: measured on two cores,
batches side by side on single threads give 344 chunks/s against 301 for one batch on two threads, no thread ever
spins, and a query beside a bulk encode waits for nobody (1.2 ms alone, 1.3 ms at the median beside two busy threads).
Never touches the network, and never holds the GIL or a lock while the graph runs.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.embedding.model_files import ModelFiles, read_model_folder, resolve_model
from cognate.embedding.text import TEXT_VERSION
from cognate.errors import ModelError
from cognate.types import Matrix, Vector

MAX_TOKENS = 64
"""Longer input is cut. 64 tokens of header and distinct words rank within 0.002 NDCG@10 of 128, at twice the speed."""

BATCH_SIZE = 16
"""Texts a run. Larger ones leave the cache: 338 chunks/s at 16, 297 at 32, 283 at 64."""

MIN_BATCH_SIZE = 4
"""Few texts are still spread over the threads, in batches no smaller than this."""

SLAB_SIZE = 1024
"""Texts tokenized at once, so that a large request neither holds all its tokens nor answers a cancel late."""

_Tokens = Sequence[Sequence[int]]


def load_encoder(setting: str = "", *, threads: int = 1, max_tokens: int = MAX_TOKENS) -> "OnnxEncoder":
    """Return an encoder for the model that a setting names (see ``resolve_model``).

    Raises:
        ModelError: when the model cannot be found, read or run.
    """
    return OnnxEncoder(resolve_model(setting), threads=threads, max_tokens=max_tokens)


def load_folder(folder: Path, *, threads: int = 1, max_tokens: int = MAX_TOKENS) -> "OnnxEncoder":
    """Return an encoder for a folder with an ONNX export.

    Raises:
        ModelError: when the model cannot be read or run.
    """
    return OnnxEncoder(read_model_folder(folder), threads=threads, max_tokens=max_tokens)


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
        self._threads = max(1, threads)
        self._max_tokens = min(max_tokens, files.max_length)
        self._tokenizer, self._pad_id = _load_tokenizer(files, self._max_tokens)
        self._session = _load_session(files)
        self._inputs = frozenset(str(i.name) for i in self._session.get_inputs())
        unknown = self._inputs - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown:
            raise ModelError(
                f"{files.onnx} wants unknown inputs ({', '.join(sorted(unknown))}); it is no text encoder."
            )
        outputs = [str(o.name) for o in self._session.get_outputs()]
        self._output = "sentence_embedding" if "sentence_embedding" in outputs else outputs[0]
        self._pool = ThreadPoolExecutor(self._threads, "cognate-embed") if self._threads > 1 else None
        self._dimensions = int(self.encode_query("dimensions").shape[0])
        if files.dimensions is not None and files.dimensions != self._dimensions:
            raise ModelError(
                f"{files.onnx} gives {self._dimensions} dimensions, but its model.json says {files.dimensions}. "
                "Export the model again with `cognate model export`."
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

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a query; see ``Encoder.encode_query``."""
        return self._run(self._tokenize([text], self.files.query_prompt))[0]

    def token_ids(self, text: str) -> Sequence[int]:
        """Return the tokens the model would see of a document text, cut at the limit."""
        return self._tokenize([text], self.files.document_prompt)[0]

    def __enter__(self) -> "OnnxEncoder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the pool's threads; batches under way still finish."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)

    def _encode_slab(self, tokens: _Tokens, result: Matrix, cancel: CancelToken | None) -> None:
        """Encode in batches of similar length and write each row where its text stood."""
        lengths = np.array([len(ids) for ids in tokens])
        order = np.argsort(-lengths, kind="stable")
        size = max(MIN_BATCH_SIZE, min(BATCH_SIZE, -(-len(tokens) // self._threads)))

        def encode_batch(start: int) -> None:
            if cancel is not None:
                cancel.check()
            rows = order[start : start + size]
            result[rows] = self._run([tokens[row] for row in rows])

        starts = range(0, len(tokens), size)
        if self._pool is None or len(starts) <= 1:
            for start in starts:
                encode_batch(start)
        else:
            _run_all(self._pool, encode_batch, starts)

    def _tokenize(self, texts: Sequence[str], prompt: str) -> _Tokens:
        if prompt:
            texts = [prompt + text for text in texts]
        # A lone surrogate (a file that is not quite UTF-8) cannot cross into the tokenizer.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(clean)]

    def _run(self, tokens: _Tokens) -> Matrix:
        """Return unit vectors for one batch, padded to its longest row; shape (len(tokens), dimensions)."""
        width = max((len(ids) for ids in tokens), default=0) or 1
        input_ids = np.full((len(tokens), width), self._pad_id, dtype=np.int64)
        attention_mask = np.zeros((len(tokens), width), dtype=np.int64)
        for row, ids in enumerate(tokens):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        feed = {"input_ids": input_ids, "attention_mask": attention_mask}
        if "token_type_ids" in self._inputs:
            feed["token_type_ids"] = np.zeros_like(input_ids)
        try:
            output = self._session.run([self._output], {k: v for k, v in feed.items() if k in self._inputs})[0]
        except Exception as error:  # onnxruntime's errors share no base but Exception.
            raise ModelError(f"The model {self.name} failed: {_first_line(error)}. Try another `model`.") from error
        vectors = np.asarray(output, dtype=np.float32)
        if vectors.ndim == 3:  # noqa: PLR2004 - (batch, tokens, dimensions)
            vectors = pool(vectors, attention_mask, self.files.pooling)
        if vectors.ndim != 2 or len(vectors) != len(tokens):  # noqa: PLR2004 - (batch, dimensions)
            raise ModelError(f"{self.files.onnx} gives output of shape {vectors.shape}; it is no text encoder.")
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


def _run_all(executor: ThreadPoolExecutor, work: Callable[[int], None], items: Sequence[int]) -> None:
    """Run the work on every item; on the first failure drop what has not begun, wait for the rest, and raise it."""
    futures = [executor.submit(work, item) for item in items]
    try:
        for future in futures:
            future.result()
    except BaseException:
        for future in futures:
            future.cancel()
        for future in futures:
            if not future.cancelled():
                future.exception()
        raise


def _load_tokenizer(files: ModelFiles, max_tokens: int) -> tuple[Any, int]:
    os.environ.setdefault(
        "TOKENIZERS_PARALLELISM", "false"
    )  # Its own pool takes every core and would outrun `threads`.
    try:
        from tokenizers import Tokenizer  # noqa: PLC0415 - heavy, and only needed once a model is loaded

        tokenizer: Any = Tokenizer.from_file(str(files.tokenizer))
        padding: Any = tokenizer.padding or {}
        pad_token = files.pad_token or padding.get("pad_token") or "[PAD]"
        pad_id = tokenizer.token_to_id(pad_token)
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=max_tokens)
    except Exception as error:  # The tokenizers library raises bare Exception.
        raise ModelError(
            f"Cannot read the tokenizer {files.tokenizer}: {_first_line(error)}. "
            "Install Cognate or export the model again."
        ) from error
    return tokenizer, int(pad_id or 0)


def _load_session(files: ModelFiles) -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - heavy, and only needed once a model is loaded

        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(str(files.onnx), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base but Exception.
        raise ModelError(
            f"Cannot load the model {files.onnx}: {_first_line(error)}. Install Cognate or export the model again."
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _fingerprint(files: ModelFiles, max_tokens: int) -> str:
    hasher = hashlib.blake2b(digest_size=16)
    for part in (files.digest, files.pooling, files.query_prompt, files.document_prompt, max_tokens, TEXT_VERSION):
        hasher.update(f"{part}\0".encode())
    hasher.update(files.tokenizer.read_bytes())
    return hasher.hexdigest()
