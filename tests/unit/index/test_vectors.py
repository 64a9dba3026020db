from dataclasses import replace
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


def digests(*ids: int) -> dict[int, bytes]:
    return {number: number.to_bytes(16, "big") for number in ids}


def test_compacting_with_nothing_new_changes_nothing():
    index = filled(unit_rows(20)).compacted(1)
    assert index.compacted(1) is index


def test_a_saved_base_is_held_against_the_living(tmp_path: Path):
    rows = unit_rows(50)
    filled(rows).compacted(1).save(tmp_path / "v", digests(*range(1, 51)))
    loaded = load(tmp_path / "v", 32, digests(1, 2, 3, 99))
    assert loaded.ids() == {1, 2, 3}
    assert set(loaded.nearest(rows[10], 10)[0].tolist()) <= {1, 2, 3}


def test_a_vector_is_never_given_to_another_text_with_the_same_id(tmp_path: Path):
    rows = unit_rows(50)
    filled(rows).compacted(1).save(tmp_path / "v", digests(*range(1, 51)))
    loaded = load(tmp_path / "v", 32, digests(*range(1, 50)) | {50: b"another text"})
    assert loaded.ids() == set(range(1, 50))
    again = loaded.changed((), {50: rows[0]}).compacted(1)
    assert 50 in again.nearest(rows[0], 2)[0].tolist()
    again.save(tmp_path / "v", digests(*range(1, 50)) | {50: b"another text"})
    assert 50 not in load(tmp_path / "v", 32, digests(*range(1, 51)))


def test_saving_again_leaves_one_graph_behind(tmp_path: Path):
    rows = unit_rows(60)
    index = filled(rows[:50]).compacted(1)
    index.save(tmp_path / "v", digests(*range(1, 51)))
    index.changed((), {77: rows[55]}).compacted(1).save(tmp_path / "v", digests(*range(1, 78)))
    assert len(list(tmp_path.glob("*.hnsw"))) == 1
    assert 77 in load(tmp_path / "v", 32, digests(*range(1, 78)))


@pytest.mark.parametrize("kind", [".hnsw", ".ids"])
@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped", "empty"])
def test_a_damaged_base_is_an_empty_view(tmp_path: Path, damage: str, kind: str):
    filled(unit_rows(50)).compacted(1).save(tmp_path / "v", digests(*range(1, 51)))
    (file,) = tmp_path.glob(f"*{kind}")
    data = bytearray(file.read_bytes())
    if damage == "missing":
        file.unlink()
    else:
        data[len(data) // 2] ^= 0xFF
        file.write_bytes({"truncated": bytes(data[:100]), "flipped": bytes(data), "empty": b""}[damage])
    assert len(load(tmp_path / "v", 32, digests(*range(1, 51)))) == 0


def test_a_graph_that_was_not_written_whole_is_an_error_and_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    rows = unit_rows(60)
    index = filled(rows[:50]).compacted(1)
    index.save(tmp_path / "v", digests(*range(1, 51)))

    class FullDisk:
        """As hnswlib behaves on a full disk: it writes what it can and says nothing."""

        def __init__(self, base: object) -> None:
            self.index_file_size = base.index_file_size  # pyright: ignore

        def save_index(self, path: str) -> None:
            Path(path).write_bytes(b"some of it")

    larger = index.changed((), {77: rows[55]}).compacted(1)
    with pytest.raises(OSError, match="No space"):
        replace(larger, base=FullDisk(larger.base)).save(tmp_path / "v", digests(*range(1, 78)))
    assert load(tmp_path / "v", 32, digests(*range(1, 78))).ids() == set(range(1, 51))
    monkeypatch.setattr("cognate.index.vectors._save_graph", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    assert len(index.changed((), {78: rows[56]}).compacted(1)) == 51
