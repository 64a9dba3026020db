"""Background work keeps out of the way: its priority, and what it does on battery."""

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
from cognate.indexing.jobs import embed
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import Status
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0
FILES = "".join(f"//- pkg/file_{n}.py\ndef function_{n}():\n    return compute_{n}(value)\n" for n in range(12))

Opener = Callable[..., Engine]


@pytest.fixture
def open_process(tmp_path: Path, cache_dir: Path) -> Iterator[Opener]:
    """Return a function that opens an engine with services of its own."""
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


def wait_for(engine: Engine, fits: Callable[[Status], bool]) -> None:
    happened = threading.Event()
    engine.subscribe(lambda status: fits(status) and happened.set())
    assert fits(engine.status()) or happened.wait(WAIT_S), engine.status()


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
    engine.search(SearchRequest("function_1", 5), CancelToken())
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    assert seen == {"writer": usual + process.NICENESS, "worker": usual + process.NICENESS, "query": usual}
