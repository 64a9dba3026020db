"""What the benchmarks share: rows with goals, workspaces made of corpora, processes with time and memory, the machine.

A workspace of each size lies in ``WORK/SIZE/folder`` as a git repository, its index in ``WORK/SIZE/cache``: what one
benchmark built the next one uses, and ``cold`` builds it anew.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpora import fetch

ROOT = Path(__file__).resolve().parents[1]
LABELS = Path(__file__).with_name("quality") / "labels"
WORDINGS = LABELS.with_name("wordings")
SIZES: dict[str, tuple[str, ...]] = {
    "small": ("cobra", "click", "axios"),
    "medium": ("leveldb", "bat", "celery", "composer"),
    "large": ("commons-lang3", "rxjs", "redis", "django"),
    "huge": ("three", "prometheus", "sphinx", "rails", "rustc", "git", "go", "sympy", "nova"),
}
"""What each size adds to the one before it."""

QUESTIONS = (
    "how are redirects followed", "parse the content type header", "retry a failed connection",
    "register an error handler", "stream the response body in chunks", "command line option with a default",
    "timeout while reading", "render a template", "suggest similar commands for a typo", "merge two configurations",
    "print the help text", "which flags are required", "cancel a request", "add a sub command", "environment variables",
    "convert a value to an integer",
)  # fmt: skip
IDLE = frozenset({"ready", "lexical-only"})
WAIT_S = 3_600.0
POLL_S = 0.005


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a ratio, or on the measured figure itself where a row has no reference.

    Attributes:
        limit: the bound.
        size: the workspace that it speaks of; empty for every one.
        at_least: whether larger is better.
        unit: what the bound counts, for people.
    """

    limit: float
    size: str = ""
    at_least: bool = False
    unit: str = "times"

    def __str__(self) -> str:
        place = f" at {self.size}" if self.size else ""
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}{' ' + self.unit if self.unit else ''}{place}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was measured.
        size: the workspace, or empty.
        measured: the figure with its unit.
        reference: what it is held against, measured in the same run, with its figure.
        ratio: the number that the goal bounds; None where there is none.
        goal: None for rows that only inform.
        note: what to know when reading it.
    """

    what: str
    size: str
    measured: str
    reference: str = ""
    ratio: float | None = None
    goal: Goal | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none, or it speaks of another size."""
        if self.goal is None or self.ratio is None or self.goal.size not in {"", self.size}:
            return None
        return self.ratio >= self.goal.limit if self.goal.at_least else self.ratio <= self.goal.limit


def table(rows: Sequence[Row]) -> str:
    """Return the rows as one Markdown table, with the notes below it."""
    lines = [
        "| what | size | measured | reference in the same run | ratio | goal | met |",
        "|---|---|---|---|---|---|---|",
    ]
    notes: list[str] = []
    for row in rows:
        mark = ""
        if row.note:
            if row.note not in notes:
                notes.append(row.note)
            mark = f" [{notes.index(row.note) + 1}]"
        ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
        met = {True: "yes", False: "**no**", None: ""}[row.met]
        cells = (row.what + mark, row.size, row.measured, row.reference, ratio, str(row.goal or ""), met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"[{number}] {note}" for number, note in enumerate(notes, 1))]).rstrip()


def records(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the rows as a table of results."""
    titles = {"reference": "reference in the same run"}
    keys = ("what", "size", "measured", "reference", "ratio", "goal", "met")
    cells = [
        (
            row.what, row.size, row.measured, row.reference, "" if row.ratio is None else f"{row.ratio:.3g}",
            str(row.goal or ""), {True: "yes", False: "**no**", None: ""}[row.met],
        )
        for row in rows
    ]  # fmt: skip
    return {
        "columns": [{"key": key, "title": titles.get(key, key)} for key in keys],
        "rows": [dict(zip(keys, each, strict=True)) for each in cells],
    }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies, by the nearest rank.

    Raises:
        ValueError: without values.
    """
    if not values:
        raise ValueError("Nothing was measured.")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds: float) -> str:
    """Return a time for people."""
    return f"{seconds * 1000:.1f} ms"


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that came to its end: its seconds, the most memory it held in MB, its output."""

    seconds: float
    peak_mb: float
    output: str


def run(command: Sequence[str], environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Ended:
    """Run a process to its end.

    Raises:
        SystemExit: when it fails.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=folder
    )
    output, errors = process.stdout, process.stderr
    assert output and errors
    # Whoever talks much on stderr while we read stdout would wait for us; what we run says a few lines there at most.
    text = output.read().decode("utf-8", "replace")
    trouble = errors.read().decode("utf-8", "replace")
    output.close()
    errors.close()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{trouble[-2000:]}")
    return Ended(seconds, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2), text)


def best_of(rounds: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Return each measure's least seconds, taken in turns, so that a busy neighbour slows all alike."""
    best = dict.fromkeys(measures, float("inf"))
    for _ in range(rounds):
        for name, measure in measures.items():
            best[name] = min(best[name], measure())
    return best


def cognate(*arguments: str) -> list[str]:
    """Return the command line of this interpreter's Cognate."""
    return [sys.executable, *(["-P"] if sys.version_info >= (3, 11) else []), "-m", "cognate", *arguments]


@dataclass(slots=True)
class Bench:
    """One run of the suite.

    Attributes:
        corpora: where fetched packages lie.
        work: where workspaces, indexes and results are kept.
        sizes: those asked for, smallest first.
        rounds: how often what is quick is measured.
        torch_python: an interpreter with sentence-transformers, or None.
        threads: what indexing may use.
        points: for the plot, figures by size and name.
    """

    corpora: Path
    work: Path
    sizes: tuple[str, ...]
    rounds: int = 3
    torch_python: Path | None = None
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    points: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    _indexed: set[str] = field(default_factory=set[str])

    @property
    def largest(self) -> str:
        """The size that expensive benchmarks use: ``large`` where it was asked for, else the largest."""
        return "large" if "large" in self.sizes else self.sizes[-1]

    @property
    def middle(self) -> str:
        """``medium`` where it was asked for, else the smallest."""
        return "medium" if "medium" in self.sizes else self.sizes[0]

    def note(self, size: str, name: str, value: float) -> None:
        """Keep a figure for the plot."""
        self.points.setdefault(size, {})[name] = value

    def members(self, size: str) -> list[str]:
        """Return the corpora of a size, those of the smaller ones first."""
        names: list[str] = []
        for each, added in SIZES.items():
            names += added
            if each == size:
                break
        return names

    def folder(self, size: str) -> Path:
        """Return the workspace of a size, a clean git repository, made if it is not there."""
        folder, made = self.work / size / "folder", self.work / size / "members.json"
        names = self.members(size)
        if made.is_file() and json.loads(made.read_text(encoding="utf-8")) == names:
            return folder
        shutil.rmtree(self.work / size, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in names:
            shutil.copytree(fetch(name, self.corpora), folder / name, symlinks=True)
        for call in (
            ["init", "--quiet"],
            ["config", "gc.auto", "0"],
            ["config", "core.autocrlf", "false"],
            ["add", "--all"],
            ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "--quiet", "-m", "all"],
        ):
            run(["git", *call], folder=folder)
        made.write_text(json.dumps(names), encoding="utf-8")
        return folder

    def cache(self, size: str) -> Path:
        """Return the cache folder of a size's index."""
        return self.work / size / "cache"

    def environment(self, cache: Path) -> dict[str, str]:
        """Return the environment in which everything derived lies in one folder.

        Python may keep bytecode, whatever this process may: an installed package has its own, as the references have.
        """
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**inherited, "COGNATE_CACHE_DIR": str(cache)}

    def index(self, size: str, *, cold: bool = False) -> Ended:
        """Bring a size's index up to date, from nothing where ``cold``."""
        if cold:
            shutil.rmtree(self.cache(size), ignore_errors=True)
        command = cognate("index", str(self.folder(size)), "--json", "--threads", str(self.threads))
        ended = run(command, self.environment(self.cache(size)))
        status = json.loads(ended.output)
        if status["coverage"] != 1.0:
            raise SystemExit(f"The index of {size} is not complete: {status}")
        self._indexed.add(size)
        self.note(size, "chunks", status["chunks"])
        self.note(size, "files", status["files"])
        return ended

    def ensure_index(self, size: str) -> None:
        """Index a size where that was not done in this run."""
        if size not in self._indexed:
            self.index(size)

    def labels(self, size: str) -> dict[str, list[dict[str, Any]]]:
        """Return the labelled queries on the corpora of a size that have some, by corpus."""
        files = [LABELS / f"{name}.json" for name in self.members(size)]
        return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()}

    def queries(self, size: str) -> list[str]:
        """Return queries that a workspace can answer: its labelled ones up to ``large``, and plain questions."""
        labels = self.labels("large" if size == "huge" else size)
        found = [" ".join(label["query"].split()) for corpus in labels.values() for label in corpus]
        return list(dict.fromkeys([*QUESTIONS, *found]))

    def wordings(self, size: str) -> dict[str, list[str]]:
        """Return three other wordings of each of the queries that have such."""
        files = [WORDINGS / f"{name}.jsonl" for name in self.labels("large" if size == "huge" else size)]
        rows = (
            json.loads(line)
            for file in files
            if file.is_file()
            for line in file.read_text(encoding="utf-8").splitlines()
        )
        return {row["query"]: row["also"] for row in rows}


def machine() -> str:
    """Return what the figures were measured on, in one line, without a name."""
    model = platform.machine()
    flags = ""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        flags = " with VNNI" if "vnni" in information.read_text(encoding="utf-8", errors="replace") else ""
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
    import onnxruntime

    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{os.cpu_count()} cores, {model}{flags}{memory}, {platform.system()}, Python {platform.python_version()}, "
        f"onnxruntime {onnxruntime.__version__}{load}"
    )
