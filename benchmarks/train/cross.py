#!/usr/bin/env python3
"""Trains a cross-encoder on the chosen pairs, from some layers of the base model and a fresh head.

Usage: cross.py CHOSEN_DIR RUN_DIR [--from 0 1 2 3] [--frozen N] [--wrong N] [--tokens N] [--easy N] [--epochs N]
                [--minutes N] [--batch N] [--rate R]

It reads what the second stage of a search reads. Each query is given with its own passage and wrong ones; the loss is
how unlikely the right one is among them (listwise softmax: Cao et al., "Learning to rank: from pairwise approach to
listwise approach", 2007). Started again with the same RUN_DIR it goes on where it stopped.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from lists import Listed, Lister
from loop import Task, arguments, keep_memory, neighbours_of, rows_of, train

LAYERS = (0, 1, 2, 3)
"""Of the base model, that the cross-encoder begins as."""


def main() -> None:
    """Train."""
    parser = arguments(__doc__ or "", batch=32, rate=4e-4)
    parser.add_argument("--from", dest="layers", type=int, nargs="+", default=LAYERS, help="layers it begins as")
    parser.add_argument("--frozen", type=int, default=1, help="of these, the lowest that stay as they are")
    parser.add_argument("--wrong", type=int, default=5, help="wrong passages a query")
    parser.add_argument("--tokens", type=int, default=64, help="where a pair is cut, in training and ever after")
    parser.add_argument("--easy", type=int, default=2000, help="pairs at the beginning with wrong passages by chance")
    options = parser.parse_args()
    keep_memory()
    train(task_of(options), options)


def task_of(options: argparse.Namespace) -> Task[list[Listed]]:
    """Return what is trained."""
    import torch
    from encoders import TorchCrossEncoder

    from tools.models.ship import source_folder

    rows = rows_of(options.chosen)
    lister = Lister(rows, neighbours_of(rows, options.chosen), 1 + options.wrong)
    torch.manual_seed(0)  # Of the head.
    encoder = TorchCrossEncoder.fresh(Path(source_folder()), options.layers, options.tokens)

    def loss_of(lists: Sequence[Listed]) -> tuple[Any, Mapping[str, float]]:
        logits = encoder.logits([(one.query, passage) for one in lists for passage in one.passages])
        logits = logits.reshape(len(lists), -1)
        right = torch.zeros(len(lists), dtype=torch.long)
        first = (logits.argmax(dim=1) == right).float().mean()
        return torch.nn.functional.cross_entropy(logits, right), {"right_first": round(first.item(), 4)}

    parameters = encoder.freeze(options.frozen)
    return Task(
        encoder.model,
        parameters,
        lister.steps(options.batch, options.easy),
        loss_of,
        encoder.save,
        len(rows),
        options.batch,
    )


if __name__ == "__main__":
    main()
