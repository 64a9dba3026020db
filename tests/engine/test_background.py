"""Background work keeps out of the way: its priority, and its pace."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cognate import process
from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.indexing import pace
from cognate.indexing.jobs import embed
from cognate.indexing.services import Services
from cognate.power import Power
from cognate.search.request import HistoryRequest, SearchRequest
from cognate.settings import IDLE, NOW, Settings
from cognate.types import State, Status
from fixtures import GatedEncoder, write_files
from repositories import commit, new_repository

WAIT_S = 300.0
FILES = "".join(f"//- pkg/file_{n}.py\ndef function_{n}():\n    return compute_{n}(value)\n" for n in range(12))

Opener = Callable[..., Engine]


@pytest.fixture
def open_process(tmp_path: Path, cache_dir: Path) -> Iterator[Opener]:
    """Return a function that opens an engine with services of its own."""
    write_files(tmp_path / "w", FILES)
    closing: list[Callable[[], None]] = []

    def open_(encoder: GatedEncoder | None = None, *, wait: bool = True, pace: str = NOW, **more: object) -> Engine:
        shared = Services(cache_dir, encoder=encoder or GatedEncoder(opened=True), **more)  # pyright: ignore
        engine = open_engine(tmp_path / "w", Settings(threads=1, update_delay_ms=0, indexing_pace=pace), shared)
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


def test_on_battery_embedding_takes_small_steps_with_rests_and_says_so(
    open_process: Opener, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("cognate.indexing.jobs.embed.GENTLE_BATCH", 3)
    messages: list[str] = []
    rests: list[float] = []
    encoder = GatedEncoder()
    engine = open_process(encoder, wait=False, power=lambda: Power.BATTERY)
    assert encoder.entered.wait(WAIT_S)

    def listen(status: Status) -> None:
        messages.append(status.message)
        rests.append(engine._writer._jobs._embed._rest_until - time.monotonic())  # pyright: ignore

    engine.subscribe(listen)
    encoder.gate.set()
    wait_for(engine, lambda status: status.index.coverage == 1.0)
    assert messages.count(pace.SLOWLY[Power.BATTERY]) >= 3
    assert any(0 < rest <= embed.LONGEST_REST_S for rest in rests)
    wait_for(engine, lambda status: status.message == "")


def test_somebody_who_waits_is_not_made_to_wait_for_the_battery(open_process: Opener):
    engine = open_process(power=lambda: Power.BATTERY)
    assert engine.status().index.coverage == 1.0


def test_embedding_that_waits_for_an_idle_user_says_so_and_goes_on_when_the_setting_changes(open_process: Opener):
    encoder = GatedEncoder(opened=True)
    engine = open_process(encoder, wait=False, pace=IDLE, n_busy=lambda: 0.0)
    wait_for(engine, lambda status: status.message == pace.UNTIL_IDLE and not status.queue_files)
    assert engine.search(SearchRequest("function_1", 5), CancelToken()).hits, "words are searched all the same"
    assert not encoder.entered.is_set()
    assert engine.status().index.state is State.INDEXING
    engine.apply_settings(replace(engine.settings, indexing_pace=NOW))
    wait_for(engine, lambda status: status.index.coverage == 1.0 and not status.message)


def test_embedding_begins_when_nobody_has_asked_for_a_minute_and_the_machine_is_calm(open_process: Opener):
    asked_at = time.monotonic() - pace.QUIET_S
    engine = open_process(wait=False, pace=IDLE, clock=lambda: asked_at, n_busy=lambda: 0.0)
    wait_for(engine, lambda status: status.index.coverage == 1.0)


def test_a_busy_machine_is_waited_for_too(open_process: Opener):
    asked_at = time.monotonic() - pace.QUIET_S
    engine = open_process(wait=False, pace=IDLE, clock=lambda: asked_at, n_busy=lambda: 1000.0)
    wait_for(engine, lambda status: status.message == pace.UNTIL_CALM)
    assert engine.status().index.coverage == 0.0


def test_a_question_ends_the_batch_of_a_patient_index(open_process: Opener):
    now = [time.monotonic() - pace.QUIET_S]
    encoder = GatedEncoder()
    engine = open_process(encoder, wait=False, pace=IDLE, clock=lambda: now[0], n_busy=lambda: 0.0)
    assert encoder.entered.wait(WAIT_S)
    now[0] = time.monotonic()
    engine.search(SearchRequest("function_1", 5), CancelToken())
    wait_for(engine, lambda status: status.message == pace.UNTIL_IDLE)
    due = engine._writer._jobs._embed.due  # pyright: ignore
    waits = [due(now[0] + later, waited_for=False) for later in (0.0, pace.QUIET_S)]
    encoder.gate.set()
    assert waits == pytest.approx([pace.QUIET_S, 0.0])


def test_the_history_is_read_while_embedding_waits(open_process: Opener, tmp_path: Path):
    commit(new_repository(tmp_path / "w"), "Compute everything", FILES)
    engine = open_process(GatedEncoder(opened=True), wait=False, pace=IDLE, n_busy=lambda: 0.0)
    wait_for(engine, lambda status: status.message == pace.UNTIL_IDLE and not status.queue_files)
    wait_for(engine, lambda _: engine.history(HistoryRequest("compute"), CancelToken()).is_complete)
    assert engine.history(HistoryRequest("compute"), CancelToken()).covered == 1
    assert engine.status().index.coverage == 0.0


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
