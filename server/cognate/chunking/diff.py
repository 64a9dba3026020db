"""What changed between the old and the new chunks of a file. Pure; compares content, never line numbers."""

from collections import defaultdict
from collections.abc import Sequence

from cognate.types import Chunk


def kept_chunks(old: Sequence[Chunk], new: Sequence[Chunk]) -> dict[int, int]:
    """Pair equal chunks, in order where several are equal; return the old position of each new one that was there.

    Chunks are equal when their text, container and symbols' names, kinds and containers are: then they mean the same
    to the encoder and to the ranking, wherever they stand.
    """
    positions_of: defaultdict[object, list[int]] = defaultdict(list)
    for position in range(len(old) - 1, -1, -1):
        positions_of[_content(old[position])].append(position)
    kept: dict[int, int] = {}
    for position, chunk in enumerate(new):
        if candidates := positions_of.get(_content(chunk)):
            kept[position] = candidates.pop()
    return kept


def _content(chunk: Chunk) -> object:
    symbols = tuple((symbol.name, symbol.kind, symbol.container) for symbol in chunk.symbols)
    return chunk.text, chunk.container, symbols
