"""The state of an index as one sentence, and as a word."""

import pytest

from cognate.types import IndexInfo, State

WORDS_FIND_ALL = "chunks have embeddings; words find all of them"


@pytest.mark.parametrize(
    ("state", "coverage", "chunks", "short", "sentence"),
    [
        (State.EMPTY, 0.0, 0, "empty", "Starting: nothing is indexed yet"),
        (State.INDEXING, 0.0, 0, "0 %", "Indexing: 0 chunks so far"),
        (State.INDEXING, 0.4399, 12_345, "43 %", f"Indexing: 43 % of 12,345 {WORDS_FIND_ALL}"),
        (State.INDEXING, 0.9999, 12_345, "99 %", f"Indexing: 99 % of 12,345 {WORDS_FIND_ALL}"),
        (State.CATCHING_UP, 1.0, 12_345, "…", "Catching up: 12,345 chunks so far"),
        (State.READY, 1.0, 12_345, "", "Ready: 12,345 chunks"),
        (State.READY, 1.0, 1, "", "Ready: 1 chunk"),
        (State.PAUSED, 0.5, 10, "paused", "Paused"),
        (State.LEXICAL_ONLY, 0.0, 10, "lexical-only", "Words only: no model"),
        (State.ERROR, 0.0, 0, "error", "Error: the index cannot be used"),
    ],
)
def test_a_state_is_one_sentence_and_a_word(
    state: State, coverage: float, chunks: int, short: str, sentence: str
) -> None:
    info = IndexInfo(state, 1, coverage, chunks)
    assert (info.short, info.summary) == (short, sentence)


def test_the_sentence_says_how_much_of_the_folder_words_find() -> None:
    half_read = IndexInfo(State.INDEXING, 1, 0.0899, 5000, word_coverage=0.629)
    assert half_read.summary == "Indexing: 8 % of 5,000 chunks have embeddings; words find 62 % of the folder"
    one_missing = IndexInfo(State.CATCHING_UP, 1, 1.0, 5000, word_coverage=0.9999)
    assert one_missing.summary == "Catching up: 5,000 chunks so far; words find 99 % of the folder"


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_sentence(state: State) -> None:
    assert IndexInfo(state, 1, 1.0, 2).summary
