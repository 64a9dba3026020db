"""A command that has to wait for the index: what it says meanwhile, and what it says at once instead."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from cognate.arrays import Matrix
from cognate.cancellation import CANCEL_EVERY_S, CancelToken
from cognate.cli.fronts import fronts
from cognate.cli.main import build_parser, main
from cognate.engines import Engines
from cognate.index.locations import store_folder
from cognate.indexing.services import Services
from cognate.settings import Settings
from cognate.shared import SharedEngine
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0
FILES = "//- app.py\ndef open_store():\n    return 1\n//- shop/other.py\ndef close_door():\n    return 2\n"
PROGRAM = [sys.executable, "-m", "cognate"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder."""
    return write_files(tmp_path / "w", FILES)


@pytest.fixture
def owner(folder: Path) -> Iterator[SharedEngine]:
    """An engine of this process, paused, with a file that it has not read yet: whoever asks has to wait."""
    engines = Engines(has_settings=False, fronts=fronts())
    with closing(engines), closing(engines.open(folder, Settings(update_delay_ms=0))) as engine:
        engine.start()
        assert engine.wait_until_current(WAIT_S)
        engine.pause()
        write_files(folder, "//- ferret.py\ndef count_the_ferrets():\n    return 3\n")
        engine.note_changed(["ferret.py"])
        yield engine


def started(*arguments: str, program: Sequence[str] = PROGRAM) -> "subprocess.Popen[str]":
    """Return a command whose output goes to pipes."""
    return subprocess.Popen(
        [*program, *arguments], env=os.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_a_wait_is_said_where_there_is_no_terminal(owner: SharedEngine):
    with started("search", "count_the_ferrets", str(owner.folder), "--json") as command:
        assert command.stderr is not None
        said = command.stderr.readline()
        owner.resume()
        out, _ = command.communicate(timeout=WAIT_S)
    assert said == "cognate: waiting for the index. Paused. With --now it is not waited for.\n"
    assert '"ferret.py"' in out.splitlines()[0]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("nofile.py:3", "There is no file nofile.py in "),
        ("shop/other.py:99999", "shop/other.py has 2 lines; there is no line 99999."),
        ("shop:1", "shop cannot be read: "),
    ],
)
def test_a_place_that_is_not_there_is_said_before_the_wait(
    owner: SharedEngine, capsys: pytest.CaptureFixture[str], place: str, said: str
):
    assert main(["related", place, str(owner.folder)]) == 2
    assert capsys.readouterr().err.startswith(f"cognate: {said}")


class StoppedEncoder(GatedEncoder):
    """An encoder that is at its first text until it is told to stop."""

    def encode(self, texts: Sequence[str], *, cancel: CancelToken | None = None) -> Matrix:
        assert cancel is not None
        while not self.gate.wait(CANCEL_EVERY_S):
            cancel.check()
        return super().encode(texts, cancel=cancel)


def test_a_search_for_now_answers_by_words_and_says_so(folder: Path, cache_dir: Path):
    encoder = StoppedEncoder()
    services = Services(cache_dir, encoder=encoder)
    engines = Engines(has_settings=False, services=services, fronts=fronts())
    with closing(services), closing(engines), closing(engines.open(folder, Settings(update_delay_ms=0))) as owner:
        owner.start()
        assert owner.wait_until_current(WAIT_S, embedded=False)
        told = owner.status().index.extent
        assert told.startswith("0 % of 2 chunks have embeddings")
        for program in (PROGRAM, [*PROGRAM[:2], "cognate.cli"]):  # Passed on, and asked as a guest.
            with started("search", "open_store", str(folder), "--json", "--now", program=program) as command:
                out, err = command.communicate(timeout=WAIT_S)
            assert (command.returncode, json.loads(out.splitlines()[0])["path"]) == (0, "app.py")
            assert err.splitlines()[-1] == f"cognate: {told}. An editor goes on with the rest, or cognate index."
        with started("search", "open_store", str(folder), "--json") as command:
            assert command.stderr is not None
            said = command.stderr.readline()
            encoder.gate.set()
            out, err = command.communicate(timeout=WAIT_S)
        assert said == f"cognate: waiting for the index. Indexing: {told}. With --now it is not waited for.\n"
        assert (json.loads(out.splitlines()[0])["path"], "embeddings" in err) == ("app.py", False)


def test_a_search_for_now_reads_a_folder_that_nobody_has_read(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["search", "open_store", str(folder), "--json", "--now"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["path"] == "app.py"


def test_an_index_that_nobody_goes_on_with_is_said_to_be_left(
    folder: Path, cache_dir: Path, capsys: pytest.CaptureFixture[str]
):
    (cache_dir / "workspaces").mkdir()
    store_folder(cache_dir, folder).mkdir()
    options = build_parser("status").parse_args(["status", str(folder)])
    with closing(Services(cache_dir, encoder=StoppedEncoder())) as options.services:
        assert options.run(options) == 0
        extent = "0 % of 2 chunks have embeddings; words find all of them"
        told = f"{extent}; nobody is indexing: cognate index {folder} goes on"
        assert capsys.readouterr().out.startswith(f"{folder}: {told}\n")
        options.json = True
        assert options.run(options) == 0
        assert json.loads(capsys.readouterr().out)["summary"] == told


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"one\ntwo\n", 2), (b"one\ntwo", 2), (b"one\r\ntwo\r\n", 2), (b"one\rtwo", 2), (b"one", 1),
        ("one\nĊ\n".encode("utf-16"), 2), (b"\xe9\ntwo\n", 2),
    ],
)  # fmt: skip
def test_lines_are_counted_as_editors_do(folder: Path, capsys: pytest.CaptureFixture[str], data: bytes, lines: int):
    (folder / "a.txt").write_bytes(data)
    assert main(["related", f"a.txt:{lines + 1}", str(folder)]) == 2
    counted = "one line" if lines == 1 else f"{lines} lines"
    assert capsys.readouterr().err == f"cognate: a.txt has {counted}; there is no line {lines + 1}.\n"
