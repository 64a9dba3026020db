#!/usr/bin/env python3
"""Asks what the history knows: which commit answers a question, and which file a commit would have changed as well.

Usage: history.py REPOSITORY ... [--cache FOLDER] [--only questions together] [--json FILE]

A REPOSITORY is a local git repository, a work tree or a bare one. ``quality/history.json`` pins a commit for each and
holds 60 questions with the commits that answer them, written by reading the log, before anything was searched, mostly
in other words than the commit's. The engine that editors have reads the history of a folder without files of its own.

*Questions*: the share of questions with a right commit among the first five, and as the first, with 95 % intervals of
the bootstrap. Beside it what git finds by itself with the question's words (without stop words), in any case: messages
(``git log --grep``), commits that change how often a text occurs (``-S``), and those with a changed line that holds it
(``-G``); the commits with all words, those with most words (or stems of words) first, or those with the rarest first
(by the sum of their inverse frequencies), as a script around git could sort them; the newest first among equals. ``-S``
and ``-G`` are worked out in one reading of all differences, which finds the same commits.

*Together*: of each of the newest 300 commits that changed 2 to 30 files one is hidden, drawn at random among those that
were there before. Is it among the three files that usually change with the others, as the commits before say? Beside
it the files that changed most often before, whatever the others are. Precision counts the files that are shown.
"""

import argparse
import json
import math
import random
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).with_name("quality")))
from bootstrap import paired_interval
from commits import Commit, Repository
from evaluate import table

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.history.together import changed_with
from cognate.history.view import HistoryView
from cognate.indexing.services import Services
from cognate.search.history import LEAST_TOGETHER
from cognate.search.request import HistoryRequest
from cognate.settings import Settings
from cognate.words import STOP_WORDS, stem, words

QUESTIONS = Path(__file__).with_name("quality") / "history.json"
CACHE = Path(".cache/history")
COMMITS = 5_000  # As many as are read without a setting.
SHOWN = 5
SHOWN_TOGETHER = 3
NEWEST = 300
MOST_FILES = 30
SEED = 5
POLL_S = 3.0  # Questions go before the reading that is waited for.
WAIT_S = 3_600.0
OURS = "`cognate history`"
ASKING = frozenset({"any", "did", "got", "more", "must", "not", "now", "only", "own", "since", "than", "them", "way"})
"""Words of questions that nobody would look for, beside the stop words."""
LEAST_LETTERS = 3

Found = dict[str, list[str]]
"""By the way to ask, the ids of the commits that are shown, best first."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A repository with the newest commit that is read, and its questions with the commits that answer them."""

    name: str
    repository: Repository
    newest: str
    questions: list[tuple[str, frozenset[str]]]


@dataclass(slots=True)
class Shares:
    """By the way to ask, a figure for each question or commit."""

    first: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def pinned(paths: Sequence[Path]) -> list[Pinned]:
    """Return what is pinned of some repositories; one of which nothing is has no questions."""
    read = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    found: list[Pinned] = []
    for path in paths:
        repository = Repository(path)
        known = next((pin for pin in read["repositories"] if repository.resolve(pin["newest"])), None)
        newest = known["newest"] if known else repository.resolve("HEAD")
        if newest is None:
            raise SystemExit(f"{path} is no git repository, or has no commit.")
        name = known["name"] if known else path.resolve().name.removesuffix(".git")
        asked = [q for q in read["questions"] if known and q["repository"] == name]
        found.append(Pinned(name, repository, newest, [(q["question"], frozenset(q["commits"])) for q in asked]))
    return found


@contextmanager
def opened(pin: Pinned, cache: Path, services: Services) -> Iterator[Engine]:
    """Give an engine that has read a repository's history, up to its pinned commit."""
    folder = cache / f"{pin.name}-{pin.newest[:12]}"
    if not folder.is_dir():
        staged = folder.with_suffix(".part")
        shutil.rmtree(staged, ignore_errors=True)
        staged.parent.mkdir(parents=True, exist_ok=True)
        clone = [
            "git",
            "clone",
            "--quiet",
            "--shared",
            "--no-checkout",
            str(pin.repository.path.resolve()),
            str(staged),
        ]
        subprocess.run(clone, check=True, stdin=subprocess.DEVNULL)
        Repository(staged).call("update-ref", "--no-deref", "HEAD", pin.newest)
        staged.rename(folder)
    engine = open_engine(folder, Settings(history_commits=COMMITS, update_delay_ms=0), services)
    engine.start()
    try:
        began = time.monotonic()
        while not (found := engine.history(HistoryRequest("anything"), CancelToken())).is_complete:
            if time.monotonic() - began > WAIT_S:
                raise SystemExit(f"The history of {pin.name} was not read within {WAIT_S:.0f} s.")
            time.sleep(POLL_S)
        print(f"{pin.name}: {found.covered} commits", flush=True)
        yield engine
    finally:
        engine.close()


# -- questions


def terms_of(question: str) -> list[str]:
    """Return the words of a question that somebody would look for."""
    found = (word for word in words(question) if len(word) >= LEAST_LETTERS or word.isdigit())
    return [word for word in dict.fromkeys(found) if word not in STOP_WORDS and word not in ASKING]


def by_git(pin: Pinned) -> list[Found]:
    """Return what git finds for each question, in every way."""
    order = pin.repository.call("log", "--no-merges", f"--max-count={COMMITS}", "--format=%H", pin.newest, "--")
    newest_first = order.decode().split()
    asked = [terms_of(question) for question, _ in pin.questions]
    needles = {needle for terms in asked for term in terms for needle in (term, stem(term))}
    tools = {"--grep": _in_messages(pin, needles), **dict(zip(("-S", "-G"), _in_changes(pin, needles), strict=True))}
    found: list[Found] = []
    for terms in asked:
        ways: Found = {}
        for tool, commits_with in tools.items():
            for way, of_term in (("words", str), ("stems", stem)):
                sets = [commits_with[of_term(term)] for term in terms]
                counts = Counter(commit for commits in sets for commit in commits)
                rarity: dict[str, float] = defaultdict(float)
                for commits in sets:
                    for commit in commits:
                        rarity[commit] += math.log(len(newest_first) / len(commits))
                matched = [commit for commit in newest_first if counts[commit]]
                ranked = sorted(matched, key=lambda commit: -counts[commit])
                ways[f"`git log {tool}`, most {way}"] = ranked[:SHOWN]
                ways[f"`git log {tool}`, rarest {way}"] = sorted(matched, key=lambda commit: -rarity[commit])[:SHOWN]
                if way == "words":
                    ways[f"`git log {tool}`, all words"] = [c for c in ranked if counts[c] == len(terms)][:SHOWN]
        found.append(ways)
    return found


def _in_messages(pin: Pinned, needles: set[str]) -> dict[str, set[str]]:
    options = ("--no-merges", f"--max-count={COMMITS}", "--format=%H", "--regexp-ignore-case", "--fixed-strings")
    return {
        needle: set(pin.repository.call("log", *options, f"--grep={needle}", pin.newest, "--").decode().split())
        for needle in needles
    }


def _in_changes(pin: Pinned, needles: set[str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the commits that change how often a text occurs in a file, and those with a changed line that holds it."""
    occurring: dict[str, set[str]] = defaultdict(set)
    changed: dict[str, set[str]] = defaultdict(set)
    more: Counter[str] = Counter()
    commit = ""
    options = ("--no-merges", f"--max-count={COMMITS}", "--format=%x00%H", "-p", "-U0", "--no-color", "--no-ext-diff")
    for line in pin.repository.lines("log", *options, "--no-textconv", pin.newest, "--"):
        sign = line[:1]
        if sign in {"+", "-"} and not line.startswith(("+++ ", "--- ")):
            lowered = line[1:].lower()
            for needle in needles:
                if needle in lowered:
                    changed[needle].add(commit)
                    more[needle] += lowered.count(needle) if sign == "+" else -lowered.count(needle)
        elif sign in {"\0", "d"}:  # The next commit, or the next file of it.
            for needle, count in more.items():
                if count:
                    occurring[needle].add(commit)
            more.clear()
            commit = line[1:] if sign == "\0" else commit
    return occurring, changed


def ask(pin: Pinned, engine: Engine, shares: Shares, rows: list[dict[str, object]]) -> None:
    """Ask every question in every way."""
    for (question, wanted), ways in zip(pin.questions, by_git(pin), strict=True):
        hits = engine.history(HistoryRequest(question, limit=SHOWN), CancelToken()).commits
        for way, found in {OURS: [hit.commit.id for hit in hits], **ways}.items():
            shares.first[way].append(float(bool(found) and found[0] in wanted))
            shares.shown[way].append(float(not wanted.isdisjoint(found)))
        ranks = [rank for rank, hit in enumerate(hits, 1) if hit.commit.id in wanted]
        subjects = [hit.commit.subject for hit in hits]
        rows.append({"repository": pin.name, "question": question, "rank": ranks[:1], "found": subjects})


# -- together


def together(pin: Pinned, engine: Engine, shares: Shares) -> None:
    """Hide a file of each of the newest commits, and ask for it."""
    view = engine._writer.view.history
    draw = random.Random(SEED)
    past = [commit for commit in pin.repository.log(pin.newest, limit=COMMITS) if len(commit.changes) <= MOST_FILES]
    often: Counter[str] = Counter(path for commit in past for path in _files(commit))
    there = set(pin.repository.files(pin.newest))
    row_of = {commit.id: row for row, commit in enumerate(_oldest_first(view))}
    asked = 0
    for commit in past:  # Newest first, so that what is left of the counts is what came before.
        files = _files(commit)
        often.subtract(files)
        hidable = [path for path in files if often[path] > 0 and path in there]
        if len(files) < 2 or not hidable or commit.id not in row_of:
            continue
        hidden = draw.choice(hidable)
        near = [path for path in files if path != hidden]
        before = _before(view, row_of[commit.id])
        ways: dict[str, Callable[[], list[str]]] = {
            "files that change together": lambda near=near, before=before: _together(before, near, there),
            "most changes": lambda near=near: [p for p, _ in often.most_common() if p in there and p not in near],
        }
        for way, find in ways.items():
            shown = find()[:SHOWN_TOGETHER]
            shares.shown[way].append(float(hidden in shown))
            shares.first[way].append(float(hidden in shown) / len(shown) if shown else 0.0)
        asked += 1
        if asked == NEWEST:
            break
    print(f"{pin.name}: {asked} commits with a hidden file", flush=True)


def _files(commit: Commit) -> list[str]:
    return sorted({change.new for change in commit.changes if change.new is not None})


def _oldest_first(view: HistoryView) -> list[object]:
    known = view.commits(view.numbers.tolist())
    return [known[number] for number in view.numbers.tolist()]


def _before(view: HistoryView, row: int) -> HistoryView:
    """Return the history as it was before a commit."""
    return replace(view, numbers=view.numbers[:row], dates=view.dates[:row], n_words=view.n_words[:row])


def _together(view: HistoryView, near: Sequence[str], there: set[str]) -> list[str]:
    found = changed_with(view, near)
    best = sorted(found, key=lambda number: (-found[number][0], number))
    names = view.paths(best)
    return [
        names[number]
        for number in best
        if names[number] in there and names[number] not in near and found[number][0] >= LEAST_TOGETHER
    ]


# -- tables


def shown(title: str, first: str, second: str, shares: Shares, beside: str) -> str:
    """Return the figures as a table in Markdown, each way beside one of them."""
    rows: list[list[str]] = []
    for way, values in sorted(shares.shown.items(), key=lambda item: -float(np.mean(item[1]))):
        lead = paired_interval(values, shares.shown[beside])
        rows.append([
            way, _cell(values), _cell(shares.first[way]), f"{lead.mean:+.3f} [{lead.low:+.3f}, {lead.high:+.3f}]"
        ])  # fmt: skip
    return table([f"{title}, {len(shares.shown[beside])}", second, first, f"{second}, beside {beside}"], rows)


def _cell(values: Sequence[float]) -> str:
    sure = paired_interval(values, [0.0] * len(values))
    return f"{sure.mean:.3f} [{sure.low:.3f}, {sure.high:.3f}]"


def main() -> None:
    """Ask, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--only", nargs="+", choices=["questions", "together"], default=["questions", "together"])
    parser.add_argument("--json", type=Path, help="writes what was found for each question")
    options = parser.parse_args()
    cache = options.cache.resolve()
    services = Services(cache / "index")
    answered, hidden = Shares(), Shares()
    rows: list[dict[str, object]] = []
    for pin in pinned(options.repositories):
        with opened(pin, cache, services) as engine:
            if "questions" in options.only:
                ask(pin, engine, answered, rows)
            if "together" in options.only:
                together(pin, engine, hidden)
    services.close()
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    if answered.shown:
        print("\n" + shown("questions", "hit@1", f"hit@{SHOWN}", answered, OURS))
    if hidden.shown:
        names = f"precision@{SHOWN_TOGETHER}", f"hit@{SHOWN_TOGETHER}"
        print("\n" + shown("commits with a hidden file", *names, hidden, "most changes"))


if __name__ == "__main__":
    main()
