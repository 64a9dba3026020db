"""``cognate vectors``: the vectors of folders written for other machines, and those of others checked."""

import argparse
import random
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cognate.cli import output
from cognate.cli.commands import open_current
from cognate.cli.exit_codes import ERROR, FOUND, NOTHING_FOUND
from cognate.cli.loading import settings_of
from cognate.embedding import signing
from cognate.embedding.encoder import Encoder
from cognate.embedding.mount import Mount, open_mount
from cognate.embedding.shards import Precision, read_index, read_rows
from cognate.embedding.sharing import add_vectors, manifest_for
from cognate.embedding.text import embedding_text
from cognate.errors import MountError, StoreError
from cognate.face import EngineFace
from cognate.index.opening import open_index
from cognate.indexing.services import Services
from cognate.indexing.vector_export import embedded
from cognate.types import IN_MEMORY

SAMPLE = 50
"""Chunks that are embedded again to be compared."""

LEAST_COSINE = 0.998
"""What two processors may differ by: the model's 8-bit arithmetic is not the same on all of them."""


def export(options: argparse.Namespace) -> int:
    """Write the vectors of folders as shards with a manifest, or add them to some."""
    private_key = signing.read_private_key(options.sign) if options.sign is not None else None
    settings = settings_of(options)
    with closing(Services()) as services:
        model = services.model(settings.model, settings.background_threads)
        manifest = manifest_for(options.out, model.encoder, Precision[options.precision.upper()])
        options.services = services
        known, n_missing = manifest.count, 0
        for path in options.paths:
            with open_current(options, path) as engine:
                index_folder = _index_folder(engine)
            found = embedded(index_folder, model)
            n_missing += found.n_missing
            manifest = add_vectors(options.out, manifest, found.digests, found.vectors, private_key)
    added = manifest.count - known
    if options.json:
        counts = {"added": added, "vectors": manifest.count, "shards": len(manifest.shards), "missing": n_missing}
        output.write_json({**counts, "out": str(options.out)})
    else:
        output.write_line(f"{added:,} vectors added, {manifest.count:,} in {options.out}")
        if n_missing:
            output.write_note(f"{n_missing:,} chunks had no vector yet and are not among them")
    return FOUND if manifest.count else NOTHING_FOUND


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a mount fits a folder of code.

    Attributes:
        n_chunks: of the folder, each text counted once.
        n_held: of these, how many the mount has.
        n_compared: how many were embedded again.
        cosine: the lowest of these with what the mount holds; 1 if none was compared.
    """

    n_chunks: int
    n_held: int
    n_compared: int
    cosine: float


def check(options: argparse.Namespace) -> int:
    """Read every vector of a mount, say how many of a folder's it has, and embed some again."""
    settings = settings_of(options)
    key = signing.read_public_key(Path(settings.vectors_key)) if settings.vectors_key else None
    folder: Path = options.mount
    with closing(Services()) as services:
        encoder = services.model(settings.model, settings.background_threads).encoder
        mount = open_mount(folder, key, encoder)
        damaged = _damaged(mount)
        options.services = services
        fit = _fit(options, mount, encoder) if options.path is not None else None
    is_good = not damaged and (fit is None or fit.cosine >= LEAST_COSINE)
    if options.json:
        manifest = mount.manifest
        said = {"vectors": manifest.count, "shards": len(manifest.shards), "model": manifest.model}
        said |= {"signed": key is not None, "damaged": damaged, "ok": is_good}
        if fit is not None:
            said |= {"chunks": fit.n_chunks, "held": fit.n_held, "compared": fit.n_compared}
            said |= {"cosine": round(fit.cosine, 6)}
        output.write_json(said)
    else:
        _tell(folder, mount, damaged, fit, is_signed=key is not None)
    if not is_good:
        return ERROR
    return NOTHING_FOUND if fit is not None and not fit.n_held else FOUND


def _tell(folder: Path, mount: Mount, damaged: dict[str, str], fit: _Fit | None, *, is_signed: bool) -> None:
    manifest = mount.manifest
    signed = "its signature is valid" if is_signed else "its signature was not checked, as --vectors-key is not given"
    output.write_line(f"{folder}: {manifest.count:,} vectors of {manifest.model}, {signed}")
    for name, reason in damaged.items():
        output.write_line(f"  {name} is damaged: {reason}")
    if fit is not None:
        share = fit.n_held / max(fit.n_chunks, 1)
        output.write_line(f"  has {fit.n_held:,} of {fit.n_chunks:,} texts of the folder, {share:.1%}")
        if fit.n_compared:
            verdict = (
                "as it should be" if fit.cosine >= LEAST_COSINE else f"below {LEAST_COSINE}: they are of another model"
            )
            output.write_line(f"  {fit.n_compared} embedded again: lowest cosine {fit.cosine:.5f}, {verdict}")


def _damaged(mount: Mount) -> dict[str, str]:
    """Read all that a mount holds; return what is wrong with each shard that is damaged, by its name."""
    found: dict[str, str] = {}
    layout = mount.manifest.layout
    for shard in mount.manifest.shards:
        try:
            index = read_index(mount.folder, shard, layout)
            read_rows(mount.folder, shard, layout, index, np.arange(shard.count))
        except MountError as error:
            found[shard.file_name] = str(error)
    return found


def _fit(options: argparse.Namespace, mount: Mount, encoder: Encoder) -> _Fit:
    """Look a folder's chunks up in a mount, and embed some of those that it has again."""
    with open_current(options, options.path, current=False) as engine:
        index_folder = _index_folder(engine)
    index = open_index(index_folder, writable=False)
    try:
        entries = index.saved.files.values()
        ids = {digest: number for entry in entries for number, digest in zip(entry.ids, entry.digests, strict=True)}
        held = mount.held(list(ids))
        some = random.SystemRandom().sample(sorted(held), min(SAMPLE, len(held)))
        record_of = {record.id: record for record in index.saved.read([ids[digest] for digest in some])}
        records = [record_of[ids[digest]] for digest in some]
    finally:
        index.close()
    stored = mount.get(some)
    if not some or len(stored) < len(some):
        return _Fit(len(ids), len(held), 0, 1.0 if not some else 0.0)
    made = encoder.encode([embedding_text(record.path, record.chunk) for record in records])
    cosines = (made * np.stack([stored[digest] for digest in some])).sum(axis=1)
    return _Fit(len(ids), len(held), len(some), float(cosines.min()))


def _index_folder(engine: EngineFace) -> Path:
    store = engine.status().store
    if store == IN_MEMORY:
        raise StoreError("There is no index on disk to take the chunks from.")
    return Path(store)
