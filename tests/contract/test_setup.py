"""The environment that the extension makes: from a private index, small, complete, and never half there."""

import importlib.metadata
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from fixtures import write_files
from package_index import PackageIndex, locked_wheels, serving
from setups import PREFIX, SCRIPT, Setup, cognate_wheel, size
from vscode.editor import tools_folder, wait_for

sys.path.insert(0, str(SCRIPT.parent))
import environment
import slim

MOST_BYTES = 250e6
KILLED = 2
"""How often a set-up is killed here; benchmarks/setup.py kills as many as you like."""

FOLDER = '''\
//- coffee.py
def brew_coffee(beans, water):
    """Make a cup of coffee out of ground beans and hot water."""
    return water.filtered(beans.ground())
//- tea.go
package tea

// BrewTea makes a cup of tea out of dried leaves.
func BrewTea(leaves Leaves) Cup {
	return leaves.Dried().In(water)
}
'''

REQUIREMENTS = """
import importlib.metadata as metadata, json, re
print(json.dumps([[d.metadata["Name"], d.version, d.requires or []] for d in metadata.distributions()]))
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the extension with Cognate's wheel; a wheel of hnswlib in it would fit no Python."""
    folder = tmp_path_factory.mktemp("wheels")
    cognate_wheel(folder)
    (folder / "hnswlib-0.8.0-cp30-cp30-win32.whl").touch()
    return folder


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """A private index, which only pip's own configuration names."""
    with serving(locked_wheels(tools_folder()), tmp_path_factory.mktemp("index")) as index:
        yield index


@pytest.fixture(scope="module")
def variables(index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of an editor without a compiler."""
    cache = tmp_path_factory.mktemp("cache")
    return index.environment() | {"CC": "/bin/false", "CXX": "/bin/false", "COGNATE_CACHE_DIR": str(cache)}


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="module")
def made(storage: Path, wheels: Path, variables: dict[str, str]) -> Setup:
    """A set-up that began with an empty cache and ended well."""
    setup = Setup(storage, wheels, variables)
    assert setup.wait() == 0, "\n".join(setup.lines)
    return setup


def hnswlib_wheel(folder: Path, code: str) -> None:
    """Make a wheel of hnswlib for every Python, with code of our own in it."""
    about = "hnswlib-0.8.0.dist-info"
    files = {
        "hnswlib.py": code,
        f"{about}/METADATA": "Metadata-Version: 2.1\nName: hnswlib\nVersion: 0.8.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(folder / "hnswlib-0.8.0-py3-none-any.whl", "w") as wheel:
        for name, text in [*files.items(), (f"{about}/RECORD", record)]:
            wheel.writestr(name, text)


def cognate(made: Setup, variables: dict[str, str], *arguments: str, given: str = "") -> str:
    """Return what a command of the environment prints."""
    command = [str(environment.program(made.folder, "cognate")), *arguments]
    done = subprocess.run(command, check=False, env=variables, capture_output=True, text=True, input=given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_environment_is_small_and_holds_what_the_lock_says(made: Setup):
    assert size(made.folder) < MOST_BYTES
    assert (made.folder / environment.COMPLETE).exists()
    assert not (made.folder / "tmp").exists()
    python = str(environment.program(made.folder, "python"))
    told = subprocess.run([python, "-c", REQUIREMENTS], check=True, capture_output=True, text=True)
    there = {canonicalize_name(name): (version, asked) for name, version, asked in json.loads(told.stdout)}
    assert not there.keys() & slim.NOT_INSTALLED.keys()
    for requirement in (Requirement(line) for _, asked in there.values() for line in asked):
        wanted = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if applies and wanted not in slim.NOT_INSTALLED:
            assert requirement.specifier.contains(there[wanted][0], prereleases=True), str(requirement)


def test_the_steps_and_the_megabytes_are_said(made: Setup):
    said = [line.removeprefix("::step ") for line in made.lines if line.startswith("::step ")]
    steps = list(dict.fromkeys(step.split(":")[0] for step in said))
    assert steps == ["making an environment", "downloading the server", "installing the server", "checking the server"]
    amounts = [re.fullmatch(r".+: (\d+) of (\d+) MB", step) for step in said]
    megabytes = [(int(amount[1]), int(amount[2])) for amount in amounts if amount]
    assert len(megabytes) > 5
    assert megabytes == sorted(megabytes)
    assert all(done <= total for done, total in megabytes)
    assert megabytes[-1][0] > 0.9 * megabytes[-1][1]


def test_it_indexes_searches_and_answers_agents(made: Setup, variables: dict[str, str], tmp_path: Path):
    folder = write_files(tmp_path, FOLDER)
    assert "BAD" not in cognate(made, variables, "doctor")
    cognate(made, variables, "index", str(folder))
    hits = cognate(made, variables, "search", "leaves in hot water", str(folder), "--json").splitlines()
    names = {json.loads(hit)["symbol"] for hit in hits}
    assert names >= {"BrewTea", "brew_coffee"}, "grammars are unpacked when they are needed"
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    asked = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello})
    assert '"serverInfo"' in cognate(made, variables, "mcp", str(folder), given=asked + "\n")


def test_a_complete_environment_is_not_made_again(made: Setup, storage: Path, wheels: Path, variables: dict[str, str]):
    again = Setup(storage, wheels, variables)
    assert again.wait() == 0
    assert again.folder == made.folder
    assert not [line for line in again.lines if line.startswith("::step")]


def test_killed_set_ups_are_never_used_and_the_next_one_works(
    made: Setup, index: PackageIndex, wheels: Path, variables: dict[str, str], tmp_path: Path
):
    for wheel in wheels.glob("cognate-*"):
        shutil.copy(wheel, tmp_path / wheel.name)
    hnswlib_wheel(tmp_path, "raise ImportError('built for another processor')")
    wheels, storage = tmp_path, tmp_path / "storage"
    index.served.clear()
    chance = random.Random(7)
    for _ in range(KILLED):
        setup = Setup(storage, wheels, variables, killed_at=chance.randrange(1, len(made.lines) - 1))
        assert setup.wait() == -signal.SIGKILL
        assert not list(storage.glob(f"environment-*/{environment.COMPLETE}"))
    setup = Setup(storage, wheels, variables)
    assert setup.wait() == 0, "\n".join(setup.lines)
    assert "hnswlib does not run here: going on without." in setup.lines
    assert sorted(path.name for path in storage.iterdir()) == sorted([setup.folder.name, "setup.lock"])
    assert index.served == [], "pip has all of it in its cache"
    assert "BAD" not in cognate(setup, variables, "doctor")


def test_a_cancelled_set_up_leaves_nothing_and_ends_what_it_started(
    wheels: Path, variables: dict[str, str], tmp_path: Path
):
    setup = Setup(tmp_path, wheels, variables)
    wait_for(lambda: "::step downloading the server" in setup.lines, "pip is never run", 120)
    assert setup.cancel() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["setup.lock"]


def test_a_set_up_that_fails_leaves_nothing(wheels: Path, variables: dict[str, str], tmp_path: Path):
    with serving(tmp_path, tmp_path) as empty:
        setup = Setup(tmp_path / "storage", wheels, variables | empty.environment())
        assert setup.wait() == 1
    assert any("No matching distribution found" in line for line in setup.lines)
    assert setup.lines[-1].startswith("::failed The packages for Cognate could not be downloaded.")
    assert [path.name for path in (tmp_path / "storage").iterdir()] == ["setup.lock"]


def test_another_window_waits_for_a_set_up_and_takes_what_it_made(wheels: Path, tmp_path: Path):
    with environment.locked(tmp_path):
        waiting = Setup(tmp_path, wheels, dict(os.environ))
        wait_for(lambda: "::step another window is at it" in waiting.lines, "it does not wait")
        (tmp_path / f"{PREFIX}x").mkdir()
        (tmp_path / f"{PREFIX}x" / environment.COMPLETE).touch()
    assert waiting.wait() == 0
    assert waiting.folder == tmp_path / f"{PREFIX}x"


def test_only_environments_that_nobody_uses_are_removed(tmp_path: Path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {f"{PREFIX}now": 0, "environment-0.1.0-used-": os.getpid(), "environment-0.1.0-unused-": ended.pid}
    for name, user in names.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / environment.COMPLETE).touch()
        (tmp_path / name / f"{environment.USED_BY}{user}").touch()
    for name in ("environment-0.1.0-cut-", "removed-environment-0.0.9-"):
        (tmp_path / name / "bin").mkdir(parents=True)
    with environment.locked(tmp_path):
        environment.tidy(tmp_path, PREFIX)
        assert len(list(tmp_path.iterdir())) == 6, "nothing is removed while a set-up runs"
    environment.tidy(tmp_path, PREFIX)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"{PREFIX}now", "environment-0.1.0-used-", "setup.lock"}


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "::failed The disk is full."),
        ("ensurepip is not available.", "::unfit This Python cannot make environments."),
        ("/usr/bin/python3: No module named venv", "::unfit This Python cannot make environments."),
        ("NewConnectionError: Temporary failure in name resolution", "::failed The packages for Cognate could not be"),
        ("Could not find a version that satisfies pygls<3 (from versions: none)", "::failed The packages for Cognate"),
        (
            "from versions: none\nERROR: No matching distribution found",
            "::failed The packages for Cognate could not be",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "::failed The package index"),
        ("ERROR: No matching distribution found for numpy==2.5.5", "::failed The package index of pip lacks"),
        ("something nobody thought of", "::failed Cognate could not be set up; the log says why."),
    ],
)
def test_a_failure_is_told_from_what_was_printed(output: str, told: str):
    assert environment.failure(output).startswith(told)


@pytest.mark.parametrize(
    ("lines", "done"),
    [
        (["  Downloading numpy-2.5.5-cp312-cp312-manylinux_2_28_x86_64.whl (15.7 MB)"], 0),
        (["  Downloading numpy-2.5.5-cp312-cp312-win_amd64.whl (15.7 MB)", "Progress 1000000 of 15700000"], 1_000_000),
        (["  Using cached a-1-py3-none-any.whl (80 kB)", "  Downloading b-1-py3-none-any.whl (30 bytes)"], 80_000),
        (["  Downloading a-1-py3-none-any.whl.metadata (5 kB)", "  Downloading b-1-py3-none-any.whl (5 kB)"], 0),
        (["  Downloading a-1-py3-none-any.whl (990.0 MB)", "  Downloading b-1-py3-none-any.whl (1 kB)"], 100_000_000),
    ],
)
def test_megabytes_are_read_from_what_pip_says(lines: list[str], done: int):
    progress = environment.Progress(100_000_000)
    for line in lines:
        progress.read(line)
    assert progress.done == done


def test_what_is_removed_is_there_to_be_removed():
    """Each pattern finds something in an environment as pip leaves it: that of these tests holds all the packages."""
    site = Path(str(importlib.metadata.distribution("numpy").locate_file("")))
    only_installer = {"setuptools", "setuptools-*", "pkg_resources", "_distutils_hack", "distutils-precedence.pth"}
    missing = [pattern for pattern in slim.REMOVED if not any(site.glob(pattern))]
    assert set(missing) <= only_installer
