from pathlib import Path

import numpy as np
import pytest

from cognate.index.vectors import DELTA_LIMIT, VectorIndex, load
from cognate.types import Matrix


def unit_rows(n: int, seed: int = 0, dimensions: int = 32) -> Matrix:
    rows = np.random.default_rng(seed).standard_normal((n, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def filled(rows: Matrix) -> VectorIndex:
    return VectorIndex(rows.shape[1]).changed((), dict(enumerate(rows, start=1)))


@pytest.mark.parametrize("compacted", [False, True])
def test_the_nearest_are_those_of_an_exact_search(compacted: bool):
    rows = unit_rows(500)
    index = filled(rows).compacted(1) if compacted else filled(rows)
    query = unit_rows(1, seed=9)[0]
    ids, scores = index.nearest(query, 10)
    exact = np.argsort(-(rows @ query))[:10] + 1
    assert len(set(ids.tolist()) & set(exact.tolist())) >= 9
    assert np.allclose(scores, rows[ids - 1] @ query, atol=1e-5)
    assert (np.diff(scores) <= 0).all()


def test_removed_vectors_are_never_found_and_a_view_does_not_change():
    rows = unit_rows(300)
    before = filled(rows).compacted(1)
    target = rows[0]
    after = before.changed([1], {999: rows[1]})
    assert before.nearest(target, 1)[0].tolist() == [1]
    assert 1 not in after.nearest(target, 300)[0].tolist()
    assert 999 in after.nearest(rows[1], 2)[0].tolist()
    assert len(after) == 300


def test_a_scope_is_applied_before_the_top_k():
    rows = unit_rows(400)
    index = filled(rows).compacted(1)
    allowed = frozenset(range(1, 401, 40))
    ids, _ = index.nearest(rows[1], 5, allowed)
    assert set(ids.tolist()) <= allowed
    assert len(ids) == 5


def test_similarities_are_unknown_where_there_is_no_vector():
    rows = unit_rows(3)
    similarities = filled(rows).similarities(rows[0], [1, 77])
    assert similarities[0] == pytest.approx(1.0, abs=1e-5)
    assert np.isnan(similarities[1])


def test_compaction_keeps_everything_and_empties_the_block():
    rows = unit_rows(DELTA_LIMIT + 10)
    index = filled(rows)
    assert index.needs_compaction
    index = index.compacted(2).changed([5], {5000: rows[4]}).compacted(2)
    assert not index.delta_rows
    assert index.nearest(rows[4], 1)[0].tolist() == [5000]


def test_a_saved_base_is_held_against_the_living(tmp_path: Path):
    rows = unit_rows(50)
    file = tmp_path / "v.hnsw"
    filled(rows).compacted(1).save(file)
    loaded = load(file, 32, [1, 2, 3, 99])
    assert loaded.ids() == {1, 2, 3}
    assert set(loaded.nearest(rows[10], 10)[0].tolist()) <= {1, 2, 3}


@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped", "empty", "no checksum"])
def test_a_damaged_base_is_an_empty_view(tmp_path: Path, damage: str):
    file = tmp_path / "v.hnsw"
    filled(unit_rows(50)).compacted(1).save(file)
    data = bytearray(file.read_bytes())
    if damage == "missing":
        file.unlink()
    elif damage == "no checksum":
        file.with_name(file.name + ".blake2b").unlink()
    else:
        data[len(data) // 2] ^= 0xFF
        file.write_bytes({"truncated": bytes(data[:100]), "flipped": bytes(data), "empty": b""}[damage])
    assert len(load(file, 32, range(1, 51))) == 0
