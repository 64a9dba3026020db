"""What agents in a real workbench find of Cognate: the tool of the extension, and its MCP server.

An extension of ours is the agent. The tests are one session and run in order.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from editors.project import PROJECT
from fixtures import write_files
from vscode.editor import ROOT, Editor, packed, running, wait_for
from vscode.workbench import Workbench

QUERY = "wait longer after each failure"
TOOL = "cognate_searchCode"
PLACE = "src/retry.py:6-13  def call_with_backoff(action, attempts=5, base_delay=0.1)"

Invoke = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all of it."""
    return tmp_path_factory.mktemp("agents")


@pytest.fixture(scope="module")
def editor(vsix: Path, scratch: Path) -> Iterator[Editor]:
    """An editor with the packed extension and the agent."""
    server = scratch / "cognate"
    cognate = f'PYTHONPATH="{ROOT / "server"}" exec "{sys.executable}" -m cognate "$@"'
    server.write_text(f'#!/bin/sh\necho "$@" >> "{scratch}/started"\n{cognate}\n', encoding="utf-8")
    server.chmod(0o755)
    editor = Editor(scratch / "editor", environment={"COGNATE_TEST_AGENT": str(scratch)})
    editor.write_settings(cognate__server__path=str(server), chat__disableAIFeatures=False)
    editor.install(vsix)
    editor.install(packed(Path(__file__).parent / "agent", scratch))
    with running(editor):
        yield editor


@pytest.fixture(scope="module")
def invoke(workbench: Workbench, scratch: Path) -> Invoke:
    """Return a function that lets the agent invoke a tool, and returns what it noted."""
    noted = scratch / "noted.json"

    def ask(tool: str, **given: Any) -> dict[str, Any]:
        noted.unlink(missing_ok=True)
        (scratch / "told.json").write_text(json.dumps({"tool": tool, "input": given}), encoding="utf-8")
        workbench.command("Invoke a Tool")
        return json.loads(wait_for(lambda: noted.exists() and noted.read_text(encoding="utf-8"), "nothing was noted"))

    return ask


def test_the_tool_answers_with_places(workbench: Workbench, scratch: Path, invoke: Invoke):
    project = write_files(scratch / "project", PROJECT)
    (project / ".git").mkdir()
    workbench.open_folder(project)
    workbench.wait_until_ready()
    answer = invoke(TOOL, query=QUERY, limit=2)
    assert TOOL in answer["tools"]
    assert PLACE in answer["text"].splitlines()


def test_other_wordings_and_limits_reach_the_search(invoke: Invoke):
    answer = invoke(TOOL, query="zzz", also=["cartTotal"], paths=["web/"], languages=["typescript"])
    assert answer["text"].startswith("web/cart.ts:")


def test_what_cannot_be_asked_is_told_to_the_agent(invoke: Invoke):
    assert "the only folder that can be searched" in invoke(TOOL, query="retry", paths=["/etc"])["error"]


def test_the_editor_starts_the_server_for_agents(workbench: Workbench, scratch: Path, invoke: Invoke):
    workbench.command("MCP: List Servers")
    workbench.rows.filter(has_text="Cognate: project").first.click()
    workbench.rows.filter(has_text="Start Server").first.click()
    explain = "explain_place"
    wait_for(lambda: any(explain in tool for tool in invoke(explain)["tools"]), "the server's tools are not found", 60)
    assert f"mcp --model  {scratch / 'project'}" in (scratch / "started").read_text(encoding="utf-8").splitlines()
    text = invoke(explain, file="src/retry.py", line=7)["text"]
    assert "src/retry.py" in text
    assert "call_with_backoff" in text
