"""The TypeScript tests: the pure parts in node, the rest inside the extension host of a real editor.

Each of their tests is one of ours, so that a failure has a name and counts show.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from fixtures import write_files
from vscode.editor import CLIENT, Editor, build, running, wait_for

HOST_TESTS = re.findall(
    r"^  '([^']+)': async", (CLIENT / "test" / "host" / "index.ts").read_text(encoding="utf-8"), re.M
)
UNIT_FILES = sorted(path.name.removesuffix(".test.ts") for path in (CLIENT / "test" / "unit").glob("*.test.ts"))

FOLDERS = '''\
//- first/coffee.py
def brew_coffee(beans, water):
    """Make a cup of coffee out of ground beans and hot water."""
    ground = [bean.grind() for bean in beans]
    for step in range(3):
        water.pour(ground, step)
    return water.filtered(ground)
//- first/tea.py
def brew_tea(leaves, water):
    """Make a cup of tea out of dried leaves and hot water."""
    dried = [leaf.dry() for leaf in leaves]
    for step in range(3):
        water.pour(dried, step)
    return water.filtered(dried)
//- second/kitchen.py
def clean_coffee_machine(machine):
    """Rinse the machine that brews coffee, and brew once with clear water."""
    machine.rinse()
    return machine.brew(None)
'''

CELLS = ("import statistics", "customers = load()", "def average_waiting_time(customers):\n    return mean(customers)")


@pytest.fixture(scope="module")
def compiled() -> Path:
    """The bundled extension and its bundled tests."""
    build.compile_tests()
    return CLIENT / "out"


@pytest.mark.parametrize("name", UNIT_FILES)
def test_the_pure_parts_pass_their_tests(name: str, compiled: Path):
    command = [str(build.NODE), "--test", "--test-reporter=tap", str(compiled / "unit" / f"{name}.test.js")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^# pass [1-9]", done.stdout, re.M), done.stdout


@pytest.fixture(scope="module")
def host_outcomes(compiled: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each host test came to, by its name."""
    assert compiled.exists()
    folder = write_files(tmp_path_factory.mktemp("folders"), FOLDERS)
    notebook = {
        "cells": [_cell(*cell) for cell in enumerate(CELLS)],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "first" / "shop.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    workspace = folder / "both.code-workspace"
    workspace.write_text(json.dumps({"folders": [{"path": "first"}, {"path": "second"}]}), encoding="utf-8")
    editor = Editor(tmp_path_factory.mktemp("host"), testing=True)
    # Only the extension is under test here; the workbench tests run it with the server that it sets up itself.
    editor.write_settings(cognate__server__path=str(Path(sys.executable).with_name("cognate")))
    with running(editor):
        # Once in many runs a new window never started its server. What it logged is printed, and a second one opened.
        return _run_in_host(editor, browser, workspace) or _run_in_host(editor, browser, workspace)


@pytest.mark.parametrize("name", HOST_TESTS)
def test_in_the_extension_host(name: str, host_outcomes: dict[str, str]):
    assert host_outcomes.get(name) == "passed"


def _run_in_host(editor: Editor, browser: Browser, workspace: Path) -> dict[str, str]:
    """Return what each host test came to in a new window; nothing if not one of them began."""
    remote = f"vscode-remote://127.0.0.1:{editor.port}"
    payload = [
        ("extensionDevelopmentPath", f"{remote}{CLIENT}"),
        ("extensionTestsPath", f"{remote}{CLIENT / 'out' / 'host' / 'index.js'}"),
        ("skipWelcome", "true"),
    ]
    lines: list[str] = []
    ended: list[int] = []
    page = browser.new_page()
    page.expose_function("codeAutomationLog", lambda _kind, texts: lines.extend(map(str, texts)))
    page.expose_function("codeAutomationExit", lambda code, _logs: ended.append(code))
    page.goto(f"{editor.origin}/?workspace={quote(str(workspace))}&payload={quote(json.dumps(payload))}")

    def has_ended() -> bool:
        page.wait_for_timeout(200)  # the page's calls arrive only while something waits on it
        return bool(ended)

    wait_for(has_ended, f"the host tests did not end: {lines}", 240)
    page.close()
    text = "\n".join(lines)
    passed = re.findall(r"HOST TEST passed: (.+)", text)
    failed = re.findall(r"HOST TEST failed: ([^:]+): ([^\n]+(?:\n +at [^\n]+)*)", text)
    if not passed and not failed:
        print(text)  # noqa: T201 - pytest shows it with the tests that fail
    return dict.fromkeys(passed, "passed") | dict(failed)


def _cell(number: int, text: str) -> dict[str, object]:
    about = {"metadata": {}, "outputs": [], "execution_count": None}
    return {"cell_type": "code", "id": f"cell-{number}", "source": text, **about}
