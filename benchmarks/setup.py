"""Makes the extension's environment: how long it takes, what it weighs, and what is left of set-ups that are killed.

    python benchmarks/setup.py [--kills 20] [--seed 7]

Packages come from an index on this machine, so the times are those of pip, not of a network: once with an empty cache
of pip and once with a full one. Then set-ups are killed at random moments, each beside what the ones before left. Exits
with 1 when a killed one was used, or anything was left after the next start.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "server"), str(ROOT / "vscode-client" / "setup")]


def main() -> int:
    """Run and print."""
    from package_index import locked_wheels, serving
    from setups import Setup, cognate_wheel, size
    from vscode.editor import tools_folder

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cognate_wheel(folder / "wheels")
        (folder / "index").mkdir()
        with serving(locked_wheels(tools_folder()), folder / "index") as index:
            variables = index.environment() | {"COGNATE_CACHE_DIR": str(folder / "cache")}
            taken = 0.0
            for name in ("empty", "full"):
                before, began = _processor_seconds(), time.monotonic()
                setup = Setup(folder / name, folder / "wheels", variables)
                if setup.wait() != 0:
                    print("\n".join(setup.lines))
                    return 1
                taken = time.monotonic() - began
                print(f"{name} cache: {taken:.1f} s, {_processor_seconds() - before:.1f} s of a processor", flush=True)
            print(f"environment: {size(setup.folder) / 1e6:.0f} MB", flush=True)
            return _killed(folder, variables, taken, random.Random(options.seed), options.kills)


def _killed(folder: Path, variables: dict[str, str], taken: float, chance: random.Random, kills: int) -> int:
    from environment import COMPLETE

    from setups import Setup, size

    storage, most, n_broken = folder / "killed", 0, 0
    for number in range(1, kills + 1):
        seconds = chance.uniform(0, taken)
        setup = Setup(storage, folder / "wheels", variables)
        time.sleep(seconds)
        setup.process.kill()
        setup.wait()
        step = next((line for line in reversed(setup.lines) if line.startswith("::step")), "::step none").split()[1]
        left = [path for path in storage.iterdir() if path.is_dir()]
        done = [path for path in left if (path / COMPLETE).exists()]
        n_broken += sum(not _works(path, variables) for path in done)
        weight = sum(map(size, left))
        most = max(most, weight)
        said = f"{number:>3} killed at {seconds:5.1f} s ({step})"
        print(f"{said}: {len(left)} folders, {weight / 1e6:.0f} MB", flush=True)
        for path in done:  # It was faster than expected, so there would be nothing to kill any more.
            shutil.rmtree(path)
    setup = Setup(storage, folder / "wheels", variables)
    code = setup.wait()
    left = sorted(path.name for path in storage.iterdir())
    works = _works(setup.folder, variables)
    clean = left == sorted([setup.folder.name, "setup.lock"])
    print(f"at most {most / 1e6:.0f} MB lay there; then a whole set-up: {'works' if works else 'FAILS'}, left: {left}")
    return 0 if code == 0 and works and clean and n_broken == 0 else 1


def _works(folder: Path, variables: dict[str, str]) -> bool:
    from environment import program

    doctor = [str(program(folder, "cognate")), "doctor"]
    return subprocess.run(doctor, check=False, env=variables, stdout=subprocess.DEVNULL).returncode == 0


def _processor_seconds() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


if __name__ == "__main__":
    raise SystemExit(main())
