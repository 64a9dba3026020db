"""Owns ``check``: how far an ONNX model's vectors and results are from those of the model it came from.

Runs on the caller's thread for about a minute. Comparing needs only the run-time libraries; making the reference
vectors needs the extra ``models``.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cognate.arrays import Matrix
from cognate.embedding.encoder import Encoder
from cognate.embedding.model_files import read_model_folder
from cognate.embedding.onnx import MAX_TOKENS, load_encoder, unit_rows
from cognate.errors import ModelError
from tools.models.libraries import load_source
from tools.models.samples import samples

TOP = 10
"""How many results are compared."""

NEAR = 9
"""A query still has "the same" results when this many of its TOP agree: one result at the edge may swap."""

MIN_COSINE = 0.98
MIN_OVERLAP = 0.90
MIN_NEAR = 0.90
"""What a model must reach to pass: mean cosine, mean share of the top 10 kept, share of queries with 9 of 10 kept."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a comparison found.

    Attributes:
        model: name of the ONNX model.
        source: what it was compared with.
        chunks: how many chunk texts were compared and searched.
        queries: how many queries were asked.
        cosine_mean: mean cosine of a text's two vectors, chunks and queries together.
        cosine_min: the worst.
        overlap: mean share of the source's top 10 chunks of a query that are in the ONNX model's top 10, in any order.
        near: share of the queries that keep at least 9 of the 10.
        same: share of the queries that keep all 10.
        same_first: share of the queries with the same first chunk.
        edge: mean distance in the source's similarity between its tenth and eleventh chunk; swaps below about
            1 - cosine_mean are noise of the measure, not of the search.
        model_bytes: size of the graph.
    """

    model: str
    source: str
    chunks: int
    queries: int
    cosine_mean: float
    cosine_min: float
    overlap: float
    near: float
    same: float
    same_first: float
    edge: float
    model_bytes: int

    @property
    def passed(self) -> bool:
        """Whether the model may replace its source."""
        return self.cosine_mean >= MIN_COSINE and self.overlap >= MIN_OVERLAP and self.near >= MIN_NEAR

    def as_json(self) -> dict[str, Any]:
        """Return the figures and the verdict."""
        return {**asdict(self), "passed": self.passed}


@dataclass(frozen=True, slots=True)
class Reference:
    """What the source says about the samples.

    Attributes:
        source: its name.
        chunks: its vectors, shape (chunks, dimensions).
        queries: its vectors, shape (queries, dimensions).
    """

    source: str
    chunks: Matrix
    queries: Matrix


def check(
    folder: Path,
    source: str,
    *,
    texts: Sequence[str] | None = None,
    queries: Sequence[str] | None = None,
    write_reference: Path | None = None,
) -> CheckReport:
    """Compare an ONNX model with the sentence-transformers model it came from.

    Both read at most as many tokens as the server gives its encoder, so that only the conversion is judged.

    Args:
        folder: what ``export`` or ``quantize`` wrote.
        source: a sentence-transformers folder or hub name.
        texts: chunk texts, at least eleven; by default 400 of real code that ship with the tool chain.
        queries: by default 66 that ship.
        write_reference: file (.npz) for the source's vectors, to compare without torch later.

    Raises:
        ModelError: when either model cannot be loaded, or there are too few texts.
    """
    if read_model_folder(folder).is_cross_encoder:
        raise ModelError(f"{folder} scores pairs; `check` compares embedding models.")
    sample = samples()
    texts, queries = texts or sample.chunks, queries or sample.queries
    if len(texts) <= TOP:
        raise ModelError(f"Comparing the first {TOP} results needs more than {TOP} texts; there are {len(texts)}.")
    with load_encoder(str(folder)) as encoder:
        reference = make_reference(source, texts, queries)
        if write_reference is not None:
            save_reference(reference, write_reference)
        return compare(encoder, reference, texts, queries, model_bytes=(folder / "model.onnx").stat().st_size)


def compare(
    encoder: Encoder, reference: Reference, texts: Sequence[str], queries: Sequence[str], *, model_bytes: int = 0
) -> CheckReport:
    """Compare an encoder with reference vectors of the same texts; needs no torch.

    Raises:
        ModelError: when the reference has other dimensions or was made for other texts.
    """
    expected = (len(texts), encoder.dimensions), (len(queries), encoder.dimensions)
    if (reference.chunks.shape, reference.queries.shape) != expected:
        raise ModelError("The reference vectors do not fit the model or the texts; write them again.")
    chunks = encoder.encode(texts)
    asked = np.stack([encoder.encode_query(query) for query in queries])
    cosines = np.concatenate([(chunks * reference.chunks).sum(axis=1), (asked * reference.queries).sum(axis=1)])
    scores = reference.queries @ reference.chunks.T
    wanted, got = _first(scores, TOP + 1), _first(asked @ chunks.T, TOP)
    kept = np.array([len(set(a[:TOP]) & set(b)) for a, b in zip(wanted.tolist(), got.tolist(), strict=True)])
    tenth = np.take_along_axis(scores, wanted[:, TOP - 1 :], axis=1)
    return CheckReport(
        model=encoder.name,
        source=reference.source,
        chunks=len(texts),
        queries=len(queries),
        cosine_mean=float(cosines.mean()),
        cosine_min=float(cosines.min()),
        overlap=float(kept.mean() / TOP),
        near=float((kept >= NEAR).mean()),
        same=float((kept == TOP).mean()),
        same_first=float((wanted[:, 0] == got[:, 0]).mean()),
        edge=float((tenth[:, 0] - tenth[:, 1]).mean()),
        model_bytes=model_bytes,
    )


def make_reference(source: str, texts: Sequence[str], queries: Sequence[str]) -> Reference:
    """Return what sentence-transformers makes of the texts, in float32 on the CPU.

    Raises:
        ModelError: when it is missing or cannot load the model.
    """
    model = load_source(source)
    model.max_seq_length = min(MAX_TOKENS, int(model.max_seq_length))
    prompts = dict(model.prompts or {})

    def encode(batch: Sequence[str], prompt: str) -> Matrix:
        vectors = model.encode(list(batch), prompt=prompt or None, convert_to_numpy=True, show_progress_bar=False)
        return unit_rows(np.asarray(vectors, dtype=np.float32))

    return Reference(
        source,
        encode(texts, str(prompts.get("document") or prompts.get("passage") or "")),
        encode(queries, str(prompts.get("query") or "")),
    )


def save_reference(reference: Reference, path: Path) -> None:
    """Write reference vectors as float16, which moves a cosine by less than 1e-6."""
    chunks, queries = reference.chunks.astype(np.float16), reference.queries.astype(np.float16)
    np.savez_compressed(path, chunks=chunks, queries=queries)


def load_reference(path: Path, source: str) -> Reference:
    """Return what ``save_reference`` wrote.

    Raises:
        ModelError: when the file cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            chunks, queries = (unit_rows(arrays[name].astype(np.float32)) for name in ("chunks", "queries"))
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"Cannot read the reference vectors {path}: {error}. Write them again.") from error
    return Reference(source, chunks, queries)


def _first(scores: Matrix, count: int) -> Any:
    """Return the columns of each row's highest scores, best first, ties by column."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :count]
