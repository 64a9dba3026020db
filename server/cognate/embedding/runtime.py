"""Owns the native side of every model: tokenizer.json and ONNX graph. Alone knows onnxruntime and tokenizers.

Loading runs on whichever thread needs the model; what is loaded may be used from any thread, also at the same time.
Every session runs on its caller's thread alone and never spins: measured on two cores, batches side by side on single
threads give 344 chunks/s against 301 for one batch on two threads. Never touches the network, and never holds the GIL
or a lock while a graph runs.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.embedding.model_files import ModelFiles
from cognate.errors import ModelError

KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})

UNWANTED_FUSIONS = ["BiasGeluFusion"]
"""Optimizers of onnxruntime that are switched off. A bias and GELU one after the other give the same numbers in three
quarters of the time of the fused kernel, which saves 3 % of a batch."""

WORD_MARKS = ("", "\u0120", "\u2581")
"""WordPiece has none; byte-level BPE and SentencePiece put these before a word."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a model reads of one text or one pair.

    Attributes:
        ids: numbers of the tokens.
        types: 0 for tokens of the first text, 1 for those of the second.
    """

    ids: Sequence[int]
    types: Sequence[int]


class TextTokenizer:
    """A tokenizer that cuts at a limit and never pads.

    Args:
        files: the model.
        max_tokens: where input is cut; of a pair, its longer text.

    Raises:
        ModelError: when the tokenizer cannot be read.
    """

    def __init__(self, files: ModelFiles, max_tokens: int) -> None:
        # Its own pool takes every core and would outrun `threads`.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from tokenizers import Tokenizer  # noqa: PLC0415 - heavy, and only needed once a model is loaded

            tokenizer: Any = Tokenizer.from_file(str(files.tokenizer))
            padding: Any = tokenizer.padding or {}
            pad_token = files.pad_token or padding.get("pad_token") or "[PAD]"
            self.pad_id = int(tokenizer.token_to_id(pad_token) or 0)
            tokenizer.no_padding()
            tokenizer.enable_truncation(max_length=max_tokens, strategy="longest_first")
        except Exception as error:  # The tokenizers library raises bare Exception.
            raise ModelError(
                f"Cannot read the tokenizer {files.tokenizer}: {first_line(error)}. "
                "Install Cognate or export the model again."
            ) from error
        self._tokenizer = tokenizer

    def knows(self, word: str) -> bool:
        """Whether a word is one token: as it stands, or as tokenizers of other kinds mark the beginning of a word."""
        return any(self._tokenizer.token_to_id(mark + word) is not None for mark in WORD_MARKS)

    def texts(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text."""
        return self._tokens([_clean(text) for text in texts])

    def pairs(self, first: str, seconds: Sequence[str]) -> list[Tokens]:
        """Return the tokens of a text with each of others."""
        clean = _clean(first)
        return self._tokens([(clean, _clean(second)) for second in seconds])

    def _tokens(self, batch: Sequence[str | tuple[str, str]]) -> list[Tokens]:
        return [Tokens(encoding.ids, encoding.type_ids) for encoding in self._tokenizer.encode_batch_fast(batch)]


class Graph:
    """An ONNX graph over tokens.

    Args:
        files: the model.
        preferred: the output that is wanted; the first one where there is none of this name.

    Raises:
        ModelError: when the graph cannot be read, or wants other inputs than a text model does.
    """

    def __init__(self, files: ModelFiles, preferred: str) -> None:
        self._files = files
        self._session = _load_session(files)
        self._inputs = frozenset(str(i.name) for i in self._session.get_inputs())
        unknown = self._inputs - KNOWN_INPUTS
        if unknown:
            raise ModelError(
                f"{files.onnx} wants unknown inputs ({', '.join(sorted(unknown))}); it is not a text encoder."
            )
        outputs = [str(o.name) for o in self._session.get_outputs()]
        self._output = preferred if preferred in outputs else outputs[0]

    def run(
        self, batch: Sequence[Tokens], pad_id: int, *, shrink: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the output for one batch, padded to its longest row, and its attention mask, (batch, tokens).

        Args:
            batch: what to read.
            pad_id: the token that fills up shorter rows.
            shrink: let the session's arena release what no run uses afterwards; otherwise it keeps the size that the
                largest batch needed.

        Raises:
            ModelError: when the graph fails on its input.
        """
        width = max((len(tokens.ids) for tokens in batch), default=0) or 1
        input_ids = np.full((len(batch), width), pad_id, dtype=np.int64)
        token_types = np.zeros((len(batch), width), dtype=np.int64)
        attention_mask = np.zeros((len(batch), width), dtype=np.int64)
        for row, tokens in enumerate(batch):
            length = len(tokens.ids)
            input_ids[row, :length], token_types[row, :length], attention_mask[row, :length] = (
                tokens.ids,
                tokens.types,
                1,
            )
        feed = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_types}
        feed = {name: array for name, array in feed.items() if name in self._inputs}
        try:
            output = self._session.run([self._output], feed, _shrinking() if shrink else None)[0]
        except Exception as error:  # onnxruntime's errors share no base but Exception.
            raise ModelError(f"The model {self._files.name} failed: {first_line(error)}. Try another one.") from error
        return np.asarray(output, dtype=np.float32), attention_mask


class Batches:
    """Runs batches side by side on a pool of threads, or on the caller's alone where one thread is allowed.

    Args:
        threads: at most this many batches run at the same time.
        name: of the threads.
    """

    def __init__(self, threads: int, name: str) -> None:
        self.threads = max(1, threads)
        self._pool = ThreadPoolExecutor(self.threads, name) if self.threads > 1 else None

    def run(self, work: Callable[[int], None], starts: Sequence[int]) -> None:
        """Run the work for every start; on the first failure cancel the rest, wait for what runs, and raise."""
        if self._pool is None or len(starts) <= 1:
            for start in starts:
                work(start)
            return
        futures = [self._pool.submit(work, start) for start in starts]
        try:
            for future in futures:
                future.result()
        except BaseException:
            for future in futures:
                future.cancel()
            wait(futures)
            raise

    def of_similar_length(
        self, tokens: Sequence[Tokens], size: int, work: Callable[[Sequence[int]], None], cancel: CancelToken | None
    ) -> None:
        """Run the work for batches of rows whose texts have about the same length, so that little of them is padding.

        Args:
            tokens: of each text; the longest begin.
            size: rows a batch.
            work: takes the rows of one.
            cancel: stops before the next batch.

        Raises:
            CancelledError: when the token was cancelled.
        """
        order = sorted(range(len(tokens)), key=lambda row: -len(tokens[row].ids))

        def run_batch(start: int) -> None:
            if cancel is not None:
                cancel.check()
            work(order[start : start + size])

        self.run(run_batch, range(0, len(tokens), size))

    def close(self) -> None:
        """End the pool's threads; batches under way still finish."""
        if self._pool is not None:
            self._pool.shutdown(wait=True)


def first_line(error: Exception) -> str:
    """Return the beginning of what a native library says, fit to stand in a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")


def _clean(text: str) -> str:
    """Replace lone surrogates (a file that is not quite UTF-8), which cannot cross into the tokenizer."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _shrinking() -> Any:
    """Return options of a run after which the arena releases what it can."""
    import onnxruntime  # noqa: PLC0415 - loaded with the session

    options: Any = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def _load_session(files: ModelFiles) -> Any:
    try:
        import onnxruntime  # noqa: PLC0415 - heavy, and only needed once a model is loaded

        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            str(files.onnx), options, providers=["CPUExecutionProvider"], disabled_optimizers=UNWANTED_FUSIONS
        )
    except Exception as error:  # onnxruntime's errors share no base but Exception.
        raise ModelError(
            f"Cannot load the model {files.onnx}: {first_line(error)}. Install Cognate or export the model again."
        ) from error
