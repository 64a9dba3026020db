import pytest

from cognate.index.lexical import LexicalChunk, index_words
from cognate.index.lexical_index import LexicalIndex
from cognate.index.lexical_unsaved import UnsavedChunks, UnsavedReader
from cognate.words import name_key, stem


def chunk(number: int, text: str, names: str = "") -> LexicalChunk:
    return LexicalChunk(number, index_words(text), index_words(names), index_words("a.py"), (name_key(names),))


def words(text: str) -> dict[str, float]:
    return {stem(word): 1.0 for word in text.split()}


def test_an_unsaved_chunk_ranks_as_the_same_chunk_saved():
    text = ["load the settings file", "load nothing", "settings", "other words here entirely"]
    saved = LexicalIndex(None)
    saved.apply([], [chunk(i, t) for i, t in enumerate(text, start=1)], [], {})
    unsaved = UnsavedChunks().changed((), [chunk(-i, t) for i, t in enumerate(text, start=1)])
    reader = saved.reader()
    on_disk = reader.score_chunks(words("load settings"), {"body": 1.0}, 10)
    unsaved_scores = unsaved.score(words("load settings"), {"body": 1.0}, reader.document_frequency, reader.n_chunks)
    assert {-number: score for number, score in unsaved_scores.items()} == pytest.approx(on_disk, rel=0.02)


def test_both_are_asked_and_the_best_win():
    saved = LexicalIndex(None)
    saved.apply([], [chunk(1, "alpha " * 3 + "beta gamma delta"), chunk(2, "alpha")], [], {})
    reader = UnsavedReader.over(saved.reader(), UnsavedChunks().changed((), [chunk(-1, "alpha"), chunk(-2, "omega")]))
    assert set(reader.score_chunks(words("alpha"), {"body": 1.0}, 10)) == {1, 2, -1}
    assert set(reader.score_chunks(words("alpha"), {"body": 1.0}, 10, [-1, 2])) == {-1, 2}
    assert set(reader.score_chunks(words("omega"), {"body": 1.0}, 10, [-2])) == {-2}
    assert len(reader.score_chunks(words("alpha"), {"body": 1.0}, 1)) == 1


def test_a_chunk_that_goes_is_no_longer_found():
    unsaved = UnsavedChunks().changed((), [chunk(-1, "alpha")]).changed([-1], ())
    assert unsaved.score(words("alpha"), {"body": 1.0}, lambda *_: 0, 0) == {}


def test_names_are_looked_up_whole_in_any_style_saved_and_unsaved():
    saved = LexicalIndex(None)
    saved.apply([], [chunk(1, "x", "load_Settings"), chunk(2, "x", "load")], [], {})
    reader = UnsavedReader.over(saved.reader(), UnsavedChunks().changed((), [chunk(-1, "x", "LOAD_settings")]))
    assert reader.chunks_defining("Load_SETTINGS", 5) == [-1, 1]
    assert reader.chunks_defining("loadsettings", 5) == reader.chunks_defining("load-settings", 5) == [-1, 1]
    assert reader.chunks_defining("load", 5) == [2]
    assert reader.chunks_defining("settings", 5) == []
    assert len(reader.chunks_defining("load_settings", 1)) == 1
