"""Rows of the translation table: found exactly, through changes, and through the disk."""

from pathlib import Path

import numpy as np
import pytest

from cognate.index import translated
from cognate.index.translated import Translations, whole

IDENTITY = 77


def unit(rng, count, dimensions=128):
    vectors = rng.standard_normal((count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def scores(rows: Translations, query, ids):
    return rows.compared(query).of(ids)


def test_the_nearest_rows_are_those_of_an_exact_product(rng):
    vectors = unit(rng, 5000)
    rows = Translations().changed((), range(1, 5001), whole(vectors))
    query = vectors[7]
    exact = np.argsort(-(vectors @ query), kind="stable")[:5] + 1
    assert rows.compared(query).nearest(5) == exact.tolist()
    assert rows.compared(query).nearest(2, [8, 3000]) == [8, 3000]


def test_removed_rows_are_found_no_more_and_new_ones_are(rng):
    vectors = unit(rng, 40)
    rows = Translations().changed((), range(1, 31), whole(vectors[:30]))
    rows = rows.changed([1, 2, 99], [*range(31, 41)], whole(vectors[30:]))
    assert rows.ids() == frozenset(range(3, 41))
    assert len(rows) == 38
    found = rows.compared(vectors[0])
    assert set(found.nearest(100)) == rows.ids()
    assert np.isnan(found.of([1])).all()
    assert found.of([35]) == pytest.approx([vectors[34] @ vectors[0]], abs=0.03)


def test_a_view_does_not_change_when_the_next_is_made(rng):
    vectors = unit(rng, 6000)
    before = Translations().changed((), range(1, 3001), whole(vectors[:3000]))
    after = before.changed([5], range(3001, 6001), whole(vectors[3000:]))
    assert before.ids() == frozenset(range(1, 3001))
    assert after.ids() == frozenset(range(1, 6001)) - {5}


def test_a_file_is_as_near_as_the_mean_of_its_rows(rng):
    vectors = unit(rng, 4)
    rows = Translations().changed((), [1, 2, 3, 4], whole(vectors))
    query = vectors[0]
    mean = vectors[:2].sum(axis=0)
    found = rows.compared(query).of_files([[1, 2], [], [3]])
    assert found[0] == pytest.approx(mean @ query / np.linalg.norm(mean), abs=0.03)
    assert np.isnan(found[1])


def test_a_file_whose_rows_come_one_by_one_is_as_near_as_those_that_are_there(rng):
    vectors = unit(rng, 3)
    query = vectors[0]
    rows = Translations().changed((), [1], whole(vectors[:1]))
    assert rows.compared(query).of_files([(1, 2)])[0] == pytest.approx(1.0, abs=0.03)
    rows = rows.changed((), [2], whole(vectors[1:2]))
    both = vectors[:2].sum(axis=0)
    assert rows.compared(query).of_files([(1, 2)])[0] == pytest.approx(both @ query / np.linalg.norm(both), abs=0.03)
    rows = rows.changed([1], [3], whole(vectors[2:]))
    rest = vectors[1:].sum(axis=0)
    assert rows.compared(query).of_files([(2, 3)])[0] == pytest.approx(rest @ query / np.linalg.norm(rest), abs=0.03)


def test_what_was_written_is_read_again_by_the_same_store_alone(rng, tmp_path: Path):
    rows = Translations().changed((), range(1, 21), whole(unit(rng, 20))).changed([3])
    file = translated.file_of(tmp_path, "abc")
    translated.write(file, rows, IDENTITY)
    found = translated.read(file, IDENTITY)
    assert found is not None
    assert found.ids() == rows.ids()
    assert np.array_equal(found.gathered([5, 9]), rows.gathered([5, 9]))
    assert translated.read(file, IDENTITY + 1) is None


def test_a_damaged_file_is_not_read(rng, tmp_path: Path):
    file = translated.file_of(tmp_path, "abc")
    translated.write(file, Translations().changed((), [1], whole(unit(rng, 1))), IDENTITY)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert translated.read(file, IDENTITY) is None
