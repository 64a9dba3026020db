"""What is written down agrees with the code."""

import importlib.util
import re
from pathlib import Path

from cognate.cli.main import build_parser
from cognate.search.signals import SIGNALS

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_what_the_declarations_say():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == generate.settings_page()


def test_every_signal_of_the_ranking_is_explained():
    page = (ROOT / "docs" / "ranking.md").read_text(encoding="utf-8")
    table = page.split("| signal | what it is |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
    assert table.splitlines() == [f"| `{signal.name}` | {signal.sentence} |" for signal in SIGNALS]


def test_every_command_of_the_readme_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"^\s*cognate (\w+)", text, re.MULTILINE))
    assert used
    actions = build_parser()._subparsers  # pyright: ignore[reportPrivateUsage]
    assert actions is not None
    known = set(actions._group_actions[0].choices or ())  # pyright: ignore[reportPrivateUsage]
    assert used <= known


def test_every_dependency_is_named_in_the_notice():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = project.split("dependencies = [", 1)[1].split("]", 1)[0]
    names = re.findall(r'"([a-z][\w-]*)', block)
    assert len(names) > 5
    assert [name for name in names if name not in notice] == []
