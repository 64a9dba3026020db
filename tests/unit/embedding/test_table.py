"""A small table with known rows: what a word, an unknown word and a text without words come to."""

from pathlib import Path

import numpy as np
import pytest

from cognate.embedding.table import letter_runs, read_table

WORDS = ["throttle", "limiter", "parse", "syntax"]
BUCKETS = 8


def save(file: Path) -> Path:
    rows = np.zeros((len(WORDS) + BUCKETS, 3), np.int8)
    rows[:2, 0] = rows[2:4, 1] = 100
    rows[4:, 2] = 50
    ones = np.ones(len(rows), np.float16)
    np.savez(
        file,
        words=np.frombuffer("\n".join(WORDS).encode(), np.uint8),
        query_rows=rows,
        code_rows=rows,
        query_weights=ones,
        code_weights=ones,
    )
    return file


@pytest.fixture
def table(tmp_path: Path):
    found = read_table(save(tmp_path / "table.npz"))
    assert found is not None
    return found


def test_a_question_is_near_code_in_other_words(table):
    limiter, parser = table.of_code(["limiter", "parse syntax"])
    query = table.of_query("throttle")
    assert query @ limiter == pytest.approx(1.0)
    assert query @ parser == pytest.approx(0.0)


def test_vectors_have_unit_length_and_a_text_without_words_has_none(table):
    vectors = table.of_code(["", "limiter parse", "limiter limiter"])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([0.0, 1.0, 1.0])


def test_another_form_of_a_known_word_counts_as_that_word(table):
    assert table.rows_of("throttling") == table.rows_of("throttle") == (0,)


def test_an_unknown_word_is_told_by_its_letters(table):
    rows = table.rows_of("umlaut")
    assert rows == tuple(len(WORDS) + bucket for bucket in letter_runs("umlaut", BUCKETS))
    assert table.of_query("umlaut") == pytest.approx([0.0, 0.0, 1.0])


def test_stop_words_count_only_where_nothing_else_is_asked(table):
    assert table.of_query("where is the throttle") == pytest.approx(table.of_query("throttle"))
    assert table.of_query("where is").any()
    assert not table.of_query("?").any()


@pytest.mark.parametrize("harm", ["missing", "cut", "changed"])
def test_a_table_that_cannot_be_read_is_none(tmp_path: Path, harm):
    file = save(tmp_path / "table.npz")
    if harm == "missing":
        file.unlink()
    elif harm == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    else:
        data = bytearray(file.read_bytes())
        data[200] ^= 0xFF
        file.write_bytes(data)
    assert read_table(file) is None
