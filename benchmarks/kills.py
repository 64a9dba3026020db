"""Kills whoever owns the engine of a folder, at random moments, while all its front ends ask all the time.

Each front end has a thread that asks without a pause, for words and for the text that some editor has not saved. What
is killed is started again. Told are how soon others answer, and whatever a living front end was not told exactly once.
"""

import argparse
import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from edits import function
from harness import QUESTIONS, Bench, milliseconds, percentile
from strict_clients import WAIT_S, Agent, Editor, FrontEnd, start, wait_for_rest

from crashes import contents, opened
from e2e.client import RefusedError

KILLED_EDITORS, KILLED_AGENTS = 4, 2
LONGEST_PAUSE_S = 3.0
"""Between a take-over and the next kill; the shortest is none, so that some die while they open the index."""

OWNED_WITHIN_S = 2.0
SETTLED_S = 5.0
"""How long all go on asking after the first answer that follows the last kill."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered.

    Attributes:
        began: when it was asked.
        ended: when it was answered.
        born: since when the front end that was asked lives.
        target: whose unsaved text was asked for; empty for any other question.
        was_found: whether that was found.
    """

    began: float
    ended: float
    born: float
    target: str
    was_found: bool


@dataclass(slots=True)
class Place:
    """One of the front ends and its successors; a thread of its own asks.

    Attributes:
        kind: of front end.
        front_end: at present; None between two lives.
        life: how often it was started.
        born: when it was started.
        unsaved: the file that is open in it and nowhere else; empty for an agent.
    """

    kind: type[FrontEnd]
    front_end: FrontEnd | None = None
    life: int = 0
    born: float = 0.0
    unsaved: str = ""


@dataclass(slots=True)
class Siege:
    """What all threads share."""

    folder: Path
    scratch: Path
    environment: dict[str, str]
    places: list[Place]
    asked: list[Asked] = field(default_factory=list[Asked])
    kills: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    done: Counter[str] = field(default_factory=Counter[str])
    problems: list[str] = field(default_factory=list[str])
    closed: list[FrontEnd] = field(default_factory=list[FrontEnd])
    opened: dict[str, float] = field(default_factory=dict[str, float])
    is_over: bool = False

    def begin(self, number: int) -> None:
        """Start a front end, with a file open in it that is not on disk if it is an editor."""
        place = self.places[number]
        place.life += 1
        log = self.scratch / f"{place.kind.__name__}-{number}-{place.life}.log"
        front_end = start(place.kind, log, self.folder, self.environment)
        if isinstance(front_end, Editor):
            place.unsaved = f"unsaved_{number}_{place.life}.py"
            name = place.unsaved.removesuffix(".py")
            front_end.open((self.folder / place.unsaved).as_uri(), f"def {name}(value):\n    return {name}_of(value)\n")
            self.opened[place.unsaved] = time.monotonic()
        place.born, place.front_end = time.monotonic(), front_end

    def ask(self, number: int, chooser: random.Random) -> None:
        """Ask without a pause until all is over."""
        while not self.is_over:
            front_end, born = self.places[number].front_end, self.places[number].born
            if front_end is None:
                time.sleep(0.01)
                continue
            target = chooser.choice([place.unsaved for place in self.places if place.unsaved] + [""] * 2)
            began = time.monotonic()
            try:
                text = front_end.found(target.removesuffix(".py") or chooser.choice(QUESTIONS))
            except (AssertionError, OSError, RefusedError) as error:
                if front_end is self.places[number].front_end and front_end.process.poll() is None:
                    self.problems.append(f"{type(front_end).__name__}: {error}")
                elif front_end.process.poll() is not None:
                    time.sleep(0.01)  # It was killed, and its question with it.
                continue
            self.asked.append(Asked(began, time.monotonic(), born, target, target in text))
            self.done["questions answered"] += 1

    def kill(self, note: Path) -> None:
        """Kill whoever owns the engine, wait for the next owner, and start the killed one again."""
        pid = owner_of(note)
        until = time.monotonic() + WAIT_S
        while (number := self._number_of(pid)) is None:
            if time.monotonic() > until:
                raise SystemExit("No front end owns the engine")
            time.sleep(0.005)
            pid = owner_of(note)
        place = self.places[number]
        front_end, place.front_end, place.unsaved = place.front_end, None, ""
        assert front_end is not None
        front_end.process.kill()
        killed = time.monotonic()
        while owner_of(note) == pid and time.monotonic() < killed + WAIT_S:
            time.sleep(0.002)
        self.kills.append((killed, time.monotonic() - killed))
        self.done[f"{place.kind.__name__}s killed"] += 1
        front_end.kill()
        self.closed.append(front_end)
        self.begin(number)

    def has_answered_since(self, moment: float) -> bool:
        """Whether a front end that lived at a moment has answered what it was asked after that."""
        return any(one.born < moment <= one.began for one in self.asked)

    def _number_of(self, pid: int) -> int | None:
        for number, place in enumerate(self.places):
            if place.front_end is not None and place.front_end.process.pid == pid:
                return number
        return None


def owner_of(note: Path) -> int:
    """Return the process that says that it owns an index; 0 where none does."""
    try:
        return int(note.read_text(encoding="utf-8").split("\n")[0])
    except (OSError, ValueError):
        return 0


def kills(bench: Bench, options: argparse.Namespace) -> list[str]:
    """Kill and measure on the smallest size; returns what went wrong."""
    size = bench.sizes[0]
    bench.ensure_index(size)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name).resolve()
        folder, cache = scratch / "folder", scratch / "cache"
        shutil.copytree(bench.folder(size), folder, symlinks=True)
        for where in (cache, scratch / "fresh"):  # Vectors cost the most, and no kill can harm them.
            shutil.copytree(bench.cache(size) / "embeddings", where / "embeddings")
        places = [Place(Editor) for _ in range(KILLED_EDITORS)] + [Place(Agent) for _ in range(KILLED_AGENTS)]
        siege = Siege(folder, scratch, bench.environment(cache), places)
        chooser = random.Random(options.seed)
        try:
            _besiege(siege, chooser, options.kills)
        finally:
            for front_end in [*siege.closed, *(place.front_end for place in places if place.front_end is not None)]:
                front_end.kill()
        problems = siege.problems + _exactly_once(siege) + _same_index(siege, cache, scratch / "fresh")
        _tell(siege, size)
        for log in sorted(scratch.glob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            problems += [f"{log.stem}: {line}" for line in lines if " ERROR " in line or "Traceback" in line]
    return problems


def _besiege(siege: Siege, chooser: random.Random, count: int) -> None:
    for number in range(len(siege.places)):
        siege.begin(number)
    first = siege.places[0].front_end
    assert first is not None
    wait_for_rest(first)
    note = next((siege.scratch / "cache" / "workspaces").glob("*/owner"))
    threads = [
        threading.Thread(target=siege.ask, args=(number, random.Random(chooser.random())), daemon=True)
        for number in range(len(siege.places))
    ]
    for thread in threads:
        thread.start()
    for number in range(count):
        time.sleep(chooser.random() * LONGEST_PAUSE_S)
        (siege.folder / f"saved_{number % 10}.py").write_text(function(number), encoding="utf-8")
        time.sleep(chooser.random() * 0.5)  # Some die while they write.
        siege.kill(note)
    until = time.monotonic() + WAIT_S
    while not siege.has_answered_since(siege.kills[-1][0]) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(SETTLED_S)
    siege.is_over = True
    for thread in threads:
        thread.join(WAIT_S)
        if thread.is_alive():
            siege.problems.append("A question was not answered in the end")
    for place in siege.places:
        for other in siege.places:
            assert place.front_end is not None
            name = other.unsaved
            if name and name not in place.front_end.found(name.removesuffix(".py")):
                siege.problems.append(f"{name} is not found by an {place.kind.__name__} in the end")


def _exactly_once(siege: Siege) -> list[str]:
    """Return what living front ends were not told exactly once."""
    problems: list[str] = []
    for front_end in (place.front_end for place in siege.places):
        assert front_end is not None
        counts = Counter(len(front_end.replies(identifier)) for identifier in range(1, front_end._last_id + 1))
        if set(counts) != {1}:
            problems.append(f"{type(front_end).__name__}: questions by number of replies: {dict(counts)}")
        problems += front_end.problems
    for front_end in siege.closed:  # The one that it was asked when it died has none.
        counts = Counter(len(front_end.replies(identifier)) for identifier in range(1, front_end._last_id + 1))
        if counts[0] > 1 or set(counts) - {0, 1}:
            problems.append(f"a killed {type(front_end).__name__}: questions by number of replies: {dict(counts)}")
    return problems


def _same_index(siege: Siege, cache: Path, fresh: Path) -> list[str]:
    """Hold the index that was killed again and again against one made afresh."""
    found: list[dict[str, list[str]]] = []
    for where in (cache, fresh):
        with opened(siege.folder, where) as engine:
            engine.start()  # pyright: ignore
            assert engine.wait_until_current(WAIT_S)  # pyright: ignore
            found.append(contents(engine))
    same = sum(found[0].get(path) == digests for path, digests in found[1].items())
    siege.done["files as in a fresh index"] = same
    siege.done["files in a fresh index"] = len(found[1])
    return [] if found[0] == found[1] else [f"The index has {len(found[0])} files, {same} of {len(found[1])} are right"]


def _tell(siege: Siege, size: str) -> None:
    first: list[float] = []
    complete: list[float] = []
    moments = [killed for killed, _ in siege.kills]
    for killed, end in zip(moments, [*moments[1:], float("inf")], strict=True):
        survivors = [one for one in siege.asked if one.born < killed <= one.began]
        first.append(min(one.ended for one in survivors) - killed)
        missed = [
            one.began
            for one in survivors
            if one.began < end and not one.was_found and siege.opened.get(one.target, end) < killed
        ]
        complete.append(max(missed, default=killed) - killed)
    times = [one.ended - one.began for one in siege.asked]
    print(f"\n{size}, {KILLED_EDITORS} `cognate serve` and {KILLED_AGENTS} `cognate mcp`.\n\n| | |\n|---|---|")
    for name, count in siege.done.items():
        print(f"| {name} | {count:,} |")
    for name, values in (
        ("from a kill to the next owner", [took for _, took in siege.kills]),
        ("to the first answer to a survivor", first),
        ("to the last answer to a survivor without unsaved text", complete),
        ("a question", times),
    ):
        figures = percentile(values, 0.5), percentile(values, 0.95), max(values)
        print(f"| {name}, p50 / p95 / worst | {' / '.join(map(milliseconds, figures))} |")
    late = sum(took > OWNED_WITHIN_S for took in first)
    print(f"| first answers later than {OWNED_WITHIN_S:g} s | {late} of {len(first)} |")
