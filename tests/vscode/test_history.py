"""Commits in a real workbench: the list that answers while one types, and the view of changes.

The tests are one session and run in order; each leaves the window as the next one needs it.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from editors.repository import make_repository
from vscode.editor import Editor, running, wait_for
from vscode.workbench import Workbench

QUESTION = "giving up on slow servers"
ANSWER = "Give up on a slow host after half a minute"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a past."""
    return make_repository(tmp_path_factory.mktemp("history") / "downloads")


@pytest.fixture(scope="module")
def editor(vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with the packed extension; the server is this environment's."""
    editor = Editor(tmp_path_factory.mktemp("editor"))
    server = str(Path(sys.executable).with_name("cognate"))
    editor.write_settings(cognate__server__path=server, git__enabled=True)
    editor.install(vsix)
    with running(editor):
        yield editor


def search_history(workbench: Workbench) -> None:
    """Ask the question, and wait for its answer."""
    workbench.command("Cognate: Search History by Meaning")
    expect(workbench.pick_input).to_have_attribute("placeholder", re.compile("^Describe a change"))
    expect(workbench.pick_input).to_be_focused()
    workbench.type(QUESTION)
    expect(workbench.rows.first).to_contain_text(ANSWER)


def test_a_question_lists_commits_and_previews_what_they_changed(workbench: Workbench, repository: Path):
    workbench.open_folder(repository)
    workbench.wait_until_ready()
    workbench.open_file("src/settings.py")
    search_history(workbench)
    expect(workbench.active_tab).to_contain_text(re.compile(r"(deadline|mirrors)\.py \([0-9a-f]{7}\)"))
    expect(workbench.page.locator(".monaco-diff-editor .line-insert").first).to_be_visible()
    workbench.picture("history")


def test_escape_goes_back(workbench: Workbench):
    workbench.press("Escape")
    expect(workbench.pick).to_be_hidden()
    expect(workbench.active_tab).to_contain_text("settings.py")
    expect(workbench.tabs).to_have_count(1)


def test_enter_opens_all_that_a_commit_changed(workbench: Workbench):
    search_history(workbench)
    workbench.press("Enter")
    expect(workbench.active_tab).to_contain_text(ANSWER)
    expect(workbench.page.locator(".multiDiffEntry", has_text="mirrors.py")).to_be_visible()
    workbench.picture("commit")
    workbench.command("View: Close All Editors")


def test_a_definition_has_its_history(workbench: Workbench):
    workbench.open_file("src/deadline.py")
    workbench.go_to_line(1)
    workbench.command("Cognate: History of This Definition")
    view = workbench.view("Changes Like This")
    expect(view.locator(".monaco-list-row", has_text="Prefer the nearest mirror")).to_be_visible()
    together = view.locator(".monaco-list-row", has_text="mirrors.py")
    expect(together.first).to_contain_text("in 2 commits")
    workbench.picture("changes")


def test_the_uncommitted_change_finds_changes_like_it(workbench: Workbench, repository: Path):
    file = repository / "src" / "deadline.py"
    file.write_text(file.read_text(encoding="utf-8").replace("= 20", "= 45"), encoding="utf-8")
    workbench.open_file("src/settings.py")
    workbench.command("Cognate: Changes Like This")
    view = workbench.view("Changes Like This")
    expect(view.locator(".monaco-list-row", has_text=ANSWER)).to_be_visible()
    expect(view).to_contain_text("the uncommitted change")
    view.locator(".monaco-list-row", has_text=ANSWER).click()
    view.locator(".monaco-list-row", has_text="deadline.py").first.click()
    wait_for(lambda: "deadline.py (" in workbench.active_tab.inner_text(), "the change was not opened")
