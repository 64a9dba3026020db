"""Owns what a cross-encoder reads of a chunk: ``passage_text``, and of a query: ``question_text``.

Pure functions on any thread.

Unlike the text of a vector (``text``), which names each word once, this keeps the order and the repeats, because a
cross-encoder reads. It leaves out what takes room and says nothing: brackets, operators, indentation.
"""

from itertools import chain

from cognate.types import Chunk
from cognate.words import words

MAX_WORDS = 128
"""A word is a token or more, so nothing is cut here that ``cross_encoder.MAX_TOKENS`` leaves room for."""


def passage_text(path: str, chunk: Chunk) -> str:
    """Return what a cross-encoder is given for a chunk.

    Args:
        path: relative to the workspace folder, with ``/``.
        chunk: the chunk; its text, container and symbols are read.

    Returns:
        A line with the words of the file's name, of the enclosing definitions and of the first definition inside; then
        the words of the code and its comments, in order, names split at case and ``_``, lower-case.
    """
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    name = chunk.symbols[0].name if chunk.symbols else ""
    header = dict.fromkeys(chain(words(stem), words(chunk.container), words(name)))
    body = [word for word, _ in zip(words(chunk.text), range(MAX_WORDS), strict=False)]
    return f"{' '.join(header)}\n{' '.join(body)}".strip()


def question_text(query: str) -> str:
    """Return what a cross-encoder is given for a query without its filters: its words, as those of a passage."""
    return " ".join(words(query))
