#!/usr/bin/env python3
"""Trains the encoder on the chosen pairs, from the base model's weights, with a checkpoint every few minutes.

Usage: tune.py CHOSEN_DIR RUN_DIR [--start MODEL_DIR] [--epochs N] [--minutes N] [--layers N] [--batch N] [--rate R]
               [--keep W]

Started again with the same RUN_DIR it goes on where it stopped. RUN_DIR/model is what it has learned so far,
RUN_DIR/log.jsonl says how the loss fell. In-batch negatives, both directions (van den Oord et al., "Representation
learning with contrastive predictive coding", 2018; Radford et al., 2021).
"""

import argparse
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from batches import batches, pair_of, wrongly_wrong
from loop import Task, arguments, keep_memory, neighbours_of, rows_of, train

SCALE = 20.0
"""What a cosine is multiplied with before the softmax, as the base model was trained with."""

Read = tuple[list[str], list[str], list[tuple[int, int]]]
"""What a step reads: queries, codes, places that do not count as wrong."""


def main() -> None:
    """Train."""
    parser = arguments(__doc__ or "", batch=256, rate=1e-4)
    parser.add_argument("--layers", type=int, default=2, help="lowest layers that stay as they are")
    parser.add_argument("--keep", type=float, default=0.0, help="weight of staying true to the base model on prose")
    parser.add_argument("--start", type=Path, help="folder of a model to start from instead of the base model")
    options = parser.parse_args()
    keep_memory()
    train(task_of(options), options)


def task_of(options: argparse.Namespace) -> Task[Read]:
    """Return what is trained."""
    import torch
    from encoders import CODE_TOKENS, QUERY_TOKENS, TorchEncoder

    from tools.models.ship import source_folder

    rows = rows_of(options.chosen)
    near = neighbours_of(rows, options.chosen)
    base = TorchEncoder(Path(source_folder()))
    encoder = TorchEncoder(options.start or base.folder)

    def loss_of(read: Read) -> tuple[Any, Mapping[str, float]]:
        queries, codes, masked = read
        asked = encoder.vectors(queries, QUERY_TOKENS)
        loss = contrastive(SCALE * asked @ encoder.vectors(codes, CODE_TOKENS).T, masked)
        if options.keep:
            known = torch.from_numpy(base.encode(queries, QUERY_TOKENS))
            loss = loss + options.keep * (asked @ asked.T - known @ known.T).square().mean()
        return loss, {}

    steps = _steps(rows, near, options.batch)
    parameters = encoder.freeze(options.layers)
    return Task(encoder.model, parameters, steps, loss_of, encoder.save, len(rows), options.batch)


def contrastive(scores: Any, masked: Sequence[tuple[int, int]]) -> Any:
    """Return the loss of a batch: how unlikely each query's own code is among all, and each code's own query.

    Args:
        scores: (queries, codes), the right ones on the diagonal; changed.
        masked: places that count as neither right nor wrong.
    """
    import torch

    if masked:
        rows, columns = (torch.tensor(side) for side in zip(*masked, strict=True))
        scores = scores.index_put((rows, columns), torch.tensor(float("-inf")))
    right = torch.arange(len(scores))
    loss = torch.nn.functional.cross_entropy
    return (loss(scores, right) + loss(scores.T, right)) / 2


def _steps(rows: Sequence[dict[str, Any]], near: Sequence[Sequence[int]], size: int) -> Iterator[Read]:
    """Yield, without end, what each step trains on."""
    epoch = 0
    while True:
        generator = random.Random(epoch)
        for numbers in batches(rows, near, size, generator):
            batch = [rows[number] for number in numbers]
            queries, codes = zip(*(pair_of(row, generator) for row in batch), strict=True)
            yield list(queries), list(codes), wrongly_wrong(batch)
        epoch += 1


if __name__ == "__main__":
    main()
