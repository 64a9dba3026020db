#!/usr/bin/env python3
"""Fetches the pinned source packages that tests and benchmarks run on, from PyPI, npm and Debian, by their own clients.

Usage: corpora.py OUT_DIR [NAME ...]

A corpus lands in OUT_DIR/NAME with only its source root kept, so that paths read as in the project's own repository.
What is there already is not fetched again.
"""

import argparse
import atexit
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path

LIST = Path(__file__).with_name("corpora.json")


def fetch(name: str, out: Path) -> Path:
    """Return the folder of one corpus, fetched if it is not there.

    Raises:
        SystemExit: when the registry does not give it.
    """
    entry = next(e for e in json.loads(LIST.read_text(encoding="utf-8")) if e["name"] == name)
    target = out / name
    if target.exists():
        return target
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        archive = download(entry, Path(scratch))
        unpacked = Path(scratch) / "unpacked"
        unpack(archive, unpacked)
        top = unpacked
        if archive.suffix != ".whl":
            top = next(p for p in unpacked.iterdir() if p.is_dir())
        staged = Path(scratch) / "staged"
        shutil.copytree(top / entry["root"], staged / entry["root"] if entry["root"] != "." else staged)
        staged.replace(target)
    return target


def download(entry: dict[str, str], into: Path) -> Path:
    """Return the archive of a pinned package, fetched into an empty folder.

    Args:
        entry: its registry, package and version; of Debian the suite; its digest as ``sha256``, where one is known.
        into: the folder.

    Raises:
        SystemExit: when the registry does not give it, or gives something else.
    """
    if entry["registry"] == "debian":
        archive = _download_debian(entry, into)
    elif entry["registry"] == "npm":
        command = ["npm", "pack", "--silent", "--pack-destination", str(into), f"{entry['package']}@{entry['version']}"]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
        archive = _only_archive(entry, into)
    else:
        _download_pypi(entry, into)
        archive = _only_archive(entry, into)
    if "sha256" in entry and (digest := hashlib.sha256(archive.read_bytes()).hexdigest()) != entry["sha256"]:
        raise SystemExit(f"{archive.name} has the digest {digest}, not {entry['sha256']}")
    return archive


def _download_pypi(entry: dict[str, str], into: Path) -> None:
    # Asking for a source archive makes pip run the package's own build for its metadata, in an environment of its
    # own; where that fails for want of a compiler, the wheel holds the same sources without the outer folders.
    pinned = f"{entry['package']}=={entry['version']}"
    for kind in ("--no-binary", "--only-binary") if entry.get("form") != "wheel" else ("--only-binary",):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", kind, entry["package"],
                   "--dest", str(into), pinned]  # fmt: skip
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode == 0:
            break
        sys.stderr.write(f"{pinned} {kind}: {done.stderr.strip().splitlines()[-1:]}\n")


def _only_archive(entry: dict[str, str], into: Path) -> Path:
    found = [p for p in into.iterdir() if p.suffix in {".gz", ".tgz", ".whl"}]
    if not found:
        raise SystemExit(f"{entry['package']} {entry['version']} could not be fetched from {entry['registry']}")
    return found[0]


def _download_debian(entry: dict[str, str], into: Path) -> Path:
    """Fetch the upstream archive of a Debian source package, with an apt of our own beside the system's."""
    apt = own_apt(_apt_folder(entry["suite"]), entry["suite"])
    command = [*apt, "source", "--download-only", "--tar-only", entry["package"]]
    subprocess.run(command, check=False, cwd=into, stdout=subprocess.DEVNULL)
    archives = [p for p in sorted(into.iterdir()) if ".orig.tar." in p.name and not p.name.endswith(".asc")]
    if not archives:
        raise SystemExit(f"{entry['package']} {entry['version']} could not be fetched from Debian {entry['suite']}")
    found = archives[0]
    if f"_{entry['version']}.orig." not in found.name:  # A security update changes the revision, seldom the sources.
        raise SystemExit(f"Debian {entry['suite']} has {found.name}, not version {entry['version']}")
    return found


@cache
def _apt_folder(suite: str) -> Path:
    """Return a folder for the lists of a suite, kept as long as this process runs."""
    folder = Path(tempfile.mkdtemp(prefix=f"cognate-apt-{suite}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "apt"


def own_apt(root: Path, suite: str) -> list[str]:
    """Return the command of an apt that reads and writes below an absolute folder alone; its lists are fetched once."""
    settings = {"Dir": root, "Dir::Etc": root / "etc/apt", "Dir::State": root / "var/lib/apt",
                "Dir::State::status": root / "var/lib/dpkg/status", "Dir::Cache": root / "var/cache/apt",
                "APT::Sandbox::User": "root"}  # fmt: skip
    apt = ["apt-get", "-qq", *(part for name, value in settings.items() for part in ("-o", f"{name}={value}"))]
    if not root.exists():
        for folder in ("etc/apt/apt.conf.d", "etc/apt/preferences.d", "var/lib/apt/lists/partial", "var/lib/dpkg",
                       "var/cache/apt/archives/partial"):  # fmt: skip
            (root / folder).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        source = f"deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {_mirror()} {suite} main\n"
        (root / "etc/apt/sources.list").write_text(source, encoding="utf-8")
        subprocess.run([*apt, "update"], check=True, stdout=subprocess.DEVNULL)
    return apt


def _mirror() -> str:
    """Return the Debian mirror that this system uses."""
    for file in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*"))):
        if not file.is_file():
            continue
        found = re.search(r"https?://\S+/debian/?(?=\s|$)", file.read_text(encoding="utf-8"))
        if found:
            return found.group(0)
    raise SystemExit("No Debian mirror is configured here; corpora from Debian need one.")


def unpack(archive: Path, into: Path) -> None:
    """Unpack a wheel or a source archive; nothing lands outside the folder."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as whole:
            whole.extractall(into)
        return
    with tarfile.open(archive) as whole:
        if hasattr(tarfile, "data_filter"):
            whole.extractall(into, filter="data")
        else:
            whole.extractall(into)


def main() -> None:
    """Fetch the corpora named, or all."""
    known = [entry["name"] for entry in json.loads(LIST.read_text(encoding="utf-8"))]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    if unknown := set(options.names).difference(known):
        parser.error(f"corpora.json names no {', '.join(sorted(unknown))}")
    for name in options.names or known:
        folder = fetch(name, options.out.resolve())
        print(f"{name}: {sum(1 for p in folder.rglob('*') if p.is_file())} files in {folder}")


if __name__ == "__main__":
    main()
