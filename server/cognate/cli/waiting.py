"""Waiting until an index can answer, and what is said on stderr meanwhile where no progress bar is shown."""

import argparse
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from cognate.cli import output
from cognate.face import EngineFace

FIRST_S = 3.0
"""Who waits no longer need not be told."""

EVERY_S = 30.0
"""How often it is said again how far the index is."""


class Sayings:
    """Sentences about something that takes long: one once it has lasted a moment, then one now and then."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = clock() + FIRST_S

    def due_in_s(self) -> float:
        """Return in how many seconds the next one is due."""
        return max(self._due - self._clock(), 0.0)

    def say(self, sentence: str) -> None:
        """Write a sentence if one is due."""
        if not self.due_in_s():
            output.write_note(sentence)
            self._due = self._clock() + EVERY_S


def shows_bars(options: argparse.Namespace) -> bool:
    """Whether stderr may be written over again and again: it is a terminal, and a person reads along."""
    return not options.json and sys.stderr.isatty()


def is_for_now(options: argparse.Namespace) -> bool:
    """Whether a command takes what is indexed so far; only some have that option."""
    return getattr(options, "now", False)


def hint(options: argparse.Namespace) -> str:
    """Return how a command could do without the wait, fit to stand behind a sentence."""
    return " With --now it is not waited for." if getattr(options, "now", None) is False else ""


def until_current(engine: EngineFace, *, embedded: bool = True, says: bool, hint: str = "") -> None:
    """Block until everything is searchable, or the disk refuses that.

    Args:
        engine: whose index it is.
        embedded: whether to wait for embeddings, too.
        says: whether to write now and then how far it is.
        hint: what to add to that.
    """
    if not says:
        engine.wait_until_current(embedded=embedded)
        return
    sayings = Sayings()
    while not engine.wait_until_current(sayings.due_in_s(), embedded=embedded) and not sayings.due_in_s():
        sayings.say(f"waiting for the index. {engine.status().index.summary}.{hint}")


@contextmanager
def reading_history(*, on_terminal: bool) -> Generator[Callable[[int], None]]:
    """Show how many commits have been read while the block runs; yields what to call with their number.

    Args:
        on_terminal: whether one line may be written again and again.
    """
    shown, sayings = False, Sayings()

    def show(commits: int) -> None:
        nonlocal shown
        text = f"reading the history: {commits:,} commits"
        if not on_terminal:
            sayings.say(text)
            return
        shown = True
        sys.stderr.write(f"\r{text}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
