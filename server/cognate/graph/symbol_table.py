"""The definitions of a graph's files, numbered file by file. Immutable; any thread."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SymbolKey = tuple[str, str]
"""A file, and a definition's name with its containers; an empty name stands for the code outside all definitions."""


@dataclass(frozen=True, slots=True, eq=False)
class SymbolTable:
    """Names without their paths: a pair for each of 100,000 definitions would take 15 MB.

    Attributes:
        first: number of the first definition of each file, and of the one past the last; shape (files + 1,).
        names: by number; those of a file are in order.
    """

    first: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    names: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.names)

    def of(self, file: int) -> range:
        """Return the numbers of a file's definitions."""
        return range(int(self.first[file]), int(self.first[file + 1]))

    def numbers(self, file: int, wanted: Sequence[str]) -> list[int]:
        """Return the numbers of those of a file's definitions that have one of the names."""
        own = self.of(file)
        start, stop = own.start, own.stop
        found: list[int] = []
        for name in wanted:
            number = bisect_left(self.names, name, start, stop)
            if number < stop and self.names[number] == name:
                found.append(number)
        return found

    def keys(self, paths: Sequence[str]) -> Iterator[SymbolKey]:
        """Yield all definitions by number, each with the path of its file, given those of all files."""
        for file, path in enumerate(paths):
            for number in self.of(file):
                yield path, self.names[number]
