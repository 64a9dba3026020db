"""Several processes on one folder: one writes, the others follow it, and when it dies another takes over."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cognate import process
from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.index.index import NEW, FileChange
from cognate.index.lock import WriterLock
from cognate.index.opening import open_index
from cognate.indexing import storage
from cognate.indexing.jobs import embed
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import Chunk, FileStamp, State, Status
from crashes import Victim
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0
FILES = "".join(f"//- pkg/file_{n}.py\ndef function_{n}():\n    return compute_{n}(value)\n" for n in range(12))

Opener = Callable[..., Engine]


@pytest.fixture
def open_process(tmp_path: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Return a function that opens an engine with locks and services of its own, as another process would."""
    monkeypatch.setattr(storage, "FOLLOW_S", 0.05)
    write_files(tmp_path / "w", FILES)
    closing: list[Callable[[], None]] = []

    def open_(encoder: GatedEncoder | None = None, *, wait: bool = True, **more: object) -> Engine:
        shared = Services(cache_dir, encoder=encoder or GatedEncoder(opened=True), **more)  # pyright: ignore
        engine = open_engine(tmp_path / "w", Settings(threads=1, update_delay_ms=0), shared)
        closing.extend([shared.close, engine.close])
        engine.start()
        if wait:
            assert engine.wait_until_current(WAIT_S)
        return engine

    yield open_
    for close in reversed(closing):
        close()


def found(engine: Engine, query: str) -> list[str]:
    return [hit.path for hit in engine.search(SearchRequest(query, 5), CancelToken()).hits]


def wait_for(engine: Engine, fits: Callable[[Status], bool]) -> None:
    happened = threading.Event()
    engine.subscribe(lambda status: fits(status) and happened.set())
    assert fits(engine.status()) or happened.wait(WAIT_S), engine.status()


def edit(engine: Engine, path: str, text: str | None) -> None:
    target = engine.folder / path
    if text is None:
        target.unlink()
    else:
        target.write_text(text, encoding="utf-8")
    engine.note_changed([path])


def snapshot(engine: Engine) -> dict[str, list[tuple[int, str]]]:
    index = engine._writer.view.snapshot  # pyright: ignore
    assert index is not None
    return {path: [(r.id, r.chunk.text) for r in index.read_file(path)] for path in sorted(index.paths())}


def files_on_disk(cache_dir: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of every file of the index but SQLite's shared memory, where readers mark their place."""
    place = next(cache_dir.glob("workspaces/*"))
    stats = {str(f.relative_to(place)): f.stat() for f in place.rglob("*") if f.is_file()}
    return {name: (s.st_size, s.st_mtime_ns) for name, s in stats.items() if not name.endswith(("-shm", "folder.txt"))}


def test_a_follower_sees_every_kind_of_change_and_writes_nothing(open_process: Opener, cache_dir: Path):
    writer = open_process()
    before = files_on_disk(cache_dir)
    follower = open_process()
    assert follower.status().phase == "following another process"
    follower.note_changed(["pkg/file_1.py"])
    follower.reindex()
    assert follower.wait_until_current(WAIT_S)
    assert files_on_disk(cache_dir) == before
    follower_jobs = follower._writer._jobs  # pyright: ignore
    edit(writer, "pkg/file_1.py", "def rewritten(): ...\n\n\ndef second(): ...\n")
    edit(writer, "pkg/file_2.py", None)
    edit(writer, "pkg/new.py", "def brand_new(): ...\n")
    edit(writer, "pkg/file_3.py", "\n\n\n" + (writer.folder / "pkg/file_3.py").read_text())
    assert writer.wait_until_current(WAIT_S)
    wait_for(follower, lambda _: snapshot(follower) == snapshot(writer))
    wait_for(follower, lambda _: found(follower, "brand_new")[:1] == ["pkg/new.py"])
    assert "pkg/file_2.py" not in found(follower, "function_2")
    assert found(follower, "rewritten")[0] == "pkg/file_1.py"
    assert follower._writer._jobs is follower_jobs, "it read everything anew"  # pyright: ignore


def test_a_follower_reads_vectors_that_the_writer_finds_later(open_process: Opener):
    encoder, own = GatedEncoder(), GatedEncoder()
    writer = open_process(encoder, wait=False)
    assert encoder.entered.wait(WAIT_S)
    follower = open_process(own, wait=False)
    wait_for(follower, lambda status: status.files == 12)
    assert follower.status().index.coverage == 0.0
    encoder.gate.set()
    assert writer.wait_until_current(WAIT_S)
    wait_for(follower, lambda status: status.index.coverage == 1.0)
    assert not own.entered.is_set()


def test_a_follower_embeds_what_only_its_own_buffers_hold(open_process: Opener, cache_dir: Path):
    open_process()
    before = files_on_disk(cache_dir)
    own = GatedEncoder(opened=True)
    follower = open_process(own)
    follower.set_buffer("pkg/file_1.py", "def only_in_the_buffer(): ...\n")
    assert follower.wait_until_current(60)
    assert follower.status().index.coverage == 1.0
    assert [text for text in own.encoded if "only in the buffer" in text] == own.encoded != []
    assert files_on_disk(cache_dir) == before


def test_a_follower_that_comes_before_there_is_anything_waits_for_it(
    open_process: Opener, tmp_path: Path, cache_dir: Path
):
    early = Services(cache_dir)
    place = early.store_folder(tmp_path / "w")
    early.close()
    assert place is not None
    lock = WriterLock(place / "writer.lock")
    assert lock.acquire()
    follower = open_process()
    assert follower.status().files == 0
    assert not list(place.glob("store-*"))
    made = open_index(place)
    chunks = ((NEW, Chunk(0, 1, "def function_1(): ..."), b"d" * 16),)
    made.apply([FileChange("pkg/file_1.py", FileStamp(1, 1), "python", chunks=chunks)])
    wait_for(follower, lambda status: status.files == 1)
    made.close()
    lock.release()
    wait_for(follower, lambda status: status.files == 12)


def test_a_store_made_anew_under_a_follower_is_followed_anew(open_process: Opener, cache_dir: Path):
    writer = open_process()
    follower = open_process()
    next(cache_dir.glob("workspaces/*/store-v*.sqlite")).unlink()
    edit(writer, "pkg/new.py", "def brand_new(): ...\n")
    wait_for(writer, lambda status: status.files == 13 and status.index.state is State.READY)
    wait_for(follower, lambda _: snapshot(follower) == snapshot(writer))
    wait_for(follower, lambda status: status.phase == "following another process")


def test_nobody_takes_the_lock_while_its_writer_opens_again(
    open_process: Opener, cache_dir: Path, monkeypatch: pytest.MonkeyPatch
):
    writer = open_process()
    services = writer._services  # pyright: ignore
    store_folder, taken = services.store_folder, list[bool]()

    def try_to_lock(folder: Path) -> Path | None:  # It is called before and during the opening.
        place = store_folder(folder)
        assert place is not None
        other = WriterLock(place / "writer.lock")
        taken.append(other.acquire())
        other.release()
        return place

    monkeypatch.setattr(services, "store_folder", try_to_lock)
    next(cache_dir.glob("workspaces/*/store-v*.sqlite")).unlink()
    edit(writer, "pkg/new.py", "def brand_new(): ...\n")
    wait_for(writer, lambda status: status.files == 13 and status.index.state is State.READY)
    assert len(taken) > 1
    assert not any(taken)


def test_a_lock_whose_file_was_removed_is_taken_anew(tmp_path: Path):
    lock, other = WriterLock(tmp_path / "writer.lock"), WriterLock(tmp_path / "writer.lock")
    assert lock.acquire()
    (tmp_path / "writer.lock").unlink()
    assert lock.acquire()
    assert not other.acquire()
    lock.release()
    assert other.acquire()
    assert not lock.acquire()
    other.release()


def test_of_several_one_writes_and_when_it_closes_exactly_one_takes_over(open_process: Opener):
    engines = [open_process() for _ in range(3)]
    writes = [engine._writer._storage for engine in engines]  # pyright: ignore
    assert [one.writes for one in writes] == [True, False, False]
    engines[0].close()
    (engines[0].folder / "pkg/new.py").write_text("def brand_new(): ...\n")
    for engine in engines[1:]:
        wait_for(engine, lambda status: status.files == 13)
    assert sorted(one.writes for one in writes[1:]) == [False, True]


def test_when_the_writer_is_killed_a_follower_takes_over_and_no_lock_is_left(
    open_process: Opener, tmp_path: Path, cache_dir: Path
):
    victim = Victim(tmp_path / "w", cache_dir, "stay")
    victim.begin()
    assert victim.process.stdout is not None
    assert victim.process.stdout.readline() == b"current\n"
    follower = open_process()
    assert follower.status().phase == "following another process"
    (follower.folder / "pkg/new.py").write_text("def brand_new(): ...\n")
    victim.end(0)
    wait_for(follower, lambda status: status.files == 13 and status.index.state is State.READY)
    assert found(follower, "brand_new")[0] == "pkg/new.py"
    follower.close()
    assert open_process().status().phase == ""


# -- priority and power


def battery(folder: Path, status: str, online: str = "0") -> Path:
    for name, entries in {
        "BAT0": {"type": "Battery", "status": status},
        "AC": {"type": "Mains", "online": online},
    }.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for key, value in entries.items():
            (folder / name / key).write_text(f"{value}\n")
    return folder


def test_the_machine_is_on_battery_when_one_discharges_and_no_supply_is_online(tmp_path: Path):
    assert process.on_battery(battery(tmp_path, "Discharging"))
    assert not process.on_battery(battery(tmp_path, "Discharging", online="1"))
    assert not process.on_battery(battery(tmp_path, "Full"))
    assert not process.on_battery(tmp_path / "missing")


def test_on_battery_embedding_takes_small_steps_with_rests_and_says_so(
    open_process: Opener, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cognate.indexing.jobs.embed.BATTERY_BATCH", 3)
    messages: list[str] = []
    rests: list[float] = []
    encoder = GatedEncoder()
    engine = open_process(encoder, wait=False, on_battery=lambda: True)
    assert encoder.entered.wait(WAIT_S)

    def listen(status: Status) -> None:
        messages.append(status.message)
        jobs = engine._writer._jobs  # pyright: ignore
        rests.append(jobs._embed.due(time.monotonic(), waited_for=False) or 0.0 if jobs else 0.0)  # pyright: ignore

    engine.subscribe(listen)
    encoder.gate.set()
    wait_for(engine, lambda status: status.index.coverage == 1.0)
    assert messages.count(embed.ON_BATTERY) >= 3
    assert any(0 < rest <= embed.BATTERY_REST_S for rest in rests)
    wait_for(engine, lambda status: status.message == "")


def test_somebody_who_waits_is_not_made_to_wait_for_the_battery(open_process: Opener):
    engine = open_process(on_battery=lambda: True)
    assert engine.status().index.coverage == 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="only there has a thread a priority of its own")
def test_background_threads_have_lower_priority_than_questions(open_process: Opener):
    encoder = GatedEncoder(opened=True)
    seen: dict[str, int] = {}
    encode, encode_query = encoder.encode, encoder.encode_query

    def encode_noting(texts: list[str], **more: object) -> object:
        seen["writer"] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        started = threading.Thread(
            target=lambda: seen.update(worker=os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        )
        started.start()
        started.join()
        return encode(texts, **more)  # pyright: ignore

    def query_noting(text: str) -> object:
        seen["query"] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        return encode_query(text)

    encoder.encode, encoder.encode_query = encode_noting, query_noting  # pyright: ignore
    engine = open_process(encoder)
    found(engine, "function_1")
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert seen == {"writer": usual + process.NICENESS, "worker": usual + process.NICENESS, "query": usual}
