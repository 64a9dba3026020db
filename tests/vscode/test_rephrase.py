"""A question in other words, with a chat model that another extension gives to a real workbench.

What leaves the editor is read from the model's own notes, and what the server is asked from a copy of its input. The
tests are one session and run in order; each leaves the window as the next one needs it.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from fixtures import write_files
from vscode.editor import ROOT, Editor, packed, running, wait_for
from vscode.workbench import Workbench

QUESTION = "what a guest gets to drink"
WORDINGS = ("brew coffee from ground beans", "barista pour_water", "hot beverage preparation")

PROJECT = '''\
//- coffee.py
def brew_coffee(beans, water):
    """Make a cup of coffee out of ground beans and hot water."""
    ground = [bean.grind() for bean in beans]
    for step in range(3):
        water.pour(ground, step)
    return water.filtered(ground)
//- orders.py
class Order:
    """What a guest wants, and whether it is paid."""

    def __init__(self, guest, items):
        self.guest = guest
        self.items = items

    def total(self):
        return sum(item.price for item in self.items)
'''

HEADER = re.compile(rb"Content-Length: (\d+)\r\n\r\n")

Sent = Callable[[str], list[dict[str, Any]]]


class Model:
    """The chat model of the extension in chat_model: what it does, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.does()

    def does(self, *, models: bool = True, consent: bool = False, slow: bool = False, **answer: str) -> None:
        """Say what it does from now on, and forget what it was asked."""
        told = {"models": models, "consent": consent, "slow": slow, "reply": "\n".join(WORDINGS)} | answer
        (self.folder / "told.json").write_text(json.dumps(told), encoding="utf-8")
        (self.folder / "noted.jsonl").write_text("", encoding="utf-8")

    @property
    def noted(self) -> list[dict[str, Any]]:
        """What it was asked, and whether that was taken back."""
        return [json.loads(line) for line in (self.folder / "noted.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all of it."""
    return tmp_path_factory.mktemp("rephrase")


@pytest.fixture(scope="module")
def model(scratch: Path) -> Model:
    """The chat model, which answers with the wordings until it is told otherwise."""
    return Model(scratch / "model")


@pytest.fixture(scope="module")
def settings(scratch: Path) -> dict[str, Any]:
    """Settings in which the server is one whose input is copied."""
    server = scratch / "cognate"
    cognate = f'PYTHONPATH="{ROOT / "server"}" "{sys.executable}" -m cognate "$@"'
    server.write_text(f'#!/bin/sh\ntee -a "{scratch / "sent"}" | {cognate}\n', encoding="utf-8")
    server.chmod(0o755)
    return {"cognate__server__path": str(server), "chat__disableAIFeatures": False}


@pytest.fixture(scope="module")
def editor(vsix: Path, scratch: Path, model: Model, settings: dict[str, Any]) -> Iterator[Editor]:
    """An editor with the packed extension and that of the model."""
    editor = Editor(scratch / "editor", environment={"COGNATE_TEST_MODEL": str(model.folder)})
    editor.write_settings(**settings)
    editor.install(vsix)
    editor.install(packed(Path(__file__).parent / "chat_model", scratch))
    with running(editor):
        yield editor


@pytest.fixture(scope="module")
def sent(scratch: Path) -> Sent:
    """Return the params of every request of a method that the server got so far."""

    def read(method: str) -> list[dict[str, Any]]:
        text, messages = (scratch / "sent").read_bytes(), []
        while (head := HEADER.match(text)) and len(text) >= (end := head.end() + int(head[1])):
            messages.append(json.loads(text[head.end() : end]))
            text = text[end:]
        return [message["params"] for message in messages if message.get("method") == f"cognate/{method}"]

    return read


def test_by_itself_a_search_asks_no_model(workbench: Workbench, scratch: Path, model: Model, sent: Sent):
    project = write_files(scratch / "project", PROJECT)
    (project / ".git").mkdir()
    workbench.open_folder(project, proposals=True)
    workbench.wait_until_ready()
    workbench.search(QUESTION)
    expect(workbench.rows.filter(has_text="Order").first).to_be_visible()
    expect(workbench.rows.last).to_contain_text("Ask in other words")
    workbench.picture("rephrase-weak")
    workbench.page.wait_for_timeout(1500)  # twice the pause after which `auto` asks
    assert model.noted == []
    assert sent("search")
    assert not any(search["also"] for search in sent("search"))


def test_the_button_asks_the_model_and_searches_with_its_wordings(workbench: Workbench, model: Model, sent: Sent):
    workbench.press_button("Ask in other words")
    expect_wordings(workbench, *WORDINGS)
    expect(workbench.prompt).to_have_text("")
    expect(workbench.active_row).to_contain_text(".py:")
    workbench.picture("rephrase")
    assert asked(sent) == (QUESTION, [*WORDINGS])
    roles, texts = zip(*model.noted[0]["asked"], strict=True)
    assert roles == (1, 1)
    assert "other wordings" in texts[0]
    assert texts[1] == f"Languages of the project: python.\nQuestion: {QUESTION}"


def test_a_result_says_which_wording_found_it(workbench: Workbench):
    expect(workbench.rows.filter(has_text="coffee.py:1")).to_contain_text(f"as “{WORDINGS[0]}”")
    expect(workbench.rows.filter(has_text="orders.py:")).not_to_contain_text("as “")


def test_a_wording_can_be_removed(workbench: Workbench, model: Model, sent: Sent):
    row = wordings_of(workbench).filter(has_text=WORDINGS[1])
    row.hover()
    row.get_by_role("button", name="Ask without these words").click()
    expect_wordings(workbench, WORDINGS[0], WORDINGS[2])
    assert asked(sent) == (QUESTION, [WORDINGS[0], WORDINGS[2]])
    assert len(model.noted) == 1


def test_wordings_stay_with_filters_and_go_with_another_question(workbench: Workbench, sent: Sent):
    workbench.press_button("Only in a language")
    workbench.rows.filter(has_text="python").first.click()
    expect(workbench.pick_input).to_have_value(f"{QUESTION} lang:python")
    expect_wordings(workbench, WORDINGS[0], WORDINGS[2])
    assert asked(sent) == (f"{QUESTION} lang:python", [WORDINGS[0], WORDINGS[2]])
    workbench.pick_input.fill("who wants what")
    expect_wordings(workbench)
    assert asked(sent) == ("who wants what", [])


def test_the_item_at_the_end_asks_too_and_a_wording_can_become_the_question(workbench: Workbench, sent: Sent):
    workbench.rows.last.click()
    expect_wordings(workbench, *WORDINGS)
    wordings_of(workbench).filter(has_text=WORDINGS[0]).click()
    expect(workbench.pick_input).to_have_value(WORDINGS[0])
    expect_wordings(workbench)
    wait_for(lambda: asked(sent) == (WORDINGS[0], []), "the wording is not asked alone")
    expect(workbench.rows.first).to_contain_text("brew_coffee")


def test_a_likely_answer_needs_no_other_words(workbench: Workbench):
    workbench.pick_input.fill("brew_coffee")
    expect(workbench.rows.first).to_contain_text(re.compile(r"coffee\.py:1 · 0\.[5-9]"))
    expect(workbench.rows.filter(has_text="Ask in other words")).to_have_count(0)


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ({"models": False}, "There is no chat model"),
        ({"error": "NoPermissions"}, "Cognate may not use Parrot"),
        (
            {"error": "Blocked"},
            "Parrot takes no requests now, maybe for a quota: it was told to say Blocked",
        ),
        ({"error": "NotFound"}, "Parrot is no longer here"),
        ({"error": "a sentence"}, "Parrot did not answer: it was told to say a sentence"),
        ({"reply": ""}, "The chat model's reply holds no other wordings."),
    ],
    ids=lambda value: next(iter(value.values())) or "no" if isinstance(value, dict) else "",
)
def test_what_goes_wrong_is_one_quiet_line(
    workbench: Workbench, model: Model, sent: Sent, does: dict[str, Any], says: str
):
    model.does(**does)
    workbench.pick_input.fill(QUESTION)
    expect(workbench.rows.last).to_contain_text("Ask in other words")
    workbench.press_button("Ask in other words")
    expect(workbench.prompt).to_contain_text(says)
    workbench.picture(f"rephrase-{'-'.join(map(str, next(iter(does.items()))))}".replace(" ", "-"))
    expect(workbench.notifications).to_have_count(0)
    expect(workbench.rows.filter(has_text="Order").first).to_be_visible()
    assert asked(sent) == (QUESTION, [])
    workbench.pick_input.fill("who wants what")
    expect(workbench.prompt).to_have_text("")


def test_typing_cancels_a_slow_model(workbench: Workbench, model: Model, sent: Sent):
    model.does(slow=True)
    workbench.press_button("Ask in other words")
    expect(workbench.prompt).to_contain_text("Asking in other words")
    wait_for(lambda: len(model.noted) == 1, "the model is not asked")
    workbench.picture("rephrase-slow")
    workbench.press("End")
    workbench.type(" and why")
    wait_for(lambda: model.noted[1:] == [{"cancelled": True}], "the model is not told")
    expect(workbench.prompt).to_have_text("")
    wait_for(lambda: asked(sent) == ("who wants what and why", []), "the search does not go on")


def test_leaving_cancels_a_slow_model(workbench: Workbench, model: Model):
    model.does(slow=True)
    workbench.press_button("Ask in other words")
    wait_for(lambda: len(model.noted) == 1, "the model is not asked")
    workbench.close_search()
    wait_for(lambda: model.noted[1:] == [{"cancelled": True}], "the model is not told")


def test_the_editor_asks_for_consent_and_no_means_no(
    workbench: Workbench, model: Model, sent: Sent, settings: dict[str, Any]
):
    # The editor's own question takes the focus from the list, which must stay.
    workbench.editor.write_settings(**settings, workbench__quickOpen__closeOnFocusLost=True)
    model.does(consent=True)
    dialog = workbench.page.locator(".monaco-dialog-box")
    workbench.search(QUESTION)
    expect(workbench.rows.last).to_contain_text("Ask in other words")
    workbench.press_button("Ask in other words")
    expect(dialog).to_contain_text("Only the question and the names of languages are sent")
    workbench.picture("rephrase-consent")
    dialog.get_by_role("button", name="Cancel").click()
    expect(workbench.prompt).to_contain_text("Cognate may not use Parrot")
    expect(workbench.rows.filter(has_text="Order").first).to_be_visible()
    assert model.noted == []
    workbench.rows.last.click()
    dialog.get_by_role("button", name="Allow").click()
    expect_wordings(workbench, *WORDINGS)
    assert asked(sent) == (QUESTION, [*WORDINGS])
    workbench.close_search()
    workbench.editor.write_settings(**settings)


def test_an_endpoint_of_the_user_s_is_asked_by_the_server(
    workbench: Workbench, model: Model, sent: Sent, settings: dict[str, Any]
):
    nobody_there = "http://127.0.0.1:9/v1"
    workbench.editor.write_settings(**settings, cognate__rephraseEndpoint=nobody_there)
    model.does()
    workbench.search(QUESTION)
    expect(workbench.rows.last).to_contain_text("Ask in other words")
    workbench.press_button("Ask in other words")
    wait_for(lambda: sent("rephrased")[-1] == {"query": QUESTION}, "the server is not asked for its own reply")
    expect(workbench.prompt).not_to_have_text("")
    expect(workbench.prompt).not_to_contain_text("Asking")
    assert model.noted == []
    assert asked(sent) == (QUESTION, [])
    workbench.close_search()
    workbench.editor.write_settings(**settings)


def test_auto_asks_after_a_pause_once_for_what_was_typed(workbench: Workbench, model: Model, sent: Sent):
    when_to_rephrase(workbench, model, "auto")
    workbench.search(QUESTION)
    expect_wordings(workbench, *WORDINGS)
    assert asked(sent) == (QUESTION, [*WORDINGS])
    assert [note["asked"][1][1].splitlines()[1] for note in model.noted] == [f"Question: {QUESTION}"]
    workbench.close_search()


def test_off_offers_nothing(workbench: Workbench, model: Model):
    when_to_rephrase(workbench, model, "off")
    workbench.search(QUESTION)
    expect(workbench.rows.first).to_contain_text("Order")
    expect(workbench.pick.get_by_role("button", name="Why these results")).to_be_visible()
    expect(workbench.pick.get_by_role("button", name="Ask in other words")).to_have_count(0)
    expect(workbench.rows.filter(has_text="Ask in other words")).to_have_count(0)
    workbench.close_search()
    assert model.noted == []


def when_to_rephrase(workbench: Workbench, model: Model, when: str) -> None:
    """Set cognate.rephrase in the person's own settings, which are in the browser and not in a file."""
    model.does(when=when)
    workbench.command("Set When to Rephrase")
    wait_for(lambda: model.noted == [{"when": when}], "the setting is not made")
    model.does()


def wordings_of(workbench: Workbench) -> Locator:
    """Return the rows of other wordings."""
    return workbench.rows.filter(has=workbench.page.locator(".codicon-quote"))


def expect_wordings(workbench: Workbench, *wordings: str) -> None:
    """Wait until the list shows these other wordings, and no others, above the answers."""
    listed = wordings_of(workbench)
    expect(listed).to_have_count(len(wordings))
    by_place = sorted(listed.all(), key=lambda row: int(row.get_attribute("data-index") or ""))
    first_is_headed = [wordings[0] + ", also asked as", *wordings[1:]] if wordings else []
    assert [row.get_attribute("aria-label") for row in by_place] == first_is_headed


def asked(sent: Sent) -> tuple[str, list[str]]:
    """Return the last query that the server got, and its other wordings."""
    search = sent("search")[-1]
    return search["query"], search["also"]
