"""A process killed at any moment loses nothing; ``benchmarks/crash.py`` does the same more often."""

import tempfile
from pathlib import Path

import crashes

IN_MEMORY = Path("/dev/shm")  # What a killed process wrote survives it there too, and tantivy's syncs cost nothing.


def test_killed_at_random_moments_the_next_start_answers_and_ends_like_a_fresh_one():
    done: list[crashes.Run] = []
    for seed in range(7, 12):  # On a fast machine, none of a dozen kills may come while the files are read.
        with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as scratch:
            done += crashes.runs(Path(scratch), 12, seed)
        if any(0 < run.committed < crashes.N_FILES for run in done):
            break
    assert [run for run in done if not run.is_good] == []
    assert [run.notice for run in done if run.notice] == []
    assert any(0 < run.committed < crashes.N_FILES for run in done), "no kill came while the files were read"
