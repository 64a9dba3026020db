"""Fetches the packages of ``wanted.txt`` as archives by the registries' own clients; what is there stays.

An archive lands in DATA/archives under the package's registry and name. What a registry does not give is noted, and
not asked for again. Nothing of a package is ever run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.table.changes import CHANGES, Repository, write_changes

HERE = Path(__file__).parent
SUITE = "bookworm"
ARCHIVE = re.compile(r"\.(?:tar\.(?:gz|xz|bz2|lzma|zst)|tgz|zip|whl)$")
LARGEST = 130 << 20
NO_SOURCE = "png jpg jpeg gif webp svg ico ttf otf woff woff2 mp3 mp4 ogg wav zip gz jar dll exe so pdf snap csv json"
"""Endings of files that are neither archived nor unpacked."""

AT_ONCE = 12
"""Debian's packages asked for in one call: its client reads its lists first, which takes a second."""

_PREFIX = re.compile(r"^(?:rust|golang-github-[a-z0-9]+|golang|node|ruby|php|haskell|erlang|elixir|r-cran|lib)-?")
_SUFFIX = re.compile(r"(?:-(?:java|perl|clojure|core|framework))?[-.]?[0-9.]*$")


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is asked for, in a registry: ``debian``, ``pypi``, ``pypi-sdist``, ``npm`` or ``git``."""

    registry: str
    name: str

    @property
    def key(self) -> str:
        """What its files are called."""
        return f"{self.registry.partition('-')[0]}+{self.name.replace('/', '+')}"


def wanted() -> list[Package]:
    """Return the packages of the list, in order, each once, without evaluation corpora."""
    found: dict[str, Package] = {}
    for line in _lines("wanted.txt"):
        group, _, names = line.partition(":")
        registry = group if group.startswith("pypi") else group.partition("-")[0]
        for name in names.split():
            package = Package(registry, name)
            if not is_held_back(name):
                found.setdefault(package.key, package)
    return list(found.values())


def is_held_back(name: str) -> bool:
    """Return whether a package is an evaluation corpus, by its name or its owner's."""
    held = {_plain(word) for line in _lines("held_back.txt") for word in line.split()}
    owner, _, bare = _plain(name).rpartition("/")
    short = _PREFIX.sub("", bare)
    forms = {bare, short, _SUFFIX.sub("", bare), _SUFFIX.sub("", short), owner, f"{owner}-{bare}"}
    return not held.isdisjoint(forms)


def held_back_repositories() -> list[Path]:
    """Return the git directories of the mirror that are evaluation corpora."""
    mirror = os.environ.get("COGNATE_MIRROR")
    folders = sorted(Path(mirror).iterdir()) if mirror else []
    return [_git_directory(f) for f in folders if f.is_dir() and is_held_back(f.name.replace("+", "/", 1))]


def _plain(name: str) -> str:
    return re.sub(r"[._]", "-", name.lower())


def _git_directory(folder: Path) -> Path:
    inner = folder / "repo" / ".git"
    return inner if inner.exists() else folder / "repo"


def fetch_all(data: Path, registry: str) -> None:
    """Fetch what is missing of the list from one registry."""
    archives = data / "archives"
    archives.mkdir(parents=True, exist_ok=True)
    refused_file = data / f"refused-{registry}.json"
    refused = set(json.loads(refused_file.read_text("utf-8"))) if refused_file.exists() else set[str]()
    missing = [p for p in wanted() if p.registry == registry and archive_of(data, p) is None and p.key not in refused]
    for some in _batches(missing):
        with tempfile.TemporaryDirectory(dir=data) as scratch:
            _fetch(some, Path(scratch), archives, data)
        for package in some:
            if archive_of(data, package) is None:
                refused.add(package.key)
        refused_file.write_text(json.dumps(sorted(refused)), "utf-8")
        print(", ".join(p.key + ("" if archive_of(data, p) else " NOT FETCHED") for p in some), flush=True)


def archive_of(data: Path, package: Package) -> Path | None:
    """Return a package's archive, None when it was not fetched."""
    return next(iter(sorted((data / "archives").glob(f"{_escaped(package.key)}@*"))), None)


def version_of(archive: Path) -> str:
    """Return the version that an archive's name tells."""
    return ARCHIVE.sub("", archive.name.partition("@")[2])


def _escaped(name: str) -> str:
    return re.sub(r"([\[\]?*])", r"[\1]", name.replace("@", "~"))


def _batches(packages: Sequence[Package]) -> Iterator[list[Package]]:
    """Yield Debian's packages several at once, the others one by one."""
    size = AT_ONCE if packages and packages[0].registry == "debian" else 1
    for start in range(0, len(packages), size):
        yield list(packages[start : start + size])


def _fetch(packages: Sequence[Package], scratch: Path, archives: Path, data: Path) -> None:
    registry = packages[0].registry
    if registry == "debian":
        names = [package.name for package in packages]
        if not _call([*_apt(data), "source", "--download-only", "--tar-only", *names], scratch):
            for name in names:  # One that is not known lets all fail.
                _call([*_apt(data), "source", "--download-only", "--tar-only", name], scratch)
    elif registry == "git":
        _archive_repository(packages[0].name, scratch)
    elif registry == "npm":
        _call(["npm", "pack", "--silent", "--ignore-scripts", packages[0].name], scratch)
    else:
        kind = ["--no-binary", ":all:"] if registry == "pypi-sdist" else ["--only-binary", ":all:"]
        unpacked = scratch / "tmp"
        unpacked.mkdir()
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            *kind,
            "--dest",
            ".",
            packages[0].name,
        ]
        if registry == "pypi-sdist":  # Its build is never run: no build tool can be found, and what was unpacked stays.
            command[4:4] = ["--no-build-isolation", "--no-clean"]
        _call(["env", f"TMPDIR={unpacked}", *command], scratch)
        for folder in unpacked.glob("pip-download-*/*"):
            if (folder / "PKG-INFO").exists():
                version = re.search(r"^Version: (\S+)", (folder / "PKG-INFO").read_text("utf-8", "replace"), re.M)
                name = f"x-{version[1] if version else '0'}"
                shutil.make_archive(str(scratch / name), "gztar", folder)
    for package in packages:
        found = [f for f in sorted(scratch.iterdir()) if f.is_file() and _belongs(f.name, package)]
        if found and found[0].stat().st_size <= LARGEST:
            ending = ARCHIVE.search(found[0].name)
            assert ending is not None
            version = _version(found[0].name, package)
            shutil.move(found[0], archives / f"{package.key.replace('@', '~')}@{version}{ending[0]}")


def _archive_repository(name: str, scratch: Path) -> None:
    """Write the newest files and some changes of a public repository, out of a mirror here where there is one.

    A mirror may lack large files; these are left out.
    """
    mirror = os.environ.get("COGNATE_MIRROR")
    folder = _git_directory(Path(mirror) / name.replace("/", "+")) if mirror else scratch / "clone"
    if not folder.exists():
        _call(["git", "clone", "--quiet", "--bare", f"https://github.com/{name}", str(folder)], scratch)
    git = Repository(folder)
    commit = git.lines("rev-parse", "--verify", "--quiet", "HEAD")
    if not commit[0]:
        return
    write_changes(git, scratch / CHANGES)
    archive = scratch / f"x-{commit[0][:12]}.tar.gz"
    left_out = [f":(exclude,literal){path}" for path in git.missing_files()]
    left_out += [f":(exclude,glob)**/*.{ending}" for ending in NO_SOURCE.split()]
    added = f"--add-file={scratch / CHANGES}"
    git.lines("archive", "--format=tar.gz", "-1", f"--output={archive}", added, "HEAD", "--", ".", *left_out)


def _belongs(name: str, package: Package) -> bool:
    if ARCHIVE.search(name) is None or name.endswith(".asc"):
        return False
    return package.registry != "debian" or (name.startswith(f"{package.name}_") and ".orig.tar." in name)


def _version(name: str, package: Package) -> str:
    bare = ARCHIVE.sub("", name)
    if package.registry == "debian":
        return bare.partition("_")[2].removesuffix(".orig")
    if name.endswith(".whl"):
        return bare.split("-")[1]
    return bare.rpartition("-")[2]


def _call(command: Sequence[str], folder: Path) -> bool:
    try:
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, timeout=400)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _apt(data: Path) -> list[str]:
    sys.path.insert(0, str(HERE.parents[1] / "benchmarks"))
    from corpora import own_apt  # pyright: ignore[reportMissingImports]

    return own_apt(data.resolve() / "apt", SUITE)


def _lines(name: str) -> list[str]:
    text = (HERE / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
