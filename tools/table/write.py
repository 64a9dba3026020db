"""Writes trained tables as one: every word has a vector in questions and one in code, in whole numbers of 8 bits.

What several tables say of a text stands side by side, and the whole is turned to few dimensions, which keep most of
what questions and code of the training pairs differ in.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.table.merge import Data, Rows
from tools.table.train import Floats, Model, Options, Trainer, taken

MOST_PAIRS = 20_000
"""Pairs that tell which dimensions stay."""


def write(models: Sequence[Model], data: Data, rows: Rows, dimensions: int, file: Path) -> None:
    """Write a table.

    Args:
        models: what was trained, with the same rows; they count the same.
        data: what they were trained on.
        rows: which words they know.
        dimensions: of the vectors that the table will give, at most.
        file: where.
    """
    parts, grams = _joined(models, data, rows)
    best = np.linalg.eigh(grams)[1][:, ::-1][:, :dimensions]
    # Turned once more by chance, so that no dimension is longer than the others: vectors are kept as whole numbers.
    turn = best @ np.linalg.qr(np.random.default_rng(0).standard_normal((best.shape[1],) * 2))[0]
    arrays: dict[str, NDArray[np.generic]] = {"words": np.frombuffer("\n".join(rows.known).encode(), np.uint8)}
    for name, vectors in parts.items():
        turned = vectors @ turn.astype(np.float32)
        spread = np.abs(turned).max(1) / 127 + 1e-9
        arrays[f"{name}_rows"] = np.round(turned / spread[:, None]).astype(np.int8)
        arrays[f"{name}_weights"] = (spread / spread.max()).astype(np.float16)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]


def _joined(models: Sequence[Model], data: Data, rows: Rows) -> tuple[dict[str, Floats], Floats]:
    """Return each row's vectors in all tables, side by side, and how the dimensions of whole texts belong together."""
    some = np.random.default_rng(0).permutation(len(data.kinds))[:MOST_PAIRS]
    parts: dict[str, list[Floats]] = {"query": [], "code": []}
    texts: dict[str, list[Floats]] = {"query": [], "code": []}
    for model in models:
        trainer = Trainer(data, rows, model, Options())
        for name, side, flat, offsets in (
            ("query", model.query, data.query, data.query_offsets),
            ("code", model.code, data.code, data.code_offsets),
        ):
            words, of = taken(flat, offsets, some)
            done = trainer.forward(side, words, np.bincount(of, minlength=len(some)).astype(np.int32))
            parts[name].append(np.exp(side.weights)[:, None] * (model.rows @ side.matrix) / done.lengths.mean())
            texts[name].append(done.units)
    joined = {name: np.concatenate(vectors, axis=1) for name, vectors in parts.items()}
    grams = [np.concatenate(units, axis=1) for units in texts.values()]
    return joined, np.add(*[units.T @ units for units in grams])
