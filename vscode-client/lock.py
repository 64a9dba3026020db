"""Writes setup/requirements.txt: what the extension installs, locked for every Python and platform.

    pip install uv && python lock.py

uv resolves what pyproject.toml asks for, with the extra `mcp`, for all targets at once, wheels only. What it finds is
written as one requirements file for `pip install --require-hashes --no-deps`: the version of each package, on which
targets it is needed, and the SHA-256 of every wheel that fits one of them. The file names no index: pip fetches from
the one that a person has configured. uv itself asks the one that UV_DEFAULT_INDEX names.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

CLIENT = Path(__file__).resolve().parent
sys.path.insert(0, str(CLIENT / "setup"))
from slim import NOT_INSTALLED  # noqa: E402 - the extension packs that folder as it is

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = CLIENT.parent / "pyproject.toml"
LOCK = CLIENT / "setup" / "requirements.txt"
EXTRA = "mcp"

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")

UNBUILT = {("darwin-x64", "3.14")}
"""Targets that a package has no wheel for: onnxruntime's last ones for Intel Macs are for Python 3.13."""

HEADER = """\
# Made by vscode-client/lock.py out of pyproject.toml. Do not edit; `make lock` makes it again.
#
# Bytes that are downloaded, by platform and Python:
"""
SIZE = "#   {target.platform} {target.python} {size}\n"


class Platform(NamedTuple):
    """A platform as the editor names it, and as Python does.

    Attributes:
        system: of ``sys.platform``.
        machine: of ``platform.machine()``.
        newest: tags of wheels that fit its newest releases, best first.
        oldest: those that fit the oldest release that has a wheel of everything.
    """

    system: str
    machine: str
    newest: tuple[str, ...]
    oldest: tuple[str, ...]


def _manylinux(machine: str, glibc: int) -> tuple[str, ...]:
    aliases = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    tags: list[str] = []
    for minor in range(glibc, 4, -1):
        tags += [f"manylinux_2_{minor}_{machine}", *([f"{aliases[minor]}_{machine}"] if minor in aliases else [])]
    return tuple(tags)


def _macos(machine: str, release: int) -> tuple[str, ...]:
    names = [f"{major}_0" for major in range(release, 10, -1)] + [f"10_{minor}" for minor in range(16, 8, -1)]
    return tuple(f"macosx_{name}_{kind}" for name in names for kind in (machine, "universal2"))


PLATFORMS = {
    "linux-x64": Platform("linux", "x86_64", _manylinux("x86_64", 45), _manylinux("x86_64", 28)),
    "linux-arm64": Platform("linux", "aarch64", _manylinux("aarch64", 45), _manylinux("aarch64", 28)),
    "darwin-arm64": Platform("darwin", "arm64", _macos("arm64", 26), _macos("arm64", 14)),
    "darwin-x64": Platform("darwin", "x86_64", _macos("x86_64", 26), _macos("x86_64", 13)),
    "win32-x64": Platform("win32", "AMD64", ("win_amd64",), ("win_amd64",)),
}
"""Where the extension can be installed; VS Code's server asks for glibc 2.28, onnxruntime for macOS 13 or 14."""


class Target(NamedTuple):
    """A Python on a platform."""

    platform: str
    python: str

    def environment(self) -> dict[str, str]:
        """Return the values that markers ask for."""
        system, machine = PLATFORMS[self.platform][:2]
        return {
            "python_version": self.python,
            "python_full_version": f"{self.python}.1",
            "sys_platform": system,
            "platform_machine": machine,
            "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
            "os_name": "nt" if system == "win32" else "posix",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
            "extra": "",
        }

    def tags(self, platforms: Sequence[str]) -> Iterator[Tag]:
        """Yield the tags of the wheels that fit, best first."""
        version = tuple(int(part) for part in self.python.split("."))
        yield from cpython_tags(version, platforms=platforms)
        yield from compatible_tags(version, f"cp{version[0]}{version[1]}", platforms)


TARGETS = tuple(Target(name, python) for name in PLATFORMS for python in PYTHONS if (name, python) not in UNBUILT)


class Wheel(NamedTuple):
    """A file that can be downloaded."""

    name: str
    size: int
    sha256: str

    @property
    def tags(self) -> frozenset[Tag]:
        """The tags that its name says."""
        return parse_wheel_filename(self.name)[3]


class Package(NamedTuple):
    """A version of a package, and where it is needed."""

    name: str
    version: str
    targets: tuple[Target, ...]
    wheels: tuple[Wheel, ...]


def resolve(project: Path = PROJECT) -> list[Package]:
    """Return what uv finds for all targets.

    Raises:
        SystemExit: when there is no uv, or it finds nothing that fits; it then says why.
    """
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        raise SystemExit("The lock is made with uv: pip install uv")
    with tempfile.TemporaryDirectory() as scratch:
        told = Path(scratch) / "pyproject.toml"
        told.write_text(project.read_text(encoding="utf-8") + _for_uv(), encoding="utf-8")
        out = Path(scratch) / "pylock.toml"
        command = [uv, "pip", "compile", "--quiet", "--universal", "--python-version", PYTHONS[0]]
        command += ["--extra", EXTRA, "--only-binary", ":all:", "--output-file", str(out), str(told)]
        if subprocess.run(command, check=False, cwd=scratch, stdout=subprocess.DEVNULL).returncode != 0:
            raise SystemExit("uv could not resolve pyproject.toml")
        found = tomllib.loads(out.read_text(encoding="utf-8"))
    packages = [_package(entry) for entry in found["packages"] if entry["name"] not in NOT_INSTALLED]
    return [package for package in packages if package.targets]


def text(packages: Iterable[Package]) -> str:
    """Return the requirements file.

    Raises:
        SystemExit: when a package has no wheel for one of its targets.
    """
    packages = sorted(packages, key=lambda package: (package.name, package.targets))
    sizes = dict.fromkeys(TARGETS, 0)
    lines: list[str] = []
    for package in packages:
        for target in package.targets:
            sizes[target] += _best(package, target).size
        marker = marker_of(package.targets)
        lines.append(f"{package.name}=={package.version}" + (f" ; {marker}" if marker else "") + " \\")
        hashes = [f"    --hash=sha256:{digest}" for digest in sorted({wheel.sha256 for wheel in _fitting(package)})]
        lines.append(" \\\n".join(hashes))
    table = "".join(SIZE.format(target=target, size=size) for target, size in sizes.items())
    return HEADER + table + "\n" + "\n".join(lines) + "\n"


def marker_of(targets: Sequence[Target]) -> str:
    """Return a marker that holds for these targets and for no other of TARGETS; empty if it is for all."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(PLATFORMS, key=lambda name: sum(unbuilt == name for unbuilt, _ in UNBUILT)):
        pythons = {target.python for target in targets if target.platform == name}
        free = {python for python in PYTHONS if (name, python) in UNBUILT}
        if pythons:
            own = tuple(python for python in PYTHONS if python in pythons)
            same = next((group for group in groups if pythons <= set(group) <= pythons | free), own)
            groups.setdefault(same, []).append(name)
    return " or ".join(filter(None, (_group(pythons, names) for pythons, names in groups.items())))


def _group(pythons: tuple[str, ...], names: list[str]) -> str:
    parts: list[str] = []
    if pythons != PYTHONS:
        parts.append(f'python_version {"in" if len(pythons) > 1 else "=="} "{" ".join(pythons)}"')
    others = [name for name in PLATFORMS if name not in names]
    if len(others) == 1:
        other = PLATFORMS[others[0]]
        parts.append(f'(sys_platform != "{other.system}" or platform_machine != "{other.machine}")')
    elif others:
        places = [
            f'sys_platform == "{PLATFORMS[n].system}" and platform_machine == "{PLATFORMS[n].machine}"' for n in names
        ]
        parts.append(f"({' or '.join(places)})" if parts and len(places) > 1 else " or ".join(places))
    return " and ".join(parts)


def _package(entry: dict[str, Any]) -> Package:
    marker = Marker(entry["marker"]) if "marker" in entry else None
    targets = tuple(t for t in TARGETS if marker is None or marker.evaluate(cast("dict[str, str]", t.environment())))
    wheels = tuple(
        Wheel(wheel["url"].rsplit("/", 1)[-1].replace("%2B", "+"), wheel["size"], wheel["hashes"]["sha256"])
        for wheel in entry.get("wheels", ())
    )
    return Package(entry["name"], entry["version"], targets, wheels)


def _fitting(package: Package) -> list[Wheel]:
    """The wheels that some release of some target can take."""
    tags = {tag for target in package.targets for tag in target.tags(PLATFORMS[target.platform].newest)}
    return [wheel for wheel in package.wheels if wheel.tags & tags]


def _best(package: Package, target: Target) -> Wheel:
    """The wheel that the newest release of a target takes; one for the oldest must be there, too."""
    platform = PLATFORMS[target.platform]
    for tags in (platform.oldest, platform.newest):
        order = {tag: rank for rank, tag in enumerate(target.tags(tags))}
        fit = [wheel for wheel in package.wheels if wheel.tags & order.keys()]
        if not fit:
            raise SystemExit(f"{package.name} {package.version} has no wheel for {' '.join(target)}")
    return min(fit, key=lambda wheel: min(order[tag] for tag in wheel.tags & order.keys()))


def _for_uv() -> str:
    """Tell uv the targets."""
    newest = ".".join(str(int(part) + at) for at, part in enumerate(PYTHONS[-1].split(".")))
    lines: list[str] = []
    for name, platform in PLATFORMS.items():
        unbuilt = [python for python in PYTHONS if (name, python) in UNBUILT]
        end = f"python_version < '{unbuilt[0] if unbuilt else newest}'"
        lines.append(f"\"sys_platform == '{platform.system}' and platform_machine == '{platform.machine}' and {end}\"")
    listed = f"[{', '.join(lines)}]"
    return f"\n[tool.uv]\nenvironments = {listed}\nrequired-environments = {listed}\n"


if __name__ == "__main__":
    packages = resolve()
    LOCK.parent.mkdir(exist_ok=True)
    LOCK.write_text(text(packages), encoding="utf-8")
    found = re.findall(r"^[a-z]\S*==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    sys.stdout.write(f"{LOCK}: {len(found)} packages\n")
