"""Encodes the wordings of a question beside the search for their words. One thread for the whole process.

A text that the thread has not begun when its vector is needed is encoded by whoever needs it: on a busy machine nobody
waits for a thread that does not run.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from cognate.arrays import Vector
from cognate.embedding.encoder import Encoder

_BESIDE = ThreadPoolExecutor(1, "cognate-query")


class Ahead:
    """The vectors of some queries, begun when it is made."""

    def __init__(self, encoder: Encoder, texts: Sequence[str]) -> None:
        self._encoder = encoder
        self._begun = [(text, _BESIDE.submit(encoder.encode_query, text)) for text in texts]

    def vectors(self) -> list[Vector]:
        """Return a vector for each text, in order.

        Raises:
            ModelError: when the model fails on its input.
        """
        own = {text: self._encoder.encode_query(text) for text, future in reversed(self._begun) if future.cancel()}
        return [own[text] if text in own else future.result() for text, future in self._begun]
