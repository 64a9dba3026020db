import pytest
from remarks import says_something, sentence_of


@pytest.mark.parametrize(
    ("comment", "sentence"),
    [
        ("/**\n * Free it in another thread.\n * Later.\n * @param o it\n */", "Free it in another thread"),
        ("/// Closes the [`Reader`](crate::Reader) and `flushes` it.", "Closes the Reader and flushes it"),
        ("// Retry makes a client that tries again.\n// It waits.", "Retry makes a client that tries again"),
        ('"""Decode a frame\n    of the wire.\n\n    Args:\n        data: it.\n    """', "Decode a frame of the wire"),
        ("# Whether e.g. a lock is held", "Whether e.g. a lock is held"),
        ("/** @brief Swap two rows. */", "Swap two rows"),
        (" * @return the number of rows", ""),
    ],
)  # fmt: skip
def test_a_comment_begins_with_a_sentence_without_its_markup(comment, sentence):
    assert sentence_of(comment.split("\n"))[0] == sentence


def test_what_follows_the_first_sentence_is_kept_apart():
    sentence, rest = sentence_of(["// Opens the log. Older ones are", "// removed first."])
    assert (sentence, rest) == ("Opens the log", "Older ones are removed first.")


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("TODO rewrite this without a global lock", "f"),
        ("Copyright 2001 by the authors of this file", "f"),
        ("x = compute_all(y);", "f"),
        ("Returns the file size", "get_file_size"),
        ("Constructor", "Widget"),
        ("see the manual for what this does", "f"),
    ],
)
def test_what_says_no_more_than_the_name_or_is_no_prose_is_left_out(sentence, name):
    assert not says_something(sentence, name, inline=False)


def test_a_short_comment_among_statements_says_too_little_where_a_doc_comment_would_do():
    assert says_something("Evict stale entries", "sweep", inline=False)
    assert not says_something("Evict stale entries", "", inline=True)
