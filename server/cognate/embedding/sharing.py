"""Writes vectors into a folder that others mount: new shards beside those that are there, then the manifest.

A shard is never changed or removed, so a reader with the old manifest goes on. One writer at a time.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cognate.arrays import Matrix
from cognate.disk import write_whole
from cognate.embedding import signing
from cognate.embedding.encoder import Encoder
from cognate.embedding.manifest import MANIFEST_FILE, Manifest, read_manifest, write_manifest
from cognate.embedding.mount import Mount
from cognate.embedding.shards import ROWS_WRITTEN, Layout, Precision, Shard, as_keys, packed, unit_length
from cognate.errors import MountError


def manifest_for(folder: Path, encoder: Encoder, precision: Precision) -> Manifest:
    """Return the manifest of a folder, or an empty one where there is none yet.

    Raises:
        MountError: when there is one that cannot be added to: of another model or precision, or damaged.
    """
    fresh = Manifest(encoder.fingerprint, encoder.name, Layout(encoder.dimensions, precision))
    if not (folder / MANIFEST_FILE).exists():
        return fresh
    return added_to(folder, read_manifest(folder), fresh)


def added_to(folder: object, known: Manifest, fresh: Manifest) -> Manifest:
    """Return what there is with what is said of it now, if vectors of the same kind can be added.

    Raises:
        MountError: when they are of another kind.
    """
    if (known.fingerprint, known.layout) != (fresh.fingerprint, fresh.layout):
        raise MountError(
            f"{folder} holds vectors of {known.model} (fingerprint {known.fingerprint[:12]}, "
            f"{known.layout.precision.label}), and these are of {fresh.model} ({fresh.fingerprint[:12]}, "
            f"{fresh.layout.precision.label}). Write into another folder."
        )
    return replace(fresh, shards=known.shards)


def add_vectors(
    folder: Path,
    manifest: Manifest,
    digests: Sequence[bytes],
    vectors: Matrix,
    private_key: signing.PrivateKey | None = None,
) -> Manifest:
    """Add vectors to a folder, but for those that it has, and return its manifest now.

    Args:
        folder: made if need be.
        manifest: of the folder, as ``manifest_for`` returns it.
        digests: of texts, each once.
        vectors: shape (digests, dimensions), unit length; one that is not is left out.
        private_key: signs the manifest, if there is one.

    Raises:
        MountError: when the disk refuses, or what is there is damaged; the old manifest counts.
    """
    usable = unit_length(vectors)
    if manifest.shards:
        mount = Mount(folder, manifest)
        held = mount.held(digests)
        if problem := mount.problem():
            raise MountError(problem)
        usable &= np.array([digest not in held for digest in digests], bool)
    numbers = np.flatnonzero(usable)
    order = numbers[np.argsort(as_keys(digests)[numbers], kind="stable")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shards = [
            _written(folder, manifest.layout, [digests[i] for i in some.tolist()], vectors[some])
            for some in parts_of(order)
        ]
        manifest = replace(manifest, shards=[*manifest.shards, *shards])
        write_manifest(folder, manifest, private_key)
    except OSError as error:
        raise MountError(f"The vectors cannot be written to {folder}: {error.strerror}.") from error
    return manifest


def parts_of(order: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return numbers of vectors in parts of equal size, none larger than a shard may be."""
    return np.array_split(order, -(-len(order) // ROWS_WRITTEN)) if len(order) else []


def _written(folder: Path, layout: Layout, digests: Sequence[bytes], vectors: Matrix) -> Shard:
    shard, data = packed(layout, digests, layout.encode(vectors))
    write_whole(folder / shard.file_name, data, shared=True)
    return shard
