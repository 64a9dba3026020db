"""The reference graph in a living index: after edits, restarts, in the order of embedding, and by CLI."""

import csv
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cognate.engine import Engine, open_engine
from cognate.graph.references import ReferenceGraph
from cognate.graph.view import GraphView
from cognate.index.locations import GRAPH_FILE
from cognate.index.snapshot import Snapshot
from cognate.index.store import FORMAT_VERSION, Store
from cognate.indexing.jobs import graph as graph_job
from cognate.indexing.jobs import read as read_job
from cognate.indexing.jobs.embed import embedding_order
from cognate.indexing.jobs.graph import Graph
from cognate.indexing.services import Services
from cognate.settings import Settings
from fixtures import write_files

WAIT_S = 300.0
FILES = (
    "//- app.py\nfrom store import open_store\n\ndef main():\n    return open_store()\n"
    "//- tool.py\nfrom store import open_store\n\ndef run_tool():\n    return open_store()\n"
    "//- store.py\ndef open_store():\n    return 1\n"
    "//- alone.py\ndef nobody_uses_this():\n    return 2\n"
)


def snapshot(engine: Engine) -> Snapshot:
    index = engine._writer.view.snapshot  # pyright: ignore[reportPrivateUsage]
    assert index is not None
    return index


def graph(engine: Engine) -> GraphView:
    assert engine.wait_until_current(WAIT_S)
    return snapshot(engine).graph


def n_referrers(engine: Engine, path: str) -> int:
    index = engine._writer.view.snapshot  # pyright: ignore[reportPrivateUsage]
    return index.graph.n_referrers(path) if index is not None else -1


def wait_for(engine: Engine, fits: Callable[[], bool]) -> None:
    """Wait until something is so, looking whenever the engine says that it has changed."""
    happened = threading.Event()
    engine.subscribe(lambda _: fits() and happened.set())
    assert fits() or happened.wait(WAIT_S), engine.status()


def edit(engine: Engine, path: str, text: str | None) -> None:
    target = engine.folder / path
    target.unlink() if text is None else target.write_text(text, encoding="utf-8")
    engine.note_changed([path])
    assert engine.wait_until_current(WAIT_S)


def test_a_snapshot_says_who_refers_to_whom(open_workspace: Callable[..., Engine]):
    engine = open_workspace(FILES)
    found = graph(engine)
    assert set(found.neighbours("store.py")) == {"app.py", "tool.py"}
    assert found.n_referrers("store.py") == 2
    assert len(engine.referrers("store.py")) == 2
    assert engine.referrers("unknown.py") == ()
    assert found.document_rank("store.py") > found.document_rank("app.py") > found.document_rank("alone.py")
    assert found.symbol_rank("store.py", "open_store") > found.symbol_rank("alone.py", "nobody_uses_this")


def test_a_chunk_is_as_central_as_its_most_central_definition(open_workspace: Callable[..., Engine]):
    index = snapshot(open_workspace(FILES))
    ranks = {record.path: index.symbol_rank(record) for path in index.paths() for record in index.read_file(path)}
    assert ranks["store.py"] == max(ranks.values()) > ranks["alone.py"]


def test_an_edit_changes_the_graph_and_nothing_is_built_anew(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
):
    engine = open_workspace(FILES)
    sizes: list[int] = []
    real = ReferenceGraph.update
    monkeypatch.setattr(
        ReferenceGraph, "update", lambda self, changed: (sizes.append(len(changed)), real(self, changed))[1]
    )
    edit(engine, "alone.py", "import store\n\ndef now_it_does():\n    return store.open_store()\n")
    assert set(graph(engine).neighbours("store.py")) == {"app.py", "tool.py", "alone.py"}
    edit(engine, "store.py", "def another_name(): ...\n")
    edit(engine, "tool.py", None)
    assert set(graph(engine).neighbours("store.py")) == {"app.py", "alone.py"}
    assert graph(engine).document_rank("tool.py") == 0
    assert sizes == [1, 1, 1]


def test_what_is_more_urgent_waits_for_a_few_files_at_most_and_the_graph_comes_out_the_same(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(graph_job, "FILES_AT_ONCE", 1)
    engine = open_workspace(FILES)
    whole = graph(engine)
    jobs = engine._writer._opened  # pyright: ignore[reportPrivateUsage]
    job = Graph(jobs.state, jobs._embed, jobs._compact)  # pyright: ignore[reportPrivateUsage]
    n_calls = 0
    while job.is_behind:
        job.catch_up(partial(next, iter([False] * n_calls), True))
        n_calls += 1
    assert n_calls > len(whole.paths)
    again = jobs.state.index.saved.graph
    assert again is not whole
    assert again.paths == whole.paths
    assert list(again.symbols.keys(again.paths)) == list(whole.symbols.keys(whole.paths))
    assert again.ranks.tolist() == pytest.approx(whole.ranks.tolist())
    assert again.outgoing.other.tolist() == whole.outgoing.other.tolist()


def test_a_restart_shows_the_graph_without_building_it(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
):
    engine = open_workspace(FILES)
    before = graph(engine)
    engine.close()

    def built(*_: object) -> None:
        raise AssertionError("the graph was built")

    monkeypatch.setattr(ReferenceGraph, "update", built)
    after = graph(open_workspace())
    assert after.paths == before.paths
    assert after.symbol_rank("store.py", "open_store") == before.symbol_rank("store.py", "open_store")


@pytest.mark.parametrize("damage", ["flipped", "cut off", "gone", "another's"])
def test_without_a_usable_graph_on_disk_a_restart_builds_it_from_the_store_and_parses_nothing(
    open_workspace: Callable[..., Engine], cache_dir: Path, damage: str, monkeypatch: pytest.MonkeyPatch
):
    engine = open_workspace(FILES)
    before = graph(engine)
    engine.close()
    (file,) = cache_dir.glob(f"workspaces/*/{GRAPH_FILE}")
    data = file.read_bytes()
    if damage == "gone":
        file.unlink()
    elif damage == "another's":
        (engine.folder / "app.py").touch()
    else:
        middle = len(data) // 2
        file.write_bytes(
            data[:middle] + (b"" if damage == "cut off" else bytes([data[middle] ^ 1]) + data[middle + 1 :])
        )
    read: list[str] = []
    real = read_job.read_change
    monkeypatch.setattr(
        read_job, "read_change", lambda folder, path, *more: (read.append(path), real(folder, path, *more))[1]
    )
    after = graph(open_workspace())
    assert set(read) == ({"app.py"} if damage == "another's" else set())
    assert after.paths == before.paths
    for path in after.paths:
        assert after.neighbours(path) == pytest.approx(before.neighbours(path))


def test_an_index_from_before_the_graph_is_read_again_from_the_folder(
    open_workspace: Callable[..., Engine], cache_dir: Path
):
    engine = open_workspace(FILES)
    engine.close()
    (store,) = cache_dir.glob(f"workspaces/*/store-v{FORMAT_VERSION}.sqlite")
    with sqlite3.connect(store) as db:
        db.execute("DROP TABLE uses")
    db.close()
    store.rename(store.with_name("store-v3.sqlite"))
    (store.parent / GRAPH_FILE).unlink()
    found = graph(open_workspace())
    assert set(found.neighbours("store.py")) == {"app.py", "tool.py"}
    assert [file.name for file in store.parent.glob("store-v*.sqlite")] == [store.name]


def test_a_row_of_uses_that_is_not_what_was_written_has_the_store_built_anew(
    open_workspace: Callable[..., Engine], cache_dir: Path
):
    engine = open_workspace(FILES)
    engine.close()
    (store,) = cache_dir.glob(f"workspaces/*/store-v{FORMAT_VERSION}.sqlite")
    with sqlite3.connect(store) as db:
        db.execute("UPDATE uses SET data = x'00' WHERE path = 'app.py'")
    db.close()
    (store.parent / GRAPH_FILE).unlink()
    again = open_workspace(wait=False)
    wait_for(again, lambda: "damaged" in again.status().message and n_referrers(again, "store.py") == 2)


def test_a_fault_in_the_graph_costs_the_graph_alone(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object, **__: object) -> GraphView:
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(graph_job, "view_of", broken)
        engine = open_workspace(FILES)
        assert engine.status().message == ""
        assert graph(engine).paths == ()
        assert "could not be made" in caplog.text
    edit(engine, "alone.py", "x = 1\n")
    assert graph(engine).n_referrers("store.py") == 2


def test_open_files_are_embedded_first_then_their_neighbours_then_what_is_central(
    open_workspace: Callable[..., Engine],
):
    users = "//- other.py\nimport hub\n//- third.py\nimport hub\n"
    hub = "//- hub.py\ndef hub(a):\n    b = a\n    c = b\n    return c\n"  # As long as any other.
    engine = open_workspace(FILES + users + hub)
    state = engine._writer._opened.state  # pyright: ignore[reportPrivateUsage]
    state.buffers.set("tool.py", "")
    saved = state.index.saved
    everything = [number for path in saved.paths() for number in saved.ids_in(path)]
    numbers = embedding_order(saved, state.buffers.paths(), everything)
    order = list(dict.fromkeys(map(saved.path_of, numbers)))
    assert order == ["tool.py", "store.py", "hub.py", "app.py", "alone.py", "other.py", "third.py"]


def test_the_longest_definitions_are_embedded_first_then_other_code_then_tests_and_docs(
    open_workspace: Callable[..., Engine],
):
    long = "def walk(tree):\n" + "".join(f"    visit(tree, {line})\n" for line in range(20))
    files = f"//- short.py\ndef size():\n    return 1\n//- walk.py\n{long}//- names.py\nA = 1\n" + "".join(
        f"{name}\n{text}"
        for name, text in (("//- test_walk.py", long), ("//- README.md", "# Trees\n" + "Words.\n" * 30))
    )
    engine = open_workspace(files)
    saved = snapshot(engine)
    everything = [number for path in saved.paths() for number in saved.ids_in(path)]
    order = map(saved.path_of, embedding_order(saved, (), reversed(everything)))
    assert list(dict.fromkeys(order)) == ["walk.py", "short.py", "names.py", "test_walk.py", "README.md"]
    assert embedding_order(saved, (), [10**6, *everything])[-1] == 10**6


# -- the command line


def cognate(*arguments: object, code: int = 0) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "cognate", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == code, result.stderr
    return result.stdout if code != 2 else result.stderr


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_export_rank_and_import_close_the_loop(tmp_path: Path, cache_dir: Path):
    folder = write_files(tmp_path / "shop", FILES)
    out = tmp_path / "out"
    told = json.loads(cognate("graph", "export", folder, "--out", out, "--json"))
    assert (told["documents"], told["references"]) == (4, 2)
    assert [row["path"] for row in rows(out / "documents.csv")] == ["alone.py", "app.py", "store.py", "tool.py"]
    assert rows(out / "references.csv") == [{"from": "2", "to": "3"}, {"from": "4", "to": "3"}]
    monikers = [(row["pathID"], row["monikerType"], row["identifier"]) for row in rows(out / "monikers.csv")]
    assert ("3", "export", "store/open_store") in monikers
    (symbol,) = [row for row in rows(out / "symbols.csv") if row["symbol"] == "main"]
    assert (symbol["kind"], symbol["line"]) == ("function", "3")

    ranked = [json.loads(line) for line in cognate("graph", "rank", out, "--json").splitlines()]
    assert ranked[0]["path"] == "store.py"
    symbols = [json.loads(line) for line in cognate("graph", "rank", out, "--symbols", "--json", "-n", 2).splitlines()]
    assert symbols[0]["symbol"] == "open_store"
    assert cognate("graph", "rank", out, "--direction", "reversed", "-n", 1).split()[1] in {"app.py", "tool.py"}

    cognate("graph", "rank", out, "--out", tmp_path / "ranks")
    assert json.loads(cognate("graph", "import", tmp_path / "ranks", folder, "--json")) == {"imported": 4, "unknown": 0}
    ours, theirs = documents_ranks(folder, cache_dir, clear=True), documents_ranks(folder, cache_dir)
    assert theirs == pytest.approx(ours)

    (tmp_path / "theirs.csv").write_text("repo,path,rank\nshop,alone.py,9\nshop,store.py,1\nshop,gone.py,1\n")
    cognate("graph", "import", tmp_path / "theirs.csv", folder)
    imported = documents_ranks(folder, cache_dir)
    assert imported["alone.py"] > imported["store.py"]
    (folder / "alone.py").write_text("x = 1\n")
    assert documents_ranks(folder, cache_dir)["alone.py"] == imported["alone.py"], (
        "an edit and a restart change nothing"
    )
    cognate("graph", "import", "--clear", folder)
    assert documents_ranks(folder, cache_dir)["store.py"] > documents_ranks(folder, cache_dir)["alone.py"]


def documents_ranks(folder: Path, cache_dir: Path, *, clear: bool = False) -> dict[str, float]:
    """Return the ranks that the ranking would see, in a process of its own as far as the index can tell."""
    shared = Services(cache_dir)
    engine = open_engine(folder, Settings(update_delay_ms=0), shared)
    try:
        engine.start()
        found = graph(engine)
        shown = found.shares.tolist() if clear else [found.document_rank(path) for path in found.paths]
        return dict(zip(found.paths, shown, strict=True))
    finally:
        engine.close()
        shared.close()


def test_several_exports_are_ranked_as_one_graph(tmp_path: Path):
    lib = write_files(
        tmp_path / "lib", "//- src/storelib/__init__.py\n//- src/storelib/core.py\ndef open_store(): ...\n"
    )
    app = write_files(tmp_path / "app", "//- main.py\nfrom storelib.core import open_store\nopen_store()\n")
    for folder in (lib, app):
        cognate("graph", "export", folder, "--out", tmp_path / f"out-{folder.name}")
    alone = [json.loads(line) for line in cognate("graph", "rank", tmp_path / "out-lib", "--json").splitlines()]
    both = cognate("graph", "rank", tmp_path / "out-lib", tmp_path / "out-app", "--json").splitlines()
    ranks = {row["path"]: row["rank"] for row in map(json.loads, both)}
    assert {row["rank"] for row in alone} == {1.0}
    assert ranks["src/storelib/core.py"] > ranks["src/storelib/__init__.py"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rank"], "Say which folder to read"),
        (["rank", "nowhere"], "documents.csv cannot be read"),
        (["rank", "--documents", "d.csv"], "both --documents and --references"),
        (["import"], "Say what to import"),
        (["import", "broken.csv", "."], "broken.csv, line 3: the rank is 'high'"),
        (["import", "empty", "."], "There are no ranks in empty"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.csv").write_text("repo,path,rank\nr,a.py,1\nr,b.py,high\n")
    (tmp_path / "empty").mkdir()
    assert message in cognate("graph", *arguments, code=2)


def test_ranks_of_nothing_in_the_index_are_nothing_found(tmp_path: Path):
    folder = write_files(tmp_path / "shop", FILES)
    (tmp_path / "theirs.csv").write_text("repo,path,rank\nshop,gone.py,1\n")
    cognate("graph", "import", tmp_path / "theirs.csv", folder, code=1)


def test_what_is_on_disk_for_the_graph_is_small(open_workspace: Callable[..., Engine], cache_dir: Path):
    text = (Path(__file__).parents[2] / "server/cognate/indexing/writer.py").read_text(encoding="utf-8")
    engine = open_workspace("")
    edit(engine, "writer.py", text)
    (place,) = cache_dir.glob("workspaces/*")
    store = Store(place, writable=False)
    (size,) = store._db.execute("SELECT sum(length(data)) FROM uses").fetchone()  # pyright: ignore[reportPrivateUsage]
    store.close()
    assert 0 < size < 0.15 * len(text)
