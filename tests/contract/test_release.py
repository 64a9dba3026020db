"""The workflow that makes a release is a workflow, and builds what the other files say."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cognate import __version__
from tools import version
from vscode.editor import CLIENT, ROOT, build

WORKFLOW = ROOT / ".github" / "workflows" / "release.yml"
TEXT = WORKFLOW.read_text(encoding="utf-8")


def test_the_workflow_is_one():
    found = shutil.which("actionlint", path=str(Path(sys.executable).parent)) or shutil.which("actionlint")
    assert found is not None, "the extra `dev` brings it"
    done = subprocess.run([found, str(WORKFLOW)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_it_builds_for_every_platform_and_python():
    assert re.findall(r"target: ([\w-]+),", TEXT) == list(build.TARGETS)
    packed = re.search(r"for target in (.+); do", TEXT)
    assert packed is not None
    assert packed[1].split() == [*build.TARGETS, '""']
    built = re.search(r"CIBW_BUILD: (.+)", TEXT)
    assert built is not None
    assert built[1].split() == [f"cp{python.replace('.', '')}-*" for python in build.PYTHONS]


def test_hnswlib_is_built_from_one_source():
    pinned = (CLIENT / "hnswlib.txt").read_text(encoding="utf-8")
    version = re.match(r"hnswlib==(\S+) --hash=sha256:[0-9a-f]{64}$", pinned.strip())
    assert version is not None
    assert f"source/hnswlib-{version[1]}.tar.gz" in TEXT


def test_wheels_are_told_apart_by_their_platform():
    names = {
        "linux-x64": "hnswlib-0.8.0-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "linux-arm64": "hnswlib-0.8.0-cp310-cp310-linux_aarch64.whl",
        "darwin-arm64": "hnswlib-0.8.0-cp310-cp310-macosx_11_0_arm64.whl",
        "darwin-x64": "hnswlib-0.8.0-cp310-cp310-macosx_10_9_x86_64.whl",
        "win32-x64": "hnswlib-0.8.0-cp310-cp310-win_amd64.whl",
    }
    for target, name in names.items():
        assert [each for each, end in build.TARGETS.items() if re.search(end, name)] == [target]


def test_environments_are_named_after_all_that_they_are_made_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("BUNDLED", "SETUP"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(build, name, tmp_path / name)
    (tmp_path / "BUNDLED" / "cognate-0.1.0-py3-none-any.whl").write_text("wheel")
    named = [build.environment_prefix(), build.environment_prefix()]
    for path in ("BUNDLED/hnswlib-0.8.0-cp312-cp312-win_amd64.whl", "SETUP/environment.py", "SETUP/requirements.txt"):
        (tmp_path / path).write_text("more")
        named.append(build.environment_prefix())
    assert len(set(named)) == 4
    assert all(re.fullmatch(r"environment-0\.1\.0-[0-9a-f]{12}-", name) for name in named)


def test_everything_says_the_same_version_and_the_changelog_knows_it():
    told = version.said(version.HOME)
    assert {place[0]: version.said(place) for place in version.COPIES} == {place[0]: told for place in version.COPIES}
    assert __version__ == told
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(told)} - \d{{4}}-\d\d-\d\d$", changes, re.MULTILINE)


def test_a_version_is_written_from_one_place_into_all_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name, _ in (version.HOME, *version.COPIES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    before = {name: (tmp_path / name).read_text(encoding="utf-8") for name, _ in version.COPIES}
    monkeypatch.setattr(version, "ROOT", tmp_path)
    old = version.said(version.HOME)
    version.main(["97.8.9"])
    assert {version.said(place) for place in (version.HOME, *version.COPIES)} == {"97.8.9"}
    version.main([old])
    assert before == {name: (tmp_path / name).read_text(encoding="utf-8") for name, _ in version.COPIES}
    with pytest.raises(SystemExit, match="three numbers"):
        version.main(["next"])
