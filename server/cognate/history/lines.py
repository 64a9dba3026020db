"""What a line of code is, however it is indented: eight bytes. Pure."""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

LEAST_LETTERS = 8
"""Letters or digits that a line must have: a bracket or ``return None`` says nothing about where it comes from."""

LONG = 25
"""Characters, blanks left out, from which on a line that only one commit wrote is known by itself, in any file."""

MOST_BYTES = 400
"""Of a line that count."""

Digests = NDArray[np.uint64]
"""Digests of lines. The lowest bit says that a line is a long one."""

NO_DIGESTS: Digests = np.empty(0, np.uint64)

_OTHERS = bytes(code for code in range(128) if not chr(code).isalnum())
_LONG_BIT = 1


def digest_of(line: bytes) -> int | None:
    """Return the digest of a line of UTF-8; None for one that says too little."""
    squeezed = b"".join(line.split())[:MOST_BYTES]
    if len(squeezed.translate(None, _OTHERS)) < LEAST_LETTERS:
        return None
    value = int.from_bytes(blake2b(squeezed, digest_size=8).digest(), "little")
    return value | _LONG_BIT if len(squeezed) >= LONG else value & ~_LONG_BIT


@lru_cache(maxsize=4096)
def digests_of(text: str) -> Digests:
    """Return the digest of each line of a text, 0 for those that say too little; of the texts asked last at once."""
    lines = [digest_of(line.encode("utf-8", "surrogatepass")) or 0 for line in text.split("\n")]
    return np.array(lines, np.uint64)


def sorted_digests(values: Iterable[int]) -> Digests:
    """Return distinct digests in order."""
    return np.unique(np.fromiter(values, np.uint64))


def long_ones(digests: Digests) -> Digests:
    """Return those of long lines."""
    return digests[(digests & np.uint64(_LONG_BIT)).astype(bool)]
