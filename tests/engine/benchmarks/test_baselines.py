"""Each system that Cognate is compared with, on a folder small enough to say what it must find."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from baselines import bm25_windows, chunks, lines, ripgrep, semble_peer
from baselines.common import best_line, query_words, text_files
from baselines.static_model import make_static_model
from run import BASELINES, COGNATE, Answerer, cognate, run_system

from fixtures import write_files

FILES = """
//- store/cache.py
def evict_oldest_entry(cache):
    # Drops what was not read for the longest time.
    oldest = min(cache, key=lambda entry: entry.read_at)
    del cache[oldest]
//- net/retry.py
import time


def retry_request(send, attempts):
    for attempt in range(attempts):
        try:
            return send()
        except TimeoutError:
            time.sleep(2 ** attempt)
//- net/parse.py
def parse_header(line):
    name, value = line.split(":", 1)
    return name.strip(), value.strip()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "code", FILES)


@pytest.fixture(scope="session")
def static_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A static model of the shipped one's first words, those of code among them."""
    place = tmp_path_factory.mktemp("static")
    make_static_model(place, words=8000)
    return place


def first(answer: Answerer, folder: Path, query: str) -> dict[str, object]:
    found = answer(folder, [query], 10)
    assert found is not None
    return found.results[0][0]


@pytest.mark.parametrize("name", sorted(BASELINES))
def test_every_baseline_finds_what_shares_its_words(name: str, folder: Path, static_model: Path) -> None:
    def answer(where: Path, queries: Sequence[str], limit: int) -> object:
        if name == "semble":
            return semble_peer.answers(where, queries, limit, static_model)
        return BASELINES[name](where, queries, limit)

    place = first(answer, folder, "how is a request sent again by retry_request")  # pyright: ignore[reportArgumentType]
    assert place["path"] == "net/retry.py"
    assert 1 <= place["start_line"] <= 4 <= place["end_line"] or name == "lines"  # pyright: ignore[reportOperatorIssue]


def test_ripgrep_prefers_files_with_more_distinct_words_to_files_with_more_matches(tmp_path: Path) -> None:
    write_files(tmp_path, "//- much.txt\nheader header header\n//- both.txt\nparse the\nheader\n")
    found = ripgrep.answers(tmp_path, ["parse header"], 10).results[0]
    assert [place["path"] for place in found] == ["both.txt", "much.txt"]


def test_ripgrep_opens_a_file_where_most_words_stand_together(tmp_path: Path) -> None:
    filler = "nothing\n" * 30
    write_files(tmp_path, f"//- a.txt\nparse\n{filler}parse\nthe header\n{filler}header\n")
    place = ripgrep.answers(tmp_path, ["parse header"], 10).results[0][0]
    assert (place["start_line"], place["end_line"], place["focus_line"]) == (32, 41, 32)


def test_ripgrep_finds_nothing_for_words_that_stand_nowhere(folder: Path) -> None:
    assert ripgrep.answers(folder, ["zebra"], 10).results == [[]]


def test_ripgrep_prints_lines_with_any_of_the_words_by_path_or_as_it_is_told(tmp_path: Path) -> None:
    write_files(tmp_path, "//- a.txt\nHeader\nnothing\n//- b/c.txt\nnothing\nparse\n//- .hidden/d.txt\nparse\n")
    assert ripgrep.searched_files(tmp_path) == ["a.txt", "b/c.txt"]
    assert ripgrep.printed(tmp_path, ["parse", "header"], 1000) == "a.txt\n1:Header\n\nb/c.txt\n2:parse\n"
    told = ripgrep.printed(tmp_path, ["parse", "header"], 1000, ["b/c.txt", "a.txt"])
    assert told == "b/c.txt\n2:parse\n\na.txt\n1:Header\n"
    assert ripgrep.printed(tmp_path, ["parse", "header"], 8) == "a.txt\n1:"


def test_windows_have_forty_lines_and_a_rare_word_weighs_more(tmp_path: Path) -> None:
    common = "value\n" * 39
    write_files(tmp_path, f"//- a.py\n{common}value\n{common}value needle\n//- b.py\n{common}\n")
    found = bm25_windows.answers(tmp_path, ["the value of needle"], 10).results[0]
    assert (found[0]["path"], found[0]["start_line"], found[0]["end_line"]) == ("a.py", 41, 80)
    assert found[0]["focus_line"] == 80


def test_exact_dense_search_agrees_with_the_model(folder: Path) -> None:
    with chunks.opened(folder) as index:
        order = chunks.by_meaning(index)("wait longer after each failure", 10)
        records = {record.id: record for record in index.snapshot.read(order)}
        vector = index.encoder.encode_query("wait longer after each failure")
        scores = [float(index.snapshot.vectors.similarities(vector, [number])[0]) for number in order]
        assert records[order[0]].path == "net/retry.py"
        assert scores == sorted(scores, reverse=True)
        assert len(order) == len(records)


def test_fusion_puts_what_both_find_before_what_one_finds(folder: Path) -> None:
    found = chunks.fused(folder, ["evict the oldest entry"], 10).results[0]
    assert found[0]["path"] == "store/cache.py"
    assert len({(place["path"], place["start_line"]) for place in found}) == len(found)


def test_line_by_line_answers_with_single_lines_that_hold_words(folder: Path) -> None:
    found = lines.answers(folder, ["retry_request"], 3)
    assert found is not None
    assert found.results[0][0] == {"path": "net/retry.py", "start_line": 4, "end_line": 4, "focus_line": 4}
    with chunks.opened(folder) as index:
        texts = [text for _, _, text in lines.lines_of(index)]
    assert "" not in texts and "import time" in texts


def test_line_by_line_leaves_out_folders_with_too_many_lines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 5)
    assert lines.answers(folder, ["retry"], 3) is None


def test_files_without_text_and_hidden_ones_are_not_read(tmp_path: Path) -> None:
    write_files(tmp_path, "//- a.py\none\ntwo\n//- .git/config\nsecret\n")
    (tmp_path / "image.bin").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "zero.txt").write_bytes(b"a\0b")
    assert dict(text_files(tmp_path)) == {"a.py": ["one", "two", ""]}


def test_a_query_keeps_identifiers_whole_and_drops_words_that_say_nothing() -> None:
    assert query_words("where is os.path.join used? parse_header") == ["os", "path", "join", "parse_header"]
    assert query_words("how is it") == ["how", "is", "it"]
    assert best_line(["a", "parse", "parse header", "header parse"], ["parse", "header"]) == 2


def test_run_files_keep_what_other_corpora_answered(tmp_path: Path, folder: Path) -> None:
    labels, out = tmp_path / "labels", tmp_path / "out"
    labels.mkdir()
    for name in ("code", "other"):
        write_files(tmp_path / name, FILES)
        (labels / f"{name}.json").write_text(json.dumps([{"query": "TimeoutError\n sleep"}]), encoding="utf-8")
    run_system("bm25-windows", BASELINES["bm25-windows"], tmp_path, sorted(labels.glob("*.json")), out)
    run_system("bm25-windows", BASELINES["bm25-windows"], tmp_path, [labels / "other.json"], out)
    rows = [json.loads(line) for line in (out / "bm25-windows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["corpus"] for row in rows] == ["code", "other"]
    assert {row["query"] for row in rows} == {"TimeoutError\n sleep"}
    assert all(row["results"][0]["path"] == "net/retry.py" for row in rows)
    times = json.loads((out / "times.json").read_text(encoding="utf-8"))
    assert set(times["bm25-windows"]) == {"code", "other"}


def test_cognate_is_asked_by_its_command_line(folder: Path) -> None:
    found = cognate(COGNATE.split(), folder, ["retry_request", "parse_header"], 10)
    assert [rows[0]["path"] for rows in found.results] == ["net/retry.py", "net/parse.py"]
    assert found.results[0][0]["focus_line"] == 4
    assert found.prepare_s > 0 and found.search_s > 0
