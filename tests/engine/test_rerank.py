"""The second stage, with real engines and a cross-encoder whose scores can be told by hand."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cognate.cancellation import CancelToken
from cognate.cli.main import main
from cognate.embedding.cross_encoder import BATCH_SIZE, CrossEncoder
from cognate.embedding.runtime import Tokens
from cognate.engine import Engine
from cognate.errors import CancelledError, ModelError
from cognate.search import rerank
from cognate.search.order import RERANKER_SIGNAL
from cognate.search.request import SearchRequest
from cognate.types import Hit
from fixtures import write_files
from unit.embedding.overlap_model import STEP, write_overlap_model

NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "metadata": {}, "outputs": [], "source": [f"{name}_page_title = page.title\n"]}
            for name in ("atlas", "meridian")
        ],
        "metadata": {"kernelspec": {"language": "python", "name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)

FILES = f"""//- path.py
def page_title_folder(folder, page):
    # The folder of a page is named after its title.
    return folder / page.title
//- store.py
def store_page_title(folders, page):
    folders[page.number] = page.title
//- fetch.py
def fetch_page_title(client, page):
    return client.get(page.address).title
//- count.py
def count_page_titles(pages):
    return len({{page.title for page in pages}})
//- turn.py
def turn_page_title(page):
    page.title = page.title[::-1]
//- print.py
def print_page_title(printer, page):
    printer.feed(page.title)
//- measure.py
def measure_page_title(page, font):
    return font.width(page.title)
//- atlas.ipynb
{NOTEBOOK}
""" + "".join(f"//- jobs/job{i}.py\ndef take_job_{i}(queue):\n    return queue.take({i}).result\n" for i in range(60))

QUERY = "page title folders"
"""For the first stage, which knows stems, path.py holds all of it thrice; the word itself stands in store.py alone."""

FIRST, FITTING = "path.py", "store.py"

Opener = Callable[..., Engine]


def search(engine: Engine, query: str = QUERY, limit: int = 20, explain: bool = True) -> tuple[Hit, ...]:
    return engine.search(SearchRequest(query, limit, explain=explain), CancelToken()).hits


def places(hits: Sequence[Hit]) -> list[tuple[str, int | None]]:
    return [(hit.path, hit.cell) for hit in hits]


def reranker_score(hit: Hit) -> float | None:
    return (hit.why or {}).get(RERANKER_SIGNAL)


@pytest.fixture
def knowing(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a cross-encoder which finds these words and knows no other."""

    def write(*words: str) -> str:
        return str(write_overlap_model(tmp_path / "-".join(["knows", *words]), words))

    return write


@pytest.fixture
def plain(open_workspace: Opener, tmp_path: Path) -> tuple[Hit, ...]:
    hits = search(open_workspace(FILES, folder=tmp_path / "plain"))
    assert hits[0].path == FIRST
    assert len(hits) > BATCH_SIZE
    return hits


def test_the_chunk_that_holds_what_the_cross_encoder_looks_for_comes_first(
    open_workspace: Opener, knowing: Callable[..., str], plain: tuple[Hit, ...]
):
    hits = search(open_workspace(FILES, reranker=knowing("folders")))
    # For the others, in which it finds nothing, the first stage's order holds.
    assert places(hits) == [(FITTING, None), *(place for place in places(plain) if place[0] != FITTING)]
    assert reranker_score(hits[0]) == 0.0
    assert [reranker_score(hit) for hit in hits[1:]] == pytest.approx([-STEP / rerank.SLOPE] * (len(hits) - 1))


def test_a_query_and_a_chunk_are_read_with_their_names_split(open_workspace: Opener, knowing: Callable[..., str]):
    engine = open_workspace(FILES, reranker=knowing("fetch", "meridian"))
    for query, cell in (
        ("page title or fetchPages", ("fetch.py", None)),
        ("page title or meridian_pages", ("atlas.ipynb", 1)),
    ):
        hits = search(engine, query)
        assert places([hit for hit in hits if reranker_score(hit) == 0.0]) == [cell]
        assert len(hits) > BATCH_SIZE


def test_a_cross_encoder_that_tells_nothing_apart_changes_nothing(
    open_workspace: Opener, knowing: Callable[..., str], plain: tuple[Hit, ...]
):
    hits = search(open_workspace(FILES, reranker=knowing("zebra")))
    assert [replace(hit, why=None) for hit in hits] == [replace(hit, why=None) for hit in plain]
    assert {reranker_score(hit) for hit in hits} == {0.0}


def test_places_keep_their_scores_and_every_hit_says_why(
    open_workspace: Opener, knowing: Callable[..., str], plain: tuple[Hit, ...]
):
    hits = search(open_workspace(FILES, reranker=knowing("folders", "page")))
    assert [hit.score for hit in hits] == [hit.score for hit in plain]
    before = {(hit.path, hit.cell): hit.why or {} for hit in plain}
    for hit in hits:
        assert {k: v for k, v in (hit.why or {}).items() if k != RERANKER_SIGNAL} == before[hit.path, hit.cell]
    # Of the notebook, whose two cells stand in the list, the second is taken down as in the first stage.
    added_up = [sum((hit.why or {}).values()) for hit in hits if hit.cell is None]
    assert added_up == sorted(added_up, reverse=True)


def test_a_short_list_is_cut_after_the_second_stage(open_workspace: Opener, knowing: Callable[..., str]):
    hits = search(open_workspace(FILES, reranker=knowing("folders")), limit=1, explain=False)
    assert places(hits) == [(FITTING, None)]
    assert hits[0].why is None


def test_only_the_best_are_read_and_the_others_stay_behind_them(
    open_workspace: Opener, knowing: Callable[..., str], tmp_path: Path
):
    many = "".join(f"//- part{i}.py\ndef page_title_{i}(page):\n    return page.title[{i}]\n" for i in range(30))
    before = search(open_workspace(many, folder=tmp_path / "many"), "page title", limit=30)
    after = search(open_workspace(many, folder=tmp_path / "many", reranker=knowing("page")), "page title", limit=30)
    assert places(after) == places(before)
    assert [reranker_score(hit) is not None for hit in after] == [i < rerank.CANDIDATES for i in range(30)]


def test_a_sure_answer_is_not_read_again(open_workspace: Opener, knowing: Callable[..., str]):
    engine = open_workspace(FILES, reranker=knowing("folders", "title"))
    hits = search(engine, "page_title_folder")
    assert rerank.is_sure([hit.score for hit in hits])
    assert hits[0].path == FIRST
    assert all(reranker_score(hit) is None for hit in hits)


def test_an_unsaved_buffer_is_read_as_it_stands(open_workspace: Opener, knowing: Callable[..., str]):
    engine = open_workspace(FILES, reranker=knowing("folders"))
    engine.set_buffer("turn.py", "def turn_page_title(page, folders):\n    page.title = folders[page.title]\n")
    engine.set_buffer(FITTING, "def store_page_title(place, page):\n    place[page.number] = page.title\n")
    assert engine.wait_until_current(300)
    assert search(engine)[0].path == "turn.py"


def test_a_search_nobody_waits_for_stops_before_the_next_batch(
    open_workspace: Opener, knowing: Callable[..., str], monkeypatch: pytest.MonkeyPatch
):
    engine = open_workspace(FILES, reranker=knowing("folders"), threads=1)
    cancel, sizes = CancelToken(), list[int]()
    run = CrossEncoder._run

    def run_and_cancel(model: CrossEncoder, tokens: Sequence[Tokens]) -> object:
        sizes.append(len(tokens))
        cancel.cancel()
        return run(model, tokens)

    monkeypatch.setattr(CrossEncoder, "_run", run_and_cancel)
    with pytest.raises(CancelledError):
        engine.search(SearchRequest(QUERY), cancel)
    assert sizes == [BATCH_SIZE]


def test_a_cross_encoder_that_fails_leaves_the_first_answer(
    open_workspace: Opener,
    knowing: Callable[..., str],
    plain: tuple[Hit, ...],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def fail(*_: object) -> object:
        raise ModelError("The model failed.")

    engine = open_workspace(FILES, reranker=knowing("folders"))
    monkeypatch.setattr(CrossEncoder, "_run", fail)
    with caplog.at_level(logging.WARNING):
        assert search(engine) == plain
    assert "Answered without the reranker: The model failed." in caplog.text


def test_a_missing_folder_is_named_in_the_status_and_searches_go_on(
    open_workspace: Opener, knowing: Callable[..., str], plain: tuple[Hit, ...]
):
    folder = knowing("folders")
    engine = open_workspace(FILES, reranker=f"{folder}/none")
    assert "none does not exist. Set `reranker` to a folder" in engine.status().message
    assert search(engine) == plain
    engine.apply_settings(replace(engine.settings, reranker=folder))
    assert engine.wait_until_current(300)
    assert engine.status().message == ""
    assert search(engine)[0].path == FITTING
    engine.apply_settings(replace(engine.settings, reranker=""))
    assert engine.wait_until_current(300)
    assert search(engine) == plain


def test_a_broken_folder_that_was_mended_is_read_again(open_workspace: Opener, knowing: Callable[..., str]):
    folder = Path(knowing("folders"))
    graph = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(graph[: len(graph) // 2])
    engine = open_workspace(FILES, reranker=str(folder))
    assert "The reranker cannot be used, and searches go without it. Cannot load" in engine.status().message
    (folder / "model.onnx").write_bytes(graph)
    engine.apply_settings(replace(engine.settings, reranker=""))
    engine.apply_settings(replace(engine.settings, reranker=str(folder)))
    assert engine.wait_until_current(300)
    assert engine.status().message == ""
    assert search(engine)[0].path == FITTING


def test_the_command_line_takes_a_cross_encoder(
    tmp_path: Path, knowing: Callable[..., str], capsys: pytest.CaptureFixture[str]
):
    write_files(tmp_path / "code", FILES)
    command = ["search", QUERY, str(tmp_path / "code"), "-n", "1", "--json", "--explain"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["path"] == FIRST
    assert main([*command, "--reranker", knowing("folders")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["path"], found["why"][RERANKER_SIGNAL]) == (FITTING, 0.0)
    assert main([*command, "--reranker", str(tmp_path / "gone")]) == 0
    assert "The reranker cannot be used" in capsys.readouterr().err
