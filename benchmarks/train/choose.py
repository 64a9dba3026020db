#!/usr/bin/env python3
"""Chooses what is trained on out of all pairs: no near-duplicates of evaluation corpora, nothing twice, a fair mix.

Usage: choose.py PAIRS_DIR CORPORA_DIR OUT_DIR

Writes OUT_DIR/train.jsonl and OUT_DIR/held-out.jsonl, the latter from packages that are never trained on, and prints
what was left out and what is left.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from likeness import TOO_LIKE, Known

from cognate.words import stem, words

HELD_OUT = frozenset(
    {"libevent", "ruby-devise", "hls.js", "php-league-commonmark", "commons-io", "rust-ripgrep", "nats-server",
     "webpack", "trio", "abseil"}
)  # fmt: skip
"""One or two packages a language, small ones, to see between runs what is learned."""

MOST_OF_PACKAGE = {"doc": 5000, "comment": 3000, "name": 600, "test": 500, "heading": 150}
"""Pairs of each kind that one package gives at most, so that none sets the tone."""

MOST_OF_LANGUAGE = 26_000
SEED = 20_261_121

Row = Mapping[str, Any]


def key_of(query: str) -> str:
    """Return what two queries share that ask the same."""
    return " ".join(sorted({stem(word) for word in words(query)}))


def without_repeats(rows: Iterable[Row]) -> list[Row]:
    """Keep the first of those that ask the same, and the first of a kind whose code reads the same."""
    queries: set[str] = set()
    texts: set[tuple[str, str]] = set()
    kept: list[Row] = []
    for row in rows:
        key = key_of(row["query"])
        _, _, code = row["text"].partition("\n")
        if key in queries or (row["kind"], code) in texts:
            continue
        queries.add(key)
        texts.add((row["kind"], code))
        kept.append(row)
    return kept


def fair_mix(rows: Sequence[Row], generator: random.Random) -> list[Row]:
    """Keep as many of each package, kind and language as the limits allow, by chance, in an order of chance."""
    drawn = list(rows)
    generator.shuffle(drawn)
    by_package: Counter[tuple[str, str]] = Counter()
    by_language: Counter[str] = Counter()
    kept: list[Row] = []
    for row in drawn:
        place = (row["package"], row["kind"])
        if by_package[place] < MOST_OF_PACKAGE[row["kind"]] and by_language[row["language"]] < MOST_OF_LANGUAGE:
            by_package[place] += 1
            by_language[row["language"]] += 1
            kept.append(row)
    return kept


def main() -> None:
    """Write the two files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("pairs", "corpora", "out"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    known = Known.of_corpora(sorted(path for path in options.corpora.iterdir() if path.is_dir()), out / "known.npy")
    chosen: dict[bool, list[Row]] = {True: [], False: []}
    like: Counter[str] = Counter()
    for file in sorted(options.pairs.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        fresh = [row for row in rows if known.share(row["sketch"]) < TOO_LIKE]
        like[file.stem] = len(rows) - len(fresh)
        chosen[file.stem in HELD_OUT] += fresh
    print("near-duplicates of evaluation corpora left out:", dict(like.most_common(12)), "in all", like.total())
    generator = random.Random(SEED)
    for held_out, name in ((False, "train"), (True, "held-out")):
        single = without_repeats(chosen[held_out])
        mixed = fair_mix(single, generator)
        print(f"{name}: {len(chosen[held_out])} pairs, {len(single)} of them once, {len(mixed)} kept")
        print("  ", dict(Counter(row["kind"] for row in mixed)), dict(Counter(row["language"] for row in mixed)))
        lines = (json.dumps({k: v for k, v in row.items() if k != "sketch"}) + "\n" for row in mixed)
        (out / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
