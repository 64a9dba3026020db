"""Owns the interface between callers that need vectors and the model that computes them.

Nothing runs here. Never names a run-time library, so tests and other rooms can implement small encoders.
"""

from collections.abc import Sequence
from typing import Protocol

from cognate.arrays import Matrix, Vector
from cognate.cancellation import CancelToken


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
        """Release the memory that batches needed and single texts do not; the next batches allocate it again."""
        ...

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is one token of the model: it is common, and not a typo."""
        ...

    def encode_query(self, text: str) -> Vector:
        """Return the vector of a query, shape (dimensions,), float32, unit length; as soon as possible.

        Raises:
            ModelError: when the model fails on its input.
        """
        ...
