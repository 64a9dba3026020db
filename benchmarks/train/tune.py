#!/usr/bin/env python3
"""Trains the encoder on the chosen pairs, from the base model's weights, with a checkpoint every few minutes.

Usage: tune.py CHOSEN_DIR RUN_DIR [--start MODEL_DIR] [--epochs N] [--minutes N] [--layers N] [--batch N] [--rate R]
               [--keep W]

Started again with the same RUN_DIR it goes on where it stopped. RUN_DIR/model is what it has learned so far,
RUN_DIR/log.jsonl says how the loss fell. In-batch negatives, both directions (van den Oord et al., "Representation
learning with contrastive predictive coding", 2018; Radford et al., 2021), AdamW, linear warm-up and decay.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 33), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
             "MALLOC_TOP_PAD_": str(1 << 26)}  # fmt: skip
"""Has glibc keep memory instead of giving it back to the system after each step: 2.4 times as many pairs a second."""

SCALE = 20.0
"""What a cosine is multiplied with before the softmax, as the base model was trained with."""

WARM_UP = 0.06
WEIGHT_DECAY = 0.01
GRADIENT_NORM = 1.0
CHECKPOINT_SECONDS = 240


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chosen", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--epochs", type=float, default=1.0, help="after which the rate has fallen to 0")
    parser.add_argument("--minutes", type=float, help="the same, by time spent training; whichever is first")
    parser.add_argument("--layers", type=int, default=2, help="lowest layers that stay as they are")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--keep", type=float, default=0.0, help="weight of staying true to the base model on prose")
    parser.add_argument("--start", type=Path, help="folder of a model to start from instead of the base model")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if not ALLOCATOR.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})
    sys.path.insert(0, str(Path(__file__).parent))
    train(options)


def train(options: argparse.Namespace) -> None:
    """Train until the given time or number of epochs is through, from the last checkpoint if there is one."""
    import torch
    from encoders import CODE_TOKENS, QUERY_TOKENS, TorchEncoder

    from cognate.model_tools.ship import source_folder

    torch.set_num_threads(options.threads)
    rows = [json.loads(line) for line in (options.chosen / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    near = _neighbours(rows, options.chosen)
    base = TorchEncoder(Path(source_folder()))
    encoder = TorchEncoder(options.start or base.folder)
    parameters = encoder.freeze(options.layers)
    optimizer = torch.optim.AdamW(parameters, lr=options.rate, weight_decay=WEIGHT_DECAY)
    steps = int(options.epochs * len(rows) / options.batch)
    state_file = options.run / "state.pt"
    done, spent = 0, 0.0
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        encoder.model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        done, spent = state["step"], state.get("seconds", 0.0)
    options.run.mkdir(parents=True, exist_ok=True)
    encoder.model.train()
    for module in encoder.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # One pass over much data does not overfit.
    saved = began = time.monotonic()
    for step, (queries, codes, masked) in enumerate(_steps(rows, near, options.batch), 1):
        if step <= done:
            began = time.monotonic()
            continue
        seconds = spent + time.monotonic() - began
        progress = max(step / steps, seconds / (60 * options.minutes) if options.minutes else 0.0)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * rate_at(min(1.0, progress))
        asked = encoder.vectors(queries, QUERY_TOKENS)
        loss = contrastive(SCALE * asked @ encoder.vectors(codes, CODE_TOKENS).T, masked)
        if options.keep:
            known = torch.from_numpy(base.encode(queries, QUERY_TOKENS))
            loss = loss + options.keep * (asked @ asked.T - known @ known.T).square().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, GRADIENT_NORM)
        optimizer.step()
        speed = (step - done) * options.batch / (time.monotonic() - began)
        figures = {"progress": round(progress, 4), "loss": round(loss.item(), 4), "pairs_a_second": round(speed, 1)}
        _log(options.run, step=step, pairs=step * options.batch, **figures)
        if time.monotonic() - saved > CHECKPOINT_SECONDS or progress >= 1:
            saved = time.monotonic()
            state = {"model": encoder.model.state_dict(), "optimizer": optimizer.state_dict(), "step": step,
                     "seconds": spent + time.monotonic() - began}  # fmt: skip
            torch.save(state, state_file.with_suffix(".part"))
            state_file.with_suffix(".part").replace(state_file)
            encoder.save(options.run / "model")
        if progress >= 1:
            break


def rate_at(progress: float) -> float:
    """Return the share of the full learning rate after a share of the training: up, then evenly down to 0."""
    return min(progress / WARM_UP, (1 - progress) / (1 - WARM_UP))


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


def _steps(
    rows: Sequence[dict[str, Any]], near: Sequence[Sequence[int]], size: int
) -> Iterator[tuple[list[str], list[str], list[tuple[int, int]]]]:
    """Yield, without end, what each step trains on: queries, codes, places that do not count as wrong."""
    from batches import batches, pair_of, wrongly_wrong

    epoch = 0
    while True:
        generator = random.Random(epoch)
        for numbers in batches(rows, near, size, generator):
            batch = [rows[number] for number in numbers]
            queries, codes = zip(*(pair_of(row, generator) for row in batch), strict=True)
            yield list(queries), list(codes), wrongly_wrong(batch)
        epoch += 1


def _neighbours(rows: Sequence[dict[str, Any]], chosen: Path) -> list[list[int]]:
    """Return the lexical neighbours of all pairs, kept beside them, since finding them takes minutes."""
    from lexical import neighbours

    cache = chosen / "neighbours.json"
    if not cache.exists():
        cache.write_text(json.dumps(neighbours(rows)), encoding="utf-8")
    return json.loads(cache.read_text(encoding="utf-8"))


def _log(run: Path, **figures: float) -> None:
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
