"""An index that is asked as it lies on disk: the same answers as when it is opened, and opened where it must be."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cognate.cancellation import CancelToken
from cognate.cli import commands
from cognate.cli.main import main
from cognate.engine import open_engine
from cognate.index.locations import IMPORTED_FILE
from cognate.indexing.clean_marker import MARKER_FILE
from cognate.indexing.services import Services
from cognate.ready_index import ready_index
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import Answer, Scope, State
from fixtures import write_files

SETTINGS = Settings(update_delay_ms=0)
SHOPS = "".join(
    f"//- shop/part_{n}.py\nfrom shop.store import open_store\n\ndef price_of_item_{n}(basket):\n"
    f"    store = open_store()\n    return store.total(basket) * {n}\n\nclass Shelf{n}:\n    def refill(self): ...\n"
    for n in range(30)
)
FILES = (
    SHOPS + "//- shop/store.py\ndef open_store():\n    return Store()\n\nclass Store:\n    def total(self, basket):\n"
    "        return sum(item.price for item in basket)\n//- web/cart.ts\nexport function emptyCart(cart: Cart) {\n"
    "  cart.items = []\n}\n//- README.md\n# Shop\n\nHow refunds are paid back to a customer.\n"
)
REQUESTS = (
    SearchRequest("how is the total of a basket computed", explain=True),
    SearchRequest("open_store", explain=True),
    SearchRequest("Shelf7.refill", explain=True),
    SearchRequest("prise_of_item", explain=True),
    SearchRequest("refunds", limit=3, scope=Scope(languages=frozenset({"markdown"}))),
    SearchRequest('path:shop/ -path:part_1 "store.total"', explain=True),
    SearchRequest("empty the cart", scope=Scope(include=("*.ts",)), explain=True),
)


@pytest.fixture
def folder(tmp_path: Path, cache_dir: Path) -> Path:
    """A folder whose index on disk is marked as clean."""
    folder = write_files(tmp_path / "w", FILES)
    opened_once(folder, cache_dir)
    return folder


def opened_once(folder: Path, cache_dir: Path) -> list[Answer]:
    """Open an engine, answer all requests, and close it."""
    with closing(Services(cache_dir)) as services, closing(open_engine(folder, SETTINGS, services)) as engine:
        engine.start()
        assert engine.wait_until_current(300)
        return [engine.search(request, CancelToken()) for request in REQUESTS]


def index_folder_of(cache_dir: Path) -> Path:
    (folder,) = (cache_dir / "workspaces").iterdir()
    return folder


def break_store(cache_dir: Path) -> None:
    """Take the texts out of the store, without a change of its file's size and time."""
    (file,) = index_folder_of(cache_dir).glob("store-v*.sqlite")
    before = file.stat()
    with closing(sqlite3.connect(file)) as database:
        database.execute("DROP TABLE chunks")
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_answers_are_those_of_an_engine(folder: Path, cache_dir: Path):
    expected = opened_once(folder, cache_dir)
    with closing(Services(cache_dir)) as services:
        index = ready_index(folder, SETTINGS, services)
        assert index is not None
        found = [index.search(request, CancelToken()) for request in REQUESTS]
    for ours, theirs, request in zip(found, expected, REQUESTS, strict=True):
        assert ours.hits, request
        assert [hit.path for hit in ours.hits] == [hit.path for hit in theirs.hits]
        for one, other in zip(ours.hits, theirs.hits, strict=True):
            assert one.score == pytest.approx(other.score, abs=1e-5)
            assert (one.focus_line, one.symbol, one.preview) == (other.focus_line, other.symbol, other.preview)
            assert (one.why or {}) == pytest.approx(other.why or {}, abs=1e-4)
        assert ours.index.state is State.READY
        assert (ours.index.chunks, ours.index.coverage) == (theirs.index.chunks, 1.0)


def test_a_file_that_changes_after_the_look_at_the_folder_is_stale(folder: Path, cache_dir: Path):
    with closing(Services(cache_dir)) as services:
        index = ready_index(folder, SETTINGS, services)
        assert index is not None
        (folder / "shop" / "store.py").write_text("def open_store(): return None\n")
        hits = index.search(REQUESTS[0], CancelToken()).hits
    assert {hit.path for hit in hits if hit.stale} == {"shop/store.py"}


def changed(folder: Path, index_folder: Path) -> None:
    (folder / "README.md").write_text("# Another\n")


def added(folder: Path, index_folder: Path) -> None:
    (folder / "new.py").write_text("def new(): ...\n")


def removed(folder: Path, index_folder: Path) -> None:
    (folder / "web" / "cart.ts").unlink()


def without_marker(folder: Path, index_folder: Path) -> None:
    (index_folder / MARKER_FILE).unlink()


def ranked_elsewhere(folder: Path, index_folder: Path) -> None:
    (index_folder / IMPORTED_FILE).write_text("path,rank\nREADME.md,1\n")


@pytest.mark.parametrize(
    "change", [changed, added, removed, without_marker, ranked_elsewhere], ids=lambda change: change.__name__
)
def test_whatever_stands_against_it_needs_an_engine(
    folder: Path, cache_dir: Path, change: Callable[[Path, Path], None]
):
    with closing(Services(cache_dir)) as services:
        assert ready_index(folder, SETTINGS, services) is not None
        change(folder, index_folder_of(cache_dir))
        assert ready_index(folder, SETTINGS, services) is None
    opened_once(folder, cache_dir)
    if change is not ranked_elsewhere:
        with closing(Services(cache_dir)) as services:
            assert ready_index(folder, SETTINGS, services) is not None


def test_a_search_from_the_shell_opens_no_engine_until_something_changed(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    opened: list[str] = []
    before = commands.open_current

    def open_current(*arguments: Any, **options: Any) -> Any:
        opened.append("one")
        return before(*arguments, **options)

    monkeypatch.setattr(commands, "open_current", open_current)

    def search() -> tuple[int, list[str]]:
        opened.clear()
        assert main(["search", "refunds of a customer", str(folder), "--json"]) == 0
        return len(opened), [json.loads(line)["preview"] for line in capsys.readouterr().out.splitlines()]

    n_opened, before_change = search()
    assert n_opened == 0
    (folder / "README.md").write_text("# Shop\n\nRefunds of a customer are paid in stamps.\n")
    n_opened, after_change = search()
    assert n_opened == 1
    assert not any("stamps" in preview for preview in before_change)
    assert any("stamps" in preview for preview in after_change)
    assert search() == (0, after_change)


@pytest.mark.parametrize("place", ["shop/part_7.py:4", "shop/store.py:6", "web/cart.ts:1"])
def test_related_code_is_the_same_from_the_shell_as_from_an_engine(
    folder: Path, cache_dir: Path, capsys: pytest.CaptureFixture[str], place: str
):
    def related() -> list[dict[str, Any]]:
        assert main(["related", str(folder / place), str(folder), "--json", "--explain"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    from_disk = related()
    (index_folder_of(cache_dir) / MARKER_FILE).unlink()
    opened = related()
    assert [(hit["path"], hit["start_line"]) for hit in from_disk] == [
        (hit["path"], hit["start_line"]) for hit in opened
    ]
    assert [hit["score"] for hit in from_disk] == pytest.approx([hit["score"] for hit in opened], abs=1e-3)


def test_a_line_of_a_file_that_is_not_indexed_has_no_related_code_and_the_rule_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    (folder / "picture.svg").write_text("<svg/>\n")
    assert main(["related", str(folder / "picture.svg:1"), str(folder)]) == 2
    assert "is not in the index" in capsys.readouterr().err


def test_a_store_that_is_damaged_is_made_anew_before_anything_is_shown(
    folder: Path, cache_dir: Path, capsys: pytest.CaptureFixture[str]
):
    break_store(cache_dir)
    assert main(["search", "price of an item in a basket", str(folder), "--json"]) == 0
    shown = capsys.readouterr()
    assert "return store.total" in shown.out
    assert "is damaged" in shown.err
    assert "building a new one" in shown.err


def test_a_ready_index_that_was_closed_holds_nothing_on_disk(folder: Path, cache_dir: Path):
    with closing(Services(cache_dir)) as services:
        index = ready_index(folder, SETTINGS, services)
        assert index is not None
        assert index.search(REQUESTS[0], CancelToken()).hits
        index.close()
    (file,) = index_folder_of(cache_dir).glob("store-v*.sqlite")
    del index
    with closing(sqlite3.connect(file)) as database:  # Refused as long as somebody reads in the log.
        assert database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        assert database.execute("PRAGMA journal_mode = DELETE").fetchone()[0] == "delete"


def test_a_search_from_the_shell_loads_nothing_that_only_an_engine_or_a_server_needs(folder: Path):
    needless = [
        "asyncio", "attrs", "cattrs", "lsprotocol", "pathspec", "pygls", "rich", "tree_sitter", "watchdog",
        "cognate.chunking", "cognate.engine", "cognate.indexing.writer", "cognate.workspace.watch.watcher",
    ]  # fmt: skip
    program = (
        f"import sys; from cognate.cli.main import main; main(['search', 'open store', {str(folder)!r}, '--json']); "
        f"print([name for name in {needless!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[0])["path"]
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_process_ends_with_the_commands_exit_code_and_all_its_output(folder: Path):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cognate", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    found = run("search", "open store", str(folder), "--json", "-n", "5")
    assert (found.returncode, len(found.stdout.splitlines()), found.stderr) == (0, 5, "")
    nothing = run("search", "path:nowhere open store", str(folder))
    assert (nothing.returncode, nothing.stderr) == (
        1,
        "cognate: No indexed file matches path:nowhere. The folder has path:shop/ and path:web/.\n",
    )
    assert run("search", "--include", "[", "open", str(folder / "nowhere")).returncode == 2
