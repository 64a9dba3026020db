"""Emacs with eglot, set up as docs/editors.md says."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from editors.debian import program
from editors.project import PROJECT, RECIPES
from fixtures import write_files
from nvim.driver import environment

SETTINGS = "(setq-default eglot-workspace-configuration '(:cognate (:hover (:minScore 0.1))))"


@pytest.fixture
def answers(tmp_path, cache_dir):
    """What Emacs gets when it does everything once."""
    project = write_files(tmp_path / "project", PROJECT)
    (project / ".git").mkdir()
    recipes = re.findall(r"```elisp\n(.*?)```", RECIPES.read_text(encoding="utf-8"), re.DOTALL)
    assert len(recipes) == 2
    init = tmp_path / "init.el"
    init.write_text("\n".join([";;; -*- lexical-binding: t -*-", SETTINGS, *recipes]), encoding="utf-8")
    done = subprocess.run(
        [program("emacs"), "--batch", "-Q", "-l", init, "-l", Path(__file__).with_name("eglot.el")],
        env={**environment(tmp_path, cache_dir), "COGNATE_TEST_FILE": str(project / "src" / "retry.py")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_emacs_with_eglot_hovers_searches_acts_and_runs_commands(answers):
    assert "Similar code" in answers["hover"]
    assert "download.py:7" in answers["hover"]
    assert any("Run an action again after a failure" in line for line in answers["symbols"])
    assert answers["actions"] == ["Find related code"]
    assert answers["searched"][0].startswith("settings.py:")
    assert answers["related"][0].startswith("download.py:")
