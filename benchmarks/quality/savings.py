#!/usr/bin/env python3
"""Shows what it costs to leave chunks without a vector of their own.

Usage: savings.py CORPORA_DIR LABELS_DIR

A rule says which chunks do without: they get the mean of the others in their class, or else in their file, or none at
all; under the rule that asks the translation table, the vector of an earlier chunk of the file. Everything else, words
and table included, stays. Prints the share of chunks and of the model's tokens that a rule saves, NDCG@10 with the
shipped weights, the difference to all vectors with its 95 % interval, and how many questions have all their answers
among the rule's chunks: a cost that hardly any label can show is not measured.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import train
from baselines.chunks import Opened, opened
from bootstrap import paired_interval
from evaluate import table
from metrics import hits, measure

from cognate.arrays import Vector
from cognate.cancellation import CancelToken
from cognate.embedding.text import embedding_text
from cognate.index.snapshot import Snapshot, sample_of, unit_mean
from cognate.index.vectors import VectorIndex
from cognate.search import order as ordering
from cognate.search.copies import copies_among
from cognate.search.lookup import look_up
from cognate.search.query import read_query
from cognate.search.request import SearchRequest
from cognate.types import ChunkId, ChunkRecord

SHORT_LINES, FEW_WORDS, GETTER_LINES = 3, 5, 4
IMPORT_SHARE = 0.7
SAME = 0.9
PLAIN = {"constant", "variable", "field", "property", "key", "macro"}
CALLED = {"function", "method", "constructor"}
IMPORT = re.compile(
    r"\s*(import\b|from\s+\S+\s+import\b|#\s*include\b|use\s|using\s|package\s|require|extern\s+crate|autoload\b"
    r"|(const|let|var)\s.*=\s*require\(|export\s.*\bfrom\b|mod\s+\w+;)"
)

Rule = Callable[[ChunkRecord], bool]


def _lines(record: ChunkRecord) -> list[str]:
    return [line for line in record.chunk.text.split("\n") if line.strip()]


def _imports(record: ChunkRecord) -> bool:
    lines = _lines(record)
    return not record.chunk.symbols and sum(map(bool, map(IMPORT.match, lines))) >= IMPORT_SHARE * len(lines)


def _few_words(record: ChunkRecord) -> bool:
    return len(embedding_text(record.path, record.chunk).partition("\n")[2].split()) <= FEW_WORDS


def _constants(record: ChunkRecord) -> bool:
    symbols = record.chunk.symbols
    return bool(symbols) and all(symbol.kind in PLAIN for symbol in symbols)


def _getters(record: ChunkRecord) -> bool:
    symbols = record.chunk.symbols
    return bool(symbols) and all(s.kind in CALLED and s.end_line - s.start_line <= GETTER_LINES for s in symbols)


def _glue(record: ChunkRecord) -> bool:
    return not record.chunk.symbols and not record.chunk.container


def _inner(record: ChunkRecord) -> bool:
    return not record.chunk.symbols and bool(record.chunk.container)


RULES: Mapping[str, Rule] = {
    "imports": _imports,
    f"at most {SHORT_LINES} lines": lambda record: len(_lines(record)) <= SHORT_LINES,
    f"at most {FEW_WORDS} words": _few_words,
    "constants": _constants,
    f"definitions of at most {GETTER_LINES} lines": _getters,
    "no definition, outside of all": _glue,
    "no definition, inside of one": _inner,
}
ALL = "nothing"
ALIKE = f"the table says the same as before, {SAME}"


@dataclass
class Found:
    """What a rule saves and costs, over all corpora.

    Attributes:
        n_chunks: chunks without a vector of their own.
        n_tokens: tokens that the model does not read.
        n_hidden: questions with answers among the candidates, all of which do without.
        figures: NDCG@10 of each question, by what takes the place of a vector.
    """

    n_chunks: int = 0
    n_tokens: int = 0
    n_hidden: int = 0
    figures: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def figure(index: Opened, snapshot: Snapshot, label: Mapping[str, Any]) -> tuple[float, train.Case]:
    """Return NDCG@10 of a labelled question, as the product would order its candidates, and these."""
    query = label["query"]
    found = look_up(snapshot, index.encoder, read_query(query), SearchRequest(query), CancelToken())
    if found is None:
        raise SystemExit(f"Nothing at all was found for {query!r}")
    case = train.case_of("", label, found.looks[0])
    linear = ordering.linear_scores(case.features, case.is_symbol)
    copies = copies_among(case.records, [0.0] * len(case.records))
    repeated = {row for rows in copies.values() for row in rows}
    ranked = ordering.order(case.records, linear, is_symbol=case.is_symbol, left_out=repeated)
    return measure([train.result_of(case.records[p.row]) for p in ranked[:10]], case.targets)["ndcg"], case


def means(records: list[ChunkRecord], vectors: VectorIndex, left: set[ChunkId]) -> Iterator[tuple[ChunkId, Vector]]:
    """Yield the mean of what is around each chunk that does without, where there is something."""
    around: dict[tuple[str, str], list[ChunkId]] = defaultdict(list)
    for record in records:
        if record.id not in left:
            for container in {record.chunk.container, ""}:
                around[record.path, container].append(record.id)
    mean = {key: unit_mean(vectors.present(ids)) for key, ids in around.items()}
    for record in records:
        keys = [key for key in ((record.path, record.chunk.container), (record.path, "")) if key in mean]
        if record.id in left and keys:
            yield record.id, mean[keys[0]]


def alike(snapshot: Snapshot) -> dict[ChunkId, ChunkId]:
    """Return for chunks of which the translation table says the same as of an earlier one of the file, that one."""
    found: dict[ChunkId, ChunkId] = {}
    for path in snapshot.paths():
        ids = snapshot.ids_in(path)
        rows = snapshot.translated.rows.gathered(ids)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
        kept: list[int] = []
        for row, number in enumerate(ids):
            likeness = rows[kept] @ rows[row] if kept else np.zeros(1)
            if likeness.max() >= SAME:
                found[number] = ids[kept[int(likeness.argmax())]]
            else:
                kept.append(row)
    return found


def gather(index: Opened, labels: list[dict[str, Any]], found: dict[str, Found]) -> None:
    """Ask the questions of one corpus under each rule."""
    snapshot, vectors = index.snapshot, index.snapshot.vectors
    records = [record for path in snapshot.paths() for record in snapshot.read_file(path)]
    tokens: dict[ChunkId, int] = {}
    seen: set[str] = set()
    for record in records:
        text = embedding_text(record.path, record.chunk)
        tokens[record.id] = 0 if text in seen else len(index.encoder.tokens(text).ids)  # pyright: ignore
        seen.add(text)
    same = alike(snapshot)
    rules: dict[str, set[ChunkId]] = {name: {r.id for r in records if rule(r)} for name, rule in RULES.items()}
    rules = {ALL: set(), **rules, ALIKE: set(same)}
    cases: list[train.Case] = []
    for name, left in rules.items():
        others = {"none": vectors.changed(left, {})}
        if name == ALIKE:
            others = {"the other's": vectors.changed(same, {n: vectors.gathered([o])[0] for n, o in same.items()})}
        elif left:
            around = dict(means(records, vectors, left))
            others["mean"] = vectors.changed(around, around)
        for kind, changed in others.items():
            whole = changed.compacted(1)
            asked = list(
                map(partial(figure, index, replace(snapshot, vectors=whole, sample=sample_of(whole), means={})), labels)
            )
            cases = cases or [case for _, case in asked]
            found[name].figures[kind] += [ndcg for ndcg, _ in asked]
        saved = tokens.keys() if name == ALL else left
        found[name].n_chunks += len(saved)
        found[name].n_tokens += sum(tokens[number] for number in saved)
        for case in cases:
            right = [r.id for r in case.records if any(hits(train.result_of(r), target) for target in case.targets)]
            found[name].n_hidden += bool(right) and left.issuperset(right)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("labels", type=Path)
    options = parser.parse_args()
    found: dict[str, Found] = defaultdict(Found)
    categories: list[str] = []
    for file in sorted(options.labels.glob("*.json")):
        if not (options.corpora / file.stem).is_dir():
            continue
        labels = json.loads(file.read_text(encoding="utf-8"))
        categories += [label["category"] for label in labels]
        with opened((options.corpora / file.stem).resolve()) as index:
            gather(index, labels, found)
        print(f"asked {file.stem}", flush=True)
    whole = found[ALL]
    base = whole.figures["none"]
    others = np.array(categories) == "paraphrase"
    rows: list[list[str]] = []
    for name, rule in found.items():
        for kind, figures in rule.figures.items():
            sure = paired_interval(figures, base)
            shares = [f"{rule.n_chunks / whole.n_chunks:.1%}", f"{rule.n_tokens / whole.n_tokens:.1%}"]
            all_of_them = f"{np.mean(figures):.3f}"
            beside = f"{sure.mean:+.4f} [{sure.low:+.4f}, {sure.high:+.4f}]"
            reworded = f"{np.array(figures)[others].mean():.3f}" if others.any() else ""
            rows.append([name, kind, *shares, all_of_them, beside, reworded, str(rule.n_hidden)])
    print(table(["left", "in its place", "chunks", "tokens", "all", "beside", "paraphrase", "only there"], rows))


if __name__ == "__main__":
    main()
