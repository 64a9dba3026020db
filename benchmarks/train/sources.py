#!/usr/bin/env python3
"""Fetches the packages that the encoder is trained on, at the versions of packages.json.

Usage: sources.py OUT_DIR [NAME ...]

A package lands in OUT_DIR/NAME as its own source archive has it. What is there already is not fetched again; what a
registry no longer has at its version is left out and said.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from corpora import own_apt, unpack

PACKAGES = Path(__file__).with_name("packages.json")
SUITE = "bookworm"
ARCHIVES = (".gz", ".tgz", ".xz", ".bz2", ".zip", ".whl")

Package = Mapping[str, str]


def packages() -> list[dict[str, str]]:
    """Return the committed list."""
    return json.loads(PACKAGES.read_text(encoding="utf-8"))


def fetch(package: Package, out: Path) -> Path | None:
    """Return the folder of a package, fetched if it is not there; None when its registry does not give it."""
    target = out / package["name"]
    if target.exists():
        return target
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as place:
        scratch = Path(place)
        download = {"debian": _from_debian, "npm": _from_npm, "pypi": _from_pypi}[package["registry"]]
        found = download(package, scratch, out)
        if found is None:
            return None
        unpacked = found
        if found.is_file():
            unpacked = scratch / "unpacked"
            _open(found, unpacked)
            inside = list(unpacked.iterdir())
            unpacked = inside[0] if len(inside) == 1 and inside[0].is_dir() else unpacked
        shutil.move(unpacked, target)
    return target


def _open(archive: Path, into: Path) -> None:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as whole:
            whole.extractall(into)
        return
    try:
        unpack(archive, into)
    except tarfile.FilterError:  # A link that leads out of the archive; it is of no use here.
        with tarfile.open(archive) as whole:
            whole.extractall(into, [m for m in whole if m.isfile()], filter="data")


def _archive(folder: Path) -> Path | None:
    return next((path for path in sorted(folder.iterdir()) if path.suffix in ARCHIVES), None)


def _from_npm(package: Package, scratch: Path, _: Path) -> Path | None:
    pinned = f"{package['package']}@{package['version']}"
    command = ["npm", "pack", "--silent", "--pack-destination", str(scratch), pinned]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return _archive(scratch)


def _from_pypi(package: Package, scratch: Path, _: Path) -> Path | None:
    """Return the source archive, or the folder that pip unpacked it to.

    Asked for a source archive, pip unpacks it and runs the package's build for its metadata, which fails where a
    compiler or a build tool is missing; told not to clean up, it leaves what it unpacked.
    """
    unpacked = scratch / "unpacked-by-pip"
    unpacked.mkdir()
    pinned = f"{package['package']}=={package['version']}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-build-isolation", "--no-clean",
               "--no-binary", ":all:", "--dest", str(scratch), pinned]  # fmt: skip
    subprocess.run(command, check=False, capture_output=True, env={**os.environ, "TMPDIR": str(unpacked)})
    left = [path for path in unpacked.glob("pip-download-*/*") if (path / "PKG-INFO").exists()]
    return _archive(scratch) or next(iter(left), None)


def _from_debian(package: Package, scratch: Path, out: Path) -> Path | None:
    """Return the upstream archive of a Debian source package, by an apt of our own beside the system's."""
    command = [*own_apt(out.resolve() / ".apt", SUITE), "source", "--download-only", package["package"]]
    subprocess.run(command, check=False, cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = [path for path in sorted(scratch.iterdir()) if f"_{package['version']}.orig.tar." in path.name]
    return next((path for path in found if path.suffix != ".asc"), None)


def main() -> None:
    """Fetch the packages named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    out, names = options.out.resolve(), set(options.names)
    for package in packages():
        if not names or package["name"] in names:
            folder = fetch(package, out)
            print(f"{package['name']}: {folder or 'NOT FETCHED'}", flush=True)


if __name__ == "__main__":
    main()
