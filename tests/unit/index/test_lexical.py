from pathlib import Path

import pytest

from cognate.index.lexical import TERM_SET_FROM, LexicalChunk, file_number, index_words
from cognate.index.lexical_index import LexicalIndex
from cognate.words import name_key, stem


def chunk(number: int, text: str, names: str = "", path: str = "a.py") -> LexicalChunk:
    return LexicalChunk(number, index_words(text), index_words(names), index_words(path), (name_key(names),))


def score(index: LexicalIndex, query: str, field: str = "body", only: list[int] | None = None) -> dict[int, float]:
    return index.reader().score_chunks({stem(w): 1.0 for w in query.split()}, {field: 1.0}, 10, only)


def test_identifiers_are_found_by_their_words_and_whole():
    index = LexicalIndex(None)
    index.apply([], [chunk(1, "def loadConfigFile(): pass"), chunk(2, "def other(): pass")], [], {})
    assert set(score(index, "configuration file load")) == {1}
    assert set(score(index, "loadconfigfile")) == {1}


def test_fields_are_scored_apart():
    index = LexicalIndex(None)
    index.apply([], [chunk(1, "x", names="parse"), chunk(2, "parse", path="b.py")], [], {})
    assert set(score(index, "parse", "names")) == {1}
    assert set(score(index, "b", "path")) == {2}


def test_a_reader_sees_one_commit_for_ever():
    index = LexicalIndex(None)
    index.apply([], [chunk(1, "alpha")], [], {})
    reader = index.reader()
    index.apply([1], [chunk(2, "alpha")], [], {})
    assert set(reader.score_chunks({"alpha": 1.0}, {"body": 1.0}, 10)) == {1}
    assert set(score(index, "alpha")) == {2}


def test_scores_can_be_asked_for_some_chunks_alone():
    index = LexicalIndex(None)
    index.apply([], [chunk(i, "alpha " * i) for i in range(1, 6)], [], {})
    everything = score(index, "alpha")
    assert score(index, "alpha", only=[2, 4]) == pytest.approx({i: everything[i] for i in (2, 4)})


def test_what_a_killed_commit_left_behind_stops_no_later_one(tmp_path: Path):
    index = LexicalIndex(tmp_path)
    index.apply([], [chunk(number, "alpha") for number in range(3)], [], {})
    index.close()
    folder = next(tmp_path.glob("lexical-*/chunks"))
    committed = (folder / "meta.json").read_bytes()
    killed = LexicalIndex(tmp_path)
    killed.apply([1], [], [], {})
    left = list(folder.glob("*.del"))
    killed.close()
    (folder / "meta.json").write_bytes(committed)  # The last thing that a commit writes.
    assert left
    index = LexicalIndex(tmp_path)
    index.apply([2], [], [], {})
    assert set(score(index, "alpha")) == {0, 1}


def test_whole_files_are_scored_and_go():
    index = LexicalIndex(None)
    one, other = file_number("a.py"), file_number("b.py")
    index.apply([], [], [], {one: "alpha beta", other: "beta"})
    assert set(index.reader().score_files({"alpha": 1.0}, 5)) == {one}
    assert set(index.reader().score_files({"beta": 1.0}, 5, [other])) == {other}
    assert index.reader().words_of_files(["beta", "alpha", "missing"], [one, other]) == {one: 0b11, other: 0b01}
    index.apply([], [], [one], {other: "alpha"})
    assert set(index.reader().score_files({"alpha": 1.0}, 5)) == {other}


def test_which_words_a_file_has_is_exact_for_more_words_than_a_score_holds():
    index = LexicalIndex(None)
    words = [f"word{n}" for n in range(60)]
    index.apply([], [], [], {7: " ".join(words[::3])})
    assert index.reader().words_of_files(words, [7]) == {7: sum(1 << n for n in range(0, 60, 3))}


def test_chunks_that_are_named_score_as_they_do_among_all_however_many_are_named():
    index = LexicalIndex(None)
    index.apply([], [chunk(n, "alpha " * (n % 7) + "beta") for n in range(2 * TERM_SET_FROM)], [], {})
    fields = {"body": 1.0}
    among_all = index.reader().score_chunks({"alpha": 1.0}, fields, 2 * TERM_SET_FROM)
    for n_named in (1, TERM_SET_FROM, TERM_SET_FROM + 1):
        found = index.reader().score_chunks({"alpha": 1.0}, fields, n_named, range(n_named))
        assert found == {n: among_all[n] for n in range(n_named) if n in among_all}


def test_an_index_on_disk_is_there_again(tmp_path: Path):
    index = LexicalIndex(tmp_path)
    index.apply([], [chunk(1, "alpha")], [], {})
    index.close()
    assert set(score(LexicalIndex(tmp_path), "alpha")) == {1}


def test_a_damaged_folder_is_made_anew(tmp_path: Path):
    index = LexicalIndex(tmp_path)
    index.apply([], [chunk(1, "alpha")], [], {})
    index.close()
    for file in tmp_path.rglob("meta.json"):
        file.write_text("{")
    assert LexicalIndex(tmp_path).reader().n_chunks == 0
