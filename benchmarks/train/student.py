#!/usr/bin/env python3
"""Trains a student of fewer layers that gives the base model's own vectors, on both sides of the chosen pairs.

Usage: student.py CHOSEN_DIR RUN_DIR [--from 0 4 5] [--epochs N] [--minutes N] [--batch N] [--rate R]

The loss is how far each vector is from the base model's, and how far the similarities among all texts of a step are
from the base model's (Reimers and Gurevych, "Making monolingual sentence embeddings multilingual using knowledge
distillation", 2020; Tung and Mori, "Similarity-preserving knowledge distillation", 2019). No pair is used as such, so
nothing is learned that the base model does not know. Started again with the same RUN_DIR it goes on where it stopped.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from batches import Row
from loop import Task, arguments, keep_memory, rows_of, train

LAYERS = (0, 4, 5)
"""Of the base model, that the student begins as: the best of three choices after 960 pairs (mean cosine 0.85; 0.79 with
layers 0, 2 and 5, 0.45 with the lowest three)."""

SIMILARITIES = 50.0
"""Weight of the similarities, whose squared differences are small numbers."""

Texts = tuple[list[str], list[str]]
"""Queries, and code as the index embeds it."""


def main() -> None:
    """Train."""
    parser = arguments(__doc__ or "", batch=64, rate=3e-4)
    parser.add_argument("--from", dest="layers", type=int, nargs="+", default=LAYERS, help="layers it begins as")
    options = parser.parse_args()
    keep_memory()
    train(task_of(options), options)


def task_of(options: argparse.Namespace) -> Task[Texts]:
    """Return what is trained."""
    import torch
    from encoders import CODE_TOKENS, QUERY_TOKENS, TorchEncoder

    from tools.models.ship import source_folder

    rows = rows_of(options.chosen)
    base = TorchEncoder(Path(source_folder()))
    student = TorchEncoder(base.folder, options.layers)

    def loss_of(read: Texts) -> tuple[Any, Mapping[str, float]]:
        sides = list(zip(read, (QUERY_TOKENS, CODE_TOKENS), strict=True))
        learned = torch.cat([student.vectors(texts, tokens) for texts, tokens in sides])
        known = torch.cat([torch.from_numpy(base.encode(texts, tokens)) for texts, tokens in sides])
        cosine = (learned * known).sum(dim=1).mean()
        apart = (learned @ learned.T - known @ known.T).square().mean()
        return 1 - cosine + SIMILARITIES * apart, {"cosine": round(cosine.item(), 4)}

    parameters = student.freeze(0)
    return Task(student.model, parameters, steps(rows, options.batch), loss_of, student.save, len(rows), options.batch)


def steps(rows: Sequence[Row], batch: int) -> Iterator[Texts]:
    """Yield, without end, the texts of so many pairs, whole chunks and definitions alone in turn by chance."""
    epoch = 0
    while True:
        generator = random.Random(epoch)
        order = generator.sample(range(len(rows)), len(rows))
        for start in range(0, len(order) - batch + 1, batch):
            some = [rows[number] for number in order[start : start + batch]]
            yield [row["query"] for row in some], [row[generator.choice(("text", "chunk"))] for row in some]
        epoch += 1


if __name__ == "__main__":
    main()
