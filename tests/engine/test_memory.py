"""At the memory limit indexing is paused and says so, answers go on, and it resumes when memory falls."""

import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from cognate import process
from cognate.cancellation import CancelToken
from cognate.engine import Engine
from cognate.index.entries import FileEntry
from cognate.indexing import state
from cognate.indexing.publishing import FREEZE_EVERY
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.types import State

WAIT_S = 300.0


def test_at_the_limit_indexing_is_paused_and_answers_go_on(open_workspace: Callable[..., Engine], services: Services):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n", memory_limit_mb=1000)
    services.resident_mb = lambda: 1500.0
    (engine.folder / "b.py").write_text("def beta(): ...\n")
    engine.note_changed(["b.py"])
    assert not engine.wait_until_current(WAIT_S)
    status = engine.status()
    assert "memoryLimitMb" in status.message
    assert (status.index.state, status.files) == (State.ERROR, 1)
    assert engine.search(SearchRequest("alpha"), CancelToken()).hits[0].path == "a.py"
    resumed = threading.Event()
    engine.subscribe(lambda status: status.files == 2 and not status.message and resumed.set())
    services.resident_mb = lambda: 500.0
    engine.reconcile()
    assert resumed.wait(WAIT_S)


def test_memory_that_is_free_and_only_kept_for_later_does_not_pause_indexing(
    open_workspace: Callable[..., Engine], services: Services
):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n", memory_limit_mb=1000)
    looks = iter([1500.0])
    services.resident_mb = lambda: next(looks, 500.0)
    (engine.folder / "b.py").write_text("def beta(): ...\n")
    engine.note_changed(["b.py"])
    assert engine.wait_until_current(WAIT_S)
    assert (engine.status().message, engine.status().files) == ("", 2)


def test_memory_that_edits_took_is_given_back_once_they_cease(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n")
    given_back = threading.Event()
    monkeypatch.setattr(state, "IDLE_S", 0.05)
    monkeypatch.setattr(state, "give_memory_back", given_back.set)
    engine.set_buffer("a.py", "def beta(): ...\n")
    assert given_back.wait(WAIT_S)


def test_without_a_limit_nothing_is_paused(open_workspace: Callable[..., Engine], services: Services):
    services.resident_mb = lambda: 1e9
    assert open_workspace("//- a.py\ndef alpha(): ...\n", memory_limit_mb=0).status().files == 1


def test_resident_memory_is_read_from_the_system(tmp_path: Path):
    statm = tmp_path / "statm"
    statm.write_text("9 250 1 1 0 1 0\n")
    assert process.resident_mb(statm) == 250 * os.sysconf("SC_PAGE_SIZE") / 1e6
    assert process.resident_mb(tmp_path / "missing") == 0.0


def test_a_garbage_collection_does_not_look_at_the_index(open_workspace: Callable[..., Engine]):
    engine = open_workspace("".join(f"//- file_{n}.py\ndef function_{n}(): ...\n" for n in range(600)))
    assert engine.status().index.chunks >= FREEZE_EVERY
    seen = sum(isinstance(found, FileEntry) for found in gc.get_objects())
    gc.unfreeze()
    assert seen < 100 < sum(isinstance(found, FileEntry) for found in gc.get_objects())


def test_a_closed_engine_leaves_nothing_of_its_index_in_memory(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n")
    index = engine._writer.view.snapshot  # pyright: ignore[reportPrivateUsage]
    assert index is not None
    sample = weakref.ref(index.sample)
    gc.disable()
    try:
        del index
        engine.close()
        assert sample() is None
    finally:
        gc.enable()


BATCHES = """
from cognate.embedding.onnx import load_encoder
from cognate.process import give_memory_back, resident_mb

with load_encoder() as encoder:
    text = "parse the arguments of the command line " * 20
    before = encoder.encode_query(text)
    encoder.encode([text] * 64)
    give_memory_back()
    used = resident_mb()
    encoder.give_memory_back()
    give_memory_back()
    print(used - resident_mb(), (encoder.encode_query(text) == before).all())
"""


def test_what_batches_took_is_given_back_and_the_model_answers_as_before():
    ended = subprocess.run([sys.executable, "-c", BATCHES], capture_output=True, text=True, check=True)
    freed_mb, same = ended.stdout.split()
    assert float(freed_mb) > 5
    assert same == "True"


HEAPS = """
import ctypes, sys, threading
from cognate.process import share_one_heap

if sys.argv[1] == "shared":
    share_one_heap()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
all_run = threading.Barrier(4)

def allocate():
    all_run.wait()
    libc.malloc(10_000)
    all_run.wait()

threads = [threading.Thread(target=allocate) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
stream = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, stream)
libc.fflush(stream)
"""


def test_threads_of_the_server_share_one_heap():
    def heaps(mode: str) -> int:
        return subprocess.check_output([sys.executable, "-c", HEAPS, mode], text=True).count("<heap nr=")

    assert heaps("apart") > 1, "or there is nothing to share"
    assert heaps("shared") == 1
