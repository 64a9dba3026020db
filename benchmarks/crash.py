"""Kills indexing and updating at random moments and prints what each next start found.

    python benchmarks/crash.py --runs 50 [--seed 7]

Exits with 1 when anything was lost.
"""

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "server")]


def main() -> int:
    """Run and print the table."""
    import crashes

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print(
        f"{'run':>3} {'killed at':>10} {'committed':>10} {'first answer':>13} {'same chunks':>12} {'top-10':>7}  notice"
    )
    n_good = 0
    with tempfile.TemporaryDirectory() as scratch:
        for number, run in enumerate(crashes.runs(Path(scratch), options.runs, options.seed), start=1):
            n_good += run.is_good
            print(
                f"{number:>3} {run.killed_at_s:>8.2f} s {run.committed:>10} {run.first_files:>13} "
                f"{'yes' if run.same_chunks else 'NO':>12} {run.same_answers:>4}/{len(crashes.TOPICS)}  {run.notice}",
                flush=True,
            )
    print(f"{n_good} of {options.runs} runs lost nothing and ended with the index of a fresh start.")
    return 0 if n_good == options.runs else 1


if __name__ == "__main__":
    sys.exit(main())
