"""Owns the cross-encoder: a query and a text read together, one number out.

``score`` runs on its caller's thread and a pool of at most ``threads`` threads, and stops between batches when it is
cancelled. Knows no chunk, no index and no order.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cognate.cancellation import CancelToken
from cognate.embedding.model_files import ModelFiles, resolve_model
from cognate.embedding.runtime import Batches, Graph, TextTokenizer, Tokens
from cognate.errors import ModelError

MAX_TOKENS = 128
"""Tokens of a query and a text together; the longer one is cut. The time of a search grows with this limit."""

BATCH_SIZE = 5
"""Pairs a run: a quarter of the twenty, so that two threads finish together and a cancelled search soon stops."""

_TRIAL = "word " * MAX_TOKENS


class PairScorer(Protocol):
    """Says how well texts answer a query. It may be used from any thread, also at the same time."""

    def score(self, query: str, texts: Sequence[str], *, cancel: CancelToken | None = None) -> NDArray[np.float32]:
        """Return one number a text, the higher the better, in input order; log-odds, shape (len(texts),).

        Raises:
            CancelledError: when ``cancel`` was cancelled before the last batch began.
            ModelError: when the model fails on its input.
        """
        ...


def load_cross_encoder(setting: str, *, threads: int = 1) -> "CrossEncoder":
    """Return the cross-encoder that the setting ``reranker`` names.

    Raises:
        ModelError: when it cannot be found, read or run, or is not a cross-encoder.
    """
    return CrossEncoder(resolve_model(setting, name_of_setting="reranker"), threads=threads)


class CrossEncoder:
    """A ``PairScorer`` over a folder with the ONNX export of a cross-encoder.

    Args:
        files: the model.
        threads: at most this many batches run side by side.
        max_tokens: where a pair is cut, unless the model takes even less.

    Raises:
        ModelError: when the graph or the tokenizer cannot be read, fails, or does not give one number a pair.
    """

    def __init__(self, files: ModelFiles, *, threads: int = 1, max_tokens: int = MAX_TOKENS) -> None:
        self.files = files
        self._tokenizer = TextTokenizer(files, min(max_tokens, files.max_length))
        self._graph = Graph(files, "logits")
        self._batches = Batches(threads, "cognate-rerank")
        self._run(self._tokenizer.pairs(_TRIAL, [_TRIAL]))  # A graph that fails does so now, at its full length.

    def score(self, query: str, texts: Sequence[str], *, cancel: CancelToken | None = None) -> NDArray[np.float32]:
        """Return one number a text; see ``PairScorer.score``."""
        tokens = self.tokens(query, texts)
        scores = np.empty(len(tokens), dtype=np.float32)

        def score(rows: Sequence[int]) -> None:
            scores[rows] = self._run([tokens[row] for row in rows])

        self._batches.of_similar_length(tokens, BATCH_SIZE, score, cancel)
        return scores

    def tokens(self, query: str, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens the model would see of a query with each text, cut at the limit."""
        return self._tokenizer.pairs(query, texts)

    def _run(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        logits, _ = self._graph.run(tokens, self._tokenizer.pad_id)
        if logits.shape not in ((len(tokens), 1), (len(tokens),)):
            raise ModelError(
                f"{self.files.onnx} gives output of shape {logits.shape} for {len(tokens)} pairs, not one number a "
                "pair: it is not a cross-encoder that ranks."
            )
        if not np.isfinite(logits).all():
            raise ModelError(f"{self.files.onnx} returns NaN or infinity. Export the model again.")
        return logits.reshape(len(tokens))
