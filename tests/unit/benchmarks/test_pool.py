"""The second pass of judging: what is put before the judge, and how judgements reach the labels."""

import json
from pathlib import Path
from typing import Any

import pytest
from evaluate import certainty, comparison, measured, read_labels
from pool import merge, merged, pools, write_sheets

from fixtures import write_files

LABEL = {"query": "pause after a failure", "category": "paraphrase",
         "relevant": [{"path": "a.py", "start_line": 1, "end_line": 2}]}  # fmt: skip


def place(path: str, first: int, last: int) -> dict[str, Any]:
    return {"path": path, "start_line": first, "end_line": last, "focus_line": first, "score": 0.5}


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    write_files(tmp_path / "corpora" / "code", "//- a.py\none\ntwo\n//- b.py\nsleep(1)\n# pause\nend\n//- c.py\nx\n")
    return tmp_path / "corpora"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "code.json").write_text(json.dumps([LABEL]), encoding="utf-8")
    return folder


def run_file(folder: Path, name: str, *results: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.jsonl"
    row = {"corpus": "code", "query": LABEL["query"], "results": list(results)}
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return file


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_a_sheet_shows_neither_system_nor_rank_nor_known_answers(tmp_path: Path, corpora: Path, labels: Path) -> None:
    one = run_file(tmp_path / "runs", "one", place("c.py", 1, 1), place("a.py", 1, 1))
    two = run_file(tmp_path / "runs", "two", place("b.py", 2, 3), place("b.py", 1, 2))
    write_sheets(corpora, [one, two], labels, tmp_path / "sheets")
    (sheet,) = read(tmp_path / "sheets" / "batch-1.jsonl")
    assert [(c["path"], c["lines"]) for c in sheet["candidates"]] == [("b.py", [1, 3]), ("c.py", [1, 1])]
    assert {key for c in sheet["candidates"] for key in c} == {"id", "path", "lines", "text"}
    assert sheet["known"] == [{"path": "a.py", "lines": [1, 2], "text": "one\ntwo"}]


def test_only_the_first_five_answers_of_a_system_are_judged(tmp_path: Path, labels: Path) -> None:
    run = run_file(tmp_path / "runs", "one", *(place("b.py", 10 * i, 10 * i + 1) for i in range(1, 9)))
    (pool,) = pools([run], labels)
    assert len(pool.places) == 5


def test_places_that_overlap_are_one_unless_that_grows_too_long() -> None:
    spans = [
        (p["start_line"], p["end_line"]) for p in merged([place("a", 30, 60), place("a", 1, 40), place("a", 90, 95)])
    ]
    assert spans == [(1, 60), (90, 95)]
    spans = [(p["start_line"], p["end_line"]) for p in merged([place("a", 1, 100), place("a", 90, 200)])]
    assert spans == [(1, 100), (90, 200)]


def test_judgements_become_targets_and_are_not_asked_for_again(tmp_path: Path, corpora: Path, labels: Path) -> None:
    run = run_file(tmp_path / "runs", "one", place("b.py", 1, 3), place("c.py", 1, 1))
    start = f"code|{LABEL['query']}|"
    judged = tmp_path / "judged.jsonl"
    rows = [{"id": f"{start}b.py:1-3", "grade": 2, "lines": [1, 2]}, {"id": f"{start}c.py:1-1", "grade": 0}]
    judged.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    for _ in range(2):  # Merging twice changes nothing.
        merge(corpora, labels, [judged])
    (label,) = json.loads((labels / "code.json").read_text(encoding="utf-8"))
    assert label["relevant"] == LABEL["relevant"]
    assert label["pooled"] == [{"path": "b.py", "start_line": 1, "end_line": 2, "grade": 2, "shares_words": True}]
    rejected = json.loads((tmp_path / "rejected" / "code.json").read_text(encoding="utf-8"))
    assert rejected == {LABEL["query"]: ["c.py:1-1"]}
    assert list(pools([run], labels)) == []


def test_a_later_judgement_takes_the_place_of_an_earlier_one(tmp_path: Path, corpora: Path, labels: Path) -> None:
    judged = tmp_path / "judged.jsonl"
    start = f"code|{LABEL['query']}|b.py:1-1"
    judged.write_text("".join(json.dumps({"id": start, "grade": grade}) + "\n" for grade in (2, 1)), encoding="utf-8")
    merge(corpora, labels, [judged])
    (label,) = json.loads((labels / "code.json").read_text(encoding="utf-8"))
    assert [found["grade"] for found in label["pooled"]] == [1]
    assert label["pooled"][0]["shares_words"] is False


def test_pooled_answers_count_only_in_the_second_table(tmp_path: Path, corpora: Path, labels: Path) -> None:
    run = run_file(tmp_path / "runs", "one", place("b.py", 1, 1))
    judged = tmp_path / "judged.jsonl"
    judged.write_text(json.dumps({"id": f"code|{LABEL['query']}|b.py:1-1", "grade": 2}), encoding="utf-8")
    merge(corpora, labels, [judged])
    known, groups = read_labels(labels)
    key = ("code", LABEL["query"])
    assert measured(run, known).rows[key]["ndcg"] == 0.0
    assert measured(run, known, pooled=True).rows[key]["mrr"] == 1.0
    assert groups["category"]["paraphrase"] == [key]


def test_a_system_that_left_out_a_corpus_is_compared_on_the_others(tmp_path: Path, labels: Path) -> None:
    other = [{"query": "end", "category": "how", "relevant": ["b.py"]}]
    (labels / "more.json").write_text(json.dumps(other), encoding="utf-8")
    known, groups = read_labels(labels)
    ours = run_file(tmp_path / "runs", "ours", place("a.py", 1, 1))
    theirs = run_file(tmp_path / "runs", "theirs", place("x.py", 1, 1))
    with ours.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"corpus": "more", "query": "end", "results": []}) + "\n")
    systems = {"ours": measured(ours, known), "theirs": measured(theirs, known)}
    assert "| ours | 2 | 0.500 |" in comparison(systems, groups)
    assert "| theirs | 1 | 0.000 |" in comparison(systems, groups)
    sure = certainty(systems["ours"], {"theirs": systems["theirs"]}, groups["category"])
    assert "| theirs | **+1.000** [+1.000, +1.000] | **+1.000** [+1.000, +1.000] |  |" in sure
