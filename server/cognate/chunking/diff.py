"""What changed between the old and the new chunks of a file. Pure; compares content, never line numbers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cognate.types import Chunk


@dataclass(frozen=True, slots=True)
class ChunkDiff:
    """Positions in the two lists.

    Attributes:
        added: new chunks that no old chunk equals.
        removed: old chunks that are gone.
        kept: pairs (old, new) of equal content; their lines may have moved.
    """

    added: tuple[int, ...]
    removed: tuple[int, ...]
    kept: tuple[tuple[int, int], ...]


def diff_chunks(old: Sequence[Chunk], new: Sequence[Chunk]) -> ChunkDiff:
    """Pair equal chunks, in order where several are equal.

    Chunks are equal when their text, container and symbols' names, kinds and containers are: then they mean the same
    to the encoder and to the ranking, wherever they stand.
    """
    positions_of: defaultdict[object, list[int]] = defaultdict(list)
    for position in range(len(old) - 1, -1, -1):
        positions_of[_content(old[position])].append(position)
    added: list[int] = []
    kept: list[tuple[int, int]] = []
    for position, chunk in enumerate(new):
        candidates = positions_of.get(_content(chunk))
        if candidates:
            kept.append((candidates.pop(), position))
        else:
            added.append(position)
    removed = sorted(position for positions in positions_of.values() for position in positions)
    return ChunkDiff(tuple(added), tuple(removed), tuple(kept))


def _content(chunk: Chunk) -> object:
    symbols = tuple((symbol.name, symbol.kind, symbol.container) for symbol in chunk.symbols)
    return chunk.text, chunk.container, symbols
