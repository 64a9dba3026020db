"""Owns vectors that others computed: ``Mount`` finds them in a folder by digest, ``KnownVectors`` before the model.

Any thread. A folder may lie on a disk that goes away, and whoever writes there need not be trusted: everything is read,
proved and copied, and what is not as it should be costs its vectors and nothing else. Never writes into a mount, nor
what it holds into the cache.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from cognate.arrays import Matrix, Vector
from cognate.embedding import signing
from cognate.embedding.cache import rounded
from cognate.embedding.encoder import Encoder
from cognate.embedding.manifest import CHUNKER, Manifest, read_manifest
from cognate.embedding.shards import DIGEST_BYTES, Keys, Shard, ShardIndex, as_keys, read_index, read_rows
from cognate.embedding.text import digest
from cognate.errors import MountError

log = logging.getLogger(__name__)

INDEX_BYTES = 32 << 20
"""Indexes of shards that a mount keeps in memory, so that an edit reads none: those of a million vectors."""

ENOUGH_ASKED = 50
"""After this many questions without an answer, a mount is said to be of other code."""


class VectorSource(Protocol):
    """Vectors by digest, and a place for new ones."""

    def get(self, digests: Sequence[bytes]) -> dict[bytes, Vector]:
        """Return those vectors that are known, by digest; float32, unit length."""
        ...

    def put(self, digests: Sequence[bytes], vectors: Matrix) -> None:
        """Keep vectors that the model computed, shape (len(digests), dimensions)."""
        ...


def vectors_of(texts: Sequence[str], encoder: Encoder, source: VectorSource) -> Matrix:
    """Return the vectors of a few short texts, from a source as far as it has them; shape (texts, dimensions).

    Raises:
        ModelError: when the model fails on its input.
    """
    names = [digest(text) for text in texts]
    known = source.get(names)
    missing = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    if missing:
        made = rounded(encoder.encode(list(missing.values())))
        source.put(list(missing), made)
        known.update(zip(missing, made, strict=True))
    return np.array([known[name] for name in names], np.float32).reshape(-1, encoder.dimensions)


class Mount:
    """A folder of vectors.

    Args:
        folder: where it lies.
        manifest: of the folder.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._firsts = as_keys([shard.first for shard in manifest.shards])
        self._lasts = as_keys([shard.last for shard in manifest.shards])
        self._indexes: OrderedDict[str, ShardIndex] = OrderedDict()
        self._refused: dict[str, str] = {}
        self._n_asked = self._n_found = 0
        self._lock = threading.Lock()

    def get(self, digests: Sequence[bytes]) -> dict[bytes, Vector]:
        """Return those vectors that lie here, by digest; float32, unit length. Reads the disk."""
        if not digests:
            return {}
        found: dict[bytes, Vector] = {}
        with self._lock:
            self._n_asked += len(digests)
            wanted = np.sort(as_keys(digests))
            for shard, keys in self._shards_with(wanted):
                found.update(self._vectors(shard, keys))
            self._n_found += len(found)
        return found

    def held(self, digests: Sequence[bytes]) -> frozenset[bytes]:
        """Return which digests are here, without their vectors. Reads the disk."""
        found: set[bytes] = set()
        with self._lock:
            wanted = np.sort(as_keys(digests))
            for shard, keys in self._shards_with(wanted):
                index = self._index(shard)
                if index is not None:
                    found.update(_each(keys[index.find(keys)[0]]))
        return frozenset(found)

    def problem(self) -> str:
        """Return what the user should know, as a sentence; empty if all is well."""
        with self._lock:
            refused, asked, n_found = dict(self._refused), self._n_asked, self._n_found
        if refused:
            name, reason = next(iter(refused.items()))
            return (
                f"{len(refused)} of the {len(self.manifest.shards)} shards in {self.folder} are refused, and their "
                f"vectors are embedded here: {name[:12]}…: {reason}."
            )
        if asked >= ENOUGH_ASKED and not n_found:
            return (
                f"The vectors in {self.folder} fit no code in this folder: none of {asked:,} chunks is among them. "
                + self._likely_reason()
            )
        return ""

    def _likely_reason(self) -> str:
        if self.manifest.chunker != CHUNKER:
            return f"They were made by {self.manifest.chunker}, which may cut chunks in other places than {CHUNKER}."
        return "They were made from other code."

    def _shards_with(self, wanted: Keys) -> list[tuple[Shard, Keys]]:
        """Return the shards in whose range some of the sorted digests lie, and these."""
        lows = np.searchsorted(wanted, self._firsts)
        highs = np.searchsorted(wanted, self._lasts, side="right")
        shards = self.manifest.shards
        return [(shards[i], wanted[lows[i] : highs[i]]) for i in np.flatnonzero(highs > lows).tolist()]

    def _vectors(self, shard: Shard, keys: Keys) -> dict[bytes, Vector]:
        index = self._index(shard)
        if index is None:
            return {}
        found, rows = index.find(keys)
        if not len(found):
            return {}
        try:
            vectors = read_rows(self.folder, shard, self.manifest.layout, index, rows)
        except MountError as error:
            self._refuse(shard, error)
            return {}
        return dict(zip(_each(keys[found]), vectors, strict=True))

    def _index(self, shard: Shard) -> ShardIndex | None:
        """Return the index of a shard, read again if it was not kept; None when the shard is refused."""
        if shard.name in self._refused:
            return None
        index = self._indexes.get(shard.name)
        if index is None:
            try:
                index = read_index(self.folder, shard, self.manifest.layout)
            except MountError as error:
                self._refuse(shard, error)
                return None
            self._indexes[shard.name] = index
            while len(self._indexes) > 1 and _kept_bytes(self._indexes) > INDEX_BYTES:
                self._indexes.popitem(last=False)
        self._indexes.move_to_end(shard.name)
        return index

    def _refuse(self, shard: Shard, error: MountError) -> None:
        log.warning("Shard %s in %s is refused: %s", shard.file_name, self.folder, error)
        self._refused[shard.name] = str(error)
        self._indexes.pop(shard.name, None)


class KnownVectors:
    """What need not be computed: the user's cache, then the mounts. Counts where vectors that are used came from.

    Args:
        cache: asked first, and given what the model computes.
    """

    def __init__(self, cache: VectorSource) -> None:
        self._cache = cache
        self._mounts: Sequence[Mount] = ()
        self._origins: dict[bytes, str] = {}
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()

    def use(self, mounts: Sequence[Mount]) -> None:
        """Look into these mounts from now on, in this order."""
        with self._lock:
            self._mounts, self._counts, self._origins = mounts, {}, {}

    def get(self, digests: Sequence[bytes]) -> dict[bytes, Vector]:
        """As ``VectorSource.get``."""
        found = self._cache.get(digests)
        self._note(found, "the cache")
        for mount in self._mounts:
            missing = [digest for digest in digests if digest not in found]
            more = mount.get(missing)
            self._note(more, str(mount.folder))
            found.update(more)
        return found

    def put(self, digests: Sequence[bytes], vectors: Matrix) -> None:
        """As ``VectorSource.put``."""
        self._cache.put(digests, vectors)
        self._note(digests, "the model")

    def count(self, digests: Iterable[bytes]) -> None:
        """Note that vectors which were found or put are used now; each counts once, though it was asked for twice."""
        with self._lock:
            for digest in digests:
                name = self._origins.pop(digest, None)
                if name is not None:
                    self._counts[name] = self._counts.get(name, 0) + 1

    def problems(self) -> list[str]:
        """Return what the user should know of the mounts, a sentence each."""
        return [problem for mount in self._mounts if (problem := mount.problem())]

    def summary(self) -> str:
        """Say how many vectors came from where, empty without mounts or before the first vector."""
        with self._lock:
            counts = dict(self._counts) if self._mounts else {}
        told = [f"{counts.get(str(mount.folder), 0):,} from {mount.folder}" for mount in self._mounts]
        told += [f"{counts[name]:,} from {name}" for name in ("the cache", "the model") if counts.get(name)]
        return ", ".join(told) if counts else ""

    def _note(self, digests: Iterable[bytes], name: str) -> None:
        if self._mounts:
            with self._lock:
                for digest in digests:  # What the model made is found in the cache if it is asked for once more.
                    self._origins.setdefault(digest, name)


def open_mounts(folders: Sequence[str], key_file: str, encoder: Encoder) -> tuple[list[Mount], list[str]]:
    """Open mounts for an encoder; return those that can be used, and a sentence for each that cannot.

    Args:
        folders: with vectors.
        key_file: a public key in PEM form that must have signed them; empty asks for no signature.
        encoder: whose vectors are wanted.
    """
    mounts: list[Mount] = []
    problems: list[str] = []
    try:
        key = signing.read_public_key(Path(key_file).expanduser()) if folders and key_file else None
    except MountError as error:
        return [], [f"No mounted vectors are used. {error}"]
    for folder in dict.fromkeys(folders):
        try:
            mounts.append(open_mount(Path(folder).expanduser(), key, encoder))
        except MountError as error:
            log.warning("%s", error)
            problems.append(str(error))
    return mounts, problems


def open_mount(folder: Path, key: signing.PublicKey | None, encoder: Encoder) -> Mount:
    """Open a folder of vectors for an encoder.

    Args:
        folder: with a manifest.
        key: whose signature it must have; None asks for none.
        encoder: whose vectors are wanted.

    Raises:
        MountError: when it cannot be used; a whole sentence.
    """
    manifest = read_manifest(folder, key)
    if manifest.fingerprint != encoder.fingerprint or manifest.layout.dimensions != encoder.dimensions:
        raise MountError(
            f"The vectors in {folder} are not used: they are of the model {manifest.model} "
            f"(fingerprint {manifest.fingerprint[:12]}), and this is {encoder.name} ({encoder.fingerprint[:12]})."
        )
    return Mount(folder, manifest)


def _each(keys: Keys) -> list[bytes]:
    data = keys.tobytes()
    return [data[start : start + DIGEST_BYTES] for start in range(0, len(data), DIGEST_BYTES)]


def _kept_bytes(indexes: Mapping[str, ShardIndex]) -> int:
    return sum(2 * len(index.checks) for index in indexes.values())
