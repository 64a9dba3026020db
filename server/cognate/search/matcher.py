"""Which of a query's words other words match, as bits. Pure; one object a query."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from cognate.words import root, split_identifier, stem

PREFIX_CHARACTERS = 4
"""From this length on, a word also matches one that begins with it: "auth", "authentication"."""


class Matcher:
    """Which of the query's words other words match, as bits, so that each distinct word is compared once a query.

    Words match when they are the same, or when one of PREFIX_CHARACTERS or more begins the other.

    Attributes:
        shares: the root of each of the query's words, by which a text holds it, with the word's share by idf.
    """

    def __init__(self, words: Sequence[str], idf: Mapping[str, float]) -> None:
        self._idf = [idf.get(word, 1.0) for word in words]
        self._total = sum(self._idf) or 1.0
        self._exact = {word: 1 << i for i, word in enumerate(words)}
        self._lengths = sorted({len(word) for word in words if len(word) >= PREFIX_CHARACTERS})
        self._beginnings: dict[str, int] = {}
        for word, bit in self._exact.items():
            for length in range(PREFIX_CHARACTERS, len(word)):
                self._beginnings[word[:length]] = self._beginnings.get(word[:length], 0) | bit
        roots = list(map(root, words))
        self.shares = [(start, idf / self._total) for start, idf in zip(roots, self._idf, strict=True)]
        self._starts = tuple(dict.fromkeys(start[: PREFIX_CHARACTERS - 1] for start in roots))
        """A name that matches a word has one of these, and most names have none."""
        self._bits: dict[str, int] = {}
        self._named: dict[str, int] = {}
        self._weights: dict[int, float] = {0: 0.0}

    def bits(self, word: str) -> int:
        """Return the set of the query's words that a word matches."""
        known = self._bits.get(word)
        if known is None:
            known = self._exact.get(word, 0) | self._beginnings.get(word, 0)
            for length in self._lengths:
                if length >= len(word):
                    break
                known |= self._exact.get(word[:length], 0)
            self._bits[word] = known
        return known

    def union(self, words: Sequence[str]) -> tuple[int, float]:
        """Return the set of the query's words that any of the words matches, and the share of the words that do."""
        together = matching = 0
        for word in words:
            bits = self.bits(word)
            if bits:
                together |= bits
                matching += 1
        return together, matching / len(words) if matching else 0.0

    def named(self, name: str) -> int:
        """Return the set of the query's words that a name has, a qualified one all of its parts'."""
        known = self._named.get(name)
        if known is None:
            lowered = name.lower()
            can_match = any(start in lowered for start in self._starts)
            known = self._named[name] = self.union(_name_stems(name))[0] if can_match else 0
        return known

    def weight(self, bits: int) -> float:
        """Return the idf-weighted share of a set of the query's words."""
        known = self._weights.get(bits)
        if known is None:
            known = sum(weight for i, weight in enumerate(self._idf) if bits >> i & 1) / self._total
            self._weights[bits] = known
        return known


@lru_cache(maxsize=1 << 14)
def _name_stems(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem(part) for piece in name.split(".") for part in split_identifier(piece)))
