"""How the store writes a file into a row, and what the file uses into a few bytes; and reads them again. Pure."""

import zlib
from typing import Any

import numpy as np

from cognate.index.entries import FileEntry
from cognate.types import FileStamp, References

USES_COMPRESSION = 6  # Level of zlib: names repeat, so that a third is left.
DIGEST_BYTES = 16


def row_of(entry: FileEntry, generation: int) -> tuple[Any, ...]:
    """Return the row of a file that was read in a generation, its columns in the table's order."""
    ids = np.array(entry.ids, "<i8").tobytes()
    about = (entry.path, entry.stamp.size, entry.stamp.mtime_ns, entry.language, entry.rule, generation)
    return (*about, ids, b"".join(entry.digests), "\n".join(entry.outlines))


def entry_of(row: tuple[Any, ...]) -> FileEntry:
    """Return the file that a row is of, which comes without its generation.

    Raises:
        ValueError: when it cannot be read.
    """
    path, size, mtime_ns, language, rule, ids, digests, outlines = row
    try:
        numbers = tuple(np.frombuffer(ids, "<i8").tolist())
        keys = tuple(digests[i : i + DIGEST_BYTES] for i in range(0, len(digests), DIGEST_BYTES))
        lines = tuple(outlines.split("\n")) if outlines else ()
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"the row of {path} cannot be read: {error}") from error
    if not len(numbers) == len(keys) == len(lines):
        raise ValueError(f"the row of {path} names {len(numbers)} chunks and has {len(lines)}")
    return FileEntry(path, FileStamp(size, mtime_ns), language, rule, numbers, keys, lines)


def packed_uses(references: References) -> bytes:
    """Pack what a file uses: its family, its imports, then each owner with its names, a line each."""
    lines = [references.family, "\t".join(references.imports)]
    lines += (f"{owner}\t{names}" for owner, names in references.uses)
    return zlib.compress("\n".join(lines).encode("utf-8", "surrogatepass"), USES_COMPRESSION)


def uses_of(data: bytes) -> References:
    """Return what a file uses, unpacked.

    Raises:
        ValueError: when it cannot be read.
    """
    try:
        family, imports, *uses = zlib.decompress(data).decode("utf-8", "surrogatepass").split("\n")
    except (ValueError, TypeError, zlib.error) as error:
        raise ValueError(f"what a file uses cannot be read: {error}") from error
    owners = ((owner, names) for owner, _, names in (line.rpartition("\t") for line in uses))
    return References(family, tuple(imports.split("\t")) if imports else (), tuple(owners))
