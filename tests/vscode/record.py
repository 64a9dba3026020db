"""Records docs/images/recording.gif: one question in the real editor, from the folder to the line and what is like it.

Usage: make recording, or PYTHONPATH=tests python -m vscode.record OUT.gif [--frames FOLDER]

The editor has an empty profile and the sources of a published package; the server is that of the environment that runs
this. Each scene waits for what it shows, so that fast and slow machines give the same pictures.
"""

import argparse
import io
import re
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import expect

from vscode.editor import Editor, build, chromium, fetch_sources, running
from vscode.workbench import Workbench

PROJECT = "requests"
"""Small, known to many, and under the licence of this project."""

QUESTION = "strip the login when sent to another host"
"""In other words than the code's, which says auth, authorization and credentials."""

ANSWER = "SessionRedirectMixin.rebuild_auth"

SIZE = {"width": 960, "height": 600}
"""Pixels of the window; a page on GitHub shows about as many in a row."""

COLORS = 192

LARGEST = 500_000
"""Bytes of the file; more would make the front page slow to load."""

CAPTION_HEIGHT = 40
CAPTION_FONT = 19

SETTINGS = {
    "window.commandCenter": False,
    "window.title": "${rootName}",
    "remote.autoForwardPorts": False,
    "workbench.layoutControl.enabled": False,
    "workbench.activityBar.location": "top",
    "workbench.colorTheme": "Default Light Modern",
    "breadcrumbs.enabled": False,
    "editor.occurrencesHighlight": "off",
    "editor.stickyScroll.enabled": False,
    "editor.fontSize": 13,
    "editor.cursorBlinking": "solid",
}


class Recording:
    """The frames of a recording, each with its caption and its time on the screen."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.frames: list[Image.Image] = []
        self.seconds: list[float] = []

    def keep(self, caption: str, seconds: float) -> None:
        """Add what is on the screen, once that no longer changes, with a line of text below it."""
        window = Image.open(io.BytesIO(self._workbench.settled())).convert("RGB")
        frame = Image.new("RGB", (window.width, window.height + CAPTION_HEIGHT), "#1f2328")
        frame.paste(window)
        middle = (window.width // 2, window.height + CAPTION_HEIGHT // 2)
        ImageDraw.Draw(frame).text(middle, caption, "white", ImageFont.load_default(CAPTION_FONT), anchor="mm")
        self.frames.append(frame)
        self.seconds.append(seconds)

    def save(self, out: Path) -> None:
        """Write all frames as one GIF that repeats for ever.

        Raises:
            SystemExit: when the file would be too large for a front page.
        """
        together = Image.new("RGB", (self.frames[0].width, self.frames[0].height * len(self.frames)))
        for number, frame in enumerate(self.frames):
            together.paste(frame, (0, number * frame.height))
        palette = together.quantize(COLORS)
        first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self.frames)
        durations = [round(1000 * seconds) for seconds in self.seconds]
        written = io.BytesIO()
        first.save(written, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
        if len(written.getvalue()) > LARGEST:
            raise SystemExit(f"The recording has {len(written.getvalue()):,} bytes; at most {LARGEST:,} are wanted.")
        out.write_bytes(written.getvalue())


def play(workbench: Workbench, recording: Recording) -> None:
    """Do what the recording shows."""
    workbench.wait_until_ready()
    workbench.open_file("src/requests/api.py")
    expect(workbench.notifications).to_have_count(0)
    recording.keep("Cognate has indexed this folder, on this machine.", 2)

    workbench.press("Shift+Alt+m")
    expect(workbench.pick_input).to_be_focused()
    recording.keep("Shift+Alt+M searches by meaning.", 1.5)
    for words in re.findall(r"(?:\S+\s*){1,3}", QUESTION):
        workbench.type(words)
        expect(workbench.rows.first).to_contain_text(re.compile(r"\.py:\d+ · \d\.\d\d"))
        show_preview(workbench)
        recording.keep("Ask in your own words. It answers while you type.", 1)
    expect(workbench.rows.first).to_contain_text(ANSWER)
    recording.seconds[-1] = 2.5

    workbench.press("ArrowDown")
    expect(workbench.rows.nth(1)).to_have_class(re.compile("focused"))
    show_preview(workbench)
    recording.keep("The arrow keys preview the answers.", 2)
    workbench.press("ArrowUp")
    show_preview(workbench)
    recording.keep("The line that answers best is marked.", 2)
    workbench.press("Enter")
    expect(workbench.pick).to_be_hidden()
    recording.keep("Enter opens the file at this line.", 2)

    workbench.page.get_by_role("tab", name="Cognate").first.click()
    for other in ("Results", "Changes Like This"):
        workbench.view(other).locator(".pane-header").click()
    workbench.widen_side_bar(60)
    expect(workbench.view("Related Code").locator(".monaco-list-row").first).to_contain_text(".py")
    recording.keep("Related code follows the cursor.", 2.5)
    name = ANSWER.rpartition(".")[2]
    line = workbench.page.locator(".view-line", has_text=f"def {name}")
    line.locator("span span", has_text=name).hover()
    expect(workbench.page.locator(".monaco-hover:visible", has_text="Similar code")).to_be_visible()
    recording.keep("Hover over a definition to see similar code.", 3.5)


def show_preview(workbench: Workbench) -> None:
    """Wait until the editor shows the answer that the list is on."""
    label = re.search(r"(\w+\.\w+):\d+", workbench.active_row.get_attribute("aria-label") or "")
    assert label is not None
    expect(workbench.active_tab).to_contain_text(label[1])
    expect(workbench.highlighted.first).to_be_visible()


def main() -> None:
    """Record into a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--frames", type=Path, help="also write each frame as a picture into this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        editor = Editor(Path(scratch) / "editor")
        server = str(Path(sys.executable).with_name("cognate"))
        editor.write_settings(**SETTINGS, **{"cognate.server.path": server})
        editor.install(build.vsix(Path(scratch)))
        with running(editor), chromium() as browser:
            page = browser.new_context(viewport=SIZE).new_page()
            workbench = Workbench(page, editor, Path(scratch))
            workbench.open_folder(fetch_sources(PROJECT))
            recording = Recording(workbench)
            play(workbench, recording)
    if options.frames:
        options.frames.mkdir(parents=True, exist_ok=True)
        for number, frame in enumerate(recording.frames, 1):
            frame.save(options.frames / f"{number:02}.png")
    recording.save(options.out)


if __name__ == "__main__":
    main()
