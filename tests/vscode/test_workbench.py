"""The packed extension in a real workbench, from an empty profile on: what a person does, and what a person sees.

The tests are one session and run in order; each leaves the window as the next one needs it.
"""

import os
import re
import signal
from pathlib import Path

from playwright.sync_api import expect

from vscode.editor import wait_for
from vscode.workbench import Workbench

QUERY = "exponential backoff between retries"
LOCATION = re.compile(r"\.py:\d+ · \d\.\d\d")
NEW_CODE = "def brew_espresso_for_the_night_shift(beans):\n"


def test_a_first_run_sets_up_the_server_and_indexes_the_folder(workbench: Workbench, project: Path):
    workbench.open_folder(project)
    expect(workbench.notifications.filter(has_text="Cognate is being set up")).to_be_visible()
    expect(workbench.notifications.filter(has_text=re.compile(r"\d+ of \d+ MB"))).to_be_visible()
    workbench.picture("setup")
    expect(workbench.notifications.filter(has_text="Cognate is indexing this folder")).to_be_visible(timeout=180_000)
    expect(workbench.status).to_have_attribute("aria-label", re.compile(r"Indexing: [1-9]\d* %"))
    workbench.picture("indexing")
    workbench.wait_until_ready()
    expect(workbench.notifications).to_have_count(0)
    running = wait_for(workbench.editor.language_servers, "no server runs")
    programs = {Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1].decode() for pid in running}
    assert all("globalStorage/cognate.cognate/environment-" in program for program in programs), programs


def test_a_person_is_told_how_to_begin(workbench: Workbench):
    workbench.page.get_by_role("tab", name="Cognate").first.click()
    expect(workbench.view("Results").get_by_role("button", name="Search by Meaning")).to_be_visible()
    expect(workbench.view("Related Code")).to_contain_text("Put the cursor into some code")
    workbench.command("Welcome: Open Walkthrough...")
    workbench.pick_input.fill("Find code by meaning")
    workbench.rows.filter(has_text="Find code by meaning").first.click()
    expect(workbench.page.locator(".gettingStartedContainer")).to_contain_text("Ask a question")
    workbench.picture("walkthrough")
    workbench.command("View: Close All Editors")


def test_a_query_answers_while_it_is_typed_and_previews_the_result(workbench: Workbench):
    workbench.open_file("celery/signals.py")
    workbench.go_to_line(5)
    workbench.search(QUERY)
    expect(workbench.rows.first).to_contain_text(LOCATION)
    expect(workbench.rows.filter(has_text="exponential_backoff").first).to_be_visible()
    workbench.press("ArrowDown")
    workbench.press("ArrowUp")
    name = workbench.active_row.get_attribute("aria-label") or ""
    expect(workbench.active_tab).to_contain_text(re.search(r"(\w+\.\w+):\d+", name)[1])  # pyright: ignore[reportOptionalSubscript]
    expect(workbench.highlighted.first).to_be_visible()
    workbench.picture("search")


def test_why_says_what_made_each_result_one(workbench: Workbench):
    workbench.press_button("Why these results")
    expect(workbench.rows.first).to_contain_text(re.compile(r"meaning \+\d"))
    workbench.picture("why")
    workbench.press_button("Why these results")


def test_a_language_and_a_folder_can_be_chosen_from_those_that_have_answers(workbench: Workbench):
    workbench.press_button("Only in a language")
    workbench.rows.filter(has_text="python").first.click()
    expect(workbench.pick_input).to_have_value(f"{QUERY} lang:python")
    workbench.press_button("Only in a folder")
    expect(workbench.rows.filter(has_text="celery/utils").first).to_be_visible()
    workbench.picture("folder")
    workbench.rows.filter(has_text="celery/utils").first.click()
    expect(workbench.pick_input).to_have_value(f"{QUERY} lang:python path:celery/utils/")
    wait_for(
        lambda: all("celery/utils/" in row for row in workbench.rows.all_inner_texts()), "another folder is listed"
    )
    workbench.picture("filters")


def test_escape_takes_one_back_to_where_one_was(workbench: Workbench):
    workbench.close_search()
    expect(workbench.active_tab).to_contain_text("signals.py")
    expect(workbench.tabs).to_have_count(1)
    expect(workbench.page.locator(".part.statusbar")).to_contain_text("Ln 5,")
    expect(workbench.highlighted).to_have_count(0)


def test_the_list_is_readable_in_a_dark_theme_too(workbench: Workbench):
    workbench.editor.write_settings(workbench__colorTheme="Dark Modern")
    expect(workbench.page.locator(".monaco-workbench.vs-dark")).to_be_visible()
    workbench.search(QUERY)
    expect(workbench.rows.first).to_contain_text(LOCATION)
    expect(workbench.highlighted.first).to_be_visible()
    workbench.picture("dark")
    workbench.close_search()
    workbench.editor.write_settings()
    expect(workbench.page.locator(".monaco-workbench.vs-dark")).to_have_count(0)


def test_enter_opens_the_result_and_the_query_is_remembered(workbench: Workbench):
    workbench.search(QUERY)
    workbench.rows.filter(has_text="get_exponential_backoff_interval").first.wait_for()
    workbench.press("Enter")
    expect(workbench.pick).to_be_hidden()
    expect(workbench.active_tab).not_to_contain_text("signals.py")
    workbench.press("Shift+Alt+m")
    expect(workbench.rows.first).to_contain_text(QUERY)
    workbench.picture("recent")
    workbench.press("Enter")
    expect(workbench.rows.first).to_contain_text(LOCATION)


def test_control_enter_opens_the_result_to_the_side(workbench: Workbench):
    workbench.press("Control+Enter")
    expect(workbench.page.locator(".editor-group-container")).to_have_count(2)
    workbench.picture("side")
    workbench.command("View: Close All Editors")
    expect(workbench.tabs).to_have_count(0)


def test_the_results_view_keeps_all_results_and_steps_through_them(workbench: Workbench):
    workbench.search("revoke a running task")
    expect(workbench.rows.first).to_contain_text(LOCATION)
    workbench.press_button("Open all in the results view")
    view = workbench.view("Results")
    expect(view).to_contain_text("revoke")
    rows = view.locator(".monaco-list-row")
    expect(rows.first).to_contain_text(".py")
    workbench.press("F4")
    expect(workbench.highlighted.first).to_be_visible()
    first = workbench.status_line()
    workbench.press("F4")
    wait_for(lambda: workbench.status_line() != first, "the next result is not opened")
    workbench.press("Shift+F4")
    wait_for(lambda: workbench.status_line() == first, "the result before is not opened")
    workbench.picture("results")


def test_results_are_copied_as_markdown_links(workbench: Workbench):
    workbench.command("Cognate: Copy Results as Markdown Links")
    copied = wait_for(lambda: workbench.clipboard().startswith("- [") and workbench.clipboard(), "nothing was copied")
    assert re.match(r"- \[[^\]]+\.\w+:\d+[^\]]*\]\([^)]+#L\d+\)$", copied.splitlines()[0])


def test_related_code_follows_the_cursor_until_it_is_pinned(workbench: Workbench):
    workbench.open_file("celery/backends/redis.py")
    workbench.go_to_line_with("def on_connection_error")
    view = workbench.view("Related Code")
    expect(view).to_contain_text("line 418")
    expect(view.locator(".monaco-list-row").first).to_contain_text("redis.py")
    workbench.picture("related")
    workbench.go_to_line_with("def _reconnect_pubsub")
    expect(view).to_contain_text("line 97")
    workbench.command("Cognate: Pin Related Code")
    view.hover()
    expect(view.get_by_role("button", name="Follow the Cursor")).to_be_visible()
    workbench.go_to_line_with("def on_connection_error")
    workbench.page.wait_for_timeout(1500)  # longer than the view takes to follow
    expect(view).to_contain_text("line 97")
    workbench.command("Cognate: Follow the Cursor")
    expect(view).to_contain_text("line 418")


def test_related_code_is_found_from_the_key_the_peek_and_the_code_action(workbench: Workbench):
    workbench.press("Shift+Alt+n")
    expect(workbench.view("Results")).to_contain_text("like def on_connection_error")
    workbench.command("Cognate: Peek Related Code")
    peek = workbench.page.locator(".peekview-widget")
    expect(peek.locator(".monaco-list-row").first).to_be_visible()
    workbench.picture("peek")
    workbench.press("Escape")
    expect(peek).to_be_hidden()
    workbench.go_to_line_with("def _reconnect_pubsub")
    expect(workbench.view("Related Code")).to_contain_text("line 97")
    workbench.press("Control+.")
    action = workbench.page.locator(".action-widget", has_text="Find related code")
    expect(action).to_be_visible()
    action.get_by_text("Find related code").click()
    expect(workbench.view("Results")).to_contain_text("like def _reconnect_pubsub")


def test_related_code_has_kinds_as_buttons(workbench: Workbench):
    workbench.open_file("celery/platforms.py")
    workbench.go_to_line_with("def parse_uid")
    view = workbench.view("Related Code")
    expect(view).to_contain_text("line 432")
    view.hover()
    view.get_by_role("button", name="Related Code: Callers").click()
    expect(view).to_contain_text("callers of line 432")
    expect(view).to_contain_text("setuid(parse_uid(uid))")
    workbench.picture("related-callers")
    view.hover()
    expect(view.get_by_role("button", name="Related Code: Callers")).to_be_hidden()
    workbench.command("Cognate: Related Code: Tests")
    expect(view).to_contain_text("tests of line 432")
    expect(view.locator(".monaco-list-row").first).to_contain_text("test_platforms.py")
    workbench.command("Cognate: Pin Related Code")
    workbench.open_file("celery/beat.py")
    workbench.command("Cognate: Related Code: Siblings")
    expect(view).to_contain_text("siblings of line 432")
    workbench.command("Cognate: Follow the Cursor")
    expect(view).not_to_contain_text("line 432")
    workbench.command("Cognate: Related Code: Similar Code")
    expect(view).not_to_contain_text("siblings")


def test_hovering_over_a_definition_names_similar_code(workbench: Workbench):
    workbench.open_file("celery/worker/control.py")
    workbench.go_to_line_with("def revoke_by_stamped_headers")
    workbench.page.locator(".view-line", has_text="def revoke_by_stamped_headers").locator(
        "span span", has_text="revoke_by_stamped_headers"
    ).hover()
    hover = workbench.page.locator(".monaco-hover:visible", has_text="Similar code")
    expect(hover).to_be_visible()
    workbench.picture("hover")
    here = workbench.status_line()
    hover.locator("a").first.click()
    wait_for(lambda: workbench.status_line() != here, "the link opens nothing")


def test_an_unsaved_line_is_found_at_once(workbench: Workbench):
    workbench.open_file("celery/beat.py")
    workbench.press("Control+Home")
    workbench.type(NEW_CODE)
    workbench.search("coffee for people who work late")
    row = workbench.rows.filter(has_text="brew_espresso_for_the_night_shift").first
    expect(row).to_contain_text("beat.py:1 ")
    workbench.picture("unsaved")
    workbench.close_search()
    workbench.command("File: Revert File")
    expect(workbench.code).not_to_contain_text("brew_espresso")


def test_the_status_bar_menu_pauses_and_resumes(workbench: Workbench):
    workbench.status.click()
    expect(workbench.rows.filter(has_text="Pause indexing")).to_be_visible()
    workbench.picture("menu")
    workbench.rows.filter(has_text="Pause indexing").click()
    expect(workbench.status).to_have_attribute("aria-label", re.compile("^Cognate: .*paused", re.IGNORECASE))
    expect(workbench.status).to_contain_text("Cognate: paused")
    workbench.search(QUERY)
    expect(workbench.pick).to_contain_text(re.compile("Search by Meaning · .*paused", re.IGNORECASE))
    expect(workbench.rows.first).to_contain_text(LOCATION)
    workbench.close_search()
    workbench.status.click()
    workbench.rows.filter(has_text="Resume indexing").click()
    workbench.wait_until_ready()


def test_the_menu_sets_the_pace_of_indexing_for_the_user(workbench: Workbench):
    def chosen() -> str:
        workbench.command("Cognate: Pace of Indexing")
        pace = workbench.rows.filter(has_text="chosen").inner_text()
        workbench.press("Escape")
        return pace

    assert "Now" in chosen()
    workbench.status.click()
    workbench.rows.filter(has_text="Pace of indexing").click()
    workbench.rows.filter(has_text="Only when idle").click()
    wait_for(lambda: "Only when idle" in chosen(), "the choice is not kept")
    workbench.command("Cognate: Pace of Indexing")
    workbench.rows.filter(has_text="Gently on battery").click()
    wait_for(lambda: "Now" in chosen(), "the choice is not kept")
    workbench.wait_until_ready()


def test_a_file_says_why_it_is_or_is_not_indexed(workbench: Workbench):
    workbench.open_file("celery/beat.py")
    workbench.command("Cognate: Why Is This File (Not) Indexed?")
    expect(workbench.notifications.filter(has_text="celery/beat.py is indexed (")).to_be_visible()
    workbench.picture("explain")
    workbench.command("Notifications: Clear All Notifications")


def test_what_the_editor_hides_is_left_out(workbench: Workbench):
    workbench.search("lang:python path:examples periodic tasks")
    expect(workbench.rows.first).to_contain_text("examples/")
    workbench.close_search()
    workbench.editor.write_settings(files__exclude={"examples/{periodic-tasks,*}": True})
    workbench.open_file("celery/beat.py")

    def nothing_left() -> bool:
        workbench.search("lang:python path:examples periodic tasks")
        workbench.page.wait_for_timeout(500)
        found = workbench.rows.filter(has_text="Nothing found").count() == 1
        workbench.close_search()
        return found

    wait_for(nothing_left, "hidden files are still found")
    workbench.editor.write_settings()


def test_a_killed_server_comes_back(workbench: Workbench):
    before = workbench.editor.language_servers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: set(workbench.editor.language_servers()) - set(before), "no new server was started")
    workbench.wait_until_ready()
    workbench.search(QUERY)
    expect(workbench.rows.filter(has_text="get_exponential_backoff_interval").first).to_be_visible()
    workbench.close_search()


def test_a_server_that_keeps_ending_is_given_up_with_a_message(workbench: Workbench):
    message = workbench.notifications.filter(has_text="stopped more than 5 times in 3 minutes")

    def killed_for_good() -> bool:
        for pid in workbench.editor.language_servers():
            os.kill(pid, signal.SIGKILL)
        return message.count() > 0

    wait_for(killed_for_good, "the server is started for ever", 90)
    expect(workbench.status).to_have_attribute("aria-label", re.compile("server is not running"))
    expect(workbench.notifications).to_have_count(1)
    workbench.picture("stopped")
    message.get_by_role("button", name="Retry").click()
    workbench.wait_until_ready()
