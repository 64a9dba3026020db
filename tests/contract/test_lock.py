"""What the extension installs is what the project asks for, on every Python and platform."""

import importlib.util
import re
import sys
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from vscode.editor import CLIENT, ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"client_{name}", CLIENT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found
    spec.loader.exec_module(found)
    return found


lock = module("lock")
TEXT = lock.LOCK.read_text(encoding="utf-8")
LINES = re.findall(r"^([a-z].*?) ?\\?$", TEXT, re.MULTILINE)
LOCKED = [Requirement(line) for line in LINES]


def pins(target) -> dict[str, str]:
    """Return the version of each package on a target."""
    environment = target.environment()
    there = [
        requirement for requirement in LOCKED if not requirement.marker or requirement.marker.evaluate(environment)
    ]
    versions = {requirement.name: str(requirement.specifier).removeprefix("==") for requirement in there}
    assert len(versions) == len(there), "one version of each package"
    return versions


@pytest.mark.parametrize("target", lock.TARGETS, ids=" ".join)
def test_the_lock_satisfies_what_the_project_asks_for(target):
    project = tomllib.loads(lock.PROJECT.read_text(encoding="utf-8"))["project"]
    versions = pins(target)
    for line in [*project["dependencies"], *project["optional-dependencies"][lock.EXTRA]]:
        asked = Requirement(line)
        if asked.marker is None or asked.marker.evaluate(target.environment()):
            assert asked.specifier.contains(versions[canonicalize_name(asked.name)], prereleases=True), line


def test_every_package_is_pinned_and_hashed_and_no_index_is_named():
    assert len(LINES) > 50
    assert all(re.match(r"[a-z0-9-]+==\S+( ; |$)", line) for line in LINES)
    blocks = re.split(r"^(?=[a-z])", TEXT, flags=re.MULTILINE)[1:]
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}$", block.strip()) for block in blocks)
    assert not re.search(r"https?:|index-url|find-links", TEXT)


def test_the_size_of_a_download_is_known_for_every_target():
    named = re.findall(r"^#   (\S+) (\S+) (\d+)$", TEXT, re.MULTILINE)
    assert [(platform, python) for platform, python, _ in named] == [tuple(target) for target in lock.TARGETS]
    assert all(50e6 < int(size) < 120e6 for *_, size in named)


@pytest.mark.parametrize("count", range(1, len(lock.TARGETS) + 1))
def test_a_marker_holds_for_its_targets_and_no_other(count: int):
    chosen = lock.TARGETS[:count][::-1]
    marker = lock.marker_of(chosen)
    holds = [t for t in lock.TARGETS if not marker or lock.Marker(marker).evaluate(t.environment())]
    assert set(holds) == set(chosen)


def test_the_extension_and_the_build_know_the_pythons_of_the_lock():
    environment = (CLIENT / "src" / "environment.ts").read_text(encoding="utf-8")
    assert re.findall(r"needs Python ([\d.]+) to ([\d.]+) ", environment) == [(lock.PYTHONS[0], lock.PYTHONS[-1])]
    assert all(f"({python.replace('.', ', ')})" in environment for python in (lock.PYTHONS[0], lock.PYTHONS[-1]))
    build = module("build")
    assert build.PYTHONS == lock.PYTHONS
    assert list(build.TARGETS) == list(lock.PLATFORMS)
    assert (ROOT / "pyproject.toml").read_text(encoding="utf-8").count(f'requires-python = ">={lock.PYTHONS[0]}"') == 1
