"""Makes the translation table from nothing, in steps that go on where they stopped.

    python -m tools.table fetch DATA            fetch the packages, from each registry by its own client
    python -m tools.table sketch DATA CORPORA   note what the evaluation corpora (folders in CORPORA) are known by
    python -m tools.table extract DATA          read licences, extract pairs
    python -m tools.table train DATA OUT        train, print figures of held-out packages, write the table
    python -m tools.table all DATA CORPORA OUT  all of it

Needs a C++ compiler.
"""

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tools.table import pairs
from tools.table.fetch import fetch_all

REGISTRIES = ("git", "debian", "pypi", "pypi-sdist", "npm")
WORDS, BUCKETS, DIMENSIONS = 40_000, 8192, 128
SEEDS = 1
PACKAGES = Path(__file__).with_name("packages.json")


def train(data: Path, out: Path, options: argparse.Namespace) -> None:
    """Train some tables, write them as one, and say what it was learned from."""
    from tools.table import merge
    from tools.table import train as training
    from tools.table.write import write

    merged = merge.merge(data)
    rows = merge.rows_of(merged, options.words, options.buckets)
    print(f"{len(merged.kinds):,} pairs of {len(merged.names)} packages, {len(rows.known):,} words", flush=True)
    changed = {
        name: value for name, value in vars(options).items() if name in training.Options.__slots__ and value is not None
    }
    models: list[training.Model] = []
    for seed in range(1, options.seeds + 1):
        models.append(training.train(merged, rows, training.Options(seed=seed, **changed)))
        print(json.dumps(training.held_out_figures(merged, rows, models[-1])), flush=True)
    write(models, merged, rows, options.dimensions, out)
    known = merge.provenance(data)
    PACKAGES.write_text("[\n " + ",\n ".join(map(json.dumps, known)) + "\n]\n", "utf-8")
    print(json.dumps(dict(merge.by_language(known).most_common())), flush=True)


def main() -> None:
    """Run a step, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["fetch", "sketch", "extract", "train", "all"])
    parser.add_argument("data", type=Path)
    parser.add_argument("paths", type=Path, nargs="*")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="tables that are trained and written as one")
    parser.add_argument("--visits", type=float, help="how often each pair is seen by each")
    parser.add_argument("--words", type=int, default=WORDS)
    parser.add_argument("--buckets", type=int, default=BUCKETS, help="rows for the letters of unknown words")
    parser.add_argument("--dimensions", type=int, default=DIMENSIONS)
    parser.add_argument("--width", type=int)
    parser.add_argument("--turned", type=int)
    parser.add_argument("--whole-files", type=float)
    parser.add_argument("--names", type=float)
    parser.add_argument("--kept", type=float)
    options = parser.parse_args()
    step, data, paths = options.step, options.data, list(options.paths)
    if step in {"fetch", "all"}:
        with ThreadPoolExecutor(len(REGISTRIES)) as pool:
            list(pool.map(partial(fetch_all, data), REGISTRIES))
    if step in {"sketch", "all"}:
        pairs.sketch(data, sorted(folder for folder in paths.pop(0).iterdir() if folder.is_dir()))
    if step in {"extract", "all"}:
        pairs.extract_all(data)
    if step in {"train", "all"}:
        train(data, paths.pop(0), options)


if __name__ == "__main__":
    main()
