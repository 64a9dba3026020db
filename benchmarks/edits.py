"""From an edit to a search that finds it: in an open buffer, and saved to disk by somebody else."""

import time
from pathlib import Path

from client import Server
from harness import Bench, Goal, Row, milliseconds, percentile
from references import chunked, encode_one_s

LINES = 1_000
EDITS_A_ROUND = 20
ALLOWED_S = 0.1
REST_S = 0.3  # Edits come one by one; in a burst, those after the first wait until it ends.
FUNCTION = "def {name}(first, second):\n    total = first + second\n    return [total, {number}, {run}]\n"
RUN = "".join(chr(ord("a") + int(digit)) for digit in str(time.time_ns()))
"""A word in every text, so that no earlier run has left its vector in the cache."""


def rows(bench: Bench) -> list[Row]:
    """Measure at the largest size: one function in a file of a thousand real lines gets another name and body."""
    size = bench.largest
    bench.ensure_index(size)
    folder = bench.folder(size)
    alone = encode_one_s(chunked(folder, files=40)["texts"][:200], documents=True)
    lines, place = long_file(folder)
    path = folder / "edited_by_the_benchmark.py"
    try:
        with Server(folder, bench.environment(bench.cache(size)), bench.work / "edits.log") as server:
            server.wait_until_ready()
            typed = _typed(server, path, lines, place, bench.rounds * EDITS_A_ROUND)
            server.wait_until_ready()
            saved = _saved(server, path, lines, place, bench.rounds * EDITS_A_ROUND)
            path.unlink()
            server.wait_until_ready()
    finally:
        path.unlink(missing_ok=True)
    bench.note(size, "edit to searchable p95, ms", percentile(typed, 0.95) * 1000)
    reference = f"encoding one chunk + 100 ms, {milliseconds(alone + ALLOWED_S)}"
    note = ("From sending the change to reading the answer that has it, quiet time (`updateDelayMs`) and the search "
            "itself included.")  # fmt: skip
    return [
        Row(f"{what} → searchable, p50 / p95 of {len(times)}", size,
            f"{milliseconds(percentile(times, 0.5))} / {milliseconds(percentile(times, 0.95))}", reference,
            percentile(times, 0.95) / (alone + ALLOWED_S), Goal(1), note)
        for what, times in (("edit in the editor", typed), ("file written on disk", saved))
    ]  # fmt: skip


def long_file(folder: Path) -> tuple[list[str], int]:
    """Return about a thousand real lines of Python, and the place among them where a function can be put."""
    candidates = [path for path in folder.rglob("*.py") if path.stat().st_size < 200_000]
    chosen = min(candidates, key=lambda path: (abs(path.read_bytes().count(b"\n") - LINES), str(path)))
    lines = chosen.read_text(encoding="utf-8", errors="replace").split("\n")
    middle = range(len(lines) // 2, len(lines))
    return lines, next((n for n in middle if lines[n].startswith(("def ", "class ", "@"))), len(lines))


def name_of(number: int) -> str:
    """Return a name for each number, as people give them: three words, one of them in no other name."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}")
    return f"edited_{letters}_needle"


def function(number: int) -> str:
    """Return the code of a numbered function, three lines."""
    return FUNCTION.format(name=name_of(number), number=number, run=RUN)


def with_function(lines: list[str], place: int, number: int) -> str:
    """Return the text with the numbered function in its place."""
    return "\n".join([*lines[:place], function(number), *lines[place:]])


def _typed(server: Server, path: Path, lines: list[str], place: int, count: int) -> list[float]:
    path.write_text(with_function(lines, place, 0), encoding="utf-8")
    uri = server.open(path)
    server.until_found(name_of(0))
    times: list[float] = []
    for number in range(1, count + 1):
        server.wait_until_ready()
        time.sleep(REST_S)
        began = time.perf_counter()
        server.change(uri, number + 1, (place, place + 3), function(number))
        server.until_found(name_of(number))
        times.append(time.perf_counter() - began)
    server.close(uri)
    return times


def _saved(server: Server, path: Path, lines: list[str], place: int, count: int) -> list[float]:
    times: list[float] = []
    for number in range(count + 1, 2 * count + 1):
        server.wait_until_ready()
        began = time.perf_counter()
        path.write_text(with_function(lines, place, number), encoding="utf-8")
        server.until_found(name_of(number))
        times.append(time.perf_counter() - began)
    return times
