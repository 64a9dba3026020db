"""What a person does in the workbench, and what a person sees there."""

import json
import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from vscode.editor import Editor

SLOW = 60_000
"""Milliseconds for what a busy machine may take long over; everything ends as soon as it is seen."""

FADES_ENDED = """() => Promise.allSettled(document.getAnimations()
    .filter(animation => animation.effect?.getTiming().iterations !== Infinity)
    .map(animation => animation.finished))"""
"""Lists and messages fade in; what turns for ever is left out."""


class Workbench:
    """One window of the editor, in a browser."""

    def __init__(self, page: Page, editor: Editor, pictures: Path) -> None:
        self.page = page
        self.editor = editor
        self._pictures = pictures
        page.set_default_timeout(SLOW)
        expect.set_options(timeout=SLOW)

    def open_folder(self, folder: Path, *, proposals: bool = False) -> None:
        """Open a folder and wait until its files are shown; extensions may use the proposed API that they ask for."""
        payload = f"&payload={quote(json.dumps([['enableProposedApi', '']]))}" if proposals else ""
        self._open(f"folder={quote(str(folder))}{payload}")

    def open_workspace(self, file: Path) -> None:
        """Open a workspace of several folders."""
        self._open(f"workspace={quote(str(file))}")

    def picture(self, name: str) -> None:
        """Keep what is on the screen."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        (self._pictures / f"vscode-{name}.png").write_bytes(self.still())

    def still(self) -> bytes:
        """Return what is on the screen as a PNG, once nothing moves."""
        self.page.evaluate(FADES_ENDED)
        return self.page.screenshot()

    def settled(self) -> bytes:
        """Return what is on the screen as a PNG, once it has stayed the same for half a second."""
        before, now = b"", self.still()
        while now != before:
            self.page.wait_for_timeout(500)
            before, now = now, self.still()
        return now

    def press(self, keys: str) -> None:
        """Press a key or a combination."""
        self.page.keyboard.press(keys)

    def type(self, text: str) -> None:
        """Type as a person does, key by key."""
        self.page.keyboard.type(text, delay=15)

    def command(self, title: str) -> None:
        """Run a command from the palette."""
        self.press("F1")
        self.pick_input.fill(f">{title}")
        self.page.locator(".quick-input-list .monaco-list-row", has_text=title).first.wait_for()
        self.pick_input.press("Enter")

    def open_file(self, path: str) -> None:
        """Open a file by its path."""
        self.press("Control+p")
        self.pick_input.fill(path)
        folder, _, name = path.rpartition("/")
        self.page.locator(".quick-input-list .monaco-list-row.focused", has_text=f"{name}{folder}").wait_for()
        self.pick_input.press("Enter")
        expect(self.active_tab).to_contain_text(name)
        self.page.locator(".editor-instance .view-line").first.wait_for()

    def go_to_line(self, line: int) -> None:
        """Put the cursor on a line, counted from 1."""
        self.press("Control+g")
        self.pick_input.fill(f":{line}")
        self.pick_input.press("Enter")
        expect(self.page.locator(".part.statusbar")).to_contain_text(f"Ln {line},")

    def go_to_line_with(self, text: str) -> None:
        """Put the cursor on the first line that has a text."""
        self.press("Control+Home")
        self.press("Control+f")
        find = self.page.locator(".find-widget.visible textarea").first
        find.fill(text)
        find.press("Enter")
        self.press("Escape")
        expect(self.page.locator(".find-widget.visible")).to_have_count(0)
        self.press("Home")
        expect(self.page.locator(".view-line", has_text=text).first).to_be_visible()

    def search(self, query: str) -> None:
        """Open the search by its key and type a query."""
        self.press("Shift+Alt+m")
        expect(self.pick).to_contain_text("Search by Meaning")
        expect(self.pick_input).to_be_focused()
        self.type(query)

    def widen_side_bar(self, pixels: int) -> None:
        """Draw the edge of the side bar to the right."""
        box = self.page.locator(".part.sidebar").bounding_box()
        assert box is not None
        edge, middle = box["x"] + box["width"], box["y"] + box["height"] / 2
        self.page.mouse.move(edge, middle)
        self.page.mouse.down()
        self.page.mouse.move(edge + pixels, middle, steps=5)
        self.page.mouse.up()
        self.page.mouse.move(edge + pixels, 0)

    def close_search(self) -> None:
        """Leave the search without choosing anything."""
        self.press("Escape")
        expect(self.pick).to_be_hidden()

    def press_button(self, title: str) -> None:
        """Press one of the buttons above the list."""
        self.pick.get_by_role("button", name=title).first.click()

    def clipboard(self) -> str:
        """What was copied last."""
        return self.page.evaluate("navigator.clipboard.readText()")

    def status_line(self) -> str:
        """The open file and the cursor's position in it."""
        position = self.page.locator(".part.statusbar [id='status.editor.selection']").inner_text()
        return f"{self.active_tab.inner_text()} {position}"

    @property
    def pick(self) -> Locator:
        """The list in the middle of the window."""
        return self.page.locator(".quick-input-widget")

    @property
    def pick_input(self) -> Locator:
        """The box above the list."""
        return self.page.locator(".quick-input-widget .quick-input-filter input")

    @property
    def rows(self) -> Locator:
        """The rows of the list."""
        return self.page.locator(".quick-input-list .monaco-list-row")

    @property
    def prompt(self) -> Locator:
        """The line between the box and the list."""
        return self.page.locator(".quick-input-widget .quick-input-message")

    @property
    def active_row(self) -> Locator:
        """The row that the list is on."""
        return self.page.locator(".quick-input-list .monaco-list-row.focused")

    @property
    def tabs(self) -> Locator:
        """All open editors."""
        return self.page.locator(".tabs-container .tab")

    @property
    def active_tab(self) -> Locator:
        """The editor that has the focus."""
        return self.page.locator(".editor-group-container.active .tabs-container .tab.active")

    @property
    def status(self) -> Locator:
        """Cognate's item in the status bar."""
        return self.page.locator(".statusbar-item[id='cognate.cognate.cognate.status']")

    @property
    def notifications(self) -> Locator:
        """The messages that have popped up."""
        return self.page.locator(".notification-toast")

    @property
    def highlighted(self) -> Locator:
        """Lines of the editor that are marked."""
        return self.page.locator(".editor-instance .view-overlays [class*='ced-']")

    @property
    def code(self) -> Locator:
        """The text of the active editor, as far as it is on the screen."""
        return self.page.locator(".editor-group-container.active .view-lines")

    def view(self, title: str) -> Locator:
        """One view of the side bar."""
        return self.page.locator(".part.sidebar .pane", has=self.page.locator(f".pane-header[aria-label^='{title}']"))

    def wait_until_ready(self) -> None:
        """Wait until the whole index is there."""
        expect(self.status).to_have_attribute("aria-label", re.compile("^Cognate: Ready"), timeout=240_000)

    def _open(self, query: str) -> None:
        self.page.goto(f"{self.editor.origin}/?{query}", wait_until="domcontentloaded")
        self.page.locator(".monaco-workbench").wait_for()
        self.page.locator(".explorer-folders-view .monaco-list-row").first.wait_for()
