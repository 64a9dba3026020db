"""The index follows the folder: edits, buffers, removals, restarts. Counts what is embedded."""

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.engine import Engine, open_engine
from cognate.errors import ModelError, WorkspaceError
from cognate.index.index import FileChange
from cognate.index.opening import open_index
from cognate.index.snapshot import Snapshot
from cognate.indexing.file_change import read_change
from cognate.indexing.jobs import read as read_job
from cognate.indexing.services import Services
from cognate.search.request import SearchRequest
from cognate.settings import Settings
from cognate.types import State
from cognate.workspace.ignore import Rules
from fixtures import GatedEncoder, write_files

WAIT_S = 300.0


def found(engine: Engine, query: str) -> list[str]:
    answer = engine.search(SearchRequest(query, 5), CancelToken())
    return [f"{hit.path}:{hit.focus_line + 1}" for hit in answer.hits]


def with_encoder(services: Services, encoder: GatedEncoder) -> Services:
    """Put an encoder in the place of the shipped model."""
    services.encoder = encoder
    return services


def counting(services: Services, tmp_path: Path, text: str) -> tuple[Engine, GatedEncoder]:
    encoder = GatedEncoder(opened=True)
    write_files(tmp_path / "w", text)
    engine = open_engine(tmp_path / "w", Settings(threads=1, update_delay_ms=0), with_encoder(services, encoder))
    engine.start()
    assert engine.wait_until_current(WAIT_S)
    return engine, encoder


def edit(engine: Engine, path: str, text: str | None) -> None:
    target = engine.folder / path
    if text is None:
        target.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    engine.note_changed([path])
    assert engine.wait_until_current(WAIT_S)


def test_an_edited_file_is_found_at_its_new_line(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef load_settings():\n    return 1\n")
    edit(engine, "a.py", "X = 1\n\n\ndef load_settings():\n    return 1\n")
    assert found(engine, "load_settings") == ["a.py:4"]


def test_a_removed_file_is_no_longer_found(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef load_settings(): ...\n//- b.py\ndef other(): ...\n")
    edit(engine, "a.py", None)
    assert all(not place.startswith("a.py") for place in found(engine, "load_settings"))


def test_a_removed_folder_takes_its_files_along(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- p/a.py\ndef alpha(): ...\n//- p/q/b.py\ndef beta(): ...\n//- c.py\ndef gamma(): ...\n")
    shutil.rmtree(engine.folder / "p")
    engine.note_changed(["p"])
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().files == 1


def test_an_open_buffer_masks_the_file_until_it_is_closed(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef saved_name(): ...\n")
    engine.set_buffer("a.py", "\n\ndef unsaved_name(): ...\n")
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "unsaved_name") == ["a.py:3"]
    engine.drop_buffer("a.py")
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "saved_name") == ["a.py:1"]


def test_edits_of_a_buffer_are_found_at_their_lines_one_after_the_other(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef first_name(): ...\n")
    text = "def first_name(): ...\n"
    for number in range(5):
        text = f"def added_name_{number}(): ...\n\n\n" + text
        engine.set_buffer("a.py", text)
        assert engine.wait_until_current(WAIT_S)
        assert found(engine, f"added_name_{number}")[0] == "a.py:1"
        assert found(engine, "first_name")[0] == f"a.py:{1 + 3 * (number + 1)}"


def test_typing_reads_the_file_only_if_it_changed_as_well(
    open_workspace: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch
):
    engine = open_workspace("//- a.py\ndef saved_name(): ...\n")
    read: list[str] = []

    def reading(folder: Path, path: str, rules: Rules, saved: Snapshot) -> FileChange:
        read.append(path)
        return read_change(folder, path, rules, saved)

    monkeypatch.setattr(read_job, "read_change", reading)
    for text in ("def typed_name(): ...\n", "def saved_name(): ...\n"):
        engine.set_buffer("a.py", text)
        engine.set_buffer("never_saved.py", text)
        assert engine.wait_until_current(WAIT_S)
    assert read == []
    (engine.folder / "a.py").write_text("def name_by_others(): ...\n", encoding="utf-8")
    engine.set_buffer("a.py", "def typed_name(): ...\n")
    assert engine.wait_until_current(WAIT_S)
    assert read == ["a.py"]
    engine.drop_buffer("a.py")
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "name_by_others")[0] == "a.py:1"


def test_a_buffer_that_was_never_saved_is_found_and_goes_without_a_trace(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef saved_name(): ...\n")
    engine.set_buffer("new.py", "def brand_new_name(): ...\n")
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "brand_new_name")[0] == "new.py:1"
    engine.drop_buffer("new.py")
    assert engine.wait_until_current(WAIT_S)
    assert all(not place.startswith("new.py") for place in found(engine, "brand_new_name"))
    assert engine.status().files == 1


def test_what_was_not_saved_stays_out_of_the_store(open_workspace: Callable[..., Engine], services: Services):
    editor = open_workspace("//- a.py\ndef saved_name(): ...\n")
    editor.set_buffer("a.py", "def unsaved_name(): ...\n")
    assert editor.wait_until_current(WAIT_S)
    assert found(editor, "unsaved_name") == ["a.py:1"]
    editor.close()
    index = open_index(services.store_folder(editor.folder), writable=False)
    assert [record.chunk.text for record in index.saved.read_file("a.py")] == ["def saved_name(): ..."]
    index.close()


def test_saving_a_buffer_makes_it_the_file(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef saved_name(): ...\n")
    text = "def typed_name(): ...\n"
    engine.set_buffer("a.py", text)
    assert engine.wait_until_current(WAIT_S)
    edit(engine, "a.py", text)
    assert found(engine, "typed_name") == ["a.py:1"]
    index = engine._writer.view.snapshot  # pyright: ignore[reportPrivateUsage]
    assert index is not None
    assert all(number > 0 for path in index.paths() for number in index.ids_in(path))
    engine.drop_buffer("a.py")
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "typed_name") == ["a.py:1"]


def test_a_changed_ignore_file_counts_at_once(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n//- b.py\ndef beta(): ...\n")
    edit(engine, ".gitignore", "b.py\n")
    assert not engine.explain("b.py").indexed
    assert ".gitignore" in engine.explain("b.py").rule
    assert all(not place.startswith("b.py") for place in found(engine, "beta"))


def test_only_the_chunk_that_changed_is_embedded(services: Services, tmp_path: Path):
    body = "".join(f"    total_{i} = compute_{i}(total_{i}, factor_{i})\n" for i in range(25))
    functions = "".join(f"def function_{n}():\n{body}\n\n" for n in range(40))
    engine, encoder = counting(services, tmp_path, f"//- big.py\n{functions}")
    assert len(encoder.encoded) >= 40
    encoder.encoded.clear()
    edit(engine, "big.py", functions.replace("def function_20():", "def function_renamed():"))
    assert len(encoder.encoded) == 1
    engine.close()


def test_the_same_text_elsewhere_is_never_embedded_twice(services: Services, tmp_path: Path):
    text = "//- pkg/one.py\ndef alpha():\n    return 1\n"
    engine, encoder = counting(services, tmp_path, text)
    n_first = len(encoder.encoded)
    shutil.copytree(tmp_path / "w", tmp_path / "copy")
    copy = open_engine(tmp_path / "copy", Settings(threads=1, update_delay_ms=0), services)
    copy.start()
    assert copy.wait_until_current(WAIT_S)
    assert copy.status().index.coverage == 1.0
    assert len(encoder.encoded) == n_first
    engine.close()
    copy.close()


def test_going_back_embeds_nothing(services: Services, tmp_path: Path):
    engine, encoder = counting(services, tmp_path, "//- a.py\ndef alpha(): ...\n")
    edit(engine, "a.py", "def beta(): ...\n")
    encoder.encoded.clear()
    edit(engine, "a.py", "def alpha(): ...\n")
    assert encoder.encoded == []
    engine.close()


def store_generation(engine: Engine) -> int:
    return engine._writer._opened.state.index.store_generation  # pyright: ignore[reportPrivateUsage]


def test_a_restart_reads_and_embeds_nothing_that_did_not_change(tmp_path: Path, services: Services):
    engine, encoder = counting(services, tmp_path, "//- a.py\ndef alpha(): ...\n//- b.py\ndef beta(): ...\n")
    generation = store_generation(engine)
    engine.close()
    encoder.encoded.clear()
    again = open_engine(tmp_path / "w", Settings(threads=1, update_delay_ms=0), services)
    again.start()
    assert again.wait_until_current(WAIT_S)
    assert encoder.encoded == []
    assert again.status().index.chunks == 2
    assert store_generation(again) == generation
    assert again.status().index.generation >= generation
    again.close()


def test_what_changed_while_nobody_watched_is_noticed_at_the_start(tmp_path: Path, services: Services):
    engine, encoder = counting(services, tmp_path, "//- a.py\ndef alpha(): ...\n//- b.py\ndef beta(): ...\n")
    engine.close()
    encoder.encoded.clear()
    write_files(tmp_path / "w", "//- a.py\ndef changed_name(): ...\n//- c.py\ndef gamma(): ...\n")
    (tmp_path / "w" / "b.py").unlink()
    again = open_engine(tmp_path / "w", Settings(threads=1, update_delay_ms=0), services)
    again.start()
    assert again.wait_until_current(WAIT_S)
    assert len(encoder.encoded) == 2
    assert found(again, "changed_name")[0] == "a.py:1"
    assert not again.explain("b.py").indexed
    again.close()


def test_words_are_searchable_before_anything_is_embedded(services: Services, tmp_path: Path):
    encoder = GatedEncoder()
    write_files(tmp_path / "w", "//- a.py\ndef alpha(): ...\n")
    engine = open_engine(tmp_path / "w", Settings(threads=1), with_encoder(services, encoder))
    engine.start()
    assert encoder.entered.wait(WAIT_S)
    answer = engine.search(SearchRequest("alpha"), CancelToken())
    assert [hit.path for hit in answer.hits] == ["a.py"]
    assert answer.index.state is State.INDEXING
    assert answer.index.coverage == 0.0
    encoder.gate.set()
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().index.coverage == 1.0
    assert engine.status().index.state is State.READY
    engine.close()


def test_a_paused_engine_answers_and_indexes_nothing(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n")
    paused = threading.Event()
    engine.subscribe(lambda status: status.index.state is State.PAUSED and paused.set())
    engine.pause()
    assert paused.wait(WAIT_S)
    (engine.folder / "b.py").write_text("def beta(): ...\n")
    engine.note_changed(["b.py"])
    assert found(engine, "alpha")[0] == "a.py:1"
    assert engine.status().files == 1
    engine.resume()
    assert engine.wait_until_current(WAIT_S)
    assert engine.status().files == 2


def test_a_hit_in_a_file_that_changed_unnoticed_is_marked_stale_and_read_again(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n")
    (engine.folder / "a.py").write_text("# moved down\n\n\ndef alpha(): ...\n")
    assert engine.search(SearchRequest("alpha"), CancelToken()).hits[0].stale
    assert engine.wait_until_current(WAIT_S)
    hit = engine.search(SearchRequest("alpha"), CancelToken()).hits[0]
    assert (hit.stale, hit.focus_line) == (False, 3)


def test_without_a_model_words_still_find(open_workspace: Callable[..., Engine]):
    engine = open_workspace("//- a.py\ndef alpha(): ...\n", model="/no/such/model")
    answer = engine.search(SearchRequest("alpha"), CancelToken())
    assert [hit.path for hit in answer.hits] == ["a.py"]
    assert answer.index.state is State.LEXICAL_ONLY
    assert "/no/such/model" in engine.status().message


def test_the_model_error_is_raised_once_asked_for(services: Services):
    with pytest.raises(ModelError, match="/no/such/model"):
        services.model("/no/such/model", 1)


def test_a_cache_folder_that_cannot_be_written_means_memory_and_says_so(tmp_path: Path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the cache should be")
    services = Services(blocked)
    write_files(tmp_path / "w", "//- a.py\ndef alpha(): ...\n")
    engine = open_engine(tmp_path / "w", Settings(update_delay_ms=0), services)
    engine.start()
    assert engine.wait_until_current(WAIT_S)
    assert found(engine, "alpha") == ["a.py:1"]
    assert engine.status().store == "memory"
    engine.close()
    services.close()


def test_a_missing_folder_is_a_clear_error(tmp_path: Path, services: Services):
    with pytest.raises(WorkspaceError, match="There is no folder"):
        open_engine(tmp_path / "missing", Settings(), services)


def test_a_path_outside_the_folder_is_refused(open_workspace: Callable[..., Engine]):
    with pytest.raises(WorkspaceError, match="not inside"):
        open_workspace("").explain("/etc/passwd")
