"""Owns the contract between whoever needs vectors and whatever computes them.

Nothing runs here. Never names a run-time library: tests and other rooms write small encoders of their own against this.
"""

from collections.abc import Sequence
from typing import Protocol

from cognate.cancellation import CancelToken
from cognate.types import Matrix, Vector


class Encoder(Protocol):
    """Turns text into unit vectors. Every member may be used from any thread, also at the same time."""

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    @property
    def name(self) -> str:
        """The model's name, for people."""
        ...

    @property
    def fingerprint(self) -> str:
        """A hex string that changes whenever the same text, or the same chunk, would get another vector."""
        ...

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        """Return one vector a document text, shape (len(texts), dimensions), float32, unit rows, in input order.

        Raises:
            CancelledError: when ``cancel`` was cancelled before the last batch began.
            ModelError: when the model fails on its input.
        """
        ...

    def give_memory_back(self) -> None:
        """Let go of memory that batches took and single texts do not need; the next batches take it again."""
        ...

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is so common that the model reads it as one piece: it is no slip."""
        ...

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a query, shape (dimensions,), float32, unit length; as soon as possible.

        Raises:
            ModelError: when the model fails on its input.
        """
        ...
