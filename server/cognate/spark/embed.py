"""Owns the job that embeds repositories: ``embed`` on the driver, and what it sends to the workers.

Files are read where a repository is fetched, spread over all workers by size, and cut and named as the indexer does it.
Each text goes to the model once, whatever repositories it is in; what the output has already is not embedded again. The
vectors of one range of digests become one shard, written by the task that made it. The driver sees the names of shards,
and lets them count with one rename. A task that dies leaves at most a shard that no manifest names.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import groupby, islice
from typing import Any

import numpy as np

from cognate.chunking import chunk_file
from cognate.embedding import signing
from cognate.embedding.manifest import MANIFEST_FILE, Manifest, parse_manifest
from cognate.embedding.manifest import files_of as manifest_files
from cognate.embedding.onnx import OnnxEncoder, load_encoder
from cognate.embedding.shards import DIGEST_BYTES, Layout, Precision, Shard, packed, parse_index, unit_length
from cognate.embedding.sharing import added_to
from cognate.embedding.text import digest, embedding_text
from cognate.errors import ModelError, MountError, WorkspaceError
from cognate.indexing.file_change import text_of
from cognate.settings import Settings
from cognate.spark.output import Output
from cognate.spark.repositories import Source, checked_out
from cognate.spark.session import SparkError, first_line, library, lines_of
from cognate.workspace.files import walk_with_verdicts
from cognate.workspace.ignore import Rules

log = logging.getLogger(__name__)

ROWS_A_SHARD = 1 << 14
"""How many texts a task embeds: a minute of a core, and 13 MB at 384 dimensions. A worker that dies loses no more."""

PART_BYTES = 4
"""The first bytes of a digest, which say what part of all texts, and so what shard, it belongs to."""

ROWS_AT_LEAST = 256
"""Fewer are not worth a task of their own."""

TEXTS_AT_ONCE = 1024
"""Texts that the model gets together, so that it can put those of a length side by side."""

BATCH_BYTES = 4 << 20
"""Text that a worker passes on at once."""

SQL_SETTINGS = {
    # Rows that a worker is given at once: a file may have a megabyte.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "256",
    # What one task cuts, five seconds of a core. Larger partitions are split and smaller ones joined.
    "spark.sql.adaptive.advisoryPartitionSizeInBytes": "32m",
}

_FILES = "repo string, path binary, text binary, problem string"
_TEXTS = "digest binary, text binary, problem string"
_SHARDS = "name string, vectors long, first binary, last binary"


@dataclass(frozen=True, slots=True)
class Done:
    """What a job did.

    Attributes:
        manifest: of the output.
        n_added: vectors that are new.
        problems: what could not be read, a sentence each.
    """

    manifest: Manifest
    n_added: int
    problems: Sequence[str]


def embed(
    spark: Any,
    sources: Sequence[Source],
    output: Output,
    *,
    model: str = "",
    precision: Precision = Precision.FLOAT16,
    private_key: signing.PrivateKey | None = None,
) -> Done:
    """Embed what some repositories hold and the output does not.

    Args:
        spark: a session.
        sources: the repositories.
        output: folder of vectors, new or to be added to.
        model: as the setting; a folder must be there on every worker.
        precision: of the vectors.
        private_key: signs the manifest, if there is one.

    Raises:
        SparkError: when the job fails; the output is as it was.
        ModelError: when the model cannot be used.
        MountError: when the output holds vectors of another kind.
    """
    encoder = load_encoder(model)
    manifest = _manifest(output, Manifest(encoder.fingerprint, encoder.name, Layout(encoder.dimensions, precision)))
    try:
        new = _texts(spark, sources).join(_known(spark, output, manifest), "digest", "left_anti").persist()
        try:
            texts = new.filter("problem is null").select("digest", "text")
            problems = [row.problem for row in new.filter("problem is not null").select("problem").collect()]
            shards = _shards(texts, texts.count(), output, manifest, model)
        finally:
            new.unpersist()
    except Exception as error:  # Spark's errors and Java's have no common type, and hold a trace of both languages.
        if isinstance(error, SparkError | MountError | ModelError):
            raise
        raise SparkError(f"The job failed, and {output.uri} is as it was: {reason_of(error)}") from error
    manifest = replace(manifest, shards=[*manifest.shards, *shards])
    if shards or output.read(MANIFEST_FILE) is None:
        for name, data in manifest_files(manifest, private_key):
            output.write(name, data)
    return Done(manifest, sum(shard.count for shard in shards), sorted(problems))


def reason_of(error: BaseException) -> str:
    """Return what went wrong, which for a fault on a worker is the last line of Python's trace."""
    ours = [line for line in lines_of(error) if line.startswith("cognate.") and ": " in line]
    return ours[-1].split(": ", 1)[1] if ours else first_line(error)


def _manifest(output: Output, fresh: Manifest) -> Manifest:
    data = output.read(MANIFEST_FILE)
    if data is None:
        return fresh
    try:
        return added_to(output.uri, parse_manifest(data), fresh)
    except MountError as error:
        raise MountError(f"{MANIFEST_FILE} in {output.uri}: {error}") from error


def _texts(spark: Any, sources: Sequence[Source]) -> Any:
    """Return what is to be embedded, each text once, and what could not be read."""
    rows = [(source.name, source.path, source.revision) for source in sources]
    listed = spark.createDataFrame(rows, "name string, path string, revision string").repartition(len(rows))
    files = listed.mapInPandas(files_of, _FILES)
    return files.hint("rebalance").mapInPandas(texts_of, _TEXTS).dropDuplicates(["digest"])


def _known(spark: Any, output: Output, manifest: Manifest) -> Any:
    """Return the digests that the output has."""
    rows = [(shard.name, shard.count, shard.first, shard.last) for shard in manifest.shards]
    shards = spark.createDataFrame(rows, _SHARDS).repartition(max(1, len(rows) // 4))
    return shards.mapInPandas(partial(digests_of, output=output, layout=manifest.layout), "digest binary")


def _shards(texts: Any, count: int, output: Output, manifest: Manifest, model: str) -> list[Shard]:
    if not count:
        return []
    cores = texts.sparkSession.sparkContext.defaultParallelism
    n_parts = max(-(-count // ROWS_A_SHARD), min(cores, -(-count // ROWS_AT_LEAST)))
    write = partial(
        shards_of, n_parts=n_parts, output=output, layout=manifest.layout, model=model, fingerprint=manifest.fingerprint
    )
    # Spark draws samples to choose what goes to which task, but never divides a part; so whatever it chooses, and
    # whenever a task is repeated, the model gets the same batches and the shards have the same names.
    part = f"cast(conv(hex(substring(digest, 1, {PART_BYTES})), 16, 10) as bigint) * {n_parts} div {256**PART_BYTES}"
    parts = texts.selectExpr("digest", "text", f"{part} as part").repartitionByRange(n_parts, "part")
    written = parts.sortWithinPartitions("digest").drop("part").mapInPandas(write, _SHARDS).collect()
    known = {shard.name for shard in manifest.shards}
    made = (Shard(row.name, int(row.vectors), bytes(row.first), bytes(row.last)) for row in written)
    return sorted((shard for shard in made if shard.name not in known), key=lambda shard: shard.first)


# -- on the workers


def files_of(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the files of repositories that are worth indexing, as frames of _FILES; a problem is a row, too."""
    pandas = library("pandas")
    columns = ["repo", "path", "text", "problem"]
    for batch in batches:
        for name, path, revision in batch.itertuples(index=False):
            rows: list[tuple[Any, ...]] = []
            size = 0
            try:
                for file, text in _files(Source(name, path, revision)):
                    rows.append((name, file, text, None))
                    size += len(text)
                    if size > BATCH_BYTES:
                        yield pandas.DataFrame(rows, columns=columns)
                        rows, size = [], 0
            except WorkspaceError as error:
                rows.append((name, None, None, str(error)))
            yield pandas.DataFrame(rows, columns=columns)


def _files(source: Source) -> Iterator[tuple[bytes, bytes]]:
    """Yield path and text of each file of a repository that is worth indexing, in UTF-8."""
    settings = Settings()
    with checked_out(source) as folder:
        rules = Rules(folder, settings.exclude, settings.max_file_bytes)
        for path, _, verdict in walk_with_verdicts(folder, rules):
            text, _ = text_of(folder, path, rules, verdict)
            if text is not None and path == path.encode("utf-8", "replace").decode():
                yield path.encode(), text.encode("utf-8", "surrogatepass")


def texts_of(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield what the model is to be given of files, as frames of _TEXTS; a fault costs one file."""
    pandas = library("pandas")
    for batch in batches:
        rows: dict[bytes, tuple[Any, ...]] = {}
        for repo, path, text, unread in batch.itertuples(index=False):
            found, problem = ([], unread) if unread is not None else _embedding_texts(repo, path, text)
            rows.update((digest(made), (digest(made), made.encode("utf-8", "surrogatepass"), None)) for made in found)
            if problem is not None:
                rows[digest(problem)] = (digest(problem), None, problem)
        yield pandas.DataFrame(list(rows.values()), columns=["digest", "text", "problem"])


def _embedding_texts(repo: str, path: bytes, text: bytes) -> tuple[list[str], str | None]:
    """Return the texts of a file's chunks; none, and why, where our own code stumbles over it."""
    name = path.decode()
    try:
        chunked = chunk_file(name, text.decode("utf-8", "surrogatepass"))
        return [embedding_text(name, chunk) for chunk in chunked.chunks], None
    except Exception as error:
        log.exception("%s: %r could not be cut", repo, name)
        return [], f"{repo}: {name} could not be cut ({type(error).__name__})."


def digests_of(batches: Iterable[Any], *, output: Output, layout: Layout) -> Iterator[Any]:
    """Yield the digests in shards, as frames of one column.

    Raises:
        SparkError: when a shard is not as the manifest says.
    """
    pandas = library("pandas")
    for batch in batches:
        for name, count, first, last in batch.itertuples(index=False):
            shard = Shard(name, int(count), bytes(first), bytes(last))
            size = output.size(shard.file_name)
            try:
                if size is None:
                    raise MountError("it is not there")
                layout.check_size(shard, size)  # Rows are not read, so this alone says that all are there.
                data = output.read(shard.file_name, layout.index_bytes(shard.count))
                keys = parse_index(data or b"", shard, layout).keys.tobytes()
            except MountError as error:
                raise SparkError(f"{shard.file_name} in {output.uri} is damaged: {error}.") from error
            each = [keys[at : at + DIGEST_BYTES] for at in range(0, len(keys), DIGEST_BYTES)]
            yield pandas.DataFrame({"digest": each})


def shards_of(
    batches: Iterable[Any], *, n_parts: int, output: Output, layout: Layout, model: str, fingerprint: str
) -> Iterator[Any]:
    """Embed texts that come in the order of their digests, write each part as a shard, and yield what they are called.

    Raises:
        ModelError: when this worker has another model than the driver.
    """
    pandas = library("pandas")
    encoder = _encoder(model)
    if encoder.fingerprint != fingerprint:
        raise ModelError(
            f"A worker has another model than the driver (fingerprint {encoder.fingerprint[:12]}, not "
            f"{fingerprint[:12]}): install the same version of Cognate and the same model on both."
        )
    for _, rows in groupby(_rows(batches), key=lambda row: _part_of(row[0], n_parts)):
        digests: list[bytes] = []
        vectors = [np.empty((0, layout.dimensions), np.float32)]
        while window := list(islice(rows, TEXTS_AT_ONCE)):
            made = encoder.encode([text for _, text in window])
            usable = unit_length(made)
            digests += [key for (key, _), is_good in zip(window, usable, strict=True) if is_good]
            vectors.append(made[usable])
        if digests:
            shard, data = packed(layout, digests, layout.encode(np.concatenate(vectors)))
            output.write(shard.file_name, data)
            row = (shard.name, shard.count, shard.first, shard.last)
            yield pandas.DataFrame([row], columns=["name", "vectors", "first", "last"])


def _rows(batches: Iterable[Any]) -> Iterator[tuple[bytes, str]]:
    for batch in batches:
        for key, text in batch.itertuples(index=False):
            yield bytes(key), bytes(text).decode("utf-8", "surrogatepass")


def _part_of(key: bytes, n_parts: int) -> int:
    return int.from_bytes(key[:PART_BYTES], "big") * n_parts // 256**PART_BYTES


@lru_cache(maxsize=1)
def _encoder(model: str) -> OnnxEncoder:
    """Return the model, loaded once for each worker process."""
    return load_encoder(model)
