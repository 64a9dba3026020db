#!/usr/bin/env python3
"""Shows whether the right place is in what an agent reads: ``search_code``'s text, beside ripgrep's of the same words.

Usage: agents.py CORPORA_DIR LABELS_DIR WORDINGS_DIR

Every labelled query is asked alone, and with its three wordings as ``also`` (WORDINGS_DIR is that of rephrased.py). Of
each text the first 1,500 tokens count, by the measure of ``cognate.mcp.format`` for all alike. A text shows the right
place when it prints a numbered line inside of a labelled span of full grade, one that the second pass found included.

Cognate answers by the code that ``cognate mcp`` runs, with weights that were learned on the other corpora. ripgrep gets
the words of the query, or of the query and its wordings, without stop words, each a literal in any case, also inside of
words; lines over 200 characters are cut. Its text is what it prints to a terminal, which names a file once:

* *by path*: one call, its lines in the order of paths;
* *most words first*: the files with most distinct words first, as a host does that sorts the files;
* *names*: the same, asked with the compound names alone, where there are any;
* *best lines*: of each such file the ten lines with most distinct words, which is many calls.

Prints shares by category with 95 % intervals of the bootstrap, then how long the answers are.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import train
from baselines import ripgrep
from baselines.chunks import Opened, opened
from baselines.common import query_words
from bootstrap import paired_interval
from evaluate import table
from metrics import Target, targets_of
from shown import bytes_of, cut, is_shown, lines_of_answer, lines_of_ripgrep

from cognate.cancellation import CancelToken
from cognate.face import EngineFace
from cognate.mcp.format import tokens_of
from cognate.mcp.questions import Questions
from cognate.mcp.server import INSTRUCTIONS, agent_server
from cognate.search import order as ordering
from cognate.search.lookup import look_up
from cognate.search.query import COMPOUND, read_query
from cognate.search.request import SearchRequest
from cognate.search.signals import NAMES

MAX_TOKENS = 1500
LIMIT = 8  # The tool's own default.
N_BYTES = bytes_of(MAX_TOKENS)
MOST_FILES = 50  # More never have room.
ALONE, ALSO = "alone", "with wordings"
OURS = "`search_code`"


@dataclass(frozen=True, slots=True)
class Asked:
    """A labelled query: its corpus, category, targets of full grade, and other wordings."""

    corpus: str
    query: str
    category: str
    targets: Sequence[Target]
    also: Sequence[str]

    def wordings(self, way: str) -> list[str]:
        """Return the wordings of a way to ask, without the query."""
        return list(self.also) if way == ALSO else []


@dataclass(slots=True)
class Measured:
    """For each system and way, whether each query's text shows the right place, and the tokens of our answers."""

    shows: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    tokens: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def read(labels: Path, wordings: Path) -> dict[str, list[tuple[Mapping[str, Any], Asked]]]:
    """Return the labels of each corpus that has wordings, and what is asked."""
    found: dict[str, list[tuple[Mapping[str, Any], Asked]]] = {}
    for file in sorted(wordings.glob("*.jsonl")):
        rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
        asked = json.loads((labels / f"{file.stem}.json").read_text(encoding="utf-8"))
        found[file.stem] = [
            (label, Asked(file.stem, row["query"], label["category"], targets_of(label, pooled=True), row["also"]))
            for label, row in zip(asked, rows, strict=True)
        ]
    return found


def case_of(index: Opened, label: Mapping[str, Any], asked: Asked) -> train.Case:
    """Return what the weights are learned from."""
    request = SearchRequest(asked.query)
    found = look_up(index.snapshot, index.encoder, read_query(asked.query), request, CancelToken())
    if found is None:
        raise SystemExit(f"Nothing at all was found for {asked.query!r}")
    return train.case_of(asked.corpus, label, found.looks[0])


def use_weights(cases: Sequence[train.Case], corpus: str) -> None:
    """Have this process rank with weights and a curve that were learned without a corpus."""
    others = [case for case in cases if case.corpus != corpus]
    prose, names = train.learn(others)
    slope, bias = train.calibrate(others, [(prose, names)] * len(others))
    vars(ordering).update(
        PROSE_WEIGHTS=dict(zip(NAMES, prose.tolist(), strict=True)),
        NAME_WEIGHTS=dict(zip(NAMES, names.tolist(), strict=True)),
        SLOPE=slope,
        BIAS=bias,
    )


def ask_ours(face: EngineFace, asked: Asked, into: Measured) -> None:
    """Ask ``search_code`` in both ways."""
    questions = Questions(face)
    for way in (ALONE, ALSO):
        began = time.perf_counter()
        reply = questions.search_code(
            CancelToken(), query=asked.query, also=asked.wordings(way), paths=[], languages=[], limit=LIMIT,
            max_tokens=MAX_TOKENS,
        )  # fmt: skip
        into.seconds[way].append(time.perf_counter() - began)
        into.tokens[way].append(tokens_of(reply.text))
        lines = lines_of_answer(cut(reply.text, MAX_TOKENS))
        into.shows[OURS, way].append(float(is_shown(lines, asked.targets)))


def ask_ripgrep(folder: Path, asked: Asked, into: Measured) -> None:
    """Ask ripgrep in every way."""
    for way in (ALONE, ALSO):
        for name, text_of in RIPGREP.items():
            text = text_of(folder, [asked.query, *asked.wordings(way)])
            lines = lines_of_ripgrep(cut(text, MAX_TOKENS))
            into.shows[name, way].append(float(is_shown(lines, asked.targets)))


def by_path(folder: Path, wordings: Sequence[str]) -> str:
    """Return what one call prints."""
    return ripgrep.printed(folder, _words(wordings), N_BYTES)


def most_words_first(folder: Path, wordings: Sequence[str]) -> str:
    """Return the same, the files with most of the words first."""
    return _printed(folder, _words(wordings))


def compound_names(folder: Path, wordings: Sequence[str]) -> str:
    """Return the same for the compound names in the wordings, for all words where there are none."""
    names = [token for text in wordings for token in text.split() if COMPOUND.search(token)]
    return _printed(folder, _words(names or wordings))


def best_lines(folder: Path, wordings: Sequence[str]) -> str:
    """Return the ten best lines of each file, those with most of the words first."""
    words = _words(wordings)
    text = ""
    for path in _files_with_most(folder, words):
        place = ripgrep.best_lines(folder, path, words)
        lines = (folder / path).read_text(encoding="utf-8", errors="replace").split("\n")
        numbers = range(place["start_line"], place["end_line"] + 1)
        shown = (f"{number}:{lines[number - 1][: ripgrep.MOST_COLUMNS]}" for number in numbers)
        text += "\n".join([path, *shown, "", ""])
        if len(text) > N_BYTES:
            break
    return text


RIPGREP = {
    "ripgrep, by path": by_path,
    "ripgrep, most words first": most_words_first,
    "ripgrep, names": compound_names,
    "ripgrep, best lines": best_lines,
}


def _words(wordings: Sequence[str]) -> list[str]:
    return query_words(" ".join(wordings))


def _printed(folder: Path, words: Sequence[str]) -> str:
    files = _files_with_most(folder, words)
    return ripgrep.printed(folder, words, N_BYTES, files) if files else ""


def _files_with_most(folder: Path, words: Sequence[str]) -> list[str]:
    texts = _texts(folder)
    found = ({path: count for path, text in texts.items() if (count := text.count(word))} for word in words)
    return ripgrep.most_first(found)[:MOST_FILES]


@lru_cache(maxsize=1)
def _texts(folder: Path) -> Mapping[str, str]:
    """Return the files that ripgrep looks into, in lower case: to count hundreds of words here spares as many calls."""
    texts = {path: (folder / path).read_bytes() for path in ripgrep.searched_files(folder)}
    return {path: text.decode("utf-8", "replace").lower() for path, text in texts.items() if b"\0" not in text}


def shares(asked: Sequence[Asked], measured: Measured) -> str:
    """Return how often each text shows the right place, by category, and how far that is from ours with wordings."""
    groups = {"all": list(range(len(asked)))} | {
        category: [i for i, one in enumerate(asked) if one.category == category]
        for category in sorted({one.category for one in asked})
    }
    ours = measured.shows[OURS, ALSO]
    rows: list[list[str]] = []
    for (name, way), values in measured.shows.items():
        cells: list[str] = []
        for members in groups.values():
            sure = paired_interval([values[i] for i in members], [0.0] * len(members))
            cells.append(f"{sure.mean:.2f} [{sure.low:.2f}, {sure.high:.2f}]")
        behind = paired_interval(ours, values)
        rows.append([name, way, *cells, f"{behind.mean:+.2f} [{behind.low:+.2f}, {behind.high:+.2f}]"])
    return table(["the right place is shown", "asked", *groups, "ours with wordings beside it"], rows)


def lengths(measured: Measured) -> str:
    """Return how long answers of ``search_code`` are, and what an agent reads before it asks."""
    rows = [
        [f"{OURS}, {way}", f"{np.mean(values):.0f}", f"{np.percentile(values, 95):.0f}", str(max(values)),
         f"{np.median(measured.seconds[way]) * 1000:.0f} ms"]
        for way, values in measured.tokens.items()
    ]  # fmt: skip
    return table(["tokens", "mean", "p95", "largest", "answered in, median"], rows)


def schemas(face: EngineFace) -> str:
    """Return what an agent reads before its first question."""
    tools = asyncio.run(agent_server(face).list_tools())
    text = json.dumps([tool.model_dump(by_alias=True, exclude_none=True) for tool in tools])
    return (
        f"Schemas of the {len(tools)} tools: {tokens_of(text)} tokens. "
        f"Instructions: {tokens_of(INSTRUCTIONS)} tokens, {len(INSTRUCTIONS)} characters."
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("wordings", type=Path)
    options = parser.parse_args()
    by_corpus = read(options.labels, options.wordings)
    asked = [one for rows in by_corpus.values() for _, one in rows]
    cases: list[train.Case] = []
    for corpus, rows in by_corpus.items():
        with opened((options.corpora / corpus).resolve()) as index:
            cases += [case_of(index, label, one) for label, one in rows]
    measured, before = Measured(), ""
    for corpus, rows in by_corpus.items():
        folder = (options.corpora / corpus).resolve()
        use_weights(cases, corpus)
        with opened(folder) as index:
            for _, one in rows:
                ask_ours(index.engine, one, measured)
            before = schemas(index.engine)
        for _, one in rows:
            ask_ripgrep(folder, one, measured)
        print(f"asked {corpus}", file=sys.stderr, flush=True)
    print(shares(asked, measured))
    print(lengths(measured))
    print(before)


if __name__ == "__main__":
    main()
