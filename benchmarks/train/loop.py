"""The training loop that all runs share: steps, rate, checkpoints, log, and going on where a run stopped.

AdamW, linear warm-up and decay, for a number of epochs or minutes. RUN_DIR/model is what has been learned so far,
RUN_DIR/state.pt what the next start goes on from, RUN_DIR/log.jsonl says how the loss fell.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(1 << 33), "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
             "MALLOC_TOP_PAD_": str(1 << 26)}  # fmt: skip
"""Has glibc keep memory instead of giving it back to the system after each step: 2.4 times as many pairs a second."""

WARM_UP = 0.06
WEIGHT_DECAY = 0.01
GRADIENT_NORM = 1.0
CHECKPOINT_SECONDS = 240

Step = TypeVar("Step")


@dataclass(frozen=True, slots=True)
class Task(Generic[Step]):
    """What is trained, and on what.

    Attributes:
        model: the torch module.
        parameters: those of it that are learned.
        steps: what each step reads, without end, the same from run to run.
        loss: of one step, with what else the log should say of it.
        save: writes what has been learned to a folder.
        pairs: how many an epoch has.
        batch: how many a step reads.
    """

    model: Any
    parameters: list[Any]
    steps: Iterator[Step]
    loss: Callable[[Step], tuple[Any, Mapping[str, float]]]
    save: Callable[[Path], None]
    pairs: int
    batch: int


def arguments(description: str, *, batch: int, rate: float) -> argparse.ArgumentParser:
    """Return a parser of what every run takes; ``batch`` and ``rate`` are the defaults."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chosen", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--epochs", type=float, default=1.0, help="after which the rate has fallen to 0")
    parser.add_argument("--minutes", type=float, help="the same, by time spent training; whichever is first")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--threads", type=int, default=2)
    return parser


def keep_memory() -> None:
    """Start this script again with the allocator's settings, unless it runs with them."""
    if not ALLOCATOR.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ALLOCATOR})


def train(task: Task[Any], options: argparse.Namespace) -> None:
    """Train until the given time or number of epochs is through, from the last checkpoint if there is one."""
    import torch

    torch.set_num_threads(options.threads)
    run: Path = options.run
    run.mkdir(parents=True, exist_ok=True)
    optimizer = torch.optim.AdamW(task.parameters, lr=options.rate, weight_decay=WEIGHT_DECAY)
    steps = int(options.epochs * task.pairs / task.batch)
    state_file = run / "state.pt"
    done, spent = 0, 0.0
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        task.model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        done, spent = state["step"], state.get("seconds", 0.0)
    task.model.train()
    for module in task.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # One pass over much data does not overfit.
    saved = began = time.monotonic()
    for step, read in enumerate(task.steps, 1):
        if step <= done:
            began = time.monotonic()
            continue
        seconds = spent + time.monotonic() - began
        progress = max(step / steps, seconds / (60 * options.minutes) if options.minutes else 0.0)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * rate_at(min(1.0, progress))
        loss, also = task.loss(read)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(task.parameters, GRADIENT_NORM)
        optimizer.step()
        speed = (step - done) * task.batch / (time.monotonic() - began)
        figures = {"progress": round(progress, 4), "loss": round(loss.item(), 4), "pairs_a_second": round(speed, 1)}
        _log(run, step=step, pairs=step * task.batch, **figures, **also)
        if time.monotonic() - saved > CHECKPOINT_SECONDS or progress >= 1:
            saved = time.monotonic()
            state = {"model": task.model.state_dict(), "optimizer": optimizer.state_dict(), "step": step,
                     "seconds": spent + time.monotonic() - began}  # fmt: skip
            torch.save(state, state_file.with_suffix(".part"))
            state_file.with_suffix(".part").replace(state_file)
            task.save(run / "model")
        if progress >= 1:
            break


def rate_at(progress: float) -> float:
    """Return the share of the full learning rate after a share of the training: up, then evenly down to 0."""
    return min(progress / WARM_UP, (1 - progress) / (1 - WARM_UP))


def rows_of(chosen: Path) -> list[dict[str, Any]]:
    """Return the pairs that are trained on."""
    return [json.loads(line) for line in (chosen / "train.jsonl").read_text(encoding="utf-8").splitlines()]


def neighbours_of(rows: list[dict[str, Any]], chosen: Path) -> list[list[int]]:
    """Return the lexical neighbours of all pairs, kept beside them, since finding them takes minutes."""
    from lexical import neighbours

    cache = chosen / "neighbours.json"
    if not cache.exists():
        cache.write_text(json.dumps(neighbours(rows)), encoding="utf-8")
    return json.loads(cache.read_text(encoding="utf-8"))


def _log(run: Path, **figures: float) -> None:
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(figures) + "\n")
