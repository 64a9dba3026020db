"""Keeps background work from disturbing: its priority, its memory, Python's collector."""

import contextlib
import ctypes
import gc
import os
import sys
import threading
from collections.abc import Generator
from pathlib import Path

NICENESS = 5
"""A third of a normal thread's share when all cores are busy. Less would let a query wait long for a background thread
that was put aside while it held Python's lock."""

M_ARENA_MAX = -8
"""Of glibc's malloc.h."""

YOUNG, NEVER = 5_000, 1 << 20
"""New objects between two collections of such, and such collections until one of more, while much is imported."""


def lower_priority() -> None:
    """Let others go before the calling thread and the threads it starts, where the system counts priority by thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICENESS)


def resident_mb(status: Path = Path("/proc/self/statm")) -> float:
    """Return this process's resident memory in MB; 0 where the system does not tell."""
    try:
        pages = int(status.read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError, IndexError, AttributeError):
        return 0.0


def memory_bytes() -> int | None:
    """Return this process's resident memory; its peak where the system tells no more, None where it tells nothing."""
    if used := resident_mb():
        return round(used * 1e6)
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415 - not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@contextlib.contextmanager
def without_collections() -> Generator[None]:
    """Make many objects that all stay, without the collector looking at them again and again meanwhile."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextlib.contextmanager
def without_full_collections() -> Generator[None]:
    """Import much, without the collector looking at all of it again and again meanwhile; only at what was just made.

    Who makes classes by the hundred, as pygls's types are made, leaves a quarter of them behind as garbage in cycles:
    9 MB that would stay with ``keep_from_collector``. To find it while it is young takes no longer than not to look.
    """
    before = gc.get_threshold()
    gc.set_threshold(YOUNG, *[NEVER] * 2)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def keep_from_collector(*, collect: bool = True) -> None:
    """Keep what lives now out of later garbage collections.

    An index is hundreds of thousands of small objects without cycles. A full collection looks at each of them and
    stops every thread meanwhile: 250 ms at 30,000 chunks. Reference counts free what is dropped later all the same.

    Args:
        collect: False keeps even what is garbage, to save the time; for after a start, when there is hardly any.
    """
    if collect:
        gc.collect(1)
    gc.freeze()


def share_one_heap() -> None:
    """Have all threads allocate from one heap, where the C library is glibc; for a process that lives for long.

    It gives threads heaps of their own, and every commit of the lexical index starts threads. What outlives a commit is
    then scattered over heaps that never shrink: at 12,000 chunks each edit took 2 MB more. Called before other threads
    are started.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def give_memory_back() -> None:
    """Return to the system what was freed, where the C library is glibc.

    It keeps freed memory for each thread that ever asked for some: 20 to 100 MB after an index was opened, or a graph
    or a list of vectors made anew. Takes a few milliseconds, so it comes after what took longer.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
