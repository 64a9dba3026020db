"""Whether a piece of code stands in an evaluation corpus as well, all of it or most: shingles, sampled by their hash.

Broder, "On the resemblance and containment of documents", 1997: the share of a text's shingles that another text has.
Pure but for ``of_corpora``, which reads files.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cognate.chunking import decode
from cognate.languages.registry import language_of
from cognate.words import identifiers

SHINGLE = 6
"""Identifiers in a row; two functions that share many such runs have a common origin."""

KEPT = 4
"""One shingle in this many is kept, the same ones in every text."""

MIN_SHINGLES = 3
"""A text with fewer kept shingles is too short to tell."""

TOO_LIKE = 0.3
"""Share of kept shingles from which a text counts as a near-duplicate."""

MAX_BYTES = 1_000_000


def sketch(text: str) -> tuple[int, ...]:
    """Return the kept shingles of a text, as 32-bit hashes, each once."""
    names = [name.lower() for name in identifiers(text)]
    hashes = (zlib.crc32(" ".join(names[i : i + SHINGLE]).encode()) for i in range(len(names) - SHINGLE + 1))
    return tuple(dict.fromkeys(value for value in hashes if value % KEPT == 0))


@dataclass(frozen=True, slots=True)
class Known:
    """The kept shingles of a set of texts, sorted."""

    hashes: NDArray[np.uint32]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Known":
        """Read texts."""
        found: set[int] = set()
        for text in texts:
            found.update(sketch(text))
        return cls(np.array(sorted(found), np.uint32))

    @classmethod
    def of_corpora(cls, folders: Sequence[Path], cache: Path) -> "Known":
        """Read all code and prose of folders, or what an earlier call kept in ``cache``."""
        if not cache.exists():
            np.save(cache, cls.of(_texts(folders)).hashes)
        return cls(np.load(cache, allow_pickle=False))

    def share(self, sketch_of_text: Sequence[int]) -> float:
        """Return the share of a text's kept shingles that are known; 0 where there are too few to tell."""
        if len(sketch_of_text) < MIN_SHINGLES or not len(self.hashes):
            return 0.0
        wanted = np.array(sketch_of_text, np.uint32)
        places = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return float((self.hashes[places] == wanted).mean())


def _texts(folders: Sequence[Path]) -> Iterable[str]:
    for folder in folders:
        for file in folder.rglob("*"):
            if language_of(file.name) and not file.is_symlink() and file.is_file() and file.stat().st_size < MAX_BYTES:
                yield decode(file.read_bytes()) or ""
