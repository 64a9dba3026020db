import resource
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from cognate.arrays import Matrix
from cognate.index import hnsw
from cognate.index.hnsw import Graph
from cognate.index.index import NEW, FileChange
from cognate.index.opening import open_index
from cognate.index.scan import SHORT, Scan, as_single, scan_of
from cognate.index.vectors import DELTA_LIMIT, VectorIndex, file_of, read
from cognate.types import Chunk, ChunkId, FileStamp


def unit_rows(n: int, seed: int = 0, dimensions: int = 32) -> Matrix:
    rows = np.random.default_rng(seed).standard_normal((n, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


needs_hnswlib = pytest.mark.skipif(bool(hnsw.missing_because()), reason="the extra hnsw is not installed")


@pytest.fixture(params=[1, 10**9], ids=["graph", "scan"], autouse=True)
def graph_from(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(hnsw, "GRAPH_FROM", request.param)
    return request.param


def load(place: Path, dimensions: int, alive: Mapping[ChunkId, bytes]) -> VectorIndex:
    saved = read(place)
    return VectorIndex(dimensions) if saved is None else saved.living(alive)


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
    assert np.allclose(scores, rows[ids - 1] @ query, atol=1e-3)
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


def test_saving_again_leaves_one_file_behind(tmp_path: Path):
    rows = unit_rows(60)
    index = filled(rows[:50]).compacted(1)
    index.save(tmp_path / "v", digests(*range(1, 51)))
    index.changed((), {77: rows[55]}).compacted(1).save(tmp_path / "v", digests(*range(1, 78)))
    assert [file.name for file in tmp_path.iterdir()] == ["v"]
    assert 77 in load(tmp_path / "v", 32, digests(*range(1, 78)))
    index.changed(range(1, 51), {}).compacted(1).save(tmp_path / "v", {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [1, 40, 3000])
def test_a_loaded_base_finds_what_the_saved_one_found(tmp_path: Path, count: int):
    rows = unit_rows(count, dimensions=8)
    index = filled(rows).compacted(2)
    index.save(tmp_path / "v", digests(*range(1, count + 1)))
    loaded = load(tmp_path / "v", 8, digests(*range(1, count + 1)))
    assert np.array_equal(loaded.gathered([1, count]), rows[[0, count - 1]].astype(np.float16))
    shared = [set(i.nearest(q, 20)[0].tolist()) for q in unit_rows(30, seed=4, dimensions=8) for i in (index, loaded)]
    overlaps = [len(one & other) / len(one) for one, other in zip(shared[::2], shared[1::2], strict=True)]
    assert np.mean(overlaps) > 0.99


def test_a_loaded_base_takes_more_vectors(tmp_path: Path):
    rows = unit_rows(2000)
    filled(rows[:1500]).compacted(1).save(tmp_path / "v", digests(*range(1, 1501)))
    loaded = load(tmp_path / "v", 32, digests(*range(1, 1501)))
    grown = loaded.changed((), dict(enumerate(rows[1500:], start=1501))).compacted(2)
    assert len(grown) == 2000
    assert not grown.delta_rows
    hits = [grown.nearest(row, 1)[0].tolist() == [number] for number, row in enumerate(rows, start=1)]
    assert np.mean(hits) > 0.99
    assert loaded.ids() == set(range(1, 1501))


def test_rows_of_a_large_graph_are_numbered_with_more_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("cognate.index.vector_file.SMALL", 100)
    rows = unit_rows(300)
    filled(rows).compacted(1).save(tmp_path / "v", digests(*range(1, 301)))
    loaded = load(tmp_path / "v", 32, digests(*range(1, 301)))
    assert loaded.nearest(rows[222], 1)[0].tolist() == [223]


@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped", "header flipped", "longer", "empty"])
def test_a_damaged_base_is_an_empty_view(tmp_path: Path, damage: str):
    filled(unit_rows(50)).compacted(1).save(tmp_path / "v", digests(*range(1, 51)))
    (file,) = tmp_path.iterdir()
    data = file.read_bytes()
    middle = len(data) // 2
    found = {
        "truncated": data[:100],
        "flipped": data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :],
        "header flipped": data[:4] + bytes([data[4] ^ 0x10]) + data[5:],
        "longer": data + b"0",
        "empty": b"",
    }
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(found[damage])
    assert len(load(tmp_path / "v", 32, digests(*range(1, 51)))) == 0


@pytest.mark.parametrize(("dimensions", "found"), [(32, 50), (16, 0)])
def test_an_index_takes_no_vectors_of_another_length(tmp_path: Path, dimensions: int, found: int):
    rows = unit_rows(50)
    assert rows.shape[1] == 32
    keys = digests(*range(1, 51))
    filled(rows).compacted(1).save(file_of(tmp_path, "print"), keys)
    chunks = tuple((NEW, Chunk(n, n + 1, f"text {n}"), keys[n].ljust(16, b"\0")) for n in range(1, 51))
    with closing(open_index(tmp_path)) as index:
        index.apply([FileChange("a.txt", FileStamp(1, 1), chunks=chunks)])
        index.use_model("print", dimensions, read(file_of(tmp_path, "print")))
        assert (len(index.saved.vectors), index.saved.vectors.dimensions) == (found, dimensions)


def test_a_file_that_cannot_be_written_whole_is_an_error_and_the_old_one_stays(tmp_path: Path):
    rows = unit_rows(60)
    index = filled(rows[:50]).compacted(1)
    index.save(tmp_path / "v", digests(*range(1, 51)))
    larger = index.changed((), {77: rows[55]}).compacted(1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            larger.save(tmp_path / "v", digests(*range(1, 78)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert load(tmp_path / "v", 32, digests(*range(1, 78))).ids() == set(range(1, 51))
    assert [file.name for file in tmp_path.iterdir()] == ["v"]


@needs_hnswlib
def test_a_graph_is_built_from_the_size_on_from_which_it_is_worth_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hnsw, "GRAPH_FROM", 300)
    rows = unit_rows(300)
    below = filled(rows[:299]).compacted(1)
    assert isinstance(below.base.finder, Scan)
    assert not below.needs_compaction
    above = below.changed((), {300: rows[299]})
    assert above.needs_compaction
    above = above.compacted(1)
    assert isinstance(above.base.finder, Graph)
    assert not above.needs_compaction
    assert above.ids() == set(range(1, 301))
    shrunk = above.changed(range(1, 101), {})
    assert isinstance(shrunk.compacted(1).base.finder, Scan)


@needs_hnswlib
@pytest.mark.parametrize("saved_with_graph", [True, False])
def test_a_base_is_read_with_and_without_links_whatever_it_was_saved_with(
    tmp_path: Path, saved_with_graph: bool, graph_from: int, monkeypatch: pytest.MonkeyPatch
):
    rows = unit_rows(400)
    monkeypatch.setattr(hnsw, "GRAPH_FROM", 1 if saved_with_graph else 10**9)
    filled(rows).compacted(1).save(tmp_path / "v", digests(*range(1, 401)))
    monkeypatch.setattr(hnsw, "GRAPH_FROM", graph_from)
    loaded = load(tmp_path / "v", 32, digests(*range(1, 401)))
    assert loaded.needs_compaction == (graph_from == 1 and not saved_with_graph)
    loaded = loaded.compacted(1)
    assert isinstance(loaded.base.finder, Graph) == (graph_from == 1)
    assert [loaded.nearest(row, 1)[0].tolist() for row in rows] == [[number] for number in range(1, 401)]


def test_dead_and_forbidden_vectors_never_take_the_place_of_others():
    rows = unit_rows(3000, dimensions=8)
    index = filled(rows).compacted(1)
    query = unit_rows(1, seed=9, dimensions=8)[0]
    order = (np.argsort(-(rows @ query)) + 1).tolist()
    alive = index.changed(order[:700], {})
    assert len(set(alive.nearest(query, 50)[0].tolist()) & set(order[700:750])) >= 48
    ids, _ = index.nearest(query, 50, frozenset(order[100:]))
    assert len(set(ids.tolist()) & set(order[100:150])) >= 48
    assert alive.nearest(query, 50, frozenset(order[:700]))[0].tolist() == []


def test_half_precision_becomes_single_exactly():
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)]
    assert np.array_equal(as_single(finite), finite.astype(np.float32))


def test_a_first_look_in_fewer_dimensions_loses_hardly_anything():
    mixed = np.random.default_rng(5).standard_normal((384, 384)) * (0.98 ** np.arange(384))[:, None]
    rows = np.random.default_rng(6).standard_normal((9000, 384)) @ mixed
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    scan = scan_of(rows.astype(np.float16))
    assert scan.short.shape == (9000, SHORT)
    for query in rows[:20]:
        found, similarities = scan.nearest(query, 64, None)
        best = found[np.argsort(-similarities)[:64]]
        assert len(np.intersect1d(best, np.argsort(-(rows @ query))[:64])) >= 62
