#!/usr/bin/env python3
"""Asks what people asked themselves: the subjects of commits, put to the repository as it was before them.

Usage: replay.py REPOSITORY ... [--queries FILE ...] [--cache FOLDER] [--threads N] [--json FILE] [--without-table]

A REPOSITORY is a local git repository, a work tree or a bare one. Each is asked once: with the questions of a FILE
whose ``commit_T`` it holds; else between the two commits that ``replay.json`` pins for it; else of a state that is as
far before its newest commit as leaves 200 questions. ``replay_questions.py`` says what a question is. The state is
written to ``CACHE/NAME-COMMIT``, indexed by the engine that editors have, and asked through it.

Prints, for each repository and all, with 95 % intervals of the bootstrap over questions:

* hit@3 and NDCG@10 of whole files: the files of the answers in the order in which they come first, right where the
  commit changed them;
* NDCG@10 of chunks, for the questions of which a replaced chunk was there;

for everything that was answered, and for code alone: then tests, examples, docs and files that are no code are left out
of the answers and are not wanted; for all questions, and for those that share no word with what they are about. And two
controls: the answers to another question of the same repository; files by how often, and how lately, commits before the
state changed them, whatever is asked. With ``--without-table`` every question is also asked of an engine that has no
translation table.
"""

import argparse
import json
import math
import random
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).with_name("quality")))
from bootstrap import paired_interval
from commits import Commit, Repository, UnreadableError
from evaluate import table
from metrics import measure
from replay_questions import Question, choose_state, given, is_aside, questions

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import Chunk

PINS = Path(__file__).with_name("replay.json")
CACHE = Path(".cache/replay")
N_HITS = 96  # All that the ranking orders, so that files are left to rank where one has many chunks.
WAIT_S = 7_200.0
SEED = 11
PAST = 5_000  # Commits before the state that say how often and how lately a file was changed.
MOST_FILES = 30  # Of a commit that says something about a file.
HALF_LIFE = 0.1  # Of a change's weight, as a share of these commits, where both count.
CODE, EVERYTHING = "code alone", "everything"
FIGURES = ("file hit@3", "file NDCG@10", "chunk NDCG@10")
ASKED, SHUFFLED, OFTEN, LATELY, BOTH = "asked", "another's question", "most changes", "latest change", "both"
WITHOUT_TABLE = "without the translation table"

Place = tuple[str, int, int]
"""A path with lines, 1-based and inclusive; for a whole file both lines are 0."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A repository with the state that is asked; without ``given`` its questions are made of its past.

    Attributes:
        name: what the tables call it.
        repository: where it lies.
        state: the commit that is asked.
        newest: the last commit that may be a question.
        folders: only what lies in these is indexed, unless there are none.
        given: questions that were made before.
    """

    name: str
    repository: Repository
    state: str
    newest: str
    folders: tuple[str, ...] = ()
    given: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one question asked in one way, with and without what is no code."""

    repository: str
    commit: str
    query: str
    way: str
    among: str
    shares_a_word: bool
    figures: Mapping[str, float]


def replay_of(path: Path, files: Sequence[Path]) -> Replay:
    """Return the questions for a repository, and the commit at which they are asked."""
    repository = Repository(path)
    name = path.resolve().name.removesuffix(".git")
    for file in files:
        read = json.loads(file.read_text(encoding="utf-8"))
        if state := repository.resolve(read["commit_T"]):
            folders = () if isinstance(read["folders"], str) else tuple(read["folders"])
            asked = tuple(map(given, read["queries"]))
            return Replay(read["corpus"], repository, state, read["newest_commit_used"], folders, asked)
    for pin in json.loads(PINS.read_text(encoding="utf-8")):
        if (state := repository.resolve(pin["state"])) and (newest := repository.resolve(pin["newest"])):
            return Replay(pin["name"], repository, state, newest, tuple(pin.get("folders", ())))
    newest = repository.resolve("HEAD")
    if newest is None:
        raise SystemExit(f"{path} is no git repository, or has no commit.")
    state = choose_state(repository, newest)
    print(f"{name}: state {state}, newest {newest}", flush=True)
    return Replay(name, repository, state, newest)


def folder_of(replay: Replay, cache: Path) -> Path:
    """Return the folder with the files of a state, written if it is not there."""
    folder = cache / f"{replay.name}-{replay.state[:12]}"
    if not folder.is_dir():
        staged = folder.with_suffix(".part")
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        replay.repository.check_out(replay.state, staged, replay.folders)
        staged.rename(folder)
    return folder


def chunks_in(engine: Engine) -> dict[str, list[Chunk]]:
    """Return the chunks of each file in the index."""
    snapshot = engine._writer.view.snapshot
    assert snapshot is not None
    return {path: [record.chunk for record in snapshot.read_file(path)] for path in snapshot.paths()}


def answers(engine: Engine, query: str) -> list[Place]:
    """Return where a question is answered, best first."""
    hits = engine.search(SearchRequest(query, limit=N_HITS), CancelToken()).hits
    return [(hit.path, hit.start_line + 1, hit.end_line) for hit in hits]


def figures(places: Sequence[Place], question: Question, among: str) -> dict[str, float]:
    """Return the figures of one ranking: of files always, of chunks where a replaced one was there and it has lines."""
    if among == CODE:
        places = [place for place in places if not is_aside(place[0])]
    files = list(dict.fromkeys(path for path, _, _ in places))
    wanted = {*question.files, *(question.asides if among == EVERYTHING else ())}
    gains = sum(1 / math.log2(place + 2) for place, path in enumerate(files[:10]) if path in wanted)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(10, len(wanted))))
    found = {FIGURES[0]: float(not wanted.isdisjoint(files[:3])), FIGURES[1]: gains / ideal}
    if question.spans and (not places or places[0][1]):
        results = [{"path": path, "start_line": start, "end_line": end} for path, start, end in places]
        spans = [{"path": path, "start_line": start, "end_line": end} for path, start, end in question.spans]
        found[FIGURES[2]] = measure(results, spans)["ndcg"]
    return found


def by_changes(replay: Replay, paths: Sequence[str]) -> dict[str, list[Place]]:
    """Return files by the past alone: how often, how lately, and both at once; those it says nothing of last."""
    often: dict[str, float] = dict.fromkeys(paths, 0.0)
    lately = dict(often)
    both = dict(often)
    for age, commit in enumerate(_past(replay)):
        if len(commit.changes) > MOST_FILES:
            continue
        for change in commit.changes:
            if change.new in often:
                often[change.new] += 1.0
                lately[change.new] = max(lately[change.new], 1.0 / (1.0 + age))
                both[change.new] += 0.5 ** (age / (HALF_LIFE * PAST))
    ways = {OFTEN: often, LATELY: lately, BOTH: both}
    return {
        way: [(path, 0, 0) for path in sorted(weight, key=lambda path: (-weight[path], path))]
        for way, weight in ways.items()
    }


def _past(replay: Replay) -> Iterator[Commit]:
    """Yield the commits before the state, newest first, as far back as the copy has what they changed."""
    try:
        yield from replay.repository.log(replay.state, limit=PAST)
    except UnreadableError as trouble:
        print(f"{replay.name}: older commits do not count, {trouble}", flush=True)


def shuffled(n: int, seed: int = SEED) -> list[int]:
    """Return a permutation that leaves nothing in its place, wherever there is one."""
    order = random.Random(seed).sample(range(n), n)
    found = [0] * n
    for place, number in enumerate(order):
        found[number] = order[(place + 1) % n]
    return found


def ask(replay: Replay, cache: Path, ways: Mapping[str, Services], threads: int) -> list[Row]:
    """Return the figures of every question of a repository, asked in every way.

    Args:
        replay: the repository and its questions.
        cache: where the files of its state lie.
        ways: what engines run with, by the way to ask; ``ASKED`` is the first.
        threads: of the encoder; 0 for as many as it takes by itself.
    """
    asked: list[Question] = []
    chunks: dict[str, list[Chunk]] = {}
    found: dict[str, list[list[Place]]] = {}
    for way, services in ways.items():
        engine = open_engine(folder_of(replay, cache), Settings(threads=threads, update_delay_ms=0), services)
        engine.start()
        try:
            if not engine.wait_until_current(WAIT_S):
                raise SystemExit(f"{replay.name} was not indexed within {WAIT_S:.0f} s.")
            chunks = chunks or chunks_in(engine)
            asked = asked or list(replay.given) or questions(replay.repository, replay.state, replay.newest, chunks)
            found[way] = [answers(engine, question.query) for question in asked]
        finally:
            engine.close()
    print(f"{replay.name}: {len(asked)} questions, {sum(map(len, chunks.values()))} chunks in {len(chunks)} files",
          flush=True)  # fmt: skip
    found[SHUFFLED] = [found[ASKED][other] for other in shuffled(len(asked))]
    past = by_changes(replay, list(chunks))
    rows: list[Row] = []
    for number, question in enumerate(asked):
        of_question = {way: places[number] for way, places in found.items()} | past
        for way, places in of_question.items():
            for among in (CODE, EVERYTHING):
                found_there = figures(places, question, among)
                rows.append(
                    Row(replay.name, question.commit, question.query, way, among, question.shares_a_word, found_there)
                )
    return rows


def tables(rows: Sequence[Row]) -> str:
    """Return the figures as tables in Markdown."""
    names = list(dict.fromkeys(row.repository for row in rows))
    asked = [row for row in rows if row.way == ASKED]
    printed: list[str] = []
    for among in (CODE, EVERYTHING):
        of_these = [row for row in asked if row.among == among]
        groups: dict[str, Callable[[Row], bool]] = {
            f"all {len(names)}": lambda row: True,
            "no word shared": lambda row: not row.shares_a_word,
            **{name: (lambda row, name=name: row.repository == name) for name in names},
        }
        body = [[group, *_cells(list(filter(belongs, of_these)))] for group, belongs in groups.items()]
        printed.append(table([among, "questions", *FIGURES], body))
    ways = dict.fromkeys(row.way for row in rows)
    for test, title in (
        (lambda row: True, "all"),
        (lambda row: not row.shares_a_word, "no word shared"),
    ):
        counted = {way: [r for r in rows if r.way == way and r.among == CODE and test(r)] for way in ways}
        printed.append(
            table([f"{title}, {CODE}", "questions", *FIGURES], [[way, *_cells(of)] for way, of in counted.items()])
        )
        if WITHOUT_TABLE in counted:
            lead = _cells(counted[ASKED], counted[WITHOUT_TABLE])
            printed.append(
                table([f"{title}, {CODE}", "questions", *FIGURES], [[f"{ASKED}, beside {WITHOUT_TABLE}", *lead]])
            )
    return "\n".join(printed)


def _cells(rows: Sequence[Row], beside: Sequence[Row] = ()) -> list[str]:
    """Return how many rows there are and their figures, or how much better these are than those of other rows."""
    cells = [str(len(rows))]
    for name in FIGURES:
        values = [row.figures[name] for row in rows if name in row.figures]
        others = [row.figures[name] for row in beside if name in row.figures] or [0.0] * len(values)
        if not values:
            cells.append("")
            continue
        sure = paired_interval(values, others)
        form = "+.3f" if beside else ".3f"
        cells.append(f"{sure.mean:{form}} [{sure.low:{form}}, {sure.high:{form}}]")
    return cells


def main() -> None:
    """Ask, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--queries", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--without-table", action="store_true", help="asks without the translation table, too")
    options = parser.parse_args()
    cache = options.cache.resolve()
    ways = {ASKED: Services(cache / "index")}
    if options.without_table:
        ways[WITHOUT_TABLE] = Services(cache / "index", table=cache / "no-table")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for path in options.repositories:
        rows += ask(replay_of(path, options.queries), cache, ways, options.threads)
        if options.json:
            found: list[dict[str, Any]] = list(map(asdict, rows))
            options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    for services in ways.values():
        services.close()
    print()
    print(tables(rows))


if __name__ == "__main__":
    main()
