"""What the engines of one process share: where the cache lies, the models, the vector cache, the gate.

Any thread; a model is loaded once, by whoever asks first, off the event loop.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cognate.arrays import Matrix
from cognate.embedding.cache import VectorCache
from cognate.embedding.cross_encoder import CrossEncoder, load_cross_encoder
from cognate.embedding.encoder import Encoder
from cognate.embedding.mount import vectors_of
from cognate.embedding.onnx import load_encoder
from cognate.embedding.table import FILE as TABLE
from cognate.embedding.table import read_table
from cognate.embedding.text import embedding_text
from cognate.errors import ModelError
from cognate.index.locations import default_cache_dir, make_store_folder
from cognate.index.translated import Translator
from cognate.indexing.gate import Gate
from cognate.power import Power, n_busy, power
from cognate.process import resident_mb
from cognate.types import ChunkRecord
from cognate.words import words

log = logging.getLogger(__name__)

UNUSED_DAYS = 90  # Vectors of a model that nobody used for so long are computed again if it comes back.
ROOM_NEEDED = 1 << 20  # Bytes that must fit before an index in memory moves back to the disk.


@dataclass(frozen=True, slots=True)
class Model:
    """An encoder with the cache of its vectors."""

    encoder: Encoder
    cache: VectorCache

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Return the vectors of a few short texts; see ``vectors_of``."""
        return vectors_of(texts, self.encoder, self.cache)


class Services:
    """Shared by all engines of a process; close it after them.

    Args:
        cache_dir: where indexes and vectors are kept; the platform's cache folder by default.
        power: says how the machine is fed.
        n_busy: says how many of its cores were wanted in the last minute.
        clock: returns the time in seconds, of the monotonic clock, at which questions come.
        encoder: used instead of the model that any setting names.
        table: the file of the translation table.
    """

    def __init__(
        self,
        cache_dir: Path | None = None,
        *,
        power: Callable[[], Power] = power,
        n_busy: Callable[[], float] = n_busy,
        clock: Callable[[], float] = time.monotonic,
        encoder: Encoder | None = None,
        table: Path = TABLE,
    ) -> None:
        self.encoder = encoder
        self._table = table
        self.cache_dir = cache_dir or default_cache_dir()
        self.gate = Gate(clock)
        self.power = power
        self.n_busy = n_busy
        self.resident_mb: Callable[[], float] = resident_mb
        self._lock = threading.Lock()
        self._models: dict[tuple[str, int], Model | ModelError] = {}
        self._rerankers: dict[tuple[str, int], CrossEncoder] = {}

    def model(self, setting: str, threads: int) -> Model:
        """Return the model that a setting names, loading it the first time.

        Raises:
            ModelError: when it cannot be used; the same error every time until the setting changes.
        """
        with self._lock:
            known = self._models.get((setting, threads))
            if known is None:
                known = self._loaded(setting, threads)
                self._models[setting, threads] = known
        if isinstance(known, ModelError):
            raise known
        return known

    def begin_to_load(self, setting: str, threads: int) -> threading.Thread:
        """Load a model on a thread of its own, which is returned, while the caller imports or reads something else."""

        def load() -> None:
            with contextlib.suppress(ModelError):  # The same is told to the one who asks for the model next.
                self.model(setting, threads)

        thread = threading.Thread(target=load, name="cognate-model", daemon=True)
        thread.start()
        return thread

    @cached_property
    def translator(self) -> Translator | None:
        """The translation table, read the first time; None where it is missing or damaged."""
        table = read_table(self._table)
        if table is None:
            return None

        def of_chunks(records: Sequence[ChunkRecord]) -> Matrix:
            return table.of_code([embedding_text(record.path, record.chunk) for record in records])

        def of_texts(texts: Sequence[str]) -> Matrix:
            return table.of_code([" ".join(words(text)) for text in texts])

        return Translator(table.fingerprint, table.dimensions, of_chunks, of_texts, table.of_query)

    def reranker(self, setting: str, threads: int) -> CrossEncoder:
        """Return the cross-encoder that a setting names, loading it the first time.

        Raises:
            ModelError: when it cannot be used; a folder that is mended since is read again.
        """
        with self._lock:
            known = self._rerankers.get((setting, threads))
            if known is None:
                known = self._rerankers[setting, threads] = load_cross_encoder(setting, threads=threads)
        return known

    def _loaded(self, setting: str, threads: int) -> Model | ModelError:
        try:
            encoder = self.encoder or load_encoder(setting, threads=threads)
        except ModelError as error:
            log.warning("%s", error)
            return error
        cache = VectorCache(self.cache_dir / "embeddings", encoder.fingerprint, encoder.dimensions)
        if cache.path is not None:
            remove_unused_caches(cache.path, now=time.time())
        return Model(encoder, cache)

    def store_folder(self, folder: Path) -> Path | None:
        """Return where the index of a workspace folder lies, created and private, or None when it cannot be."""
        return make_store_folder(self.cache_dir, folder)

    def can_store(self, folder: Path) -> bool:
        """Whether the index of a workspace folder could be kept on disk now."""
        index_folder = self.store_folder(folder)
        if index_folder is None:
            return False
        trial = index_folder / f"trial-{os.getpid()}"
        try:
            trial.write_bytes(bytes(ROOM_NEEDED))
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):
                trial.unlink(missing_ok=True)
        return True

    def close(self) -> None:
        """Close the vector caches."""
        with self._lock:
            for model in self._models.values():
                if isinstance(model, Model):
                    model.cache.close()
            self._models.clear()
            self._rerankers.clear()


def remove_unused_caches(current: Path, *, now: float) -> None:
    """Remove vector caches beside the current one that no model has used for long, and damaged ones set aside.

    Args:
        current: the cache in use.
        now: in seconds since the epoch.
    """
    for file in current.parent.glob("vectors-*"):
        with contextlib.suppress(OSError):
            unused = now - file.stat().st_mtime > UNUSED_DAYS * 86_400
            if unused and not file.name.startswith(f"{current.name}-") and file != current:
                log.info("Removing %s, which was not used for %d days", file, UNUSED_DAYS)
                file.unlink()
