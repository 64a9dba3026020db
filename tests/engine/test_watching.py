"""The index follows a folder that it watches itself, and files that change under its hands. Waits for conditions."""

import errno
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from watchdog.observers.api import BaseObserver

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import State, Status
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0


def wait_until(engine: Engine, found: Callable[[], Any], what: str) -> None:
    """Wait until something is found; looked for at every change of the status."""
    news = threading.Condition()

    def listen(status: Status) -> None:
        with news:
            news.notify_all()

    engine.subscribe(listen)
    with news:
        assert news.wait_for(found, WAIT_S), f"waited for {what}: {engine.status()}"


def names_in(engine: Engine, path: str) -> list[str]:
    return [symbol.name for symbol in engine.symbols_in(path)]


def counting_services(cache_dir: Path) -> tuple[Services, GatedEncoder]:
    """Return services whose model counts what it embeds."""
    encoder = GatedEncoder(opened=True)
    return Services(cache_dir, encoder=encoder), encoder


def follow(folder: Path, services: Services, text: str = "", *, delay_ms: int = 0) -> Engine:
    """Write a fixture and return an engine that is current and watches."""
    folder.mkdir(exist_ok=True)
    write_files(folder, text)
    engine = open_engine(folder, Settings(threads=1, update_delay_ms=delay_ms), services)
    engine.watch()
    engine.start()
    assert engine._watcher is not None  # pyright: ignore[reportPrivateUsage]
    assert engine._watcher.wait_until_settled(WAIT_S)  # pyright: ignore[reportPrivateUsage]
    assert engine.wait_until_current(WAIT_S)
    return engine


@pytest.fixture
def watching(tmp_path: Path, cache_dir: Path) -> Any:
    """An engine that watches a small folder, and its counting encoder."""
    services, encoder = counting_services(cache_dir)
    engine = follow(tmp_path / "w", services, "//- a.py\ndef alpha(): ...\n//- b.py\ndef beta(): ...\n")
    yield engine, encoder
    engine.close()
    services.close()


def test_a_file_changed_by_another_program_is_found(watching: tuple[Engine, GatedEncoder]) -> None:
    engine, _ = watching
    (engine.folder / "a.py").write_text("def renamed(): ...\n")
    wait_until(engine, lambda: names_in(engine, "a.py") == ["renamed"], "the new name")


def test_files_in_new_folders_are_found_and_forgotten_with_them(watching: tuple[Engine, GatedEncoder]) -> None:
    engine, _ = watching
    write_files(engine.folder, "//- new/deep/c.py\ndef gamma(): ...\n//- node_modules/x/d.py\ndef delta(): ...\n")
    wait_until(engine, lambda: names_in(engine, "new/deep/c.py") == ["gamma"], "a file in a new folder")
    (engine.folder / "new").rename(engine.folder / "old")
    wait_until(engine, lambda: names_in(engine, "old/deep/c.py") and not names_in(engine, "new/deep/c.py"), "the move")
    assert names_in(engine, "node_modules/x/d.py") == []


def test_a_changed_ignore_file_is_noticed_and_new_folders_watched(watching: tuple[Engine, GatedEncoder]) -> None:
    engine, _ = watching
    write_files(engine.folder, "//- .gitignore\n/out/\n/b.py\n")
    wait_until(engine, lambda: not names_in(engine, "b.py"), "b.py to be ignored")
    write_files(engine.folder, "//- out/c.py\ndef gamma(): ...\n//- d.py\ndef delta(): ...\n")
    wait_until(engine, lambda: names_in(engine, "d.py"), "d.py")
    assert names_in(engine, "out/c.py") == []
    (engine.folder / ".gitignore").unlink()
    wait_until(engine, lambda: names_in(engine, "b.py") and names_in(engine, "out/c.py"), "both to come back")
    (engine.folder / "out/c.py").write_text("def changed(): ...\n")
    wait_until(engine, lambda: names_in(engine, "out/c.py") == ["changed"], "a change in a folder that was ignored")


def test_what_changed_before_watching_began_is_found(tmp_path: Path, services: Services) -> None:
    write_files(tmp_path / "w", "//- a.py\ndef alpha(): ...\n")
    engine = open_engine(tmp_path / "w", Settings(update_delay_ms=0), services)
    engine.start()
    assert engine.wait_until_current(WAIT_S)
    (engine.folder / "a.py").write_text("def renamed(): ...\n")
    engine.watch()
    wait_until(engine, lambda: names_in(engine, "a.py") == ["renamed"], "the new name")
    engine.close()


def test_without_watches_the_folder_is_checked_and_the_status_says_so(
    tmp_path: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_instance_left(observer: BaseObserver) -> None:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr(BaseObserver, "start", no_instance_left)
    told: list[str] = []
    write_files(tmp_path / "w", "//- a.py\ndef alpha(): ...\n")
    engine = open_engine(tmp_path / "w", Settings(update_delay_ms=0), services)
    engine.watch(told.append)
    engine.start()
    wait_until(engine, lambda: told and engine.status().index.state is State.READY, "the message")
    assert "max_user_instances" in engine.status().message
    assert told == [engine.status().message]
    engine.close()


def test_a_save_in_the_editor_that_is_also_watched_embeds_once(watching: tuple[Engine, GatedEncoder]) -> None:
    engine, encoder = watching
    text = "X = 1\n\n\ndef alpha_new(first, second):\n    return first + second\n"
    engine.set_buffer("a.py", text)
    assert engine.wait_until_current(WAIT_S)
    n_embedded = len(encoder.encoded)
    (engine.folder / "a.py").write_text(text)
    engine.note_changed(["a.py"])
    (engine.folder / "c.py").write_text("def last(): ...\n")
    wait_until(engine, lambda: names_in(engine, "c.py"), "what was written after the save")
    assert engine.wait_until_current(WAIT_S)
    assert [text for text in encoder.encoded[n_embedded:] if "alpha" in text] == []
    engine.drop_buffer("a.py")
    assert engine.wait_until_current(WAIT_S)
    hit = next(h for h in engine.search(SearchRequest("alpha_new"), CancelToken()).hits if h.path == "a.py")
    assert (hit.stale, hit.focus_line) == (False, 3)
    assert [text for text in encoder.encoded[n_embedded:] if "alpha" in text] == []


@pytest.mark.parametrize(
    ("failure", "stays"), [(FileNotFoundError(2, "No such file"), False), (PermissionError(13, "Denied"), True)]
)
def test_a_file_that_goes_while_it_is_read_costs_nothing_else(
    watching: tuple[Engine, GatedEncoder], monkeypatch: pytest.MonkeyPatch, failure: OSError, stays: bool
) -> None:
    engine, _ = watching
    read_bytes = Path.read_bytes
    is_hit = threading.Event()

    def read(path: Path) -> bytes:
        if path.name == "a.py":
            is_hit.set()
            if not stays:
                path.unlink(missing_ok=True)
            raise failure
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    write_files(engine.folder, "//- a.py\ndef changed(): ...\n//- b.py\ndef changed_too(): ...\n")
    wait_until(engine, lambda: is_hit.is_set() and not names_in(engine, "a.py"), "a.py to go")
    wait_until(engine, lambda: names_in(engine, "b.py") == ["changed_too"], "b.py to be read")
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().index.state is State.READY
    assert ("cannot be read" if stays else "no such file") in engine.explain("a.py").rule
    monkeypatch.undo()
    (engine.folder / "a.py").write_text("def back_again(): ...\n")
    wait_until(engine, lambda: names_in(engine, "a.py") == ["back_again"], "a.py to come back")


def test_editing_one_function_of_a_long_file_embeds_that_chunk_alone(tmp_path: Path, cache_dir: Path) -> None:
    services, encoder = counting_services(cache_dir)
    body = "".join(f"    total_{i} = compute_{i}(total_{i}, factor_{i})\n" for i in range(22))
    functions = [f"def function_{n}(total_0, factor_0):\n{body}    return total_{n % 22}\n" for n in range(40)]
    text = "\n".join(functions)
    assert text.count("\n") >= 1000 - 40
    engine = follow(tmp_path / "w", services, f"//- long.py\n{text}")
    encoder.encoded.clear()
    (engine.folder / "long.py").write_text(text.replace("return total_17\n", "return only_here(total_17)\n", 1))
    wait_until(engine, lambda: encoder.encoded and engine.status().index.coverage == 1.0, "the change")
    assert engine.wait_until_current(WAIT_S)
    assert len(encoder.encoded) == 1
    assert "function 17" in encoder.encoded[0]
    engine.close()
    services.close()


def test_a_closed_engine_no_longer_watches(watching: tuple[Engine, GatedEncoder]) -> None:
    engine, _ = watching
    engine.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("cognate-w")]
